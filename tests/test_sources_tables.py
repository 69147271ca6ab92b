"""Tables of any origin: chosen columns, Excel, a column a class, previews; names and facts."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from published import column, look, pictures, put, sheet

from lesionlab.cli.data import KINDS
from lesionlab.data.sources.kinds import SOURCES, preview_table, recognise_layout
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.names import LEFT_OUT, NAMES, codes_of
from lesionlab.data.sources.sheets import read_cells, read_table
from lesionlab.data.sources.tree import FolderTree, find, stem, suffix
from lesionlab.diagnoses import CLASS_SETS, DIAGNOSES
from lesionlab.errors import DataError

PICTURES = pictures("pics/a.jpg", "pics/b.jpg", "pics/c.jpg")
TABLE = "Photo,Findings,License\na,Melanoma,CC-0\nb,nevus,CC-BY\nc,,CC-0\n"


@pytest.mark.parametrize("packed", [False, True])
def test_columns_are_chosen(tmp_path: Path, packed: bool) -> None:
    path = put(tmp_path / "data", {"own.csv": TABLE, **PICTURES}, packed)
    found = look("table", path, label="Findings", file="PHOTO")
    assert column(found, "diagnosis") == {"a.jpg": "mel", "b.jpg": "nv"}
    assert column(found, "licence") == {"a.jpg": "CC-0", "b.jpg": "CC-BY"}
    assert found.left_out == ["1 row without a diagnosis."]
    with pytest.raises(DataError, match=r"Expected the column pic with the picture's file.*photo"):
        look("table", path, label="findings", file="pic")
    with pytest.raises(DataError, match=r"with the diagnosis in own\.csv.*Name the right column"):
        look("table", path)


def test_the_label_is_never_taken_for_the_file(tmp_path: Path) -> None:
    files = {"own.csv": "path,image\nmel,pics/a.jpg\n", **PICTURES}
    found = look("table", put(tmp_path / "data", files), label="path")
    assert column(found, "diagnosis") == {"a.jpg": "mel"}


def test_pictures_without_a_row_are_told(tmp_path: Path) -> None:
    files = {"labels.csv": "file,label\npics/a.jpg,mel\n", **PICTURES}
    found = look("folder", put(tmp_path / "data", files))
    assert found.left_out == ["2 pictures named by no row: pics/b.jpg, pics/c.jpg."]


def test_an_excel_sheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["File", "Diagnosis", "Age"],
        ["a.jpg", "mel", 40],
        ["b.jpg", "nv", 7.5],
    ]
    path = put(tmp_path / "data", {"own.xlsx": sheet(rows), **PICTURES})
    for at in (path, path / "own.xlsx"):
        found = look("table", at)
        assert column(found, "diagnosis") == {"a.jpg": "mel", "b.jpg": "nv"}
        assert column(found, "age") == {"a.jpg": 40.0, "b.jpg": 7.5}


def test_a_table_with_many_columns_in_another_encoding(tmp_path: Path) -> None:
    names = [f"feature_{k}" for k in range(150)]
    text = "\t".join(["file", "label", *names]) + "\n" + "\t".join(["a.jpg", "mel", *names])
    found = look("table", put(tmp_path / "data", {"t.tsv": text.encode("utf-16"), **PICTURES}))
    assert list(found.table["feature_149"]) == ["feature_149"]


def test_sheets_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sheet([["file", "label"], ["a", "nv"]])
    for content in (
        b"",
        b"PK\x03\x04 no zip",
        whole[: len(whole) // 2],
        whole.replace(b"xl", b"yl"),
    ):
        with pytest.raises(DataError, match=r"Excel sheet .*in t\.xlsx.*Save it again"):
            read_table(content, "t.xlsx")
    monkeypatch.setattr("lesionlab.data.sources.sheets.MAX_TABLE_BYTES", 2**20)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * 2**21)
    with pytest.raises(DataError, match="at most 1 MB"):
        read_cells(bomb.getvalue(), "t.xlsx")


def test_a_column_a_class(tmp_path: Path) -> None:
    text = "image,MEL,NV,odd\na,1,0,5\nb,0,1,6\nc,1,1,7\n"
    found = look("table", put(tmp_path / "data", {"truth.csv": text, **PICTURES}))
    assert column(found, "diagnosis") == {"a.jpg": "mel", "b.jpg": "nv"}
    assert list(found.table["odd"]) == ["5", "6"]
    assert found.left_out == ["1 row with two diagnoses: c."]


def test_a_path_is_told_from_its_name_alone(tmp_path: Path) -> None:
    files = pictures("x/A.jpg", "y/a.jpg") | {"t.csv": "file,label\nx/a.jpg,nv\nmine/y/a.jpg,mel\n"}
    found = look("table", put(tmp_path / "data", files))
    assert list(found.table["path"]) == ["x/A.jpg", "y/a.jpg"]


def test_preview_guesses_and_counts(tmp_path: Path) -> None:
    path = put(tmp_path / "data", {"own.csv": TABLE + "a,nevus,\n", **PICTURES})
    preview = preview_table(path, rows=2)
    assert preview.columns == ("photo", "findings", "license")
    assert preview.rows == [
        {"photo": "a", "findings": "Melanoma", "license": "CC-0"},
        {"photo": "b", "findings": "nevus", "license": "CC-BY"},
    ]
    assert (preview.num_rows, preview.label_guess, preview.file_guess) == (4, None, None)
    assert preview_table(path, label="Findings").label_counts == {"nevus": 2, "Melanoma": 1}
    known = preview_table(b"image_id;dx\nX1;nv\nX2;nv\nX3;\n")
    assert (known.label_guess, known.file_guess) == ("dx", "image_id")
    assert known.label_counts == {"nv": 2}
    assert known.rows[2] == {"image_id": "X3", "dx": None}
    assert preview_table(sheet([["file", "dx"], ["a", "nv"]])).label_counts == {"nv": 1}
    assert preview_table(b"image,MEL,NV\na,1,0\n").classes == ("mel", "nv")
    with pytest.raises(DataError, match="Expected a table"):
        preview_table(tmp_path / "none")


def test_every_name_means_a_code_or_has_a_reason() -> None:
    assert set(NAMES) == set(SOURCES) - {"folder", "zip", "table"}
    assert set(NAMES) <= set(KNOWN)
    for kind, names in NAMES.items():
        without = {name for name, code in names.items() if code is None}
        assert without == set(LEFT_OUT.get(kind, {}))
        assert {code for code in names.values() if code} <= set(DIAGNOSES)
    assert len(NAMES["sd198"]) == 198
    assert set(NAMES["sd198"].values()) == {*CLASS_SETS["isic9"], None}


def test_names_are_compared_without_signs() -> None:
    written = pd.Series(["basal_cell-carcinoma ", "Beckers Nevus", "Psoriasis", "nv", None, " "])
    codes, left_out = codes_of("sd198", written)
    assert codes.where(codes.notna(), None).tolist() == ["bcc", "nv", "unk", None, None, None]
    assert left_out == [
        "2 rows without a diagnosis.",
        "1 row with a diagnosis that we do not know: nv.",
    ]


def test_facts_say_licence_citation_and_where_the_layout_was_read() -> None:
    for facts in KNOWN.values():
        assert facts.licence and facts.citation and facts.layout_source
    assert KNOWN["skinl2"].unverified.startswith("layout unverified")
    assert {kind for kind, facts in KNOWN.items() if facts.clinical} == {"mednode", "sd198"}


def test_the_page_on_data_sets_says_what_the_code_does() -> None:
    page = (Path(__file__).parent.parent / "docs" / "data-sets.md").read_text("utf-8")
    assert "layout unverified" in page
    for kind, names in NAMES.items():
        facts = KNOWN[kind]
        assert f"| {facts.title} | {facts.licence} | {facts.citation} |" in page
        assert f"| `{kind}` |" in page and facts.layout_source in page
        for name, code in names.items():
            if kind != "sd198" or code not in (None, "unk"):
                assert f"| {name} | {str(code).upper()} |" in page
        for name, reason in LEFT_OUT.get(kind, {}).items():
            assert f"| {name} | {reason} |" in page


def test_the_command_line_knows_the_same_kinds() -> None:
    assert sorted(KINDS) == sorted(SOURCES)


def test_names_in_a_tree(tmp_path: Path) -> None:
    files = pictures("Deep/er/A.b.JPG", ".hidden/x.jpg") | {"Deep/T.csv": "x", "t.CSV": "y"}
    tree = FolderTree(put(tmp_path / "data", files))
    assert list(tree.sizes) == ["Deep/T.csv", "Deep/er/A.b.JPG", "t.CSV"]
    assert find(tree, "T.csv") == "t.CSV"
    assert (stem("Deep/er/A.b.JPG"), suffix("Deep/er/A.b.JPG")) == ("A.b", ".jpg")
    assert (stem("x/.odd"), suffix("x/.odd"), suffix("x.y/odd")) == (".odd", "", "")
    assert recognise_layout(tree) is None


def test_a_missing_picture_is_not_found_in_the_masks_and_the_other_way(tmp_path: Path) -> None:
    files = pictures("images/a.jpg", "masks/a.png", "masks/b.png", "images/c.jpg")
    rows = "a", "b", "c"
    table = "file,label,mask\n" + "".join(f"images/{r}.jpg,nv,masks/{r}.png\n" for r in rows)
    folder = put(tmp_path / "half", {**files, "labels.csv": table})
    with pytest.raises(DataError, match=r"images/b\.jpg"):
        look("folder", folder)
    (folder / "images" / "b.jpg").write_bytes((folder / "images" / "a.jpg").read_bytes())
    found = look("folder", folder)
    assert found.table["path"].tolist() == [f"images/{row}.jpg" for row in rows]
    assert found.table["mask"].tolist()[:2] == ["masks/a.png", "masks/b.png"]
    assert "1 mask named in the table but not there." in found.left_out
