"""A data set, its classes and its key."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from lesionlab.data.dataset import CHUNK, COLUMNS, Dataset, for_classes, is_drawn, with_numbered_ids
from lesionlab.errors import DataError


def make(diagnoses: list[str], folder: Path = Path("/nowhere"), **columns: object) -> Dataset:
    table = pd.DataFrame({name: [None] * len(diagnoses) for name in COLUMNS}, dtype=object)
    table["diagnosis"] = diagnoses
    table["image_id"] = [f"i{k}" for k in range(len(diagnoses))]
    table["path"] = [f"{k}.png" for k in range(len(diagnoses))]
    return Dataset("some", folder, table.assign(**columns))


def test_labels_of_each_class_set() -> None:
    dataset = make(["mel", "scc", "ak", "nv", "akiec", "unk"])

    def labels(class_set: str) -> dict[str, str]:
        table = for_classes(dataset, class_set).table
        assert list(table.index) == list(range(len(table)))
        return dict(zip(table["image_id"], table["label"], strict=True))

    assert labels("isic8") == {"i0": "mel", "i1": "scc", "i2": "ak", "i3": "nv"}
    assert labels("isic9") == {"i0": "mel", "i1": "scc", "i2": "ak", "i3": "nv", "i5": "unk"}
    assert labels("ham7") == {"i0": "mel", "i1": "akiec", "i2": "akiec", "i3": "nv", "i4": "akiec"}
    assert labels("binary") == {
        "i0": "malignant",
        "i1": "malignant",
        "i2": "malignant",
        "i3": "benign",
        "i4": "malignant",
    }
    assert "label" not in dataset.table


def test_a_cap_per_class_is_drawn_by_seed() -> None:
    dataset = make(["nv"] * 50 + ["mel"] * 3)
    first = for_classes(dataset, "isic8", per_class=10, seed=1)
    assert first.counts() == {"mel": 3, "nv": 10}
    assert first.table["image_id"].is_unique
    again = for_classes(dataset, "isic8", per_class=10, seed=1)
    other = for_classes(dataset, "isic8", per_class=10, seed=2)
    assert list(first.table["image_id"]) == list(again.table["image_id"])
    assert list(first.table["image_id"]) != list(other.table["image_id"])


def test_no_place_in_a_class_set() -> None:
    with pytest.raises(DataError, match=r"some has akiec"):
        for_classes(make(["akiec"]), "isic8")
    with pytest.raises(DataError, match="ham8"):
        for_classes(make(["nv"]), "ham8")


def test_paths_and_counts() -> None:
    dataset = make(["nv", "mel", "nv"], Path("/data"))
    assert len(dataset) == 3
    assert dataset.image_path(1) == Path("/data/1.png")
    assert dataset.counts() == {"mel": 1, "nv": 2}


def test_fingerprint_by_content_ignores_labels_but_not_order() -> None:
    one = make(["nv", "mel"], sha256=["a", "b"])
    relabelled = make(["mel", "nv"], sha256=["a", "b"])
    turned = make(["nv", "mel"], sha256=["b", "a"])
    assert one.fingerprint == relabelled.fingerprint
    assert one.fingerprint != turned.fingerprint


def test_fingerprint_of_a_folder_follows_its_files(tmp_path: Path) -> None:
    for name in ("0.png", "1.png"):
        (tmp_path / name).write_bytes(b"first")
    before = make(["nv", "mel"], tmp_path).fingerprint
    assert make(["nv", "mel"], tmp_path).fingerprint == before
    (tmp_path / "1.png").write_bytes(b"other and longer")
    assert make(["nv", "mel"], tmp_path).fingerprint != before
    (tmp_path / "1.png").unlink()
    with pytest.raises(DataError, match=r"names the picture 1\.png"):
        _ = make(["nv", "mel"], tmp_path).fingerprint


def test_drawn_only_when_every_picture_is() -> None:
    assert is_drawn(make(["nv", "mel"], source=["drawn", "drawn"]).table)
    assert not is_drawn(make(["nv", "mel"], source=["drawn", None]).table)
    assert not is_drawn(make([]).table)


def test_numbers_for_ids_keep_who_is_equal() -> None:
    dataset = make(["nv", "mel", "unk"], lesion_id=["B", None, "B"], sha256=["x", "y", "x"])
    table = with_numbered_ids(dataset).table
    assert table["row"].tolist() == [0, 1, 2]
    assert table["lesion_id"].isna().tolist() == [False, True, False]
    assert table["lesion_id"].iat[0] == table["lesion_id"].iat[2]
    assert table["patient_id"].isna().all()
    assert for_classes(with_numbered_ids(dataset), "isic8").table["row"].tolist() == [0, 1]


def test_classes_that_are_gone_are_not_counted() -> None:
    dataset = make(["mel", "nv", "unk"])
    dataset.table["diagnosis"] = dataset.table["diagnosis"].astype("category")
    found = for_classes(dataset, "isic8")
    assert found.counts() == {"mel": 1, "nv": 1}
    cut = Dataset("cut", Path("/nowhere"), dataset.table.iloc[:1])
    assert cut.counts() == {"mel": 1}


def test_a_diagnosis_that_is_missing_has_no_place() -> None:
    assert for_classes(make(["mel", None]), "isic8").counts() == {"mel": 1}  # type: ignore[list-item]


def test_a_fingerprint_is_the_hash_of_all_hashes() -> None:
    many = [f"{k:064x}" for k in range(CHUNK + 2)]
    expected = hashlib.sha256("".join(f"{one}\n" for one in many).encode()).hexdigest()
    assert make(["nv"] * len(many), sha256=many).fingerprint == expected
