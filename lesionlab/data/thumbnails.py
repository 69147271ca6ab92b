"""Small JPEGs of pictures, made once and kept on disk."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from pathlib import Path

from PIL import Image

from lesionlab.data import cache
from lesionlab.errors import DiskError, PictureError
from lesionlab.files import write_bytes
from lesionlab.images.decode import read_image

QUALITY = 80
END_OF_JPEG = b"\xff\xd9"

_written = cache.Written()


def thumbnail(path: Path, side: int = 160) -> bytes:
    """A square JPEG of the picture's middle.

    Args:
        path: The picture file.
        side: Height and width of the result in pixels.

    Raises:
        PictureError: The picture cannot be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise PictureError(
            "Expected a picture file.", f"{path} cannot be read.", "Check the path."
        ) from error
    words = f"{path.name}\n{status.st_size}\n{status.st_mtime_ns}\n{side}\n{QUALITY}"
    key = hashlib.sha256(words.encode()).hexdigest()[:32]
    kept = cache.thumbnails_of(path.parent) / f"{key}.jpg"
    with suppress(OSError):
        content = kept.read_bytes()
        if content.endswith(END_OF_JPEG):  # a power cut may have left half of it
            cache.mark_used(kept)
            return content
    content = _make(path, side)
    # Where the disk is full the picture is shown all the same.
    with suppress(DiskError, OSError):
        write_bytes(kept, content, lasting=False)
        _written.add(len(content))
    return content


def _make(path: Path, side: int) -> bytes:
    picture = Image.fromarray(read_image(path))
    shorter = min(picture.size)
    left, top = (picture.width - shorter) // 2, (picture.height - shorter) // 2
    box = (left, top, left + shorter, top + shorter)
    small = picture.resize((side, side), Image.Resampling.LANCZOS, box=box, reducing_gap=3)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
