"""What the header of a DICOM file says of its pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lesionlab.errors import PictureError

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
# Baseline and extended JPEG (which is read with 8 bits), and JPEG-LS.
JPEG = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
RLE = "1.2.840.10008.1.2.5"
PLAIN = (IMPLICIT, EXPLICIT, BIG_ENDIAN)
GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422")


@dataclass(frozen=True)
class Layout:
    """What the header says of the pixels.

    Attributes:
        syntax: The transfer syntax: order of bytes and compression.
        kind: The photometric interpretation.
        bits: Bits set aside for a value, and of these in use.
        by_plane: Whether all reds stand before all greens.
        slope, intercept: From stored values to those that the window speaks of.
        window: Centre and width, or None.
    """

    syntax: str
    rows: int
    columns: int
    samples: int
    kind: str
    bits: tuple[int, int]
    signed: bool
    by_plane: bool
    slope: float
    intercept: float
    window: tuple[float, float] | None

    @classmethod
    def of(cls, header: Any, syntax: str) -> Layout:
        """Read it from a header.

        Raises:
            PictureError: A compression, a kind of colours or a depth that is not read.
        """
        kind = str(header.get("PhotometricInterpretation", "")).strip().upper()
        samples = int(header.get("SamplesPerPixel", 1))
        allocated = int(header.get("BitsAllocated", 0))
        stored = int(header.get("BitsStored", allocated))
        if syntax not in (*PLAIN, *JPEG, *JPEG_LS, RLE):
            raise _not_read(
                "uncompressed, or packed as JPEG, JPEG-LS or RLE", f"packed otherwise ({syntax})"
            )
        if kind not in GREY + COLOUR or samples != (1 if kind in GREY else 3):
            raise _not_read("with colours as grey, RGB or YBR", f"with {kind or 'none'}")
        if allocated not in (8, 16) or not 1 <= stored <= allocated:
            raise _not_read("of 8 or 16 bits a value", f"of {stored} in {allocated} bits")
        centre, width = _first(header, "WindowCenter"), _first(header, "WindowWidth")
        slope = _first(header, "RescaleSlope")
        return cls(
            syntax=syntax,
            rows=int(header.Rows),
            columns=int(header.Columns),
            samples=samples,
            kind=kind,
            bits=(allocated, stored),
            signed=int(header.get("PixelRepresentation", 0)) == 1,
            by_plane=int(header.get("PlanarConfiguration", 0) or 0) == 1,
            slope=1.0 if slope is None else slope,
            intercept=_first(header, "RescaleIntercept") or 0.0,
            window=None if centre is None or not width or width < 1 else (centre, width),
        )


def _first(header: Any, keyword: str) -> float | None:
    """The first of one or several numbers; None when there is none."""
    value = header.get(keyword)
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if len(value) else None
    number = None if value is None or value == "" else float(value)
    return number if number is not None and math.isfinite(number) else None


def _not_read(expected: str, received: str) -> PictureError:
    return PictureError(
        f"Expected a DICOM picture {expected}.",
        f"Received one {received}.",
        "Export it as JPEG or PNG.",
    )
