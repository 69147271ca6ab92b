"""Files made to hurt whoever decodes them, and files of which only a good picture comes through."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from picture_bytes import (
    MB,
    bmp,
    canvas,
    chunk,
    dicom,
    dicom_deep,
    dicom_deflated,
    dicom_page,
    directory,
    element,
    encode,
    flood,
    fragments,
    jpeg,
    jpeg_scans,
    packed_text,
    png,
    png_frames,
    pointing,
    riff,
    segment,
    small,
    tiff,
    tiff_loop,
    tiff_strip,
    webp_frames,
)

from lesionlab.images.jpeg import XMP

RLE = "1.2.840.10008.1.2.5"
JPEG = "1.2.840.10008.1.2.4.50"
JPEG_LS = "1.2.840.10008.1.2.4.80"


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", encode(small()))
    return file.getvalue()


def multi_picture() -> bytes:
    file = io.BytesIO()
    small().save(file, "MPO", save_all=True, append_images=[small()] * 500)
    return file.getvalue()


# Name -> how it is made, of those that must be refused. (Made one by one: some have 30 MB.)
REFUSED: dict[str, Callable[[], bytes]] = {
    "png 20000×20000": lambda: png(20_000, 20_000),
    "png one column": lambda: png(1, 40_000_000),
    "png cut at 40 MP": lambda: png(6300, 6300),
    "png cut at 40 MP, 16-bit with transparency": lambda: png(6300, 6300, bits=16, colour=6),
    "png text of 200 MB": lambda: png(40, 30, packed_text(200 * MB)),
    "png profile of 200 MB": lambda: png(40, 30, packed_text(200 * MB, b"iCCP")),
    "png 3,000 profiles": lambda: png(40, 30, packed_text(1_000_000, b"iCCP") * 3000),
    "png 3,000 texts": lambda: png(40, 30, packed_text(1_000_000) * 3000),
    "png 2 million chunks": lambda: png(40, 30, chunk(b"tEXt", b"a\0") * 2_000_000),
    "png 2 million empty parts": lambda: png(40, 30, chunk(b"IDAT") * 2_400_000),
    "jpeg 65535×65535": lambda: jpeg(width=65_535, height=65_535),
    "jpeg no height": lambda: jpeg(height=0),
    "jpeg 5,000 scans": lambda: jpeg_scans(5000, 6300, 6300),
    "jpeg 5,000 scans of few pixels": lambda: jpeg_scans(5000, 40, 30),
    "jpeg cut, progressive, CMYK, 40 MP": lambda: jpeg(
        mode="CMYK", progressive=True, width=6300, height=6300
    )[:-2],
    "jpeg progressive, CMYK, 40 MP": lambda: jpeg(
        mode="CMYK", progressive=True, width=6300, height=6300
    ),
    "jpeg 7 million notes": lambda: jpeg(segment(0xFE, b"") * 7_000_000),
    "jpeg 28 MB of filling": lambda: jpeg(b"\xff" * (28 * MB)),
    "jpeg filled within": lambda: jpeg()[:-2] + b"\xff" * (20 * MB) + b"\xff\xd9",
    "jpeg exif of 5,000 × 60 kB": lambda: jpeg(segment(0xE1, b"Exif\0\0" + flood(60_000))),
    "jpeg exif in 400 parts": lambda: jpeg(
        *(segment(0xE1, b"Exif\0\0" + part) for part in [flood(60_000), *[bytes(60_000)] * 400])
    ),
    "jpeg 28 MB of tables": lambda: jpeg(segment(0xDB, (b"\0" + b"\1" * 64) * 1000) * 440),
    "jpeg 26 MB of frames": lambda: jpeg(segment(0xC0, bytes(60_000)) * 440),
    "jpeg 7 million notes behind an end": lambda: (
        jpeg()[: jpeg().index(b"\xff\xda")] + b"\xff\xd9" + segment(0xFE, b"") * 7_000_000
    ),
    "jpeg 28 MB of restarts and no scan": lambda: (
        jpeg()[: jpeg().index(b"\xff\xda")] + b"\xff\xd0" * (14 * MB)
    ),
    "jpeg arithmetic": lambda: jpeg().replace(b"\xff\xc0", b"\xff\xc9"),
    "tiff 60,000 entries of 20 MB": lambda: (
        directory(pointing(60_000, 20 * MB, 300)) + bytes(20 * MB)
    ),
    "tiff 900 entries of 20 MB": lambda: tiff(*pointing(900, 20 * MB)) + bytes(20 * MB),
    "tiff 5 million strips": lambda: (
        tiff((273, 4, 5_000_000, 8), (279, 4, 5_000_000, 8)) + bytes(21 * MB)
    ),
    "tiff 5 million tiles of a pixel": lambda: (
        tiff((322, 4, 1, 1), (323, 4, 1, 1), (324, 4, 5_000_000, 8), (325, 4, 5_000_000, 8))
        + bytes(21 * MB)
    ),
    "tiff exif of 900 × 20 MB": lambda: (
        tiff((273, 4, 1, 8), (279, 4, 1, 1200), (34665, 4, 1, 130)).ljust(130, b"\0")
        + directory(pointing(900, 20 * MB))[8:]
        + bytes(20 * MB)
    ),
    "tiff one strip of 16-bit colours with transparency": lambda: tiff_strip(
        8, zlib.compress(bytes(1000)), (277, 3, 1, 4), (258, 3, 1, 16)
    ),
    "tiff one strip cut": lambda: tiff_strip(8, zlib.compress(bytes(1000))),
    "tiff 60,000 values a pixel": lambda: tiff((273, 4, 1, 8), (277, 3, 1, 60_000)),
    "tiff 100,000×100,000": lambda: tiff((273, 4, 1, 8), width=100_000, height=100_000),
    "tiff lzma": lambda: tiff_strip(34925, bytes(1000)),
    "tiff with a jpeg of 5,000 scans": lambda: tiff_strip(7, jpeg_scans(5000, 6300, 6300)),
    "webp 16384×16384": lambda: riff(canvas(16384, 16384), (b"VP8 ", encode(small(), "WEBP")[20:])),
    "webp 2^24 squared": lambda: riff(canvas(2**24, 2**24), (b"VP8 ", bytes(30))),
    "webp lossless 16384×16384": lambda: riff((b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(40))),
    "webp 40 MP of nothing": lambda: riff(canvas(6300, 6300), (b"VP8 ", bytes(30))),
    "webp frames of 40 MP": lambda: riff(
        canvas(6300, 6300, 2), (b"ANIM", bytes(6)), (b"ANMF", bytes(30))
    ),
    "webp 100,000 frames": lambda: webp_frames(100_000)[: 28 * MB],
    "bmp 2^31 pixels a side": lambda: bmp(2**31 - 1, 2**31 - 1),
    "bmp least height": lambda: bmp(100, -(2**31)),
    "bmp cut at 40 MP": lambda: bmp(6300, 6300, content=bytes(1000)),
    "bmp of 13 million runs": lambda: bmp(6300, 6300, 1, 8, b"\1\7" * (13 * MB)),
    "bmp of empty runs": lambda: bmp(6300, 6300, 1, 8, b"\0\2\0\1" * (6 * MB)),
    "dicom deflated to 400 MB": dicom_deflated,
    "dicom 2 million entries": lambda: dicom(
        *[element(0x00090010 + (k % 200), b"LO", b"") * 10_000 for k in range(200)]
    ),
    "dicom 60,000 entries": lambda: dicom(
        *[element(0x00090000 + k, b"LO", b"") for k in range(60_000)], dicom_page(4, 4)
    ),
    "dicom 65535×65535": lambda: dicom(
        dicom_page(65_535, 65_535), element(0x7FE00010, b"OB", bytes(100))
    ),
    "dicom cut at 40 MP": lambda: dicom(
        dicom_page(6300, 6300, 16), element(0x7FE00010, b"OW", bytes(100))
    ),
    "dicom with a jpeg of another size": lambda: dicom(
        dicom_page(30, 40), fragments(jpeg(width=6300, height=6300)), syntax=JPEG
    ),
    "dicom with a jpeg of 5,000 scans": lambda: dicom(
        dicom_page(6300, 6300), fragments(jpeg_scans(5000, 6300, 6300)), syntax=JPEG
    ),
    "dicom 1 million fragments": lambda: dicom(
        dicom_page(6300, 6300), fragments(*[b"\0\0"] * 1_000_000), syntax=JPEG
    ),
    "dicom runs that end early": lambda: dicom(
        dicom_page(6300, 6300),
        fragments(struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\0" * 1000),
        syntax=RLE,
    ),
    "dicom jpeg-ls that ends early": lambda: dicom(
        dicom_page(6300, 6300),
        fragments(
            b"\xff\xd8"
            + segment(0xF7, struct.pack(">BHHBBBB", 8, 6300, 6300, 1, 1, 0x11, 0))
            + segment(0xDA, bytes([1, 1, 0, 0, 0, 0]))
            + bytes(100)
        ),
        syntax=JPEG_LS,
    ),
    "gif": lambda: encode(small(), "GIF"),
    "ico": lambda: encode(small(), "ICO"),
    "ppm": lambda: encode(small(), "PPM"),
    "pdf": lambda: encode(small(), "PDF"),
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' width='1e9' height='1e9'/>",
    "html": lambda: b"<!doctype html><script>alert(1)</script>",
    "zip": zipped,
    "gzip": lambda: gzip.compress(encode(small())),
    "gif that is also a jpeg": lambda: b"GIF89a" + jpeg(),
    "bmp that is html": lambda: b"BM<!doctype html><script>alert(1)</script>" + bytes(50),
    "webp that is a wave": lambda: b"RIFF" + struct.pack("<I", 40) + b"WAVEfmt " + bytes(40),
}

# Those that hold one good picture beside what is meant to hurt: only that picture comes through.
LET_THROUGH: dict[str, Callable[[], bytes]] = {
    "png 9,000 frames": png_frames,
    "png exif of 5,000 × 60 kB": lambda: (
        encode(small())[:33] + chunk(b"eXIf", flood(60_000)) + encode(small())[33:]
    ),
    "jpeg 28 MB of notes": lambda: jpeg(segment(0xE5, bytes(60_000)) * 480),
    "jpeg 28 MB of XMP": lambda: jpeg(segment(0xE1, XMP + bytes(60_000)) * 480),
    "jpeg list of pictures of 5,000 × 60 kB": lambda: jpeg(segment(0xE2, b"MPF\0" + flood(60_000))),
    "jpeg 28 MB of photoshop": lambda: jpeg(
        segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0" * 5400) * 440
    ),
    "jpeg notes in what Pillow walks through": lambda: jpeg(
        segment(0xF0, segment(0xFE, b"") * 16_000) * 440
    ),
    "jpeg exif in what Pillow walks through": lambda: jpeg(
        segment(0xF0, segment(0xE1, b"Exif\0\0" + flood(60_000))) * 17
    ),
    "jpeg 500 pictures": multi_picture,
    "dicom with a grey jpeg with a list of pictures of 5,000 × 60 kB": lambda: dicom(
        dicom_page(30, 40),
        fragments(jpeg(segment(0xE2, b"MPF\0" + flood(60_000)), mode="L")),
        syntax=JPEG,
    ),
    "jpeg with a zip behind": lambda: jpeg() + zipped(),
    "jpeg most scans allowed": lambda: jpeg_scans(19, 6300, 6300),
    "jpeg profile of 16 MB": lambda: jpeg(
        *(segment(0xE2, b"ICC_PROFILE\0" + bytes([k + 1, 255]) + bytes(65_000)) for k in range(255))
    ),
    "tiff of loops": tiff_loop,
    "webp 1,900 frames": lambda: webp_frames(1900),
    "dicom 4,000 sequences in each other": dicom_deep,
}
