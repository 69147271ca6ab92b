"""Good pictures of 40 megapixels, and the same cut off: what they may cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from measured_decoding import BAD_BYTES, BAD_SECONDS, GOOD_BYTES, GOOD_SECONDS, costs
from picture_bytes import cmyk_profile, dicom, encode, fragments, tiled_tiff
from PIL import Image
from whole_pictures import JPEG, JPEG_LS, page

from lesionlab.images.limits import MAX_BYTES, MAX_PIXELS

WIDTH, HEIGHT = 7168, 5568


def picture() -> Image.Image:
    """Soft blotches with a little noise, repeated, so that 40 megapixels keep within 30 MB."""
    rng = np.random.default_rng(0)
    blotches = Image.fromarray(rng.integers(70, 210, (9, 9, 3), dtype=np.uint8))
    patch = np.asarray(blotches.resize((512, 464), Image.Resampling.BICUBIC)).astype(int)
    patch = np.clip(patch + rng.integers(-3, 4, patch.shape), 0, 255).astype(np.uint8)
    return Image.fromarray(np.tile(patch, (HEIGHT // 464, WIDTH // 512, 1)))


def files() -> Iterator[tuple[str, bytes]]:
    """Each format and packing that cameras and programs write."""
    rgb = picture()
    yield "baseline.jpg", encode(rgb, "JPEG", quality=85)
    frame = fragments(encode(rgb, "JPEG", quality=85))
    yield "half.dcm", dicom(page("YBR_FULL_422", 8, 3, (HEIGHT, WIDTH)), frame, syntax=JPEG)
    yield "progressive.jpg", encode(rgb, "JPEG", quality=75, progressive=True)
    yield "progressive 444.jpg", encode(rgb, "JPEG", progressive=True, subsampling=0)
    inks = rgb.convert("CMYK")
    profile = cmyk_profile()
    yield "inks.jpg", encode(inks, "JPEG", icc_profile=profile)
    yield "inks progressive.jpg", encode(inks, "JPEG", progressive=True, icc_profile=profile)
    yield "inks.tif", encode(inks, "TIFF", compression="jpeg", icc_profile=profile)
    del inks
    grey = rgb.convert("L")
    yield "colours.png", encode(rgb, "PNG", compress_level=1)
    yield "palette.png", encode(grey.convert("P"), "PNG", compress_level=1)
    yield "bits.bmp", encode(grey.convert("1"), "BMP")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    yield "sixteen bits.png", encode(deep, "PNG", compress_level=1)
    yield "sixteen bits.tif", encode(deep, "TIFF", compression="tiff_adobe_deflate")
    del deep
    clear = rgb.copy()
    clear.putalpha(grey)
    yield "transparent.png", encode(clear, "PNG", compress_level=1)
    del clear
    yield "lossy.webp", encode(rgb, "WEBP", quality=80, method=0)
    yield "jpeg.tif", encode(rgb, "TIFF", compression="jpeg")
    soft = rgb.resize((64, 58)).resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)
    yield "lossless.webp", encode(soft, "WEBP", lossless=True, quality=0, method=0)
    yield "lzw.tif", encode(soft, "TIFF", compression="tiff_lzw")
    deep = np.asarray(soft.convert("L")).astype("<u2") * 257
    frame = fragments(bytes(jpeg_ls.encode_buffer(deep.tobytes(), HEIGHT, WIDTH, 1, 16)))
    head = page("MONOCHROME2", 16, 1, (HEIGHT, WIDTH))
    yield "deep.dcm", dicom(head, frame, syntax=JPEG_LS)
    del deep
    yield "tiles.tif", tiled_tiff(np.asarray(soft)[: 5568 // 256 * 256])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    assert MAX_PIXELS - WIDTH * HEIGHT < 100_000
    for name, data in files():
        assert len(data) <= MAX_BYTES, (name, len(data))
        (folder / name).write_bytes(data)
    return folder


def test_a_good_picture_of_40_megapixels(folder: Path) -> None:
    seen = 0
    for cost in costs(folder):
        assert cost.outcome == "picture", cost
        halved = (
            2 if cost.name.endswith((".jpg", "half.dcm")) or cost.name.startswith("inks") else 1
        )
        assert cost.shape[1] == WIDTH // halved, cost
        assert cost.seconds < GOOD_SECONDS, cost
        assert cost.bytes < GOOD_BYTES, cost
        seen += 1
    assert seen == 19


def test_the_same_cut_off(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        data = path.read_bytes()
        (tmp_path / f"{path.name} half").write_bytes(data[: len(data) // 2])
        (tmp_path / f"{path.name} nearly whole").write_bytes(data[: len(data) * 9 // 10])
    for cost in costs(tmp_path):
        assert cost.refused, cost
        assert cost.seconds < BAD_SECONDS, cost
        assert cost.bytes < BAD_BYTES, cost
