"""A data set: a table with a row an image, and the pictures it names, read when they are needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from lesionlab.diagnoses import CLASS_SETS, in_class_set
from lesionlab.errors import DataError

# Every table has these; what is not known is missing. Further columns (mask, width, height, sha256
# and whatever a publisher adds) may follow.
COLUMNS = (
    "image_id",
    "path",
    "diagnosis",
    "lesion_id",
    "patient_id",
    "age",
    "sex",
    "site",
    "source",
    "confirmed_by",
)
DRAWN = "drawn"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures with what is known about them.

    Attributes:
        name: How commands and pages call it.
        folder: What the table's paths are relative to.
        table: A row an image, columns as `COLUMNS` and further ones; rows numbered from 0.
        licence: Under which the pictures may be used, "" when unknown.
        citation: Whom to cite, "" when unknown.
        drawn: True when every picture is drawn, so that pages say that it is not skin.
        title: What pages call it.
        left_out: Sentences on what an import left out and why.
    """

    name: str
    folder: Path
    table: pd.DataFrame
    licence: str = ""
    citation: str = ""
    drawn: bool = False
    title: str = ""
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.table)

    def image_path(self, row: int) -> Path:
        """Where the picture of the row with this number lies."""
        return self.folder / str(self.table["path"].iat[row])

    def counts(self) -> dict[str, int]:
        """Images a class, by the label where there is one, else by the diagnosis."""
        column = "label" if "label" in self.table else "diagnosis"
        found = self.table[column].value_counts()
        return {str(code): int(found[code]) for code in sorted(found.index)}

    @cached_property
    def fingerprint(self) -> str:
        """A key of the pictures in their order; what else the table says does not change it.

        By content where an import has hashed the pictures. For a folder that is used where it lies,
        by path, length and time of the last change, since reading every file would take too long.
        """
        digest = hashlib.sha256()
        if "sha256" in self.table and bool(self.table["sha256"].notna().all()):
            for content in self.table["sha256"]:
                digest.update(f"{content}\n".encode())
            return digest.hexdigest()
        for path in self.table["path"]:
            file = self.folder / str(path)
            try:
                status = file.stat()
            except FileNotFoundError as error:
                raise DataError(
                    f"The data set {self.name} names the picture {path}.",
                    f"There is no such file in {self.folder}.",
                    "Put it back, or import the data set again.",
                ) from error
            digest.update(f"{file}\n{status.st_size}\n{status.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def is_drawn(table: pd.DataFrame) -> bool:
    """Whether every picture says of itself that it is drawn."""
    return bool(len(table)) and bool((table["source"] == DRAWN).all())


def for_classes(
    dataset: Dataset, class_set: str, per_class: int | None = None, seed: int = 0
) -> Dataset:
    """The pictures that have a place in a class set, each with its `label` there.

    Args:
        class_set: A key of `diagnoses.CLASS_SETS`.
        per_class: Keep at most so many of each class, drawn by `seed`.

    Returns:
        A data set whose table has the further column `label`; rows without a place are left out.

    Raises:
        DataError: No picture has a place in the class set.
    """
    if class_set not in CLASS_SETS:
        raise DataError(
            f"Expected one of the class sets {', '.join(CLASS_SETS)}.",
            f"Received {class_set!r}.",
            "Choose one of them.",
        )
    codes = [str(code) for code in dataset.table["diagnosis"].unique()]
    names = {code: in_class_set(code, class_set) for code in codes}
    labels = dataset.table["diagnosis"].map(names)
    table = dataset.table.assign(label=labels)[labels.notna().to_numpy()]
    if table.empty:
        raise DataError(
            f"Expected pictures of the classes {', '.join(CLASS_SETS[class_set])}.",
            f"{dataset.title or dataset.name} has {', '.join(sorted(codes)) or 'none'}.",
            "Choose another class set or another data set.",
        )
    if per_class is not None:
        rng = np.random.default_rng(seed)
        rows = np.arange(len(table))
        keep: list[np.ndarray] = []
        for code in CLASS_SETS[class_set]:
            mine = rows[(table["label"] == code).to_numpy()]
            keep.append(rng.permutation(mine)[:per_class])
        table = table.iloc[np.sort(np.concatenate(keep))]
    return replace(dataset, table=table.reset_index(drop=True))
