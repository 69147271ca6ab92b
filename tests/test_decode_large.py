"""Good pictures of 40 megapixels, and the same cut off or damaged: what they may cost.

`make test` looks at the dearest of each kind, `make soak` at all.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from measured_decoding import BAD_BYTES, BAD_SECONDS, GOOD_BYTES, GOOD_SECONDS, costs
from picture_bytes import (
    cmyk_profile,
    dicom,
    encode,
    fragments,
    noted,
    repeated_png,
    riff,
    segment,
    tiled_tiff,
)
from PIL import Image
from whole_pictures import JPEG, JPEG_LS, page

from lesionlab.images.jpeg import MAX_INK_SCANS_PIXELS
from lesionlab.images.limits import MAX_BYTES, MAX_PIXELS

WIDTH, HEIGHT, PATCH = 7168, 5568, 464
LOSSLESS = {"lossless": True, "quality": 0, "method": 0}


@functools.lru_cache(maxsize=1)
def patch() -> np.ndarray:
    """Soft blotches with a little noise; repeated, so that 40 megapixels keep within 30 MB."""
    rng = np.random.default_rng(0)
    blotches = Image.fromarray(rng.integers(70, 210, (9, 9, 3), dtype=np.uint8))
    pixels = np.asarray(blotches.resize((512, PATCH), Image.Resampling.BICUBIC)).astype(int)
    return np.clip(pixels + rng.integers(-3, 4, pixels.shape), 0, 255).astype(np.uint8)


def repeated(pixels: np.ndarray) -> Image.Image:
    down, across = HEIGHT // pixels.shape[0], WIDTH // pixels.shape[1]
    return Image.fromarray(np.tile(pixels, (down, across, *[1] * (pixels.ndim - 2))))


@functools.lru_cache(maxsize=1)
def colours() -> Image.Image:
    return repeated(patch())


@functools.lru_cache(maxsize=1)
def inks() -> Image.Image:
    return colours().convert("CMYK")


def grey() -> np.ndarray:
    return np.asarray(Image.fromarray(patch()).convert("L"))


def clear() -> np.ndarray:
    return np.dstack([patch(), grey()])


@functools.lru_cache(maxsize=1)
def squares() -> Image.Image:
    """Nothing but 64 × 58 squares of one colour each."""
    return colours().resize((64, 58)).resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)


def clear_squares() -> Image.Image:
    picture = squares().copy()
    picture.putalpha(squares().convert("L"))
    return picture


def png(pixels: np.ndarray) -> bytes:
    return repeated_png(np.tile(pixels, (1, WIDTH // 512, 1)[: pixels.ndim]), HEIGHT // PATCH)


def deep_dicom() -> bytes:
    deep = np.asarray(squares().convert("L")).astype("<u2") * 257
    frame = fragments(bytes(jpeg_ls.encode_buffer(deep.tobytes(), HEIGHT, WIDTH, 1, 16)))
    return dicom(page("MONOCHROME2", 16, 1, (HEIGHT, WIDTH)), frame, syntax=JPEG_LS)


def half_dicom() -> bytes:
    head = page("YBR_FULL_422", 8, 3, (HEIGHT, WIDTH))
    return dicom(head, fragments(encode(colours(), "JPEG", quality=85)), syntax=JPEG)


# Each format and packing that cameras and programs write.
FILES: dict[str, Callable[[], bytes]] = {
    "baseline.jpg": lambda: encode(colours(), "JPEG", quality=85),
    "progressive 444.jpg": lambda: encode(colours(), "JPEG", progressive=True, subsampling=0),
    # As many pixels as are allowed for this kind.
    "inks progressive.jpg": lambda: encode(
        inks().crop((0, 0, WIDTH, MAX_INK_SCANS_PIXELS // WIDTH)), "JPEG", progressive=True
    ),
    "noted, inks progressive.jpg": lambda: noted(FILES["inks progressive.jpg"]()),
    "noted, progressive 444.jpg": lambda: noted(FILES["progressive 444.jpg"]()),
    "inks.tif": lambda: encode(inks(), "TIFF", compression="jpeg", icc_profile=cmyk_profile()),
    "transparent.png": lambda: png(clear()),
    "lossless.webp": lambda: encode(squares(), "WEBP", **LOSSLESS),
    "tiles.tif": lambda: tiled_tiff(np.asarray(squares())[: HEIGHT // 256 * 256]),
    "deep.dcm": deep_dicom,
}
MORE_FILES: dict[str, Callable[[], bytes]] = {
    "noted, baseline.jpg": lambda: noted(FILES["baseline.jpg"]()),
    "noted, inks.jpg": lambda: noted(MORE_FILES["inks.jpg"]()),
    "half.dcm": half_dicom,
    "progressive.jpg": lambda: encode(colours(), "JPEG", quality=75, progressive=True),
    "inks.jpg": lambda: encode(inks(), "JPEG", icc_profile=cmyk_profile()),
    "colours.png": lambda: png(patch()),
    "sixteen bits.png": lambda: png(grey().astype(np.uint16) * 257),
    "palette.png": lambda: encode(repeated(grey()).convert("P"), "PNG", compress_level=1),
    "bits.bmp": lambda: encode(repeated(grey()).convert("1"), "BMP"),
    "sixteen bits.tif": lambda: encode(
        repeated(grey().astype(np.uint16) * 257), "TIFF", compression="tiff_adobe_deflate"
    ),
    "jpeg.tif": lambda: encode(colours(), "TIFF", compression="jpeg"),
    "lzw.tif": lambda: encode(squares(), "TIFF", compression="tiff_lzw"),
    "lossy.webp": lambda: encode(colours(), "WEBP", quality=80, method=0),
    "lossy transparent.webp": lambda: encode(clear_squares(), "WEBP", quality=80, method=0),
    "transparent.webp": lambda: encode(clear_squares(), "WEBP", **LOSSLESS),
}
HALVED = ("baseline.jpg", "half.dcm", "progressive.jpg", "progressive 444.jpg")


def damaged_at_its_end(data: bytes) -> bytes:
    """A JPEG with a broken table behind its last scan; a WebP that says itself how short it is."""
    if data.startswith(b"RIFF"):
        return riff((data[12:16], data[20:-50]))
    return data[:-2] + segment(0xC4, b"\0" + b"\xff" * 16 + bytes(200)) + data[-2:]


@pytest.fixture(scope="module", params=["the dearest", pytest.param("all", marks=pytest.mark.soak)])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    assert MAX_PIXELS - WIDTH * HEIGHT < 100_000
    for name, make in (FILES if request.param == "the dearest" else FILES | MORE_FILES).items():
        data = make()
        assert len(data) <= MAX_BYTES, (name, len(data))
        (folder / name).write_bytes(data)
    for made in (colours, inks, squares):
        made.cache_clear()
    return folder


def test_a_good_picture_of_40_megapixels(folder: Path) -> None:
    seen = 0
    for cost in costs(folder):
        assert cost.outcome == "picture", cost
        name = cost.name.removeprefix("noted, ")
        halved = name in HALVED or name.startswith("inks")
        assert cost.shape[1] == WIDTH // (2 if halved else 1), cost
        assert cost.seconds < GOOD_SECONDS, cost
        assert cost.bytes < GOOD_BYTES, cost
        seen += 1
    assert seen in (len(FILES), len(FILES | MORE_FILES))


def test_the_same_cut_off_or_damaged_at_the_end(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        data = path.read_bytes()
        (tmp_path / f"{path.name} half").write_bytes(data[: len(data) // 2])
        (tmp_path / f"{path.name} nearly whole").write_bytes(data[: len(data) * 9 // 10])
        if data[12:16] == b"VP8L" or "progressive" in path.name:
            (tmp_path / f"{path.name} to its end").write_bytes(damaged_at_its_end(data))
    for cost in costs(tmp_path):
        assert cost.refused, cost
        assert cost.seconds < BAD_SECONDS, cost
        assert cost.bytes < BAD_BYTES, cost
