"""A small good picture in each format and packing that the gate reads."""

from __future__ import annotations

import io
import struct

import numpy as np
from picture_bytes import (
    cmyk_profile,
    dicom,
    element,
    encode,
    fragments,
    noted,
    small,
    tiled_tiff,
    webp_frame,
    webp_frames,
)
from PIL import Image, ImageCms

JPEG, JPEG_LS, RLE = (f"1.2.840.10008.1.2.{end}" for end in ("4.50", "4.80", "5"))
BIG_ENDIAN = "1.2.840.10008.1.2.2"
PIXELS = 0x7FE00010


def whole_pictures() -> dict[str, bytes]:
    """Name -> bytes, 30 rows of 40 pixels each (the tiled TIFF has 32 of 48)."""
    rgb, grey, ink, clear = (small(mode) for mode in ("RGB", "L", "CMYK", "RGBA"))
    clear.putalpha(grey)
    exif = Image.Exif()
    exif[0x0112] = 3
    exif[0x010F] = "a camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    tiles = np.asarray(rgb.resize((48, 32)))
    return {
        "baseline.jpg": encode(rgb, "JPEG", exif=exif, icc_profile=profile),
        "progressive.jpg": encode(rgb, "JPEG", progressive=True),
        "grey.jpg": encode(grey, "JPEG"),
        "inks.jpg": encode(ink, "JPEG", icc_profile=cmyk_profile()),
        "several.jpg": encode(rgb, "MPO", save_all=True, append_images=[rgb]),
        "colours.png": encode(rgb, "PNG", exif=exif, icc_profile=profile),
        "palette.png": encode(rgb.quantize(64), "PNG", transparency=3),
        "deep.png": encode(deep, "PNG"),
        "clear.png": encode(clear, "PNG"),
        "lossy.webp": encode(rgb, "WEBP", exif=exif, icc_profile=profile),
        "lossless.webp": encode(rgb, "WEBP", lossless=True),
        "clear.webp": encode(clear, "WEBP"),
        "frames.webp": webp_frames(3),
        "plain.tif": encode(rgb, "TIFF", exif=exif),
        "deflate.tif": encode(rgb, "TIFF", compression="tiff_adobe_deflate"),
        "lzw.tif": encode(deep, "TIFF", compression="tiff_lzw"),
        "jpeg.tif": encode(rgb, "TIFF", compression="jpeg"),
        "packbits.tif": encode(clear, "TIFF", compression="packbits"),
        "tiles.tif": tiled_tiff(tiles, 16),
        "plain.bmp": encode(rgb, "BMP"),
        "palette.bmp": encode(grey, "BMP"),
        "two.bmp": encode(grey.convert("1"), "BMP"),
        **heic_pictures(rgb),
        **dicom_pictures(np.asarray(rgb), np.asarray(grey), np.asarray(deep)),
    }


def large_pictures() -> dict[str, bytes]:
    """Name -> bytes of pictures of soft blotches, so small as they can be: of 40 megapixels, and of
    as many as are allowed for progressive inks (30)."""
    import jpeg_ls

    wide, high = 7168, 5568
    rgb = small().resize((28, 29)).resize((wide, high), Image.Resampling.NEAREST)
    grey = rgb.convert("L")
    clear = rgb.copy()
    clear.putalpha(grey)
    deep = np.asarray(grey).astype("<u2") * 257
    lossless = bytes(jpeg_ls.encode_buffer(deep.tobytes(), high, wide, 1, 16))
    size = (high, wide)
    frame = encode(rgb, "WEBP", lossless=True, quality=0, method=0)
    return {
        "large.jpg": encode(rgb, "JPEG"),
        "large progressive.jpg": encode(rgb, "JPEG", progressive=True),
        "large progressive 444.jpg": encode(rgb, "JPEG", progressive=True, subsampling=0),
        "large noted.jpg": noted(encode(rgb, "JPEG", progressive=True, subsampling=0)),
        "large inks.jpg": encode(
            rgb.crop((0, 0, 6400, 4680)).convert("CMYK"), "JPEG", progressive=True
        ),
        "large.png": encode(rgb, "PNG", compress_level=1),
        "large clear.png": encode(clear, "PNG", compress_level=1),
        "large deep.png": encode(Image.fromarray(deep), "PNG", compress_level=1),
        "large.webp": encode(rgb, "WEBP", method=0),
        "large lossless.webp": frame,
        "large clear.webp": encode(clear, "WEBP", lossless=True, quality=0, method=0),
        "large lossy clear.webp": encode(clear, "WEBP", method=0),
        "large frames.webp": webp_frame(frame, wide, high),
        "large.tif": encode(rgb, "TIFF", compression="tiff_adobe_deflate"),
        "large lzw.tif": encode(rgb, "TIFF", compression="tiff_lzw"),
        "large jpeg.tif": encode(rgb, "TIFF", compression="jpeg"),
        "large.bmp": encode(grey.convert("1"), "BMP"),
        "large jpeg.dcm": dicom(
            page("YBR_FULL_422", 8, 3, size), fragments(encode(rgb, "JPEG")), syntax=JPEG
        ),
        "large lossless.dcm": dicom(
            page("MONOCHROME2", 16, 1, size), fragments(lossless), syntax=JPEG_LS
        ),
    }


def heic_pictures(rgb: Image.Image) -> dict[str, bytes]:
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(rgb).save(file, quality=90)
    return {"phone.heic": file.getvalue()}


def page(kind: str, bits: int = 8, samples: int = 1, size: tuple[int, int] = (30, 40)) -> bytes:
    """The entries of a DICOM header that describe its pixels."""
    numbers = {0x00280002: samples, 0x00280010: size[0], 0x00280011: size[1], 0x00280100: bits}
    numbers |= {0x00280101: bits, 0x00280103: 0}
    if samples == 3:
        numbers[0x00280006] = 0
    entries = {tag: element(tag, b"US", struct.pack("<H", n)) for tag, n in numbers.items()}
    entries[0x00280004] = element(0x00280004, b"CS", kind.encode().ljust(len(kind) + len(kind) % 2))
    return b"".join(entries[tag] for tag in sorted(entries))


def text(tag: int, words: str, kind: bytes = b"CS") -> bytes:
    return element(tag, kind, words.encode().ljust(len(words) + len(words) % 2))


def plain(kind: str, pixels: np.ndarray, *entries: bytes, more: bytes = b"") -> bytes:
    """An uncompressed picture; `entries` stand before the pixels, `more` before them all."""
    bits, samples = 8 * pixels.itemsize, 3 if pixels.ndim == 3 else 1
    form = b"OB" if bits == 8 else b"OW"
    head = page(kind, bits, samples, pixels.shape[:2])
    return dicom(more, head, *entries, element(PIXELS, form, pixels.tobytes()))


def packed_runs(*planes: np.ndarray) -> bytes:
    """Byte planes as DICOM packs runs; here each row is copied without any run."""
    packed = []
    for plane in planes:
        rows = [bytes([len(row) - 1]) + row.tobytes() for row in plane]
        packed.append(b"".join(rows) + b"\0" * (sum(map(len, rows)) % 2))
    starts = np.cumsum([64, *(len(plane) for plane in packed[:-1])]).tolist()
    return struct.pack("<16I", len(packed), *starts, *[0] * (15 - len(packed))) + b"".join(packed)


def dicom_pictures(rgb: np.ndarray, grey: np.ndarray, deep: np.ndarray) -> dict[str, bytes]:
    import jpeg_ls

    lossless = bytes(jpeg_ls.encode_buffer(deep.astype("<u2").tobytes(), 30, 40, 1, 16))
    in_runs = packed_runs(*(rgb[..., k] for k in range(3)))
    return {
        "plain.dcm": dicom(page("RGB", samples=3), element(PIXELS, b"OB", rgb.tobytes())),
        "grey.dcm": dicom(page("MONOCHROME1"), element(PIXELS, b"OB", grey.tobytes())),
        "deep.dcm": dicom(page("MONOCHROME2", 16), element(PIXELS, b"OW", deep.tobytes())),
        "jpeg.dcm": dicom(
            page("YBR_FULL_422", samples=3),
            fragments(encode(Image.fromarray(rgb), "JPEG")),
            syntax=JPEG,
        ),
        "lossless.dcm": dicom(page("MONOCHROME2", 16), fragments(lossless), syntax=JPEG_LS),
        "runs.dcm": dicom(page("RGB", samples=3), fragments(in_runs), syntax=RLE),
    }
