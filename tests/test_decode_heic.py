"""HEIC pictures as phones take them."""

from __future__ import annotations

import io
import struct
import sys

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from lesionlab.errors import PictureError
from lesionlab.images.decode import decode_image


def heic(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=95, **options)
    return file.getvalue()


def halves() -> Image.Image:
    """64×96: the left half red, the right half blue."""
    image = Image.new("RGB", (96, 64), (220, 30, 40))
    image.paste((20, 40, 210), (48, 0, 96, 64))
    return image


def test_colours_and_shape() -> None:
    image = decode_image(heic(halves()))
    assert image.dtype == np.uint8
    assert image.shape == (64, 96, 3)
    assert np.abs(image[32, 8].astype(int) - [220, 30, 40]).max() <= 6
    assert np.abs(image[32, 88].astype(int) - [20, 40, 210]).max() <= 6


def test_a_size_that_fills_no_block() -> None:
    assert decode_image(heic(halves().resize((97, 61)))).shape == (61, 97, 3)


@pytest.mark.parametrize("turned", [3, 6, 8])
def test_it_comes_upright(turned: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    image = decode_image(heic(halves(), exif=exif.tobytes()))
    # Red stands where the left half goes: to the right, to the top, to the bottom.
    row, column = {3: (32, 88), 6: (8, 32), 8: (88, 32)}[turned]
    assert image.shape == ((64, 96, 3) if turned == 3 else (96, 64, 3))
    assert image[row, column, 0] > 200


def test_transparency_lies_on_white_and_grey_is_grey() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert decode_image(heic(clear))[32, 32].min() >= 250
    assert np.abs(decode_image(heic(Image.new("L", (64, 64), 90)))[9, 9].astype(int) - 90).max() < 4


def test_its_profile_is_followed() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    changed = profile.replace(b"rXYZ", b"xxxx").replace(b"bXYZ", b"rXYZ").replace(b"xxxx", b"bXYZ")
    changed = changed.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    red = Image.new("RGB", (64, 64), (250, 0, 0))
    assert decode_image(heic(red, icc_profile=changed))[9, 9].argmax() == 2


def test_too_large_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    data = heic(halves())
    # The picture's extent, as its header says it (ISO/IEC 23008-12, section 6.5.3).
    place = data.index(b"ispe") + 8
    large = data[:place] + struct.pack(">II", 9600, 6400) + data[place + 8 :]
    monkeypatch.setattr("pillow_heif.heif.BaseImage.load", never)
    with pytest.raises(PictureError, match="6400×9600, that is 61 megapixels"):
        decode_image(large)


def test_too_many_bytes() -> None:
    # Nothing hinders a reader from stepping over what stands behind the picture.
    assert decode_image(heic(halves()) + bytes(2**20)).shape == (64, 96, 3)
    with pytest.raises(PictureError, match=r"at most 12 MB.*Received 13 MB"):
        decode_image(heic(halves()) + bytes(13 * 2**20))


def test_cut_off() -> None:
    data = heic(halves())
    for place in (20, len(data) // 2, len(data) - 40):
        with pytest.raises(PictureError, match="damaged, cut off"):
            decode_image(data[:place])


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PictureError, match=r"pip install pillow-heif.*JPEG"):
        decode_image(heic(halves()))
