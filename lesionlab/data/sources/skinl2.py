"""SKINL2, the light field set, of which the dermoscopic pictures alone are read.

Version 1: `SKINL2_v1/Dermatoscopic/<category>/0243_Dermatoscopic.png`. Versions 2 and 3:
`SKINL2_v2/0087/<category>/Dermatoscopic/0087_Dermatoscopic.png`. The categories are `Melanoma`,
`Nevus`, `Basal-cell Carcinoma`, `Seborrheic Keratosis`, `Hemangioma`, `Dermatofibroma`,
`Psoriasis` and `Other` or `Others`. `PlenoISLA_DatasetV*_info.xlsx` is not read.

Layout read in: gsmit/ISIC-2019 and IMSY-DKFZ/mml (version 1), hectorcarrion/dermdepth (folders of
versions 2 and 3, for their light fields); Faria et al. (2019) and Steppan and Hanke (2021,
section III C) for the eight categories and that dermoscopic pictures alone were taken.

layout unverified: where the dermoscopic pictures of versions 2 and 3 lie was seen in one place;
so was the ending of the files (.png in one project, .jpg in another); the info sheet was not
seen.
"""

from __future__ import annotations

import re

import pandas as pd

from lesionlab.data.sources.columns import USUAL, Columns, refuse_columns
from lesionlab.data.sources.found import Found, complete, unnamed
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.names import NAMES, codes_of, plain
from lesionlab.data.sources.tree import Tree, file_name, folders_of, pictures
from lesionlab.data.sources.words import count, missing
from lesionlab.errors import DataError

KIND = "skinl2"
DERMOSCOPIC = re.compile(r"derm(?:at)?oscopic")
VERSION = re.compile(r"skinl2[ _-]?(v\d)")


def recognises(tree: Tree) -> bool:
    """Whether its name stands on a folder or its info sheet, and dermoscopic pictures are there."""
    marks = ("skinl2", "plenoisla_dataset")
    named = [name for name in (tree.title, *tree.sizes) if any(m in name.lower() for m in marks)]
    return bool(named) and any(DERMOSCOPIC.search(name.lower()) for name in tree.sizes)


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at SKINL2, unpacked or as a zip, one version or several.

    Raises:
        DataError: No dermoscopic picture in a folder with one of its names.
    """
    facts = KNOWN[KIND]
    refuse_columns(columns, facts.title)
    inside = bool(DERMOSCOPIC.search(tree.title.lower()))
    names = [name for name in pictures(tree) if inside or DERMOSCOPIC.search(name.lower())]
    raw = pd.DataFrame({"path": names}, dtype=object)
    raw["category"] = [_category(name) for name in names]
    if bool(raw["category"].isna().all()):
        raise DataError(
            f"Expected dermoscopic pictures of SKINL2 in {tree.title}.",
            f"Among its {count(len(pictures(tree)), 'picture')} none lies in a folder "
            "Dermatoscopic with a category such as Nevus or Melanoma above or below.",
            "Give the folder SKINL2_v1 (or v2, v3), or its folder Dermatoscopic.",
        )
    raw["diagnosis"], left_out = codes_of(KIND, raw["category"], "picture")
    raw["lesion_id"] = [_lesion(name) for name in names] or missing(raw.index)
    left_out += unnamed(tree, names, "not dermoscopic (light fields and depth maps)")
    table = raw[raw["diagnosis"].notna()].drop(columns="category")
    return complete(table, tree, left_out, facts)


def _category(name: str) -> str | None:
    """The nearest folder above a picture that is no number and not called Dermatoscopic."""
    known = {plain(word) for word in NAMES[KIND]}
    folders = folders_of(name)
    for folder in reversed(folders):
        if plain(folder) in known:
            return folder
    others = [folder for folder in folders if not re.fullmatch(r"\d+", folder)]
    others = [folder for folder in others if not DERMOSCOPIC.search(folder.lower())]
    return others[-1] if others and not VERSION.search(others[-1].lower()) else None


def _lesion(name: str) -> str | None:
    """The lesion's number with its version, since each version counts anew."""
    number = re.match(r"\d+", file_name(name))
    version = VERSION.search(name.lower())
    return f"{version[1] if version else 'v1'}_{number[0]}" if number else None
