"""Class folders with parts, SD-198 and SKINL2, on small imitations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from published import column, look, pictures, put

from lesionlab.errors import DataError


@pytest.mark.parametrize("packed", [False, True])
def test_parts_above_and_below_the_classes(tmp_path: Path, packed: bool) -> None:
    names = ("training/mel/a.jpg", "valid/nv/b.jpg", "bcc/Test/c.jpg", "df/d.jpg")
    found = look("folder", put(tmp_path / "data", pictures(*names), packed))
    assert column(found, "given_part") == {
        "a.jpg": "train",
        "b.jpg": "validation",
        "c.jpg": "test",
        "d.jpg": None,
    }
    assert column(found, "diagnosis")["c.jpg"] == "bcc"


def test_one_part_alone_splits_nothing(tmp_path: Path) -> None:
    found = look("folder", put(tmp_path / "data", pictures("train/mel/a.jpg", "train/nv/b.jpg")))
    assert "given_part" not in found.table


def test_a_table_says_the_part(tmp_path: Path) -> None:
    files = pictures("a.jpg", "b.jpg")
    text = "file,label,split\na.jpg,mel,train\nb.jpg,nv,val\n"
    found = look("folder", put(tmp_path / "data", {"labels.csv": text, **files}))
    assert column(found, "given_part") == {"a.jpg": "train", "b.jpg": "validation"}
    assert "split" not in found.table
    text = "file,label,split\na.jpg,mel,3\nb.jpg,nv,4\n"
    found = look("folder", put(tmp_path / "folds", {"labels.csv": text, **files}))
    assert column(found, "split") == {"a.jpg": "3", "b.jpg": "4"}
    assert "given_part" not in found.table


def test_labels_come_before_what_is_recognised(tmp_path: Path) -> None:
    files = pictures("complete_mednode_dataset/naevus/1.jpg")
    labels = {"labels.csv": "file,label\ncomplete_mednode_dataset/naevus/1.jpg,bkl\n"}
    found = look("folder", put(tmp_path / "data", labels | files))
    assert (found.title, list(found.table["diagnosis"])) == ("", ["bkl"])


def test_another_table_is_pointed_to(tmp_path: Path) -> None:
    path = put(tmp_path / "data", {"my.csv": "file,label\na.jpg,mel\n", **pictures("a.jpg")})
    with pytest.raises(DataError, match=r"it has my\.csv"):
        look("folder", path)
    with pytest.raises(DataError, match=r"column label in .*none, but my\.csv.*as table"):
        look("folder", path, label="label")
    assert list(look("table", path).table["diagnosis"]) == ["mel"]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["sd198", "folder"])
def test_sd198_as_published(tmp_path: Path, kind: str, packed: bool) -> None:
    names = (
        "Actinic_solar_Damage(Actinic_Keratosis)/020030HB.jpg",
        "Basal_Cell_Carcinoma/a.jpg",
        "Becker's_Nevus/b.jpg",
        "Lentigo_Maligna_Melanoma/c.jpg",
        "Bowen's_Disease/d.jpg",
        "Psoriasis/e.jpg",
        "Lichen_Planus/f.jpg",
        "Cutaneous_Horn/g.jpg",
        "Cutaneous_Horn/h.jpg",
        "Holiday/i.jpg",
    )
    files = pictures(*(f"sd-198/images/{name}" for name in names))
    found = look(kind, put(tmp_path / "data", files, packed))
    assert (found.title, found.licence) == ("SD-198", "ask the authors")
    assert column(found, "diagnosis") == {
        "020030HB.jpg": "ak",
        "a.jpg": "bcc",
        "b.jpg": "nv",
        "c.jpg": "mel",
        "d.jpg": "scc",
        "e.jpg": "unk",
        "f.jpg": "unk",
    }
    assert found.left_out == [
        "2 pictures of Cutaneous_Horn: grows on a keratosis or a carcinoma, and which is not told.",
        "1 picture with a diagnosis that we do not know: Holiday.",
    ]


def test_own_folders_are_not_taken_for_sd198(tmp_path: Path) -> None:
    files = pictures("Basal_Cell_Carcinoma/a.jpg", "Dermatofibroma/b.jpg", "Psoriasis/c.jpg")
    found = look("folder", put(tmp_path / "mine", files))
    assert found.title == ""
    assert list(found.table["diagnosis"]) == ["bcc", "df"]
    with pytest.raises(DataError, match=r"Expected the folders of SD-198.*lie in cats\. Give"):
        look("sd198", put(tmp_path / "cats", pictures("cats/a.jpg")))
    with pytest.raises(DataError, match="there are none"):
        look("sd198", put(tmp_path / "empty", {"readme.txt": "hello"}))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["skinl2", "folder"])
def test_skinl2_dermoscopic_pictures_of_both_layouts(
    tmp_path: Path, kind: str, packed: bool
) -> None:
    first, second = "SKINL2_v1/Dermatoscopic", "SKINL2_v2/0087"
    files = pictures(
        f"{first}/Nevus/0004_Dermatoscopic.png",
        f"{first}/Basal-cell Carcinoma/0001_Dermatoscopic.png",
        f"{first}/Seborrheic Keratosis/0016_Dermatoscopic.png",
        f"{first}/Psoriasis/0235_Dermatoscopic.png",
        f"{first}/Wart/0300_Dermatoscopic.png",
        "SKINL2_v1/Central View/Nevus/0004/0004_TotalFocus.png",
        f"{second}/Others/Dermatoscopic/0087_Dermatoscopic.png",
        f"{second}/Others/Light Field/Central View/0087_TotalFocus.png",
        "SKINL2_v2/0001/Hemangioma/Dermatoscopic/0001_Dermatoscopic.png",
    )
    found = look(kind, put(tmp_path / "data", files, packed))
    assert found.title == "SKINL2"
    rows = zip(found.table["lesion_id"], found.table["diagnosis"], strict=True)
    assert dict(rows) == {
        "v1_0001": "bcc",
        "v1_0004": "nv",
        "v1_0235": "unk",
        "v1_0016": "bkl",
        "v2_0001": "vasc",
        "v2_0087": "unk",
    }
    assert found.left_out == [
        "1 picture with a diagnosis that we do not know: Wart.",
        "2 pictures not dermoscopic (light fields and depth maps): "
        "SKINL2_v1/Central View/Nevus/0004/0004_TotalFocus.png, "
        "SKINL2_v2/0087/Others/Light Field/Central View/0087_TotalFocus.png.",
    ]


def test_skinl2_folder_of_dermoscopic_pictures_alone(tmp_path: Path) -> None:
    files = pictures("Melanoma/0101_Dermatoscopic.jpg", "Dermatofibroma/0102.jpg")
    found = look("skinl2", put(tmp_path / "Dermatoscopic", files))
    assert sorted(found.table["diagnosis"]) == ["df", "mel"]
    with pytest.raises(DataError, match=r"Among its 1 picture none lies in.*SKINL2_v1"):
        look("skinl2", put(tmp_path / "views", pictures("SKINL2_v1/Central View/Nevus/1.png")))


def test_a_name_that_is_no_text_is_told_before_anything_is_copied(tmp_path: Path) -> None:
    folder = put(tmp_path / "data", pictures("mel/a.jpg", "nv/b.jpg"))
    name = os.fsencode(folder / "mel") + b"/n\xe4vus.jpg"
    try:
        Path(os.fsdecode(name)).write_bytes(b"x")
    except OSError:
        pytest.skip("this disk takes no such names")
    with pytest.raises(DataError, match=r"mel/n\?vus"):
        look("folder", folder)
