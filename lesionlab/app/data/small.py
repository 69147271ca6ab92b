"""The small pictures of a gallery: a page of them at once, of which a few hundred are kept."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from lesionlab.app.pictures import encode
from lesionlab.errors import PictureError

# About 6 kB each; whoever looks at thousands needs no more memory than who looks at hundreds.
KEPT = 600


def small_pictures(paths: list[Path]) -> list[bytes]:
    """Small JPEGs of picture files; an empty grey one where a file cannot be read."""
    from lesionlab.data.parallel import map_in_order

    return list(map_in_order(_small_or_grey, paths, before_batch=lambda done: None))


def _small_or_grey(path: Path) -> bytes:
    with suppress(PictureError, OSError):
        status = path.stat()
        return _small(path, status.st_mtime_ns, status.st_size)
    return _grey()


@lru_cache(maxsize=KEPT)
def _small(path: Path, changed: int, length: int) -> bytes:
    # What a file is called is not enough: a set may be made again under its old name.
    from lesionlab.data import thumbnails

    return thumbnails.thumbnail(path)


@lru_cache(maxsize=1)
def _grey() -> bytes:
    return encode(np.full((16, 16, 3), 128, np.uint8))
