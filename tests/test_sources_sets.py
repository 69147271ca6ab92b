"""PH2, MED-NODE and the 7-point database as they are published, on small imitations."""

from __future__ import annotations

from pathlib import Path

import pytest
from published import Files, column, look, picture, pictures, put, sheet

from lesionlab.errors import DataError

HEADER = (
    "||   Name || Histological Diagnosis || Clinical Diagnosis || Asymmetry | Pigment Network |"
    " Dots/Globules | Streaks | Regression Areas | Blue-Whitish Veil ||           Colors ||\n"
)
FEATURES = "||         0 |               T |             A |       A ||       4 ||\n"
PH2 = (
    HEADER
    + f"|| IMD003 ||                        ||                  0 {FEATURES}"
    + f"|| IMD002 ||                        ||                  1 {FEATURES}"
    + f"|| IMD058 ||   Melanoma ( Superficial spreading) ||       2 {FEATURES}"
    + f"|| IMD404 ||                        ||                    {FEATURES}"
    + f"|| IMD435 ||   Melanoma             ||                  2 {FEATURES}"
    + "\nClinical Diagnosis:\n   0 - Common Nevus;\n   1 - Atypical Nevus;\n   2 - Melanoma.\n"
)


def ph2_pictures() -> Files:
    above = "PH2Dataset/PH2 Dataset images"
    names = []
    for name in ("IMD003", "IMD002", "IMD058", "IMD404"):
        names += [f"{above}/{name}/{name}_Dermoscopic_Image/{name}.bmp"]
        names += [f"{above}/{name}/{name}_lesion/{name}_lesion.bmp"] * (name != "IMD002")
    return pictures(*names, f"{above}/IMD058/IMD058_roi/IMD058_R1_Label4.bmp")


def ph2_sheet() -> bytes:
    empty: list[object] = [None] * 17
    rows = [["PH2 Dataset", *empty[1:]], *[list(empty) for _ in range(10)]]
    rows.append([None, None, "Clinical Diagnosis", *empty[3:]])
    words = (
        "Image Name,Histological Diagnosis,Common Nevus,Atypical Nevus,Melanoma,Asymmetry\n(0/1/2)"
    )
    rows.append([*words.split(","), *empty[6:]])
    rows.append(["IMD003", None, "X", None, None, 0, *empty[6:]])
    rows.append(["IMD002", None, None, "X", None, 1, *empty[6:]])
    rows.append(["IMD058", "Melanoma", None, None, "X", 2, *empty[6:]])
    rows.append(["IMD404", None, None, None, None, 2, *empty[6:]])
    rows.append(["IMD435", "Melanoma", None, None, "X", 2, *empty[6:]])
    return sheet(rows)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("table", ["PH2_dataset.txt", "PH2_dataset.xlsx"])
def test_ph2_from_either_table(tmp_path: Path, table: str, packed: bool) -> None:
    content: str | bytes = PH2 if table.endswith("txt") else ph2_sheet()
    files = {f"PH2Dataset/{table}": content, **ph2_pictures()}
    found = look("ph2", put(tmp_path / "data", files, packed))
    assert found.title == "PH2"
    assert "ask the authors" in found.licence
    assert column(found, "diagnosis") == {
        "IMD003.bmp": "nv",
        "IMD002.bmp": "nv",
        "IMD058.bmp": "mel",
    }
    assert list(found.table["image_id"]) == ["IMD003", "IMD002", "IMD058"]
    assert list(column(found, "confirmed_by").values()) == [None, None, "histo"]
    above = "PH2Dataset/PH2 Dataset images"
    assert list(column(found, "mask").values()) == [
        f"{above}/IMD003/IMD003_lesion/IMD003_lesion.bmp",
        None,
        f"{above}/IMD058/IMD058_lesion/IMD058_lesion.bmp",
    ]
    assert found.left_out == [
        "1 row without a diagnosis.",
        "1 picture named in the table but not there: IMD435.",
        f"1 picture outside IMD..._Dermoscopic_Image and IMD..._lesion: "
        f"{above}/IMD058/IMD058_roi/IMD058_R1_Label4.bmp.",
    ]


def test_ph2_prefers_the_text_and_is_recognised(tmp_path: Path) -> None:
    files: Files = {"PH2_dataset.txt": PH2, "PH2_dataset.xlsx": b"damaged", **ph2_pictures()}
    assert look("folder", put(tmp_path / "data", files)).title == "PH2"
    del files["PH2_dataset.txt"]
    with pytest.raises(DataError, match=r"Expected an Excel sheet.*cannot be read"):
        look("ph2", put(tmp_path / "sheet", files))


def test_a_set_given_for_another(tmp_path: Path) -> None:
    path = put(tmp_path / "data", {"PH2_dataset.txt": PH2, **ph2_pictures()}, packed=True)
    with pytest.raises(DataError, match=r"Expected MED-NODE.*looks like PH2\. Import it as ph2\."):
        look("mednode", path)


def test_ph2_given_wrongly(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Expected PH2_dataset\.txt or .*Neither is there.*\.rar"):
        look("ph2", put(tmp_path / "data", ph2_pictures()))
    with pytest.raises(DataError, match="4 pictures of 4 are not there"):
        look("ph2", put(tmp_path / "table", {"PH2_dataset.txt": PH2}))
    with pytest.raises(DataError, match="Expected a row for each of IMD002"):
        look("ph2", put(tmp_path / "empty", {"PH2_dataset.txt": HEADER}))
    rar = put(tmp_path / "rar", {"PH2Dataset.rar": b"Rar!"}) / "PH2Dataset.rar"
    with pytest.raises(DataError, match=r"file of another kind.*Unpack it"):
        look("ph2", rar)
    with pytest.raises(DataError, match="There is no"):
        look("ph2", tmp_path / "nowhere")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["mednode", "folder"])
def test_mednode_as_published(tmp_path: Path, kind: str, packed: bool) -> None:
    root = "complete_mednode_dataset"
    files = pictures(
        f"{root}/melanoma/896.jpg",
        f"{root}/naevus/19085.jpg",
        f"{root}/naevus/21457.jpg",
        f"{root}/other/1.jpg",
    )
    found = look(kind, put(tmp_path / "data", files, packed))
    assert (found.title, found.licence) == ("MED-NODE", "ask the authors")
    assert column(found, "diagnosis") == {"896.jpg": "mel", "19085.jpg": "nv", "21457.jpg": "nv"}
    assert found.left_out == ["1 picture with a diagnosis that we do not know: other."]


def test_mednode_is_known_by_its_numbers_too(tmp_path: Path) -> None:
    names = [f"naevus/{k}.jpg" for k in range(100)] + [f"melanoma/{k}.jpg" for k in range(70)]
    assert look("folder", put(tmp_path / "whole", pictures(*names))).title == "MED-NODE"
    assert look("folder", put(tmp_path / "own", pictures(*names[1:]))).title == ""
    with pytest.raises(DataError, match=r"such as melanoma, naevus.*lie in cats\. Give complete_"):
        look("mednode", put(tmp_path / "cats", pictures("cats/1.jpg")))


META = """\
case_num,diagnosis,seven_point_score,pigment_network,level_of_diagnostic_difficulty,elevation,\
location,sex,management,clinic,derm,case_id,notes
1,basal cell carcinoma,0,absent,medium,flat,abdomen,female,,NEL/NEL025.JPG,NEL/Nel026.jpg,,
2,melanoma (less than 0.76 mm),3,atypical,low,flat,back,male,,NEL/Nel027.jpg,NEL/Nel028.jpg,,
3,reed or spitz nevus,1,typical,low,flat,back,male,no,FAL/Fal001.jpg,FAL/Fal002.jpg,,
4,miscellaneous,1,typical,low,flat,back,male,no,FAL/Fal003.jpg,FAL/Fal004.jpg,,
5,lentigo,1,typical,low,flat,back,male,no,FAL/Fal005.jpg,FAL/Fal006.jpg,,
6,,1,typical,low,flat,back,male,no,FAL/Fal007.jpg,FAL/Fal008.jpg,,
7,wart,1,typical,low,flat,back,male,no,FAL/Fal009.jpg,FAL/Fal010.jpg,,
8,blue nevus,1,typical,low,flat,back,male,no,FAL/Fal011.jpg,FAL/Fal012.jpg,,
"""


def derm7pt() -> Files:
    dermoscopic = ["NEL/NEL026.jpg", "NEL/Nel028.jpg"]
    dermoscopic += [f"FAL/Fal{k:03d}.jpg" for k in (2, 4, 6, 8, 10)]
    clinical = ["NEL/NEL025.JPG", "NEL/Nel027.jpg"] + [f"FAL/Fal{k:03d}.jpg" for k in (1, 3, 5)]
    names = [f"release_v0/images/{name}" for name in dermoscopic + clinical]
    return {
        "release_v0/meta/meta.csv": META,
        "release_v0/meta/train_indexes.csv": "indexes\n0\n2\n7\n",
        "release_v0/meta/valid_indexes.csv": "indexes\n1\n",
        "release_v0/meta/test_indexes.csv": "indexes\n3\n4\n5\n6\n",
        **dict.fromkeys(names, picture()),
    }


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["derm7pt", "folder"])
def test_derm7pt_as_published(tmp_path: Path, kind: str, packed: bool) -> None:
    found = look(kind, put(tmp_path / "data", derm7pt(), packed))
    assert found.title == "7-point criteria (Derm7pt)"
    assert column(found, "diagnosis") == {
        "NEL026.jpg": "bcc",  # the table writes Nel026.jpg
        "Nel028.jpg": "mel",
        "Fal002.jpg": "nv",
        "Fal004.jpg": "unk",
        "Fal006.jpg": "benign",
    }
    parts = ["train", "validation", "train", "test", "test"]
    assert list(found.table["given_part"]) == parts
    assert list(found.table["lesion_id"]) == [f"case_{k}" for k in (1, 2, 3, 4, 5)]
    assert (found.table["site"][0], found.table["seven_point_score"][1]) == ("abdomen", "3")
    assert not {"derm", "clinic"} & set(found.table)
    assert found.left_out == [
        "1 row without a diagnosis.",
        "1 row with a diagnosis that we do not know: wart.",
        "1 picture named in the table but not there: FAL/Fal012.jpg.",
        "5 clinical pictures of the same cases "
        "(read in place of these when clinic is the column with the picture's file).",
    ]


def test_derm7pt_clinical_photographs_when_asked_for(tmp_path: Path) -> None:
    path = put(tmp_path / "data", derm7pt())
    found = look("derm7pt", path, file="clinic")
    assert found.title == "7-point criteria (Derm7pt), clinical photographs"
    assert column(found, "diagnosis")["NEL025.JPG"] == "bcc"
    assert list(found.table["lesion_id"])[:2] == ["case_1", "case_2"]
    assert any(sentence.startswith("7 dermoscopic pictures") for sentence in found.left_out)
    with pytest.raises(DataError, match=r"Expected the column face .*Name the right column"):
        look("derm7pt", path, file="face")


def test_derm7pt_given_wrongly(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Expected meta/meta\.csv in .*folder release_v0"):
        look("derm7pt", put(tmp_path / "none", pictures("NEL/Nel026.jpg")))
    with pytest.raises(DataError, match=r"are not there: NEL/Nel026\.jpg.*folder images beside"):
        look("derm7pt", put(tmp_path / "bare", {"meta/meta.csv": META}))
    # Another project's meta.csv is not taken for it.
    files: Files = {"meta.csv": "a,b\n1,2\n", **pictures("mel/a.jpg")}
    assert look("folder", put(tmp_path / "own", files)).title == ""
