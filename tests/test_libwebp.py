"""WebP by libwebp's own decoder: the same pixels as by Pillow, in less memory."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from picture_bytes import canvas, encode, riff, small, webp_frames
from PIL import Image

from lesionlab.errors import PictureError
from lesionlab.images import libwebp
from lesionlab.images.decode import decode_image

# Red, and black that lets four fifths of the white below through; odd sides.
PIXELS = np.array([[[255, 0, 0, 255]] * 2 + [[0, 0, 0, 51]]] * 5, np.uint8)
ON_WHITE = [[255, 0, 0], [255, 0, 0], [204, 204, 204]]


@pytest.fixture(params=["at once", "twice", "by Pillow"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each way to decode a WebP that is no animation."""
    if request.param == "by Pillow":
        monkeypatch.setattr(libwebp, "library", lambda: None)
    elif libwebp.library() is None:
        pytest.skip("Pillow hides libwebp within itself")
    if request.param == "twice":
        monkeypatch.setattr(libwebp, "MAX_BYTES_IF_DAMAGED", 0)
    yield request.param


def test_lossless_with_and_without_transparency(way: str) -> None:
    clear = encode(Image.fromarray(PIXELS), "WEBP", lossless=True, exact=True)
    image = decode_image(clear)
    assert image.shape == (5, 3, 3)
    assert image.tolist() == [ON_WHITE] * 5
    opaque = encode(Image.fromarray(PIXELS[..., :3]), "WEBP", lossless=True)
    assert decode_image(opaque).tolist() == PIXELS[..., :3].tolist()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_lossy_is_what_pillow_makes_of_it(
    way: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = small("RGB")
    if mode == "RGBA":
        picture.putalpha(small("L"))
    data = encode(picture, "WEBP", quality=80)
    image = decode_image(data)
    monkeypatch.setattr(libwebp, "library", lambda: None)
    assert np.array_equal(image, decode_image(data))


def test_cut_off_is_refused_also_with_something_behind(way: str) -> None:
    for options in ({"lossless": True}, {"quality": 80}):
        whole = encode(small(), "WEBP", **options)
        content = whole[20 : len(whole) * 3 // 4]
        for cut in (whole[: len(whole) * 3 // 4], riff((whole[12:16], content), (b"more", whole))):
            with pytest.raises(PictureError, match="damaged"):
                decode_image(cut)


def test_damage_in_a_large_one_is_met_in_the_small_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    library = libwebp.library()
    if library is None:
        pytest.skip("Pillow hides libwebp within itself")
    whole = encode(small(), "WEBP", lossless=True)
    size = (30, 40, 3)
    # 30 × 40 × (3 + 4) bytes and the file itself.
    monkeypatch.setattr(libwebp, "MAX_BYTES_IF_DAMAGED", 8400 + len(whole) - 50 - 1)
    zeros: list[tuple[int, ...]] = []

    def counted(shape: tuple[int, ...], kind: type) -> np.ndarray:
        zeros.append(shape)
        return np.ones(shape, kind)

    monkeypatch.setattr(np, "zeros", counted)
    with pytest.raises(PictureError):
        libwebp.decode(library, whole[:-50], size, len(whole) - 50, 4)
    assert not zeros
    monkeypatch.setattr(libwebp, "MAX_BYTES_IF_DAMAGED", 8400 + len(whole) - 50)
    with pytest.raises(PictureError):
        libwebp.decode(library, whole[:-50], size, len(whole) - 50, 4)
    assert zeros == [size]


def test_animations_and_odd_headers() -> None:
    assert decode_image(webp_frames(2)).shape == (30, 40, 3)
    whole = encode(small(), "WEBP")
    for header in (canvas(41, 30), canvas(39, 30), canvas(40, 31)):
        with pytest.raises(PictureError):
            decode_image(riff(header, (b"VP8 ", whole[20:])))
    with pytest.raises(PictureError):
        decode_image(riff(canvas(40, 30), (b"ABCD", whole[20:])))


def test_the_library_is_found_and_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "linux":
        assert libwebp.library() is not None
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert libwebp.library.__wrapped__() is None
