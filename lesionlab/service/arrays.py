"""Arrays on their way between the service and the pages: npz bytes, never pickled."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from lesionlab.errors import ServiceError

MEDIA_TYPE = "application/x-npz"


def pack(**arrays: np.ndarray) -> bytes:
    """Named arrays as the bytes of an .npz file, uncompressed: it never leaves the machine."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(content: bytes) -> dict[str, np.ndarray]:
    """The arrays that `pack` wrote.

    Raises:
        ServiceError: The bytes are not such a file.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return dict(arrays)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ServiceError(
            "The model service should have sent arrays.", f"They cannot be read: {error}."
        ) from error
