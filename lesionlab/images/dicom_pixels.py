"""The pixels of a DICOM file: where they stand, how they are packed and what they mean."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from lesionlab.errors import PictureError
from lesionlab.images import jpeg
from lesionlab.images.colours import to_srgb
from lesionlab.images.limits import check_size, damaged
from lesionlab.images.with_pillow import with_pillow

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
JPEG, JPEG_LS = "1.2.840.10008.1.2.4.50", ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
RLE = "1.2.840.10008.1.2.5"
PLAIN = (IMPLICIT, EXPLICIT, BIG_ENDIAN)
GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422")
UNDEFINED = 0xFFFFFFFF
ITEM, END_OF_ITEMS = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
MAX_FRAGMENTS = 10_000
# The frame header of JPEG-LS (ITU-T T.87, section C.1.1).
JPEG_LS_FRAME = 0xF7


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
        if syntax not in (*PLAIN, JPEG, *JPEG_LS, RLE):
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


def decode(data: bytes, place: int, layout: Layout) -> np.ndarray:
    """Decode the pixels.

    Args:
        data: The whole file.
        place: Where the type of the pixel data's entry stands, behind its tag.

    Returns:
        uint8 RGB `(rows, columns, 3)`.

    Raises:
        PictureError: They are cut off, or the compressed picture has another size.
    """
    start, length = _extent(data, place, layout.syntax)
    if layout.syntax in PLAIN:
        return _shown(_plain(data, start, length, layout), layout)
    if length != UNDEFINED:
        raise damaged()
    frame = _fragments(data, start)
    if layout.syntax == JPEG:
        return _from_jpeg(frame, layout)
    if layout.syntax == RLE:
        return _shown(_from_rle(frame, layout), layout)
    return _shown(_from_jpeg_ls(frame, layout), layout)


def _extent(data: bytes, place: int, syntax: str) -> tuple[int, int]:
    """Where the values begin and how many bytes they say they are (PS3.5, section 7.1)."""
    order = ">" if syntax == BIG_ENDIAN else "<"
    if syntax == IMPLICIT:
        return place + 4, struct.unpack_from(order + "I", data, place)[0]
    return place + 8, struct.unpack_from(order + "I", data, place + 4)[0]


def _fragments(data: bytes, place: int) -> bytes:
    """The compressed frame, which may lie there in pieces (PS3.5, annex A.4)."""
    pieces: list[bytes] = []
    for _ in range(MAX_FRAGMENTS):
        tag, (length,) = data[place : place + 4], struct.unpack_from("<I", data, place + 4)
        if tag == END_OF_ITEMS:
            return b"".join(pieces[1:])
        if tag != ITEM or place + 8 + length > len(data):
            break
        pieces.append(data[place + 8 : place + 8 + length])
        place += 8 + length
    raise damaged("It is cut off.")


def _plain(data: bytes, start: int, length: int, layout: Layout) -> np.ndarray:
    allocated, _ = layout.bits
    num_values = layout.rows * layout.columns * layout.samples
    if layout.kind == "YBR_FULL_422":
        num_values = num_values // 3 * 2
    num_bytes = num_values * allocated // 8
    if length == UNDEFINED or length < num_bytes or start + num_bytes > len(data):
        raise damaged("It is cut off.")
    order = ">" if layout.syntax == BIG_ENDIAN else "<"
    values = np.frombuffer(data, f"{order}u{allocated // 8}", num_values, start)
    if layout.kind == "YBR_FULL_422":
        return _whole_colours(values, layout)
    return _in_rows(values, layout, layout.by_plane)


def _in_rows(values: np.ndarray, layout: Layout, by_plane: bool) -> np.ndarray:
    if layout.samples == 1:
        return values.reshape(layout.rows, layout.columns)
    if by_plane:
        return np.moveaxis(values.reshape(3, layout.rows, layout.columns), 0, 2)
    return values.reshape(layout.rows, layout.columns, 3)


def _whole_colours(values: np.ndarray, layout: Layout) -> np.ndarray:
    """Two brightnesses share their colour: Y1 Y2 Cb Cr (PS3.3, section C.7.6.3.1.2)."""
    pairs = values.reshape(layout.rows, layout.columns // 2, 4)
    pixels = np.empty((layout.rows, layout.columns // 2, 2, 3), values.dtype)
    pixels[..., 0] = pairs[..., :2]
    pixels[..., 1] = pairs[..., 2:3]
    pixels[..., 2] = pairs[..., 3:4]
    return pixels.reshape(layout.rows, layout.columns, 3)


def _from_jpeg(frame: bytes, layout: Layout) -> np.ndarray:
    jpeg.check(frame)
    _same_size(frame, layout)
    plain_colours = layout.kind == "RGB"
    if layout.kind not in GREY:
        return with_pillow(frame, "JPEG", rgb_without_mark=plain_colours)
    with Image.open(io.BytesIO(frame), formats=("JPEG",)) as image:
        return _shown(np.asarray(image.convert("L")), layout)


def _from_jpeg_ls(frame: bytes, layout: Layout) -> np.ndarray:
    try:
        import jpeg_ls
    except ImportError as error:
        raise PictureError(
            "Reading DICOM files packed as JPEG-LS needs an optional part.",
            "It is not installed.",
            "Install it with: pip install 'lesionlab[dicom]'. Or save the picture as JPEG or PNG.",
        ) from error
    found = _same_size(frame, layout)
    if found.kind != JPEG_LS_FRAME or found.num_components != layout.samples:
        raise damaged()
    content, facts = jpeg_ls.decode_buffer(frame)
    # Red, green and blue in whole planes (0), by lines (1) or by pixels (2); the decoder gives
    # lines and pixels by pixel.
    values = np.frombuffer(content, f"<u{1 if found.bits <= 8 else 2}")
    if values.itemsize * 8 != layout.bits[0]:
        raise damaged()
    return _in_rows(values, layout, facts["interleave_mode"] == 0)


def _from_rle(frame: bytes, layout: Layout) -> np.ndarray:
    """Byte planes packed by runs, row by row, highest byte first (PS3.5, annex G)."""
    value_bytes = layout.bits[0] // 8
    num_planes = layout.samples * value_bytes
    found, *offsets = struct.unpack_from("<16I", frame)
    if found != num_planes:
        raise damaged()
    ends = [*offsets[1:num_planes], len(frame)]
    size = (layout.columns, layout.rows)
    values = np.empty((layout.rows, layout.columns, layout.samples), f"<u{value_bytes}")
    planes = values.view(np.uint8).reshape(*values.shape, value_bytes)
    for number, (start, end) in enumerate(zip(offsets, ends, strict=False)):
        packed = frame[start:end]
        plane = Image.frombytes("L", size, packed, "packbits", "L")
        planes[..., number // value_bytes, value_bytes - 1 - number % value_bytes] = np.asarray(
            plane
        )
    return values[..., 0] if layout.samples == 1 else values


def _same_size(frame: bytes, layout: Layout) -> jpeg.Frame:
    found = jpeg.read_frame(frame)
    check_size(found.width, found.height)
    if (found.height, found.width) != (layout.rows, layout.columns):
        raise damaged("The DICOM header and the picture in it tell of different sizes.")
    return found


def _shown(values: np.ndarray, layout: Layout) -> np.ndarray:
    """Stored values as 8-bit colours: one table is made for all values that can be stored."""
    table = _table(values, layout)
    mode = "L" if layout.samples == 1 else "RGB" if layout.kind == "RGB" else "YCbCr"

    def strip(top: int, bottom: int) -> Image.Image:
        part = table[values[top:bottom]]
        return Image.frombytes(mode, (layout.columns, bottom - top), part.tobytes())

    return to_srgb(strip, layout.columns, layout.rows)


def _table(values: np.ndarray, layout: Layout) -> np.ndarray:
    """Stored value -> uint8, by the window (PS3.3, C.11.2.1.2.1), else by the range.

    Without a window, 8 bits stay as they are, deeper colours are scaled by what can be stored, and
    deeper greys by the darkest and the lightest in the picture.
    """
    allocated, stored = layout.bits
    meant = np.arange(1 << allocated) & ((1 << stored) - 1)
    if layout.signed:
        meant = np.where(meant >> (stored - 1), meant - (1 << stored), meant)
    levels = meant * layout.slope + layout.intercept
    if layout.samples == 3:
        shades: np.ndarray = meant / ((1 << stored) - 1)
    elif layout.window is not None:
        centre, width = layout.window
        shades = (levels - (centre - 0.5)) / max(width - 1, 1e-6) + 0.5
    elif stored <= 8 and not layout.signed:
        shades = meant / 255 if stored == 8 else meant / ((1 << stored) - 1)
    else:
        present = np.zeros(1 << allocated, bool)
        for row in values:
            present[row] = True
        low, high = levels[present].min(), levels[present].max()
        shades = (levels - low) / max(high - low, 1e-6)
    table = np.round(255 * np.clip(shades, 0, 1)).astype(np.uint8)
    return 255 - table if layout.kind == "MONOCHROME1" else table


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
