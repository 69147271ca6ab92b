"""HAM10000 dealt out for choosing and judging the shipped model: three folds, four sources.

The folds are those of scikit-learn's GroupShuffleSplit with random state 0, 1 and 2 over the rows
of labels.csv: 85 % to learn from, 15 % to judge by, no lesion in both. Any plain script can make
the same ones.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock
from sklearn.model_selection import GroupShuffleSplit

FOLDS = (0, 1, 2)
ARCHIVE = "ham10000_200x150.zip"
KEPT = ["file", "lesion_id", "image_id", "age", "sex", "localization", "dataset", "dx_type"]


def unpack(data: Path, place: Path) -> Path:
    """The folder with labels.csv and images/, unpacked below `place` where `data` holds a zip.

    Raises:
        SystemExit: Neither is there.
    """
    if (data / "labels.csv").is_file():
        return data
    if not (data / ARCHIVE).is_file():
        raise SystemExit(f"Expected labels.csv or {ARCHIVE} in {data}.")
    found = place / "ham10000_200x150"
    labels = found / "labels.csv"
    with zipfile.ZipFile(data / ARCHIVE) as archive:
        if not labels.is_file() or labels.read_bytes() != archive.read(f"{found.name}/labels.csv"):
            archive.extractall(place / "unpacking")
            shutil.rmtree(found, ignore_errors=True)
            (place / "unpacking" / found.name).replace(found)
    return found


def run_folder(place: Path, name: str, fold: int | str) -> Path:
    """Where the training of a choice on a fold lies."""
    return place / "runs" / f"{name.replace(',', '').replace(' ', '-')}-{fold}"


def parts_of(table: pd.DataFrame, fold: int | str) -> pd.Series:
    """`train` or `validation` for each row; missing for a row that is left out.

    With a source as `fold`, its pictures are judged, and other pictures of its lesions left out.
    """
    if isinstance(fold, str):
        judged = (table["dataset"] == fold).to_numpy()
    else:
        splitter = GroupShuffleSplit(1, test_size=0.15, random_state=fold)
        judged = np.zeros(len(table), dtype=bool)
        judged[next(splitter.split(table, groups=table["lesion_id"]))[1]] = True
    parts = pd.Series(np.where(judged, "validation", "train"), index=table.index)
    shared = table["lesion_id"].isin(set(table["lesion_id"][judged])) & ~judged
    return parts.mask(shared)


def few_of_each(table: pd.DataFrame, num: int, seed: int) -> pd.Series:
    """`train` for at most `num` pictures of each class, whole lesions drawn at random, seeded.

    Args:
        table: With `lesion_id` and `label`.

    Returns:
        The part of each row; the rest is `validation`.
    """
    lesions = table["lesion_id"].drop_duplicates().sample(frac=1, random_state=seed)
    rank = table["lesion_id"].map({lesion: k for k, lesion in enumerate(lesions)})
    drawn = table.sort_values("lesion_id", key=lambda _: rank, kind="stable")
    position = drawn.groupby("label").cumcount()
    # A lesion counts as drawn when its last picture is still among the first ones.
    whole = position.groupby(drawn["lesion_id"]).transform("max") < num
    return pd.Series(np.where(whole, "train", "validation"), index=drawn.index).reindex(table.index)


def lay_out(unpacked: Path, place: Path, fold: int | str) -> Path:
    """A folder for one fold: labels.csv with the eight classes and the part, pictures linked.

    Args:
        unpacked: With labels.csv and images/.
        place: Where the folder is made.
        fold: Its number, or the source that is left out.
    """
    name = f"ham10000-fold-{fold}" if isinstance(fold, int) else f"ham10000-without-{fold}"
    table = _read(unpacked)
    return _write(unpacked, place / name, table, parts_of(table, fold))


def lay_out_few(unpacked: Path, place: Path, clinic: str, num: int) -> Path:
    """As `lay_out`, with only the pictures of one source, few of each class to learn from."""
    table = _read(unpacked)
    table = table[table["dataset"] == clinic]
    return _write(unpacked, place / f"few-of-{clinic}", table, few_of_each(table, num, seed=0))


def _read(unpacked: Path) -> pd.DataFrame:
    table = pd.read_csv(unpacked / "labels.csv").rename(columns={"original_id": "image_id"})
    return table.assign(label=table["label_isic2019"])


def _write(unpacked: Path, folder: Path, table: pd.DataFrame, parts: pd.Series) -> Path:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        used = table[parts.notna()].assign(split=parts)
        labels = used[[*KEPT, "label", "split"]].to_csv(index=False, lineterminator="\n").encode()
        if (folder / "labels.csv").is_file():
            if (folder / "labels.csv").read_bytes() != labels:
                raise SystemExit(
                    f"Expected in {folder} the pictures that are given now. It was laid out from "
                    "others. Move that folder away and start again."
                )
            return folder
        for file in used["file"]:
            if not (folder / file).exists():
                _link(unpacked / file, folder / file)
        (folder / "labels.csv.part").write_bytes(labels)
        (folder / "labels.csv.part").replace(folder / "labels.csv")
    return folder


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another disk, or one without links. A copy that was cut off must not look like a picture.
        part = target.with_name(f"{target.name}.part")
        shutil.copyfile(source, part)
        part.replace(target)
