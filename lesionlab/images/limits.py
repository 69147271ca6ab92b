"""How large a picture from a stranger may be, and the sentences that refuse one."""

from __future__ import annotations

from lesionlab.errors import PictureError

MAX_BYTES = 30 * 2**20
MAX_PIXELS = 40_000_000
# Pillow keeps an address for each row: one column of 40 million rows needs 320 MB for these alone.
MAX_SIDE = 65_535
# A profile of colours is 0.5 to 3 MB for a printing press and some kB for a camera.
MAX_PROFILE_BYTES = 4 * 2**20
KINDS = "JPEG, PNG, WebP, TIFF or BMP"


def check_size(width: int, height: int) -> None:
    """Let a picture of this size pass.

    Raises:
        PictureError: More than 40 megapixels, a side too long, or no pixels at all.
    """
    if width < 1 or height < 1:
        raise damaged(f"It says that it is {height}×{width} pixels.")
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"Expected a picture of at most {MAX_PIXELS / 1e6:.0f} megapixels.",
            f"Received {height}×{width}, that is {width * height / 1e6:.0f} megapixels.",
            "Make it smaller and try again.",
        )
    if max(width, height) > MAX_SIDE:
        raise PictureError(
            f"Expected a picture of at most {MAX_SIDE:,} pixels a side.",
            f"Received {height}×{width}.",
            "Make it smaller and try again.",
        )


def damaged(received: str = "It is damaged, cut off or of another kind.") -> PictureError:
    """The refusal of what cannot be read as a picture."""
    return PictureError(
        f"Expected a picture as {KINDS}.",
        received,
        "Open it in a picture program and save it again as JPEG or PNG.",
    )


def overloaded(received: str) -> PictureError:
    """The refusal of a file built so that reading it would take far too long or too much memory."""
    return PictureError(
        "Expected a picture as cameras and picture programs write it.",
        received,
        "Open it in a picture program and save it again as JPEG or PNG.",
    )
