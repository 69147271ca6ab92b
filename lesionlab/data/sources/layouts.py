"""The published sets that are recognised by how their files are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lesionlab.data.sources import (
    derm7pt,
    ham10000,
    isic2018,
    isic2019,
    isic2020,
    mednode,
    ph2,
    sd198,
    skinl2,
)
from lesionlab.data.sources.columns import Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.tree import Tree


@dataclass(frozen=True)
class Layout:
    """How a set is told from others, and how it is read."""

    recognises: Callable[[Tree], bool]
    read_tree: Callable[[Tree, Columns], Found]


LAYOUTS: dict[str, Layout] = {
    "ham10000": Layout(ham10000.recognises, ham10000.read_tree),
    "isic2019": Layout(isic2019.recognises, isic2019.read_tree),
    "isic2018": Layout(isic2018.recognises, isic2018.read_tree),
    "isic2020": Layout(isic2020.recognises, isic2020.read_tree),
    "ph2": Layout(ph2.recognises, ph2.read_tree),
    "derm7pt": Layout(derm7pt.recognises, derm7pt.read_tree),
    "skinl2": Layout(skinl2.recognises, skinl2.read_tree),
    "sd198": Layout(sd198.recognises, sd198.read_tree),
    "mednode": Layout(mednode.recognises, mednode.read_tree),
}


def recognise_layout(tree: Tree) -> str | None:
    """Which published set a folder or archive holds: a key of `LAYOUTS`, or None."""
    return next((kind for kind, layout in LAYOUTS.items() if layout.recognises(tree)), None)
