"""What each data set gives to a joined one."""

from __future__ import annotations

import os

import pandas as pd

from lesionlab.data.dataset import DRAWN, Dataset
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.words import count
from lesionlab.data.store import info_of
from lesionlab.diagnoses import CLASS_SETS
from lesionlab.errors import DataError

EIGHT = frozenset((*CLASS_SETS["isic8"], "akiec"))


def rows_of(
    sets: list[Dataset], only: list[tuple[str, ...] | None], left_out: list[str]
) -> pd.DataFrame:
    """The rows of all sets that are wanted, one table with object columns.

    Args:
        sets: Each with a name of its own.
        only: For each set the codes of the classes to take of it; None for all.
        left_out: Sentences on what does not come along are added here.

    Returns:
        As `Dataset.table`, with `set`, with whole paths in `file` and `mask_file`, and with the
        licence and the source of each picture, which are the set's where the picture has none.

    Raises:
        DataError: No row is wanted.
    """
    tables = []
    for dataset, asked in zip(sets, only, strict=True):
        table = dataset.table.astype(object)
        codes = table["diagnosis"].astype(str)
        wanted = pd.Series(True, index=table.index)
        if asked is not None:
            wanted = codes.isin(asked)
            why = f"of other classes than {', '.join(asked)}, as asked"
        elif _is_sd198(dataset) and _others_have_classes(dataset, sets):
            wanted = codes == "unk"
            why = "of the eight classes, of which SD-198 gives none to a joined set"
        if not wanted.all():
            number = int((~wanted).sum())
            left_out.append(f"{count(number, 'picture')} of {dataset.name} {why}.")
        table = table[wanted].assign(set=dataset.name)
        folder = f"{dataset.folder}{os.sep}"
        table["file"] = folder + table["path"].astype(str)
        mask = table["mask"] if "mask" in table else pd.Series(None, table.index, dtype=object)
        table["mask_file"] = [None if pd.isna(name) else f"{folder}{name}" for name in mask]
        # A set of photographs that is called "drawn" must not pass for drawings.
        title = dataset.title if dataset.drawn or dataset.title != DRAWN else f"{DRAWN} (set)"
        for column, value in (("licence", dataset.licence), ("source", title)):
            own = table[column] if column in table else pd.Series(None, table.index, dtype=object)
            table[column] = own.where(own.notna(), value or None)
        tables.append(table)
    joined = pd.concat(tables, ignore_index=True)
    if joined.empty:
        raise DataError(
            "Expected pictures of the classes that were asked for.",
            f"{', '.join(dataset.name for dataset in sets)} have none.",
            "Ask for other classes.",
        )
    return joined


def _is_sd198(dataset: Dataset) -> bool:
    # Its title also tells a copy that came as a plain zip or folder, or lies where it lies.
    info = info_of(dataset.name)
    stored = info is not None and info.folder == dataset.folder and info.kind == "sd198"
    return stored or dataset.title == KNOWN["sd198"].title


def _others_have_classes(dataset: Dataset, sets: list[Dataset]) -> bool:
    return any(
        bool(other.table["diagnosis"].astype(str).isin(EIGHT).any())
        for other in sets
        if other is not dataset
    )
