"""SD-198 as it is published.

`sd-198/images/<disease>/*.jpg`, 198 folders such as `Basal_Cell_Carcinoma` and
`Actinic_solar_Damage(Actinic_Keratosis)`, photographs of the skin. Which of them are one of the
eight classes, which are UNK and which are left out stands in `sd198_names.py`.

Layout read in: karuniaperjuangan/dinov3-classification-sd-198 (198 names, 6,584 pictures) and
gsmit/ISIC-2019; the names in two public lists of them; Steppan and Hanke (2021), section IV, for
what becomes UNK.
"""

from __future__ import annotations

from lesionlab.data.sources.class_folders import read_named_folders
from lesionlab.data.sources.columns import USUAL, Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.names import NAMES, plain
from lesionlab.data.sources.tree import Tree, folders_of

KIND = "sd198"
# A user's own class folders may well have a few of its names.
ENOUGH = 100


def recognises(tree: Tree) -> bool:
    """Whether a folder is called SD-198, or most of its 198 folders are there."""
    known = {plain(name) for name in NAMES[KIND]}
    written = {folder for name in tree.sizes for folder in folders_of(name)}
    folders = {plain(folder) for folder in written}
    here = len(known & folders)
    named = KIND in folders or KIND in plain(tree.title)
    return here >= ENOUGH or (named and here >= 2)


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at SD-198, unpacked or as a zip.

    Raises:
        DataError: No folder has one of its names.
    """
    return read_named_folders(
        KIND, tree, columns, "Give the folder sd-198 with images/ and its 198 folders."
    )
