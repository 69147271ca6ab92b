"""Diagnoses of the ISIC Archive and the classes that they belong to, in one table.

The archive names a diagnosis on up to five levels, from "Malignant" (`diagnosis_1`) over a group
(`diagnosis_2`) and a diagnosis (`diagnosis_3`) to its kinds. A class asks for the names below; the
finer levels come with them.

Checked: every name stands in `DiagnosisEnum` of the package isic-metadata 4.12, the archive's own
list, which a test compares; which diagnoses make `bkl` and `vasc` is from Tschandl et al. (2018,
Scientific Data 5, 180161, "HAM10000"). Not checked, since no live archive was at hand: how many
pictures each name has there. That squamous cell carcinoma in situ (Bowen's disease) is `scc` is
how ISIC 2019 is told to have dealt with it; HAM10000 has it under `akiec`, as `scc` and `ak` become
here for the seven classes.
"""

from __future__ import annotations

from collections.abc import Sequence

LEVELS = 5
# Class -> (level, name), in the archive's spelling.
NAMES: dict[str, tuple[tuple[int, str], ...]] = {
    "mel": (
        (3, "Melanoma Invasive"),
        (3, "Melanoma in situ"),
        (3, "Melanoma, NOS"),
    ),
    "nv": ((3, "Nevus"),),
    "bcc": ((3, "Basal cell carcinoma"),),
    "ak": ((3, "Solar or actinic keratosis"),),
    "bkl": (
        (3, "Seborrheic keratosis"),
        (3, "Solar lentigo"),
        (3, "Lichen planus like keratosis"),
        (3, "Pigmented benign keratosis"),
    ),
    "df": ((3, "Dermatofibroma"),),
    "vasc": (
        (2, "Benign soft tissue proliferations - Vascular"),
        (2, "Hemorrhagic lesions"),
    ),
    "scc": (
        (3, "Squamous cell carcinoma in situ"),
        (3, "Squamous cell carcinoma, Invasive"),
        (3, "Squamous cell carcinoma, NOS"),
    ),
    "unk": (
        (2, "Benign adnexal epithelial proliferations - Apocrine or Eccrine"),
        (2, "Benign adnexal epithelial proliferations - Follicular"),
        (2, "Benign adnexal epithelial proliferations - Sebaceous"),
        (2, "Benign soft tissue proliferations - Adipocytic"),
        (2, "Benign soft tissue proliferations - Neural"),
        (2, "Cysts"),
        (2, "Inflammatory or infectious diseases"),
        (2, "Lymphocytic proliferations - B-Cell"),
        (2, "Lymphocytic proliferations - T-Cell/NK"),
        (2, "Mast cell proliferations"),
        (2, "Merkel cell proliferation"),
        (3, "Angiofibroma"),
        (3, "Cafe au lait macule or patch"),
        (3, "Clear cell acanthoma"),
        (3, "Ephelis"),
        (3, "Epidermal nevus"),
        (3, "Fibroepithelial polyp"),
        (3, "Juvenile xanthogranuloma"),
        (3, "Mucosal melanotic macule"),
        (3, "Porokeratosis"),
        (3, "Scar"),
    ),
}

# Names that somebody may miss, and why no class asks for them. What stands in neither table is
# rare and belongs to no class of ours.
LEFT_OUT: dict[tuple[int, str], str] = {
    (2, "Benign - Other"): "says no diagnosis",
    (2, "Collision - At least one malignant proliferation"): "two diagnoses in one picture",
    (2, "Collision - Only benign proliferations"): "two diagnoses in one picture",
    (2, "Exogenous"): "ink and foreign bodies, no lesion",
    (2, "Indeterminate melanocytic proliferations"): "neither surely a nevus nor a melanoma",
    (2, "Malignant soft tissue proliferations - Vascular"): "the class vasc is benign",
    (3, "Baso-squamous carcinoma"): "between bcc and scc",
    (3, "Bowenoid papulosis"): "caused by a virus, not by the sun",
    (3, "Dermal melanocytosis"): "melanocytic, but no common nevus",
    (3, "Ink-spot lentigo"): "between lentigo and nevus",
    (3, "Keratoacanthoma"): "counted as scc by some and as benign by others",
    (3, "Lentiginous melanocytic proliferation"): "melanocytic, but no common nevus",
    (3, "Lentigo NOS"): "may be a solar lentigo (bkl) or another one",
    (3, "Lentigo simplex"): "melanocytic, but no common nevus",
    (3, "Melanoma metastasis"): "spread from elsewhere; looks unlike a melanoma of its own",
    (3, "Solar or actinic cheilitis"): "on the lip",
    (3, "Verrucous carcinoma"): "rare kind of scc with a look of its own",
}

EIGHT = tuple(sorted(code for code in NAMES if code != "unk"))
CODES = (*EIGHT, "unk")
_CODE_OF = {key: code for code, keys in NAMES.items() for key in keys}


def code_of(diagnoses: Sequence[str | None]) -> str | None:
    """The class of a picture; None when no class asks for its diagnosis.

    Args:
        diagnoses: The names of level 1, 2, 3 …, as the archive gives them; empty ones are missing.
    """
    keys = [(level, name) for level, name in enumerate(diagnoses, 1) if name]
    if any(key in LEFT_OUT for key in keys):
        return None
    found = {_CODE_OF[key] for key in keys if key in _CODE_OF}
    return found.pop() if len(found) == 1 else None


def search_terms(code: str) -> str:
    """The names of a class in the archive's search language: `diagnosis_3:"Nevus" OR …`."""
    return " OR ".join(f'diagnosis_{level}:"{name}"' for level, name in NAMES[code])
