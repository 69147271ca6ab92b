"""The classes: codes, names, what is cancer or a precursor, one colour each, and what to look for.

Facts only, as data. The codes are those of ISIC 2019 (eight classes and "none of these") and of
HAM10000 (seven classes, where `akiec` joins actinic keratosis and squamous cell carcinoma).
Colours start from Okabe and Ito (2008), "Color Universal Design", moved until any two stay apart
for colour-blind eyes too (a test measures it); each class also has a dash and a marker of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from lesionlab.errors import DataError


@dataclass(frozen=True)
class Diagnosis:
    """One class.

    Attributes:
        code: Lower-case code, as in files and JSON.
        name: What pages call it.
        malignant: True for cancer or its precursor, False for benign, None when unknown.
        colour: Hex colour, the same everywhere.
        dash: Plotly dash of its lines.
        marker: Plotly marker symbol.
        plain: One sentence for people who never met it.
        signs: What a dermoscopist looks for.
    """

    code: str
    name: str
    malignant: bool | None
    colour: str
    dash: str
    marker: str
    plain: str
    signs: tuple[str, ...]


DIAGNOSES: dict[str, Diagnosis] = {
    d.code: d
    for d in (
        Diagnosis(
            "ak",
            "Actinic keratosis",
            True,
            "#E68BB6",
            "dash",
            "diamond",
            "A rough spot from years of sun. A precursor: it can become a squamous cell carcinoma.",
            ("red ground with pale follicle openings (strawberry pattern)", "fine white scale"),
        ),
        Diagnosis(
            "bcc",
            "Basal cell carcinoma",
            True,
            "#EBB000",
            "solid",
            "square",
            "The most frequent skin cancer. It grows slowly and hardly ever spreads.",
            (
                "branching, sharply focused vessels",
                "blue-grey ovoid nests",
                "leaf-like areas",
                "ulceration",
            ),
        ),
        Diagnosis(
            "bkl",
            "Benign keratosis",
            False,
            "#00A26E",
            "dashdot",
            "cross",
            "A harmless thickening of the skin, frequent with age; solar lentigo belongs here too.",
            (
                "milia-like cysts (small white dots)",
                "comedo-like openings (dark plugs)",
                "moth-eaten border",
                "fissures and ridges",
            ),
        ),
        Diagnosis(
            "df",
            "Dermatofibroma",
            False,
            "#56B4E9",
            "dot",
            "triangle-up",
            "A harmless firm nodule, often on the legs.",
            ("white scar-like patch in the centre", "delicate network around it"),
        ),
        Diagnosis(
            "mel",
            "Melanoma",
            True,
            "#B44800",
            "solid",
            "star",
            "A cancer of the pigment cells. Found early it can be cured; late it is dangerous.",
            (
                "asymmetry of colour and structure",
                "irregular thick network",
                "blue-white veil",
                "irregular dots, globules and streaks",
                "white areas of regression",
            ),
        ),
        Diagnosis(
            "nv",
            "Melanocytic nevus",
            False,
            "#007BA9",
            "solid",
            "circle",
            "A common mole: a harmless nest of pigment cells.",
            ("symmetry", "even network or globules", "one or two colours"),
        ),
        Diagnosis(
            "scc",
            "Squamous cell carcinoma",
            True,
            "#7A4BBC",
            "longdash",
            "hexagon",
            "The second most frequent skin cancer, mostly on skin that saw much sun.",
            ("yellow-white keratin in the centre", "white circles", "looped vessels at the rim"),
        ),
        Diagnosis(
            "vasc",
            "Vascular lesion",
            False,
            "#B38F00",
            "longdashdot",
            "pentagon",
            "A harmless knot of blood vessels, such as an angioma.",
            ("red, purple or blue-black lacunae (lagoons)", "white septa between them"),
        ),
        Diagnosis(
            "unk",
            "None of these",
            None,
            "#7B7E83",
            "dot",
            "x",
            "A lesion of another kind than the eight classes.",
            (),
        ),
        Diagnosis(
            "akiec",
            "Actinic keratosis or carcinoma in situ",
            True,
            "#E68BB6",
            "dash",
            "diamond",
            "HAM10000's name for actinic keratosis and early squamous cell carcinoma together.",
            ("strawberry pattern", "white scale or keratin", "dotted or coiled vessels"),
        ),
        Diagnosis(
            "benign",
            "Benign",
            False,
            "#007BA9",
            "solid",
            "circle",
            "Harmless: neither cancer nor a precursor of it.",
            (),
        ),
        Diagnosis(
            "malignant",
            "Cancer or precursor",
            True,
            "#B44800",
            "solid",
            "star",
            "Melanoma, basal cell carcinoma, squamous cell carcinoma or actinic keratosis.",
            (),
        ),
    )
}

CLASS_SETS: dict[str, tuple[str, ...]] = {
    "isic9": ("ak", "bcc", "bkl", "df", "mel", "nv", "scc", "vasc", "unk"),
    "isic8": ("ak", "bcc", "bkl", "df", "mel", "nv", "scc", "vasc"),
    "ham7": ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"),
    "binary": ("benign", "malignant"),
}

# Other spellings seen in published tables and folder names.
ALIASES: dict[str, str] = {
    "melanoma": "mel",
    "malignant melanoma": "mel",
    "nevus": "nv",
    "naevus": "nv",
    "melanocytic nevus": "nv",
    "basal cell carcinoma": "bcc",
    "actinic keratosis": "ak",
    "benign keratosis": "bkl",
    "seborrheic keratosis": "bkl",
    "solar lentigo": "bkl",
    "dermatofibroma": "df",
    "vascular lesion": "vasc",
    "squamous cell carcinoma": "scc",
    "unknown": "unk",
}


def read_code(text: str) -> str:
    """The code that `text` means, in any case and spelling that we know.

    Raises:
        DataError: No class has this name.
    """
    word = " ".join(str(text).strip().lower().replace("_", " ").replace("-", " ").split())
    code = ALIASES.get(word, word)
    if code not in DIAGNOSES:
        raise DataError(
            f"Expected one of the classes {', '.join(DIAGNOSES)}.",
            f"Received {text!r}.",
            "Rename the folder or the label.",
        )
    return code


def in_class_set(code: str, class_set: str) -> str | None:
    """What `code` is called in a class set; None when the set has no place for it.

    `akiec` has no place among the eight classes, since it joins two of them.
    """
    classes = CLASS_SETS[class_set]
    if code in classes:
        return code
    if class_set == "ham7" and code in ("ak", "scc"):
        return "akiec"
    if class_set == "binary" and DIAGNOSES[code].malignant is not None:
        return "malignant" if DIAGNOSES[code].malignant else "benign"
    return None


def malignant_indices(classes: tuple[str, ...] | list[str]) -> list[int]:
    """Where the classes that are cancer or a precursor stand in `classes`."""
    return [k for k, code in enumerate(classes) if DIAGNOSES[code].malignant]
