"""Pictures put together byte by byte, as no picture program writes them."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from lesionlab.images.limits import MAX_BYTES

PNG_START = b"\x89PNG\r\n\x1a\n"
MB = 2**20


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def small(mode: str = "RGB") -> Image.Image:
    """40×30 pixels that no format packs into nothing."""
    pixels = np.random.default_rng(1).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((40, 30)).convert(mode)


# PNG


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(width: int, height: int, *chunks: bytes, bits: int = 8, colour: int = 2) -> bytes:
    """A PNG that says it is this large, with a thousand bytes of pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return PNG_START + chunk(b"IHDR", header) + b"".join(chunks) + pixels + chunk(b"IEND")


def repeated_png(pixels: np.ndarray, times: int) -> bytes:
    """A PNG of uint8 or uint16 rows that come again and again below each other, packed once."""
    height, width = pixels.shape[:2]
    bits, colour = 8 * pixels.itemsize, {1: 0, 3: 2, 4: 6}[pixels[0, 0].size]
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    content = np.pad(rows, ((0, 0), (1, 0))).tobytes()
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    # Packed up to a whole byte and without any look back at what stood before.
    block = packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)
    total = struct.pack(">I", zlib.adler32(content * times))
    stream = b"\x78\x01" + block * times + packer.flush() + total
    header = struct.pack(">IIBBBBB", width, height * times, bits, colour, 0, 0, 0)
    return PNG_START + chunk(b"IHDR", header) + chunk(b"IDAT", stream) + chunk(b"IEND")


def packed_text(size: int, kind: bytes = b"zTXt") -> bytes:
    return chunk(kind, b"note\0\0" + zlib.compress(b"a" * size, 9))


def png_frames() -> bytes:
    frames = [small().point(lambda v, k=k: (v + k) % 256) for k in range(3)]
    whole = encode(frames[0], "PNG", save_all=True, append_images=frames[1:])
    start = whole.index(b"fcTL", whole.index(b"IDAT")) - 4
    end = whole.index(b"IEND") - 4
    return whole[:start] + whole[start:end] * 3000 + whole[end:]


# JPEG


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg(*segments: bytes, width: int = 40, height: int = 30, **options: object) -> bytes:
    """A JPEG with these segments behind its first marker, that says it is this large."""
    whole = bytearray(encode(small(str(options.pop("mode", "RGB"))), "JPEG", **options))
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        if (place := whole.find(marker)) > 0:
            struct.pack_into(">HH", whole, place + 5, height, width)
    return bytes(whole[:2]) + b"".join(segments) + bytes(whole[2:])


def noted(data: bytes, num_bytes: int = MAX_BYTES - 8_000) -> bytes:
    """A JPEG with so many notes before its picture that the file has nearly this many bytes."""
    parts = [segment(0xE5, bytes(60_000))] * ((num_bytes - len(data)) // 60_004)
    return data[:2] + b"".join(parts) + data[2:]


def jpeg_scans(repeats: int, width: int, height: int) -> bytes:
    """The last scan of a progressive JPEG, again and again."""
    whole = jpeg(progressive=True, width=width, height=height)
    last, end = whole.rindex(b"\xff\xda"), whole.rindex(b"\xff\xd9")
    return whole[:end] + whole[last:end] * repeats + whole[end:]


def directory(entries: list[tuple[int, int, int, int]], start: int = 8, after: int = 0) -> bytes:
    """A block of TIFF or Exif with one directory: tag, type, count and value of each entry."""
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    head = b"II*\0" + struct.pack("<I", start)
    table = struct.pack("<H", len(entries)) + rows + struct.pack("<I", after)
    return head.ljust(start, b"\0") + table


def pointing(num_entries: int, size: int, first: int = 40_000) -> list[tuple[int, int, int, int]]:
    """Many entries that all say they are the same `size` bytes."""
    return [(first + number, 7, size, 8) for number in range(num_entries)]


def flood(size: int) -> bytes:
    """An Exif block in which every entry is all entries."""
    num_entries = (size - 14) // 12
    return directory(pointing(num_entries, 12 * num_entries))


# TIFF

PAGE = [(258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]


def tiff(*entries: tuple[int, int, int, int], width: int = 40, height: int = 30) -> bytes:
    """A grey TIFF of one page with these entries more."""
    page = [(256, 4, 1, width), (257, 4, 1, height), *PAGE, *entries]
    return directory(sorted(page), start=8)


def tiff_strip(compression: int, packed: bytes, *entries: tuple[int, int, int, int]) -> bytes:
    """6300×6300 pixels in a single strip."""
    page = [(259, 3, 1, compression), (278, 4, 1, 6300), (279, 4, 1, len(packed)), *entries]
    size = len(tiff((273, 4, 1, 0), *page))
    return tiff((273, 4, 1, size), *page, width=6300, height=6300) + packed


def tiff_loop() -> bytes:
    """A page with directories below it and a next page, all of which are this page again."""
    whole = encode(small("L"), "TIFF")
    (start,) = struct.unpack_from("<I", whole, 4)
    (count,) = struct.unpack_from("<H", whole, start)
    rows = whole[start + 2 : start + 2 + 12 * count]
    here = len(whole)
    more = b"".join(struct.pack("<HHII", tag, 4, 1, here) for tag in (330, 34665, 34853, 40965))
    page = struct.pack("<H", count + 4) + rows + more + struct.pack("<I", here)
    return whole[:4] + struct.pack("<I", here) + whole[8:] + page


# WebP, BMP, DICOM


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    packed = (
        kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
        for kind, content in chunks
    )
    body = b"WEBP" + b"".join(packed)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def canvas(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + size


def webp_frame(picture: bytes, width: int, height: int, count: int = 1) -> bytes:
    """An animation that shows a WebP of this size again and again."""
    frame = bytes(6) + canvas(width, height)[1][4:] + b"\1\0\0\0" + picture[12:]
    return riff(canvas(width, height, 2), (b"ANIM", bytes(6)), *[(b"ANMF", frame)] * count)


def webp_frames(count: int) -> bytes:
    return webp_frame(encode(small(), "WEBP"), 40, 30, count)


def bmp(width: int, height: int, packing: int = 0, bits: int = 24, content: bytes = b"") -> bytes:
    palette = bytes(1024) if bits == 8 else b""
    start = 54 + len(palette)
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packing, 0, 0, 0, 0, 0)
    file = b"BM" + struct.pack("<IHHI", start + len(content), 0, 0, start)
    return file + head + palette + content


def element(tag: int, kind: bytes, content: bytes) -> bytes:
    content += b"\0" * (len(content) % 2)
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + kind
    if kind in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
        return head + b"\0\0" + struct.pack("<I", len(content)) + content
    return head + struct.pack("<H", len(content)) + content


def dicom(*elements: bytes, syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    """A DICOM file with these entries behind the group that names its transfer syntax."""
    meta = element(0x00020010, b"UI", syntax.encode())
    meta = element(0x00020000, b"UL", struct.pack("<I", len(meta))) + meta
    return bytes(128) + b"DICM" + meta + b"".join(elements)


def dicom_page(rows: int, columns: int, bits: int = 8) -> bytes:
    return (
        element(0x00280002, b"US", struct.pack("<H", 1))
        + element(0x00280004, b"CS", b"MONOCHROME2")
        + element(0x00280010, b"US", struct.pack("<H", rows))
        + element(0x00280011, b"US", struct.pack("<H", columns))
        + element(0x00280100, b"US", struct.pack("<H", bits))
        + element(0x00280101, b"US", struct.pack("<H", bits))
    )


def fragments(*pieces: bytes) -> bytes:
    items = b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<I", len(p)) + p for p in (b"", *pieces))
    start = struct.pack("<HH", 0x7FE0, 0x0010) + b"OB\0\0\xff\xff\xff\xff"
    return start + items + b"\xfe\xff\xdd\xe0\0\0\0\0"


def dicom_deep() -> bytes:
    inner = b""
    for _ in range(4000):
        item = b"\xfe\xff\x00\xe0" + struct.pack("<I", len(inner)) + inner
        inner = element(0x00081140, b"SQ", item)
    return dicom(inner, dicom_page(4, 4), element(0x7FE00010, b"OB", bytes(16)))


def dicom_deflated() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = packer.compress(dicom_page(4, 4) + bytes(400 * MB)) + packer.flush()
    return dicom(syntax="1.2.840.10008.1.2.1.99") + content


def cmyk_profile() -> bytes:
    """An ICC profile of four inks: each takes its share of light, black all (ICC.1, 10.11)."""
    inks = np.indices((2, 2, 2, 2)).reshape(4, 16).T
    cyan, magenta, yellow, black = inks.T
    light = (255 - 60 * cyan - 70 * magenta - 20 * yellow) * (1 - black)
    grid = np.stack([light, 128 + 0 * light, 128 + 0 * light], 1).astype(np.uint8).tobytes()
    straight = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 * (k % 4 == 0) for k in range(9)))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + straight * 4 + grid + straight * 3
    words = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"inks\0" + bytes(78)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags, place, content = b"", 132 + 12 * 3, b""
    for name, value in ((b"desc", words), (b"wtpt", white), (b"A2B0", table)):
        value += b"\0" * (-len(value) % 4)
        tags += name + struct.pack(">II", place + len(content), len(value))
        content += value
    size = place + len(content)
    head = struct.pack(">I", size) + b"lcms\x02\x40\0\0prtrCMYKLab " + bytes(12) + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", 3) + tags + content


def tiled_tiff(pixels: np.ndarray, side: int = 256) -> bytes:
    """A TIFF of deflated tiles, from uint8 RGB whose sides are multiples of `side`."""
    height, width, _ = pixels.shape
    tiles = [
        zlib.compress(pixels[top : top + side, left : left + side].tobytes(), 1)
        for top in range(0, height, side)
        for left in range(0, width, side)
    ]
    count = len(tiles)
    page = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8)),
        *((262, 3, 1, 2), (277, 3, 1, 3), (322, 4, 1, side), (323, 4, 1, side)),
    ]
    size = len(directory([*page, (324, 4, count, 0), (325, 4, count, 0)]))
    lengths = [len(tile) for tile in tiles]
    starts = np.cumsum([size + 8 * count, *lengths[:-1]]).tolist()
    whole = directory([*page, (324, 4, count, size), (325, 4, count, size + 4 * count)])
    return whole + struct.pack(f"<{2 * count}I", *starts, *lengths) + b"".join(tiles)
