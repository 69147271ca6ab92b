"""Publishers' names for diagnoses, and which of our codes each means.

One table a data set: the publisher's name, then our code, or None for what is left out (why
stands in `LEFT_OUT`). Upper and lower case, spaces, dashes and underscores make no difference.

Steppan and Hanke (2021, "Analysis of skin lesion images with deep learning", sections III and IV)
join ISIC 2019, PH2, SKINL2, the 7-point database, MED-NODE and SD-198. They say of SD-198 that
its images of the eight classes are taken out and that the rest becomes UNK; for the other sets
they print no table. Where their text is silent, the line follows the publisher's own grouping
(Kawahara et al. 2019 for the 7-point names) or what the eight classes of ISIC 2019 are made of
(Tschandl et al. 2018: benign keratosis is seborrheic keratosis, solar lentigo and
lichen-planus-like keratosis; vascular is angioma, angiokeratoma, pyogenic granuloma and
bleeding).
"""

from __future__ import annotations

import re

import pandas as pd

from lesionlab.data.sources.sd198_names import SD198, SD198_LEFT_OUT
from lesionlab.data.sources.words import count, missing, some
from lesionlab.diagnoses import read_code
from lesionlab.errors import DataError

NAMES: dict[str, dict[str, str | None]] = {
    "ham10000": {
        "akiec": "akiec",
        "bcc": "bcc",
        "bkl": "bkl",
        "df": "df",
        "mel": "mel",
        "nv": "nv",
        "vasc": "vasc",
    },
    "isic2018": {
        "MEL": "mel",
        "NV": "nv",
        "BCC": "bcc",
        "AKIEC": "akiec",
        "BKL": "bkl",
        "DF": "df",
        "VASC": "vasc",
    },
    "isic2019": {
        "MEL": "mel",
        "NV": "nv",
        "BCC": "bcc",
        "AK": "ak",
        "BKL": "bkl",
        "DF": "df",
        "VASC": "vasc",
        "SCC": "scc",
        "UNK": "unk",
    },
    # Where no more is known than that it is benign, it has a place among benign/malignant alone.
    "isic2020": {
        "melanoma": "mel",
        "nevus": "nv",
        "seborrheic keratosis": "bkl",
        "solar lentigo": "bkl",
        "lichenoid keratosis": "bkl",
        "cafe-au-lait macule": "unk",
        "lentigo NOS": "benign",
        "atypical melanocytic proliferation": "benign",
        "unknown": "benign",
    },
    # PH2_dataset.txt writes 0, 1 and 2 for these three.
    "ph2": {
        "Common Nevus": "nv",
        "Atypical Nevus": "nv",
        "Melanoma": "mel",
    },
    "mednode": {
        "melanoma": "mel",
        "naevus": "nv",
    },
    "derm7pt": {
        "basal cell carcinoma": "bcc",
        "nevus": "nv",
        "blue nevus": "nv",
        "clark nevus": "nv",
        "combined nevus": "nv",
        "congenital nevus": "nv",
        "dermal nevus": "nv",
        "recurrent nevus": "nv",
        "reed or spitz nevus": "nv",
        "melanoma": "mel",
        "melanoma (in situ)": "mel",
        "melanoma (less than 0.76 mm)": "mel",
        "melanoma (0.76 to 1.5 mm)": "mel",
        "melanoma (more than 1.5 mm)": "mel",
        "melanoma metastasis": "mel",
        "seborrheic keratosis": "bkl",
        "dermatofibroma": "df",
        "vascular lesion": "vasc",
        # Which kind is not told: a solar lentigo is a benign keratosis, a simple one is not.
        "lentigo": "benign",
        "melanosis": "unk",
        "miscellaneous": "unk",
    },
    "skinl2": {
        "Basal-cell Carcinoma": "bcc",
        "Dermatofibroma": "df",
        "Hemangioma": "vasc",
        "Melanoma": "mel",
        "Nevus": "nv",
        "Melanocytic Nevus": "nv",
        "Seborrheic Keratosis": "bkl",
        "Psoriasis": "unk",
        "Other": "unk",
        "Others": "unk",
    },
    "sd198": SD198,
}

LEFT_OUT: dict[str, dict[str, str]] = {
    "sd198": SD198_LEFT_OUT,
}


def plain(name: str) -> str:
    """A name without case, spaces and signs, as names are compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def codes_of(kind: str, labels: pd.Series, noun: str = "row") -> tuple[pd.Series, list[str]]:
    """Our code for each of a publisher's names, and sentences on what has none.

    Args:
        kind: A key of `NAMES`, or "" for a table of unknown origin (our own names alone).
        labels: As the publisher writes them; missing where nothing is written.
        noun: What one of them stands for, in the sentences: a row or a picture.

    Returns:
        Codes with the index of `labels`, missing where there is none; sentences.
    """
    known = {plain(name): code for name, code in NAMES.get(kind, {}).items()}
    reasons = {plain(name): reason for name, reason in LEFT_OUT.get(kind, {}).items()}
    labels = labels.astype(object)
    labels = labels.where(labels.notna() & (labels.astype(str).str.strip() != ""))
    found: dict[object, str] = {}
    strange: list[str] = []
    refused: dict[str, list[object]] = {}
    for label in labels.dropna().unique():
        word = plain(str(label))
        code = _own_code(str(label)) if kind == "" else known.get(word)
        if code:
            found[label] = code
        elif word in reasons:
            refused.setdefault(f"{str(label).strip()}: {reasons[word]}", []).append(label)
        else:
            strange.append(str(label).strip())
    codes = labels.map(found) if found else missing(labels.index)
    sentences = []
    if empty := int(labels.isna().sum()):
        sentences.append(f"{count(empty, noun)} without a diagnosis.")
    for words, written in refused.items():
        sentences.append(f"{count(int(labels.isin(written).sum()), noun)} of {words}.")
    if strange:
        rows = int(labels.astype(str).str.strip().isin(strange).sum())
        sentences.append(
            f"{count(rows, noun)} with a diagnosis that we do not know: {some(strange)}."
        )
    return codes.astype(object), sentences


def _own_code(label: str) -> str | None:
    try:
        return read_code(label)
    except DataError:
        return None
