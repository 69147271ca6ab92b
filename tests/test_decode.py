"""The gate for untrusted pictures: what comes through, and what is refused with a sentence."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from picture_bytes import cmyk_profile
from PIL import Image, ImageCms, ImageOps

from lesionlab.errors import PictureError
from lesionlab.images import decode, with_pillow
from lesionlab.images.decode import decode_image, read_image


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def two_colours() -> Image.Image:
    """Two rows, three columns: the left column red, the others blue."""
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[:, 0, 0] = 255
    pixels[:, 1:, 2] = 255
    return Image.fromarray(pixels)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "BMP"])
def test_lossless_formats_come_back_exactly(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    image = decode_image(encode(two_colours(), kind, **options))
    assert image.dtype == np.uint8
    assert image.shape == (2, 3, 3)
    assert image[0].tolist() == [[255, 0, 0], [0, 0, 255], [0, 0, 255]]


def test_jpeg_comes_back_nearly() -> None:
    image = decode_image(encode(Image.new("RGB", (16, 8), (200, 100, 50)), "JPEG"))
    assert image.shape == (8, 16, 3)
    assert np.abs(image.astype(int) - [200, 100, 50]).max() <= 3


def test_result_can_be_written_to() -> None:
    image = decode_image(encode(two_colours()))
    image[0, 0] = 7
    assert image[0, 0].tolist() == [7, 7, 7]


def test_exif_orientation_turns_the_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # The camera was turned: show it a quarter turn clockwise.
    image = decode_image(encode(two_colours(), "PNG", exif=exif))
    assert image.shape == (3, 2, 3)
    assert image[0].tolist() == [[255, 0, 0], [255, 0, 0]]
    assert image[2].tolist() == [[0, 0, 255], [0, 0, 255]]


def test_sixteen_bits_are_scaled_not_cut() -> None:
    pixels = np.array([[0, 257, 1000, 65535]], np.uint16)
    image = decode_image(encode(Image.fromarray(pixels)))
    assert image[0, :, 0].tolist() == [0, 1, 4, 255]
    assert image.shape == (1, 4, 3)


def test_transparency_lies_on_white() -> None:
    pixels = np.array([[[0, 0, 0, 0], [255, 0, 0, 255], [0, 0, 0, 51]]], np.uint8)
    image = decode_image(encode(Image.fromarray(pixels)))
    assert image[0].tolist() == [[255, 255, 255], [255, 0, 0], [204, 204, 204]]


def test_palette_with_transparency() -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.putdata([0, 1])
    image = decode_image(encode(picture, transparency=1))
    assert image[0].tolist() == [[10, 20, 30], [255, 255, 255]]


def test_grey_and_black_and_white() -> None:
    assert decode_image(encode(Image.new("L", (1, 1), 77)))[0, 0].tolist() == [77, 77, 77]
    assert decode_image(encode(Image.new("1", (1, 1), 1)))[0, 0].tolist() == [255, 255, 255]


def test_cmyk_becomes_rgb() -> None:
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    red, green, blue = decode_image(encode(cyan, "TIFF"))[8, 8]
    assert red < 40
    assert green > 150
    assert blue > 200


def test_a_colour_profile_is_followed() -> None:
    # sRGB with the light of its red and of its blue exchanged, under another name.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    changed = profile.replace(b"rXYZ", b"xxxx").replace(b"bXYZ", b"rXYZ").replace(b"xxxx", b"bXYZ")
    changed = changed.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    plain = Image.new("RGB", (4, 4), (250, 0, 0))
    red, green, blue = decode_image(encode(plain, icc_profile=changed))[0, 0].astype(int)
    assert [red < 20, green < 20, abs(blue - 250) < 20] == [True, True, True]
    assert decode_image(encode(plain, icc_profile=profile))[0, 0].tolist() == [250, 0, 0]
    assert decode_image(encode(plain, icc_profile=b"no profile"))[0, 0].tolist() == [250, 0, 0]


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says it is side × side pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    content = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", content)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [6400, 10_000, 13_000, 60_000])
def test_too_many_pixels_are_refused_before_decoding(side: int) -> None:
    with pytest.raises(PictureError, match="at most 40 megapixels"):
        decode_image(bomb(side))


def test_a_bomb_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    with pytest.raises(PictureError, match="6400×6400, that is 41"):
        decode_image(bomb(6400))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PictureError, match=r"at most 30 MB.*Received 31 MB"):
        decode_image(b"\0" * (31 * 2**20))


def test_half_a_jpeg_is_refused() -> None:
    whole = encode(Image.effect_noise((200, 200), 90), "JPEG")
    assert decode_image(whole).shape == (200, 200, 3)
    with pytest.raises(PictureError, match="damaged, cut off"):
        decode_image(whole[: len(whole) // 2])


@pytest.mark.parametrize("kind", ["GIF", "PPM", "ICO"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(PictureError, match="JPEG, PNG, WebP, TIFF or BMP"):
        decode_image(encode(Image.new("RGB", (16, 16)), kind))


def test_nothing_and_text_are_refused() -> None:
    with pytest.raises(PictureError, match="empty"):
        decode_image(b"")
    with pytest.raises(PictureError, match="of another kind"):
        decode_image(b"<svg xmlns='http://www.w3.org/2000/svg'/>")


def test_floating_point_is_refused() -> None:
    with pytest.raises(PictureError, match="8 or 16 bits"):
        decode_image(encode(Image.new("F", (2, 2), 0.5), "TIFF"))


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP"])
def test_each_way_of_holding_the_camera(kind: str, turned: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    corner = Image.new("RGB", (48, 32), "white")
    corner.paste((0, 0, 0), (0, 0, 16, 16))
    data = encode(corner, kind, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    image = decode_image(data)
    assert image.shape == np.asarray(expected).shape
    assert np.abs(image.astype(int) - np.asarray(expected.convert("RGB"))).max() <= 2


def test_a_note_in_xmp_turns_the_picture_too() -> None:
    notes = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="3"/>'
    image = decode_image(encode(two_colours(), "TIFF", tiffinfo={700: notes}))
    assert image[0, 2].tolist() == [255, 0, 0]
    image = decode_image(encode(two_colours(), "WEBP", lossless=True, xmp=notes))
    assert image[0].tolist() == [[0, 0, 255], [0, 0, 255], [255, 0, 0]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
@pytest.mark.filterwarnings("ignore")
def test_changed_bytes_give_a_picture_or_a_sentence(kind: str, rng: np.random.Generator) -> None:
    whole = np.frombuffer(encode(two_colours().resize((40, 30)), kind), np.uint8)
    refused = 0
    for _ in range(150):
        changed = whole.copy()
        places = rng.integers(0, min(len(changed), 400), rng.integers(1, 12))
        changed[places] = rng.integers(0, 256, len(places))
        try:
            image = decode_image(changed.tobytes())
        except PictureError:
            refused += 1
        else:
            assert image.dtype == np.uint8
            assert image.ndim == 3
            assert image.shape[2] == 3
    assert refused > 0


def test_a_large_jpeg_comes_at_half_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(with_pillow, "HALVED_ABOVE_PIXELS", 5000)
    content = encode(Image.new("RGB", (120, 80), (9, 99, 199)), "JPEG")
    image = decode_image(content)
    assert image.shape == (40, 60, 3)
    assert np.abs(image.astype(int) - [9, 99, 199]).max() <= 4
    assert decode_image(encode(Image.new("RGB", (120, 80)), "PNG")).shape == (80, 120, 3)


def test_two_large_pictures_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "LARGE_PIXELS", 0)
    together, most = 0, 0
    lock, first_two = threading.Lock(), threading.Barrier(2)
    whole = decode.with_pillow

    def slow(data: bytes, name: str) -> np.ndarray:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        first_two.wait(timeout=10)  # Four pictures pass only if two are inside at a time.
        with lock:
            together -= 1
        return whole(data, name)

    content = encode(two_colours())
    monkeypatch.setattr(decode, "with_pillow", slow)
    threads = [threading.Thread(target=decode_image, args=(content,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_read_image_names_the_file(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(encode(two_colours()))
    bad.write_bytes(b"no picture")
    assert read_image(good).shape == (2, 3, 3)
    with pytest.raises(PictureError, match=r"bad\.png"):
        read_image(bad)
    with pytest.raises(PictureError, match=r"none\.png cannot be read"):
        read_image(tmp_path / "none.png")


def test_inks_are_turned_into_light_by_their_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    # Lightness 0 to 255 is 255 times the share of light; black ink takes all (see the profile).
    inks = Image.new("CMYK", (64, 48), (0, 0, 0, 0))
    inks.paste((0, 0, 0, 255), (32, 0, 64, 48))
    data = encode(inks, "TIFF", compression="tiff_lzw", icc_profile=cmyk_profile())
    image = decode_image(data)
    assert image[0, 0].min() >= 254
    assert image[0, 63].max() <= 1
    # Half of the cyan ink takes 30 of 255 parts of lightness: L* = 88, which is 221 in sRGB.
    half = decode_image(
        encode(Image.new("CMYK", (8, 8), (128, 0, 0, 0)), "TIFF", icc_profile=cmyk_profile())
    )
    assert np.abs(half[0, 0].astype(int) - 221).max() <= 2
    monkeypatch.setattr(with_pillow, "HALVED_ABOVE_PIXELS", 1000)
    assert decode_image(data).shape == (24, 32, 3)


def test_a_profile_of_endless_steps_is_not_followed() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    changed = profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    changed = changed.replace(b"rXYZ", b"xxxx").replace(b"bXYZ", b"rXYZ").replace(b"xxxx", b"bXYZ")
    plain = Image.new("RGB", (4, 4), (250, 0, 0))
    assert decode_image(encode(plain, icc_profile=changed))[0, 0, 2] > 200
    assert decode_image(encode(plain, icc_profile=changed + b"mpet"))[0, 0].tolist() == [250, 0, 0]


def test_endings_are_lower_case_and_hold_the_formats() -> None:
    assert {".jpg", ".jpeg", ".png", ".webp", ".tif", ".bmp", ".heic", ".dcm"} <= decode.SUFFIXES
    assert all(ending == ending.lower() and ending[0] == "." for ending in decode.SUFFIXES)
