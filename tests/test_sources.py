"""Folders, tables and HAM10000's layout: what is found in them, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lesionlab.data.dataset import COLUMNS
from lesionlab.data.sources import folder, table
from lesionlab.data.sources.columns import Columns, label_column_of, tidy
from lesionlab.data.sources.kinds import SOURCES
from lesionlab.data.sources.sheets import read_table
from lesionlab.errors import DataError


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 12, 3), 99, np.uint8)).save(path)


def test_class_folders(tmp_path: Path) -> None:
    for name in ("MEL/a.jpg", "Melanocytic_Nevus/deep/b.png", "train/bcc/a.jpg", "odd/c.jpg"):
        picture(tmp_path / name)
    picture(tmp_path / ".hidden/mel/d.jpg")
    (tmp_path / "readme.txt").write_text("hello")
    found = folder.read(tmp_path)
    assert list(found.table.columns) == list(COLUMNS)
    rows = dict(zip(found.table["path"], found.table["diagnosis"], strict=True))
    assert rows == {
        "MEL/a.jpg": "mel",
        "Melanocytic_Nevus/deep/b.png": "nv",
        "train/bcc/a.jpg": "bcc",
    }
    # Two files are called a.jpg, so that the names alone would not do.
    assert list(found.table["image_id"]) == ["MEL_a", "Melanocytic_Nevus_deep_b", "train_bcc_a"]
    assert found.left_out == [
        "1 picture in folders that are named after no class that we know: odd."
    ]
    assert found.table["lesion_id"].isna().all()


def test_class_folders_with_unknown_names(tmp_path: Path) -> None:
    picture(tmp_path / "cats/a.jpg")
    with pytest.raises(DataError, match=r"folders named after classes.*lie in cats"):
        folder.read(tmp_path)


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(DataError, match=r"Expected pictures in .*none among its 1 file\."):
        folder.read(tmp_path)
    with pytest.raises(DataError, match="There is no"):
        folder.read(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is a file"):
        folder.read(tmp_path / "notes.txt")


LABELS = """\
file,label,lesion_id,original_id,dx_type,age,sex,localization,dataset,label_isic2019,mask,tone
images/a.jpg,akiec,L1,A,histo,80.0,male,scalp,vidir,scc,masks/a.png,3
images/b.jpg,nv,L2,B,follow_up,,unknown,,vidir,nv,masks/none.png,6
"""


def labelled(tmp_path: Path, text: str = LABELS) -> Path:
    for name in ("images/a.jpg", "images/b.jpg", "masks/a.png"):
        picture(tmp_path / "set" / name)
    (tmp_path / "set" / "labels.csv").write_text(text)
    return tmp_path / "set"


def test_labels_csv_under_our_names(tmp_path: Path) -> None:
    found = folder.read(labelled(tmp_path))
    first, second = found.table.to_dict("records")
    assert {key: first[key] for key in COLUMNS if key != "patient_id"} == {
        "image_id": "A",
        "path": "images/a.jpg",
        "diagnosis": "akiec",
        "lesion_id": "L1",
        "age": 80.0,
        "sex": "male",
        "site": "scalp",
        "source": "vidir",
        "confirmed_by": "histo",
    }
    assert first["mask"] == "masks/a.png"
    assert (first["label_isic2019"], first["tone"]) == ("scc", "3")
    assert pd.isna([second["age"], second["sex"], second["site"], second["mask"]]).all()
    assert found.left_out == ["1 mask named in the table but not there."]
    assert "label" not in found.table


def test_another_label_column(tmp_path: Path) -> None:
    path = labelled(tmp_path)
    assert list(folder.read(path, Columns(label="label_isic2019")).table["diagnosis"]) == [
        "scc",
        "nv",
    ]
    with pytest.raises(DataError, match=r"Expected the column dx.*It has file, label"):
        folder.read(path, Columns(label="dx"))


def test_rows_without_a_known_diagnosis_are_left_out(tmp_path: Path) -> None:
    text = "file,label\nimages/a.jpg,wart\nimages/b.jpg,MEL\nmasks/a.png,\n"
    found = folder.read(labelled(tmp_path, text))
    assert list(found.table["path"]) == ["images/b.jpg"]
    assert found.left_out == [
        "1 row without a diagnosis.",
        "1 row with a diagnosis that we do not know: wart.",
    ]
    with pytest.raises(DataError, match="It has 'wart'"):
        folder.read(labelled(tmp_path, "file,label\nimages/a.jpg,wart\n"))


def test_a_table_of_ids_with_semicolons(tmp_path: Path) -> None:
    for name in ("pics/one/X1.jpg", "pics/X2.png"):
        picture(tmp_path / name)
    path = tmp_path / "any.csv"
    path.write_text("\ufeffImage_ID;DX\nX1;nv\nX2;mel\nX2;mel\n", "utf-8")
    found = table.read(path)
    assert list(found.table["path"]) == ["pics/one/X1.jpg", "pics/X2.png"]
    assert found.left_out == ["1 row naming a picture a second time."]


def test_missing_files_are_counted_and_named(tmp_path: Path) -> None:
    text = "file,label\nimages/a.jpg,nv\n" + "".join(f"gone{k}.jpg,nv\n" for k in range(5))
    with pytest.raises(
        DataError, match=r"5 pictures of 6 are not there: gone0\.jpg, gone1\.jpg, gone2\.jpg and 2"
    ):
        folder.read(labelled(tmp_path, text))


def test_a_table_cannot_reach_outside(tmp_path: Path) -> None:
    picture(tmp_path / "secret.jpg")
    for name in ("../secret.jpg", str(tmp_path / "secret.jpg")):
        with pytest.raises(DataError, match="1 picture of 1 is not there"):
            folder.read(labelled(tmp_path, f"file,label\n{name},nv\n"))


def test_tables_that_make_no_sense(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"picture's file in labels\.csv.*has name, label"):
        folder.read(labelled(tmp_path, "name,label\na,nv\n"))
    with pytest.raises(DataError, match="label, diagnosis, dx, class"):
        folder.read(labelled(tmp_path, "file,what\nimages/a.jpg,nv\n"))
    with pytest.raises(DataError, match="no rows"):
        folder.read(labelled(tmp_path, "file,label\n"))
    with pytest.raises(DataError, match=r"cannot be read|one name"):
        folder.read(labelled(tmp_path, 'file,label\n"unclosed,nv\nx,y,z\n'))
    with pytest.raises(DataError, match=r"one diagnosis.*images/a\.jpg"):
        folder.read(labelled(tmp_path, "file,label\nimages/a.jpg,nv\nimages/a.jpg,mel\n"))
    (tmp_path / "set" / "labels.csv").rename(tmp_path / "set" / "other.csv")
    (tmp_path / "set" / "third.csv").write_text("file,label\n")
    with pytest.raises(DataError, match=r"Expected one table.*There are set/other\.csv, set/third"):
        table.read(tmp_path)


def test_an_ambiguous_name(tmp_path: Path) -> None:
    for name in ("x/a.jpg", "y/a.jpg"):
        picture(tmp_path / name)
    (tmp_path / "t.csv").write_text("file,label\na.jpg,nv\n")
    with pytest.raises(DataError, match=r"There are 2: x/a\.jpg, y/a\.jpg"):
        table.read(tmp_path / "t.csv")


METADATA = """\
lesion_id,image_id,dx,dx_type,age,sex,localization
HAM_0000118,ISIC_0027419,bkl,histo,80.0,male,scalp
HAM_0000118,ISIC_0025030,bkl,histo,80.0,male,scalp
HAM_0002730,ISIC_0026769,akiec,consensus,,unknown,unknown
"""


TWO_PARTS = ("HAM10000_images_part_1", "HAM10000_images_part_2")


@pytest.mark.parametrize("parts", [TWO_PARTS, ("images",)])
def test_ham10000_as_published(tmp_path: Path, parts: tuple[str, ...]) -> None:
    (tmp_path / "HAM10000_metadata.csv").write_text(METADATA)
    for number, image in enumerate(("ISIC_0027419", "ISIC_0025030", "ISIC_0026769")):
        picture(tmp_path / parts[number % len(parts)] / f"{image}.jpg")
    found = SOURCES["ham10000"](tmp_path, Columns())
    assert found.title == "HAM10000"
    assert found.licence == "CC BY-NC 4.0"
    assert "10.1038/sdata.2018.161" in found.citation
    assert list(found.table["image_id"]) == ["ISIC_0027419", "ISIC_0025030", "ISIC_0026769"]
    assert list(found.table["path"])[1] == f"{parts[1 % len(parts)]}/ISIC_0025030.jpg"
    assert list(found.table["lesion_id"]) == ["HAM_0000118", "HAM_0000118", "HAM_0002730"]
    assert list(found.table["confirmed_by"])[2] == "consensus"
    assert folder.read(tmp_path).title == "HAM10000"
    again = SOURCES["ham10000"](tmp_path, Columns(file="Image_ID"))
    assert list(again.table["path"]) == list(found.table["path"])
    with pytest.raises(DataError, match="Expected the column photo with the picture's file"):
        SOURCES["ham10000"](tmp_path, Columns(file="photo"))


def test_ham10000_with_each_folder_twice_and_masks(tmp_path: Path) -> None:
    (tmp_path / "HAM10000_metadata.tab").write_text(METADATA.replace(",", "\t"))
    for image in ("ISIC_0027419", "ISIC_0025030", "ISIC_0026769"):
        for part in ("HAM10000_images_part_1", "again_images_part_1"):
            picture(tmp_path / part / f"{image}.jpg")
        picture(tmp_path / "HAM10000_segmentations_lesion_tschandl" / f"{image}_segmentation.png")
    found = folder.read(tmp_path)
    assert len(found.table) == 3
    assert next(iter(found.table["mask"])).endswith("tschandl/ISIC_0027419_segmentation.png")
    assert [sentence.split(":")[0] for sentence in found.left_out] == [
        "3 pictures there a second time under the same name"
    ]
    # Of one name, and not the same.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "ISIC_0027419.jpg").write_bytes(b"another length")
    with pytest.raises(DataError, match=r"Expected one picture called ISIC_0027419"):
        folder.read(tmp_path)


def test_half_of_ham10000(tmp_path: Path) -> None:
    picture(tmp_path / TWO_PARTS[0] / "ISIC_0027419.jpg")
    with pytest.raises(DataError, match=r"Expected HAM10000_metadata\.csv"):
        SOURCES["ham10000"](tmp_path, Columns())
    (tmp_path / "HAM10000_metadata.csv").write_text(METADATA)
    with pytest.raises(DataError, match=r"2 pictures of 3 are not there: ISIC_0025030.*both parts"):
        SOURCES["ham10000"](tmp_path, Columns())


def test_the_published_table_of_ham10000(real_data: Path) -> None:
    content = (real_data / "HAM10000_metadata.csv").read_bytes()
    raw = pd.read_csv(io.BytesIO(content))
    assert len(raw) == 10015
    text = read_table(content, "HAM10000_metadata.csv")
    tidied, left_out = tidy(text, label_column_of(text, None, "the table"))
    assert left_out == []
    assert tidied["diagnosis"].value_counts()["nv"] == 6705
    assert tidied["age"].isna().sum() == 57
    assert tidied["lesion_id"].nunique() == 7470
