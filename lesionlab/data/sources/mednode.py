"""MED-NODE as it is published.

`complete_mednode_dataset/melanoma/*.jpg` (70) and `complete_mednode_dataset/naevus/*.jpg` (100),
photographs of the skin and no dermoscopic pictures.

Layout read in: livanosg/mel-data, gsmit/ISIC-2019, openmedlab/Awesome-Medical-Dataset; Giotis et
al. (2015) for the numbers.
"""

from __future__ import annotations

from lesionlab.data.sources.class_folders import read_named_folders
from lesionlab.data.sources.columns import USUAL, Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.tree import Tree, folders_of, pictures

KIND = "mednode"
ROOT = "complete_mednode_dataset"
SIZES = {"melanoma": 70, "naevus": 100}


def recognises(tree: Tree) -> bool:
    """Whether the published folder is there, or its two folders with their 70 and 100 pictures."""
    if ROOT in tree.title.lower() or any(ROOT in name.lower() for name in tree.sizes):
        return True
    counts: dict[str, int] = {}
    for name in pictures(tree):
        folder = (folders_of(name) or [""])[-1].lower()
        counts[folder] = counts.get(folder, 0) + 1
    return counts == SIZES


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at MED-NODE, unpacked or as a zip.

    Raises:
        DataError: None of its two folders holds a picture.
    """
    return read_named_folders(
        KIND, tree, columns, "Give complete_mednode_dataset with its folders melanoma and naevus."
    )
