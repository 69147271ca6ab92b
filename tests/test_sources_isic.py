"""ISIC 2018, 2019 and 2020 as they are published, on small imitations."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from pace import at_most
from published import Files, column, look, pictures, put

from lesionlab.errors import DataError

TRUTH = """\
image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK
ISIC_0000000,0.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0
ISIC_0000001_downsampled,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0
ISIC_0000002_downsampled,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,0.0
ISIC_0000003,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0
ISIC_0000004,1.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0
ISIC_0000005,0.0,0.0,0.0,1.0,0.0,0.0,0.0,0.0,0.0
"""
METADATA = """\
image,age_approx,anatom_site_general,lesion_id,sex
ISIC_0000000,55.0,anterior torso,,female
ISIC_0000001_downsampled,30.0,anterior torso,MSK4_0000001,female
ISIC_0000002_downsampled,60.0,upper extremity,BCN_0000002,
ISIC_0000009,,head/neck,HAM_0000009,male
"""


def isic2019() -> Files:
    folder = "ISIC_2019_Training_Input"
    return {
        "ISIC_2019_Training_GroundTruth.csv": TRUTH,
        "ISIC_2019_Training_Metadata.csv": METADATA,
        **pictures(
            f"{folder}/ISIC_0000000.jpg",
            f"{folder}/ISIC_0000001_downsampled.jpg",
            f"{folder}/ISIC_0000002.jpg",  # some copies call the files by the plain id
            f"{folder}/ISIC_0000003.jpg",
            f"{folder}/ISIC_0000004.jpg",
            f"{folder}/ISIC_0000777.jpg",
        ),
    }


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["isic2019", "folder"])
def test_isic2019_as_published(tmp_path: Path, kind: str, packed: bool) -> None:
    found = look(kind, put(tmp_path / "data", isic2019(), packed))
    assert found.title == "ISIC 2019"
    assert found.licence == "CC BY-NC 4.0"
    assert "BCN20000" in found.citation
    assert column(found, "diagnosis") == {
        "ISIC_0000000.jpg": "nv",
        "ISIC_0000001_downsampled.jpg": "mel",
        "ISIC_0000002.jpg": "scc",
    }
    assert list(found.table["image_id"]) == [
        "ISIC_0000000",
        "ISIC_0000001_downsampled",
        "ISIC_0000002_downsampled",
    ]
    assert list(column(found, "lesion_id").values()) == [None, "MSK4_0000001", "BCN_0000002"]
    assert list(column(found, "source").values()) == [None, "msk", "bcn20000"]
    assert list(column(found, "age").values()) == [55.0, 30.0, 60.0]
    assert list(column(found, "sex").values()) == ["female", "female", None]
    assert list(column(found, "site").values())[2] == "upper extremity"
    assert "given_part" not in found.table
    assert found.left_out == [
        "1 row without a diagnosis: ISIC_0000003.",
        "1 row with two diagnoses: ISIC_0000004.",
        "1 row of ISIC_2019_Training_Metadata.csv without a ground truth: ISIC_0000009.",
        "1 picture named in the table but not there: ISIC_0000005.",
        "1 picture named by no row of the ground truth: ISIC_2019_Training_Input/ISIC_0000777.jpg.",
    ]


def test_isic2019_with_its_test_part(tmp_path: Path) -> None:
    files = isic2019() | {
        "ISIC_2019_Test_GroundTruth.csv": (
            "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK,score_weight,validation_weight\n"
            "ISIC_0034321,0,0,0,0,0,0,0,0,1,1,0\n"
        ),
        "ISIC_2019_Test_Metadata.csv": (
            "image,age_approx,anatom_site_general,sex\nISIC_0034321,75.0,,male\n"
        ),
        **pictures("ISIC_2019_Test_Input/ISIC_0034321.jpg"),
    }
    found = look("isic2019", put(tmp_path / "data", files))
    assert column(found, "given_part") == {
        "ISIC_0000000.jpg": "train",
        "ISIC_0000001_downsampled.jpg": "train",
        "ISIC_0000002.jpg": "train",
        "ISIC_0034321.jpg": "test",
    }
    assert column(found, "diagnosis")["ISIC_0034321.jpg"] == "unk"
    assert column(found, "age")["ISIC_0034321.jpg"] == 75.0
    assert not {"score_weight", "validation_weight", "MEL", "mel"} & set(found.table)


def test_isic2019_takes_time_that_grows_with_its_rows(tmp_path: Path) -> None:
    # A look-up a row in a list of all rows, of which there was one, takes minutes at this size.
    number = 20_000
    images = [f"ISIC_{k:07d}" for k in range(number)]
    truth = "".join(f"{image},0,1,0,0,0,0,0,0,0\n" for image in images)
    files: Files = {
        "ISIC_2019_Training_GroundTruth.csv": TRUTH.split("\n", 1)[0] + "\n" + truth,
        "ISIC_2019_Training_Metadata.csv": "image,sex\n" + ",male\n".join(images) + ",male\n",
    }
    with zipfile.ZipFile(put(tmp_path / "data", files, packed=True), "a") as archive:
        for image in images:
            archive.writestr(f"ISIC_2019_Training_Input/{image}.jpg", image)
    with at_most(10):
        found = look("zip", tmp_path / "data.zip")
    assert (len(found.table), found.left_out) == (number, [])


def test_isic2019_given_wrongly(tmp_path: Path) -> None:
    alone = put(tmp_path / "alone", pictures("ISIC_2019_Training_Input/ISIC_0000000.jpg"))
    with pytest.raises(DataError) as caught:
        look("isic2019", alone)
    assert caught.value.expected == (
        "Expected the ground truth table of ISIC 2019 in the folder alone."
    )
    assert "none called ISIC_2019_Training_GroundTruth.csv" in caught.value.received
    assert "beside the unpacked folder" in caught.value.what_to_do
    tables = {name: text for name, text in isic2019().items() if name.endswith(".csv")}
    with pytest.raises(DataError, match=r"4 pictures of 4 are not there.*Unpack the pictures"):
        look("isic2019", put(tmp_path / "tables", tables))
    with pytest.raises(DataError, match="Expected the columns image, MEL, NV"):
        look(
            "isic2019",
            put(tmp_path / "odd", {"ISIC_2019_Training_GroundTruth.csv": "image,label\na,nv\n"}),
        )
    with pytest.raises(DataError, match=r"no choice of columns for ISIC 2019.*column mel"):
        look("isic2019", alone, label="mel")
    packed = put(tmp_path / "packed", {"ISIC_2019_Training_Input.zip": b"zip"})
    with pytest.raises(DataError, match=r"Unpack ISIC_2019_Training_Input\.zip first"):
        look("folder", packed)


@pytest.mark.parametrize("packed", [False, True])
def test_isic2018_with_its_lesions(tmp_path: Path, packed: bool) -> None:
    header = "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\n"
    files: Files = {
        "ISIC2018_Task3_Training_GroundTruth/ISIC2018_Task3_Training_GroundTruth.csv": (
            f"{header}ISIC_0024306,0,1,0,0,0,0,0\nISIC_0024307,0,0,0,1,0,0,0\n"
        ),
        "ISIC2018_Task3_Validation_GroundTruth.csv": f"{header}ISIC_0034321,1,0,0,0,0,0,0\n",
        "ISIC2018_Task3_Training_LesionGroupings.csv": (
            "image,lesion_id,diagnosis_confirm_type\n"
            "ISIC_0024306,HAM_0000550,serial imaging showing no change\n"
            "ISIC_0024307,HAM_0003577,histopathology\n"
        ),
        **pictures(
            "ISIC2018_Task3_Training_Input/ISIC_0024306.jpg",
            "ISIC2018_Task3_Training_Input/ISIC_0024307.jpg",
            "ISIC2018_Task3_Validation_Input/ISIC_0034321.jpg",
        ),
    }
    found = look("folder", put(tmp_path / "data", files, packed))
    assert found.title == "ISIC 2018, task 3"
    assert list(found.table["diagnosis"]) == ["nv", "akiec", "mel"]
    assert list(found.table["given_part"]) == ["train", "train", "validation"]
    assert list(column(found, "lesion_id").values()) == ["HAM_0000550", "HAM_0003577", None]
    assert list(column(found, "source").values()) == ["ham10000", "ham10000", None]
    assert list(column(found, "confirmed_by").values())[1] == "histopathology"
    assert found.left_out == []


ISIC2020 = """\
image_name,patient_id,lesion_id,sex,age_approx,anatom_site_general_challenge,diagnosis,\
benign_malignant,target
ISIC_2637011,IP_7279968,IL_7972535,male,45.0,head/neck,unknown,benign,0
ISIC_0052212,IP_2842074,IL_3688151,female,50.0,lower extremity,nevus,benign,0
ISIC_0149568,IP_0962375,IL_1249756,female,55.0,upper extremity,melanoma,malignant,1
ISIC_0149569,IP_0962375,IL_1249756,female,55.0,upper extremity,melanoma,malignant,1
ISIC_0149570,IP_0962375,IL_1249757,female,55.0,upper extremity,wart,benign,0
"""


@pytest.mark.parametrize("packed", [False, True])
def test_isic2020_without_its_duplicates(tmp_path: Path, packed: bool) -> None:
    numbers = ("2637011", "0052212", "0149568", "0149569", "0149570")
    files: Files = {
        "ISIC_2020_Training_GroundTruth.csv": "image_name,diagnosis\n",
        "ISIC_2020_Training_GroundTruth_v2.csv": ISIC2020,
        "ISIC_2020_Training_Duplicates.csv": (
            "image_name_1,image_name_2\nISIC_0149568,ISIC_0149569\n"
        ),
        **pictures(*(f"train/ISIC_{number}.jpg" for number in numbers)),
    }
    found = look("folder", put(tmp_path / "data", files, packed))
    assert found.title == "ISIC 2020"
    assert column(found, "diagnosis") == {
        "ISIC_2637011.jpg": "benign",  # all that is known of it
        "ISIC_0052212.jpg": "nv",
        "ISIC_0149568.jpg": "mel",
    }
    assert column(found, "patient_id")["ISIC_0149568.jpg"] == "IP_0962375"
    assert column(found, "site")["ISIC_2637011.jpg"] == "head/neck"
    assert found.left_out == [
        "1 row with a diagnosis that we do not know: wart.",
        "1 picture that ISIC_2020_Training_Duplicates.csv calls a duplicate: ISIC_0149569.",
    ]
    with pytest.raises(DataError, match="Expected the table ISIC_2020_Training_GroundTruth_v2"):
        look("isic2020", put(tmp_path / "none", pictures("train/ISIC_2637011.jpg")))
