"""Which pictures are one, which labels agree, and which ids are one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionlab.data.joining import (
    FILLED,
    agreed,
    connected,
    isic_number,
    merge,
    one_id_through_pictures,
    repeats,
    same_pictures,
    unique_image_ids,
    with_own_ids,
)


def rows(*values: dict[str, Any]) -> pd.DataFrame:
    columns = ("set", "image_id", "pixels_sha256", "diagnosis", *FILLED)
    table = pd.DataFrame({name: [None] * len(values) for name in columns}, dtype=object)
    for number, row in enumerate(values):
        for name, value in row.items():
            table.loc[number, name] = value
    return table


def test_connected_directly_and_through_others() -> None:
    first = pd.Series(["a", "b", "a", None, None])
    second = pd.Series(["x", "y", None, "y", None])
    found = connected(5, first, second)
    assert found[0] == found[2]
    assert found[1] == found[3]
    assert len(set(found.tolist())) == 3


def test_the_same_picture_by_its_pixels_or_its_number() -> None:
    table = rows(
        {"image_id": "a", "pixels_sha256": "1"},
        {"image_id": "b", "pixels_sha256": "1"},
        {"image_id": "ISIC_0000001", "pixels_sha256": "2"},
        {"image_id": "ISIC_0000001_downsampled", "pixels_sha256": "3"},
        {"image_id": "a", "pixels_sha256": "4"},
    )
    found = same_pictures(table).tolist()
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    ("image_id", "number"),
    [
        ("ISIC_0024306", "ISIC_0024306"),
        ("ISIC_0024306_downsampled", "ISIC_0024306"),
        ("ISIC_24306", None),
        ("my_ISIC_0024306", None),
        (None, None),
        (3, None),
    ],
)
def test_numbers_of_the_archive(image_id: object, number: str | None) -> None:
    assert isic_number(image_id) == number


@pytest.mark.parametrize(
    ("codes", "meant"),
    [
        ({"nv"}, "nv"),
        ({"mel", "nv"}, None),
        ({"akiec", "ak"}, "ak"),
        ({"akiec", "scc"}, "scc"),
        ({"akiec", "ak", "scc"}, None),
        ({"benign", "nv"}, "nv"),
        ({"malignant", "nv"}, None),
        ({"malignant", "akiec", "scc"}, "scc"),
        ({"benign", "malignant"}, None),
        ({"unk", "mel"}, None),
    ],
)
def test_labels_that_agree(codes: set[str], meant: str | None) -> None:
    assert agreed(codes) == meant


def test_ids_of_two_sets_are_apart_unless_their_publisher_gave_them_for_all() -> None:
    table = with_own_ids(
        rows(
            {"set": "p", "lesion_id": "1", "patient_id": "IP_0000001"},
            {"set": "q", "lesion_id": "1", "patient_id": None},
            {"set": "q", "lesion_id": "HAM_0000001"},
        )
    )
    assert table["lesion_id"].tolist() == ["p:1", "q:1", "HAM_0000001"]
    assert table["patient_id"].tolist() == ["IP_0000001", None, None]


def test_a_lesion_that_two_sets_call_differently_is_one() -> None:
    # The first and third row are one picture, so p:1 and q:7 are one lesion; so the fourth row, a
    # second picture of q:7, may not come apart from the first.
    table = rows(
        {"set": "p", "lesion_id": "p:1"},
        {"set": "p", "lesion_id": "p:2"},
        {"set": "q", "lesion_id": "q:7"},
        {"set": "q", "lesion_id": "q:7"},
        {"set": "q"},
    )
    pictures = np.array([0, 1, 0, 2, 3])
    found = one_id_through_pictures(table, pictures)["lesion_id"].tolist()
    assert found == ["p:1", "p:2", "p:1", "p:1", None]


def test_merging_keeps_the_first_and_fills_what_it_does_not_know() -> None:
    table = rows(
        {"set": "p", "image_id": "a", "diagnosis": "akiec", "age": 40.0},
        {"set": "p", "image_id": "b", "diagnosis": "mel"},
        {"set": "q", "image_id": "c", "diagnosis": "ak", "age": 50.0, "sex": "male"},
        {"set": "q", "image_id": "d", "diagnosis": "nv"},
        {"set": "q", "image_id": "e", "diagnosis": "nv"},
    )
    pictures = np.array([0, 1, 0, 1, 2])
    kept, contradicting = merge(table, pictures)
    assert kept["image_id"].tolist() == ["a", "e"]
    assert kept["diagnosis"].tolist() == ["ak", "nv"]
    assert kept["age"].tolist()[0] == 40
    assert kept["sex"].tolist()[0] == "male"
    assert pd.isna(kept["sex"][1])
    assert contradicting["image_id"].tolist() == ["b", "d"]


def test_counting_repeats() -> None:
    table = rows(*({"set": name} for name in "ppqqr"))
    assert repeats(table, np.array([0, 0, 0, 1, 1])) == {
        ("p", "p"): 1,
        ("q", "p"): 1,
        ("r", "q"): 1,
    }


def test_image_ids_become_one_each() -> None:
    table = rows(
        {"set": "p", "image_id": "a"},
        {"set": "p", "image_id": "b"},
        {"set": "q", "image_id": "a"},
        {"set": "q", "image_id": "p-a"},
        {"set": "q", "image_id": "a"},
    )
    assert unique_image_ids(table).tolist() == ["p-a", "b", "q-a", "p-a-2", "q-a-2"]
