"""The classes: sets, spellings, colours that colour-blind eyes can tell apart."""

import itertools

import numpy as np
import pytest

from lesionlab import diagnoses
from lesionlab.errors import DataError


def test_class_sets_have_the_published_sizes() -> None:
    sizes = {name: len(classes) for name, classes in diagnoses.CLASS_SETS.items()}
    assert sizes == {"isic9": 9, "isic8": 8, "ham7": 7, "binary": 2}


@pytest.mark.parametrize(
    ("text", "code"),
    [("MEL", "mel"), ("Basal_Cell_Carcinoma", "bcc"), (" nevus ", "nv"), ("akiec", "akiec")],
)
def test_codes_are_read_in_any_case_and_spelling(text: str, code: str) -> None:
    assert diagnoses.read_code(text) == code


def test_an_unknown_code_is_named() -> None:
    with pytest.raises(DataError, match="'wart'"):
        diagnoses.read_code("wart")


def test_eight_classes_join_into_seven_and_two() -> None:
    assert [diagnoses.in_class_set(code, "ham7") for code in ("ak", "scc", "nv")] == [
        "akiec",
        "akiec",
        "nv",
    ]
    assert diagnoses.in_class_set("akiec", "isic8") is None
    assert diagnoses.in_class_set("unk", "binary") is None
    assert diagnoses.in_class_set("akiec", "binary") == "malignant"
    assert diagnoses.malignant_indices(diagnoses.CLASS_SETS["isic8"]) == [0, 1, 4, 6]


# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SEEN_BY = {
    "everyone": np.eye(3),
    "protanope": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranope": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def lab(colour: str, seen: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of a hex colour as such eyes see it."""
    rgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(seen @ linear, 0, 1)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    ratio = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", SEEN_BY)
def test_no_two_classes_look_alike(eyes: str) -> None:
    seen = {
        c: lab(diagnoses.DIAGNOSES[c].colour, SEEN_BY[eyes]) for c in diagnoses.CLASS_SETS["isic9"]
    }
    nearest = min(
        (float(np.linalg.norm(seen[a] - seen[b])), a, b) for a, b in itertools.combinations(seen, 2)
    )
    assert nearest[0] > 15, f"{nearest[1]} and {nearest[2]} look alike"


def test_every_class_also_has_a_dash_and_marker_of_its_own() -> None:
    looks = [
        (diagnoses.DIAGNOSES[c].dash, diagnoses.DIAGNOSES[c].marker)
        for c in diagnoses.CLASS_SETS["isic9"]
    ]
    assert len(set(looks)) == len(looks)
