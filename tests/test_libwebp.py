"""WebP by libwebp's own decoder: the same pixels as by Pillow, in less memory."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from picture_bytes import canvas, encode, riff, small, webp_frame, webp_frames
from PIL import Image

from lesionlab.errors import PictureError
from lesionlab.images import libwebp
from lesionlab.images.decode import decode_image

# Red, and black that lets four fifths of the white below through; odd sides.
PIXELS = np.array([[[255, 0, 0, 255]] * 2 + [[0, 0, 0, 51]]] * 5, np.uint8)
ON_WHITE = [[255, 0, 0], [255, 0, 0], [204, 204, 204]]


@pytest.fixture(params=["at once", "twice", "by Pillow"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each way to decode a WebP."""
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
    cut = libwebp.Picture(whole[:-50], len(whole) - 50, 0, 0, 40, 30, held=1000)
    # 30 × 40 × 3 bytes are written.
    monkeypatch.setattr(libwebp, "MAX_BYTES_IF_DAMAGED", 4599)
    zeros: list[tuple[int, ...]] = []

    def counted(shape: tuple[int, ...], kind: type) -> np.ndarray:
        zeros.append(shape)
        return np.ones(shape, kind)

    monkeypatch.setattr(np, "zeros", counted)
    with pytest.raises(PictureError):
        libwebp.decode(library, cut, size)
    assert not zeros
    monkeypatch.setattr(libwebp, "MAX_BYTES_IF_DAMAGED", 4600)
    with pytest.raises(PictureError):
        libwebp.decode(library, cut, size)
    assert zeros == [size]


def animation(*frames: tuple[bytes, int, int], marks: int = 0x02) -> bytes:
    """Frames of 40×30 at these columns and rows of a canvas of 60×50."""
    parts = [
        (b"ANMF", bytes([left // 2, 0, 0, top // 2, 0, 0, 39, 0, 0, 29, 0, 0, 1, 0, 0, 0]) + body)
        for body, left, top in frames
    ]
    return riff(canvas(60, 50, marks), (b"ANIM", bytes(6)), *parts)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_first_frame_of_an_animation_in_its_place(
    way: str, mode: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = small(mode)
    if mode == "RGBA":
        picture.putalpha(small("L"))
    file = encode(picture, "WEBP", **options)
    # A lossy picture with transparency has a header of its own, which a frame has not.
    body = file[30:] if file[12:16] == b"VP8X" else file[12:]
    marks = 0x12 if mode == "RGBA" else 0x02
    other = encode(small().rotate(180), "WEBP")[12:]
    image = decode_image(animation((body, 14, 8), (other, 0, 0), marks=marks))
    assert image.shape == (50, 60, 3)
    assert np.array_equal(image[8:38, 14:54], decode_image(file))
    around = image.copy()
    around[8:38, 14:54] = around[0, 0]
    assert (around == (255 if mode == "RGBA" else 0)).all()
    monkeypatch.setattr(libwebp, "library", lambda: None)
    assert np.array_equal(image, decode_image(animation((body, 14, 8), (other, 0, 0), marks=marks)))


def test_animations_that_are_none(way: str) -> None:
    assert decode_image(webp_frames(2)).shape == (30, 40, 3)
    whole = encode(small(), "WEBP")[12:]
    lossless = encode(small(), "WEBP", lossless=True)[12:]
    assert decode_image(animation((whole, 20, 20))).shape == (50, 60, 3)
    # Pillow alone lets that pass.
    wider_than_its_picture = webp_frame(bytes(12) + whole, 42, 30)
    for data in (
        *([] if way == "by Pillow" else [wider_than_its_picture]),
        animation(),
        animation((b"", 0, 0)),
        animation((whole, 22, 20)),
        animation((whole, 20, 22)),
        animation((whole[: len(whole) // 2], 0, 0)),
        animation((lossless[: len(lossless) // 2], 0, 0), (lossless, 0, 0)),
        riff(canvas(60, 50, 2), (b"ANIM", bytes(6)), (b"ANMF", bytes(15))),
        # A frame that says that it is smaller than its picture.
        webp_frame(bytes(12) + whole, 39, 30),
        webp_frame(bytes(12) + lossless, 40, 29),
    ):
        with pytest.raises(PictureError):
            decode_image(data)


def test_odd_headers() -> None:
    whole = encode(small(), "WEBP")
    for header in (canvas(41, 30), canvas(39, 30), canvas(40, 31)):
        with pytest.raises(PictureError):
            decode_image(riff(header, (b"VP8 ", whole[20:])))
    with pytest.raises(PictureError):
        decode_image(riff(canvas(40, 30), (b"ABCD", whole[20:])))


def test_a_large_animation_needs_libwebp(monkeypatch: pytest.MonkeyPatch) -> None:
    large = riff(canvas(6300, 6300, 2), (b"ANIM", bytes(6)), (b"ANMF", bytes(30)))
    with pytest.raises(PictureError, match="damaged"):
        decode_image(large)
    monkeypatch.setattr(libwebp, "library", lambda: None)
    sentence = "animated WebP of at most 25 .* first picture alone"
    with pytest.raises(PictureError, match=sentence):
        decode_image(large)


def test_the_library_is_found_and_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "linux":
        assert libwebp.library() is not None
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert libwebp.library.__wrapped__() is None
