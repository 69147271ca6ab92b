"""A data set: a table with a row an image, and the pictures it names, read when they are needed."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lesionlab.data.groups import Level, group_rows
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
CHUNK = 100_000


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

    def groups(self, level: Level) -> np.ndarray:
        """The number of each picture's group (see groups.group_rows), int32 `(n,)`; kept."""
        if level not in self._groups:
            self._groups[level] = group_rows(self.table, level).astype(np.int32)
            self._groups[level].setflags(write=False)
        return self._groups[level]

    @cached_property
    def _groups(self) -> dict[Level, np.ndarray]:
        return {}

    def counts(self) -> dict[str, int]:
        """Images a class, by the label where there is one, else by the diagnosis."""
        column = "label" if "label" in self.table else "diagnosis"
        found = self.table[column].value_counts()
        # Categories that no row has any more are counted as none.
        return {str(code): int(found[code]) for code in sorted(found.index[found > 0])}

    def file_sizes(self) -> list[int]:
        """The length of each picture's file in bytes; -1 where it is missing."""

        def size(path: object) -> int:
            try:
                return (self.folder / str(path)).stat().st_size
            except OSError:
                return -1

        return [size(path) for path in self.table["path"]]

    @cached_property
    def portable_fingerprint(self) -> str:
        """A key of the pictures that is the same wherever they lie and whenever they came there.

        By content where an import has hashed the pictures, else by path in the set and length.
        """
        if "sha256" in self.table and bool(self.table["sha256"].notna().all()):
            return self.fingerprint
        digest = hashlib.sha256()
        for path, size in zip(self.table["path"], self.file_sizes(), strict=True):
            digest.update(f"{path}\n{size}\n".encode(errors="surrogateescape"))
        return digest.hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """A key of the pictures in their order; what else the table says does not change it.

        By content where an import has hashed the pictures. For a folder that is used where it lies,
        by path, length and time of the last change, since reading every file would take too long.
        """
        digest = hashlib.sha256()
        if "sha256" in self.table and bool(self.table["sha256"].notna().all()):
            contents = self.table["sha256"]
            for begin in range(0, len(contents), CHUNK):
                some = contents.iloc[begin : begin + CHUNK].to_numpy(dtype=object)
                digest.update(("\n".join(map(str, some)) + "\n").encode())
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
    places, found = pd.factorize(dataset.table["diagnosis"])
    codes = [str(code) for code in found]
    names = [in_class_set(code, class_set) for code in codes]
    classes = list(CLASS_SETS[class_set])
    # The label of each diagnosis as a position in the class set, -1 without one; -1 at the end is
    # for a missing diagnosis.
    label_of = np.array(
        [-1 if name is None else classes.index(name) for name in names] + [-1], dtype=np.int64
    )
    labels = label_of[places]
    rows = np.flatnonzero(labels >= 0)
    if not len(rows):
        raise DataError(
            f"Expected pictures of the classes {', '.join(classes)}.",
            f"{dataset.title or dataset.name} has {', '.join(sorted(codes)) or 'none'}.",
            "Choose another class set or another data set.",
        )
    if per_class is not None:
        rng = np.random.default_rng(seed)
        keep = [
            rng.permutation(np.flatnonzero(labels[rows] == number))[:per_class]
            for number in range(len(classes))
        ]
        rows = rows[np.sort(np.concatenate(keep))]
    # A set in which every row has a place shares its columns with the given one.
    table = dataset.table if len(rows) == len(dataset) else dataset.table.take(rows)
    labels = labels[rows]
    used = np.flatnonzero(np.bincount(labels, minlength=len(classes)))
    place = np.zeros(len(classes), dtype=np.int8)
    place[used] = np.arange(len(used))
    kinds = pd.CategoricalDtype([classes[number] for number in used])
    label = pd.Categorical.from_codes(place[labels], dtype=kinds)
    return replace(dataset, table=table.reset_index(drop=True).assign(label=label))


def with_numbered_ids(dataset: Dataset) -> Dataset:
    """The same pictures with whole numbers for their ids, to deal out and to count quickly.

    Equal ids are equal numbers. At a million rows it takes 30 MB, and so do its parts by
    `for_classes`, where text would take some 200.

    Returns:
        A data set whose table has the columns `row` (of the given set's table), `diagnosis`, and
        `lesion_id`, `patient_id`, `sha256`, `age`, `given_part` where the given one has them. Its
        pictures cannot be read.
    """
    table = dataset.table
    columns: dict[str, Any] = {"row": np.arange(len(table), dtype=np.int32)}
    for name in ("diagnosis", "given_part"):
        if name in table:
            columns[name] = pd.Categorical(table[name])
    ids = [name for name in ("lesion_id", "patient_id", "sha256") if name in table]
    # Arrow finds equal texts without holding up other threads.
    with ThreadPoolExecutor(len(ids) or 1) as pool:
        columns |= zip(ids, pool.map(_numbered, [table[name] for name in ids]), strict=True)
    if "age" in table:
        columns["age"] = table["age"]
    return replace(dataset, table=pd.DataFrame(columns, copy=False))


def _numbered(column: pd.Series) -> pd.api.extensions.ExtensionArray:
    numbers = pd.factorize(column)[0].astype(np.int32)
    return pd.arrays.IntegerArray(numbers, numbers < 0)
