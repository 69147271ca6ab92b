"""PH2 as it is published.

`PH2 Dataset images/IMD002/IMD002_Dermoscopic_Image/IMD002.bmp`, the lesion's mask in
`IMD002_lesion/IMD002_lesion.bmp` (and masks of single colours in `IMD002_roi/`, which are not
read). The diagnosis stands in `PH2_dataset.txt`, cells between `||`: name, histological diagnosis
(often empty), clinical diagnosis (0 common nevus, 1 atypical nevus, 2 melanoma); and in
`PH2_dataset.xlsx`, header in row 13, an X under Common Nevus, Atypical Nevus or Melanoma. The
text is read where both are there.

Layout read in: gsmit/ISIC-2019 and livanosg/mel-data (the text), sunlabuiuc/PyHealth (the sheet),
IMSY-DKFZ/mml (folders and masks); Mendonça et al. (2013) for the three diagnoses.
"""

from __future__ import annotations

import pandas as pd

from lesionlab.data.sources.columns import USUAL, Columns, refuse_columns
from lesionlab.data.sources.found import Found, complete, unnamed, without_gone
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.names import codes_of
from lesionlab.data.sources.sheets import read_cells, read_text
from lesionlab.data.sources.tree import Tree, file_name, find, pictures, stem
from lesionlab.errors import DataError

KIND = "ph2"
TEXT = "PH2_dataset.txt"
SHEET = "PH2_dataset.xlsx"
DIAGNOSES = ("Common Nevus", "Atypical Nevus", "Melanoma")  # 0, 1 and 2 in the text


def recognises(tree: Tree) -> bool:
    """Whether one of its two tables is there."""
    return bool(find(tree, TEXT) or find(tree, SHEET))


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at PH2, unpacked or as a zip.

    Raises:
        DataError: The table or the pictures are missing.
    """
    facts = KNOWN[KIND]
    refuse_columns(columns, facts.title)
    name = find(tree, TEXT) or find(tree, SHEET)
    if name is None:
        raise DataError(
            f"Expected {TEXT} or {SHEET} in {tree.title}.",
            "Neither is there.",
            "Give the folder PH2Dataset as PH2Dataset.rar unpacks it.",
        )
    rows = _from_text if file_name(name) == file_name(find(tree, TEXT) or "") else _from_sheet
    raw = rows(tree.read(name), name)
    raw["diagnosis"], left_out = codes_of(KIND, raw["diagnosis"])
    images = {stem(file): file for file in pictures(tree)}
    raw["path"] = raw["image_id"].map(images)
    raw["mask"] = (raw["image_id"] + "_lesion").map(images)
    table = raw[raw["diagnosis"].notna()]
    table, gone = without_gone(
        table, table["image_id"], tree.title, "Put the folder PH2 Dataset images beside the table."
    )
    used = {*raw["path"].dropna(), *raw["mask"].dropna()}
    left_out += gone + unnamed(tree, used, "outside IMD..._Dermoscopic_Image and IMD..._lesion")
    return complete(table, tree, left_out, facts)


def _from_text(content: bytes, title: str) -> pd.DataFrame:
    """Rows of the text: image_id, diagnosis as the publisher calls it, confirmed_by."""
    rows = []
    for line in read_text(content).splitlines():
        cells = [cell.strip() for cell in line.split("||")]
        if len(cells) > 3 and cells[1].upper().startswith("IMD"):
            known = cells[3] in ("0", "1", "2")
            diagnosis = DIAGNOSES[int(cells[3])] if known else cells[3] or None
            rows.append((cells[1], diagnosis, "histo" if cells[2] else None))
    return _table(rows, title)


def _from_sheet(content: bytes, title: str) -> pd.DataFrame:
    """As `_from_text`, of the Excel sheet."""
    cells = read_cells(content, title).astype(object)
    words = cells.map(lambda cell: " ".join(str(cell).split()).lower())
    header = (words == "image name").any(axis=1)
    rows: list[tuple[str, str | None, str | None]] = []
    if bool(header.any()):
        top = words[header].iloc[0].tolist()
        places = {name: top.index(name.lower()) for name in DIAGNOSES if name.lower() in top}
        named = top.index("image name")
        histology = top.index("histological diagnosis") if "histological diagnosis" in top else None
        for number in range(len(cells)):
            image = str(cells.iat[number, named]).strip()
            if not image.upper().startswith("IMD"):
                continue
            marks = [name for name, at in places.items() if words.iat[number, at] == "x"]
            proven = histology is not None and isinstance(cells.iat[number, histology], str)
            diagnosis = " and ".join(marks) or None
            rows.append((image, diagnosis, "histo" if proven else None))
    return _table(rows, title)


def _table(rows: list[tuple[str, str | None, str | None]], title: str) -> pd.DataFrame:
    if not rows:
        raise DataError(
            f"Expected a row for each of IMD002, IMD003 and so on in {title}.",
            "There is none.",
            "Take the table as it is published.",
        )
    return pd.DataFrame(rows, columns=["image_id", "diagnosis", "confirmed_by"], dtype=object)
