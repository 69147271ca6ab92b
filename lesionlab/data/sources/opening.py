"""A folder or a zip archive, whichever lies at a path."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from lesionlab.data.sources.archive import ZipTree
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.tree import FolderTree, Tree, file_name, suffix
from lesionlab.errors import DataError

ANY = "a folder or a zip archive"
# Archives of other kinds, in which published sets come too (PH2 as .rar).
OTHER_ARCHIVES = frozenset({".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"})


def open_tree(path: Path, wanted: str = ANY) -> Tree:
    """The files at a path.

    Args:
        wanted: What a sentence calls what was expected.

    Raises:
        DataError: Nothing there, or a file of another kind, or a zip that is refused.
    """
    if path.is_dir():
        return FolderTree(path)
    if path.is_file() and (suffix(path.name) == ".zip" or zipfile.is_zipfile(path)):
        return ZipTree(path)
    if not path.exists():
        raise DataError(f"Expected {wanted}.", f"There is no {path}.", "Check the path.")
    what_to_do = "Check the path."
    if suffix(path.name) in OTHER_ARCHIVES:
        what_to_do = "Unpack it, then give the folder that comes out."
    raise DataError(f"Expected {wanted}.", f"{path} is a file of another kind.", what_to_do)


def look_into(path: Path, read: Callable[[Tree], Found], wanted: str) -> Found:
    """What `read` finds at a path; what was opened is closed again when it finds nothing.

    Raises:
        DataError: As `open_tree`, and as `read`.
    """
    tree = open_tree(path, wanted)
    try:
        return read(tree)
    except DataError:
        tree.close()
        raise


def packed_inside(tree: Tree) -> list[str]:
    """The archives that lie in a tree; what is in them is not seen until they are unpacked."""
    endings = OTHER_ARCHIVES | {".zip"}
    return [file_name(name) for name in tree.sizes if suffix(name) in endings]
