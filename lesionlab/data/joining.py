"""Joining tables of pictures: which are the same picture, which labels agree, which ids are one.

Everything here works on one table that holds the rows of all sets, with the column `set` beside
`Dataset.table`'s. No file is read.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from lesionlab.diagnoses import in_class_set

# A picture of the ISIC Archive keeps its number in whichever set, also where it was made smaller.
ISIC_NUMBER = re.compile(r"(ISIC_\d{7})(?:_downsampled)?")
# Ids of lesions and patients that their publishers give out once for all sets. HAM10000's stand in
# ISIC 2019 too, IL_ and IP_ are the archive's.
KNOWN_ID = re.compile(r"(?:HAM|BCN)_\d{7}|MSK\d_\d{7}|I[LP]_\d{7}")
# What a repeated picture knows and the one that is kept does not.
FILLED = ("lesion_id", "patient_id", "age", "sex", "site", "confirmed_by")


def same_pictures(table: pd.DataFrame) -> np.ndarray:
    """A number for each row, int `(n,)`; rows with the same number show the same picture.

    The same means: equal pixels (`pixels_sha256`), or one number of the ISIC Archive.
    """
    numbers = table["image_id"].map(isic_number)
    return connected(len(table), table["pixels_sha256"], numbers)


def isic_number(image_id: object) -> str | None:
    """The number in the ISIC Archive that an image's id is, or None."""
    found = ISIC_NUMBER.fullmatch(image_id) if isinstance(image_id, str) else None
    return found[1] if found else None


def connected(num_rows: int, *keys: pd.Series) -> np.ndarray:
    """Number rows so that those that share any key, directly or through others, are equal.

    Args:
        keys: Each a value a row; what is missing connects nothing.
    """
    rows, columns, size = [], [], num_rows
    for key in keys:
        codes, values = pd.factorize(key.to_numpy(dtype=object))
        known = np.flatnonzero(codes >= 0)
        rows.append(known)
        columns.append(codes[known] + size)
        size += len(values)
    start, end = np.concatenate(rows), np.concatenate(columns)
    graph = coo_matrix((np.ones(len(start), bool), (start, end)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][:num_rows])


def agreed(codes: set[str]) -> str | None:
    """The diagnosis that several labels of one picture mean, or None where they contradict.

    A coarse label agrees with a finer one that it includes: akiec with ak, benign with nv.
    """
    fine = [
        code
        for code in codes
        if not any(
            code in (in_class_set(other, "ham7"), in_class_set(other, "binary"))
            for other in codes - {code}
        )
    ]
    return fine[0] if len(fine) == 1 else None


def with_own_ids(table: pd.DataFrame) -> pd.DataFrame:
    """Put the set's name before each lesion's and patient's id, so that sets share none by chance.

    Ids that a publisher gives out once for all sets stay: those are shared on purpose.
    """
    table = table.copy()
    for column in ("lesion_id", "patient_id"):
        table[column] = pd.Series(
            [
                None
                if pd.isna(value)
                else str(value)
                if KNOWN_ID.fullmatch(str(value))
                else f"{name}:{value}"
                for name, value in zip(table["set"], table[column], strict=True)
            ],
            index=table.index,
            dtype=object,
        )
    return table


def one_id_through_pictures(table: pd.DataFrame, pictures: np.ndarray) -> pd.DataFrame:
    """Give lesions one id that sets call differently, and patients likewise.

    The same picture under two ids says that both are one lesion. Were they left apart, other
    pictures of it could come into training and test.

    Args:
        pictures: From `same_pictures`.
    """
    table = table.copy()
    for column in ("lesion_id", "patient_id"):
        known = table[column].notna()
        if not known.any():
            continue
        rows = table.loc[known, column]
        one = connected(len(rows), rows, pd.Series(pictures[known.to_numpy()]))
        table.loc[known, column] = rows.groupby(one).transform("first")
    return table


def merge(table: pd.DataFrame, pictures: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the first row of each picture, with what the others know more; drop contradictions.

    Args:
        table: With ids that are one already.
        pictures: From `same_pictures`.

    Returns:
        The rows that stay; and all rows of the pictures whose diagnoses contradict.
    """
    table = table.assign(picture=pictures)
    labels: dict[int, set[str]] = {}
    for picture, code in zip(pictures.tolist(), table["diagnosis"], strict=True):
        labels.setdefault(picture, set()).add(str(code))
    meant = {picture: agreed(codes) for picture, codes in labels.items()}
    table["meant"] = table["picture"].map(meant)
    contradicting = table["meant"].isna()
    dropped = table[contradicting]
    table = table[~contradicting]
    first = table.groupby("picture", sort=False).head(1).set_index("picture")
    known = table.groupby("picture", sort=False)[list(FILLED)].first()
    for column in FILLED:
        first[column] = first[column].where(first[column].notna(), known[column])
    first["diagnosis"] = first["meant"]
    return first.reset_index(drop=True).drop(columns="meant"), dropped


def repeats(table: pd.DataFrame, pictures: np.ndarray) -> dict[tuple[str, str], int]:
    """How many pictures are left out because an earlier row shows the same.

    Returns:
        (the set that loses them, the set that has them) -> how many.
    """
    table = pd.DataFrame({"set": table["set"].to_numpy(dtype=object), "picture": pictures})
    keeper = table.groupby("picture")["set"].transform("first")
    again = table["picture"].duplicated()
    pairs = zip(table["set"][again], keeper[again], strict=True)
    counts: dict[tuple[str, str], int] = {}
    for pair in pairs:
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def unique_image_ids(table: pd.DataFrame) -> pd.Series:
    """Ids that are one each: those that several sets gave out have their set's name before them."""
    ids = table["image_id"].astype(str)
    clash = ids.duplicated(keep=False)
    ids = ids.where(~clash, table["set"].astype(str) + "-" + ids)
    taken: set[str] = set()
    unique = []
    for image_id in ids:
        found, number = image_id, 2
        while found in taken:
            found, number = f"{image_id}-{number}", number + 1
        taken.add(found)
        unique.append(found)
    return pd.Series(unique, index=table.index, dtype=object)
