"""The pixels of a DICOM file: where they stand, how they are packed and what they mean."""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image

from lesionlab.errors import PictureError
from lesionlab.images import jpeg
from lesionlab.images.colours import to_srgb
from lesionlab.images.dicom_layout import BIG_ENDIAN, GREY, IMPLICIT, JPEG, PLAIN, RLE, Layout
from lesionlab.images.limits import check_size, damaged
from lesionlab.images.with_pillow import with_pillow

UNDEFINED = 0xFFFFFFFF
ITEM, END_OF_ITEMS = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
MAX_FRAGMENTS = 10_000
# The frame header of JPEG-LS (ITU-T T.87, section C.1.1).
JPEG_LS_FRAME = 0xF7


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
        in_words = layout.syntax == BIG_ENDIAN and data[place : place + 2] == b"OW"
        return _shown(_plain(data, start, length, layout, in_words), layout)
    if length != UNDEFINED:
        raise damaged()
    frame = _fragments(data, start)
    if layout.syntax in JPEG:
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


def _plain(data: bytes, start: int, length: int, layout: Layout, in_words: bool) -> np.ndarray:
    allocated, _ = layout.bits
    num_values = layout.rows * layout.columns * layout.samples
    if layout.kind == "YBR_FULL_422":
        num_values = num_values // 3 * 2
    num_bytes = num_values * allocated // 8
    if length == UNDEFINED or length < num_bytes or start + num_bytes > len(data):
        raise damaged("It is cut off.")
    order = ">" if layout.syntax == BIG_ENDIAN else "<"
    if in_words and allocated == 8:
        # Two values share a word whose bytes are written the other way round (PS3.5, section 8.1).
        pairs = np.frombuffer(data, ">u2", (num_bytes + 1) // 2, start).astype("<u2")
        values = pairs.view(np.uint8)[:num_values]
    else:
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
    with Image.open(jpeg.without_notes(frame), formats=("JPEG",)) as image:
        return _shown(np.asarray(image.convert("L")), layout)


def _from_jpeg_ls(frame: bytes, layout: Layout) -> np.ndarray:
    try:
        import jpeg_ls
    except ImportError as error:
        raise PictureError(
            "Reading DICOM files packed as JPEG-LS needs an optional part.",
            "It is not installed.",
            "Install it with: pip install pydicom pyjpegls. Or save the picture as JPEG or PNG.",
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
