"""DICOM files that are refused: whom they show, what is in them, and pydicom's own examples."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from picture_bytes import dicom, element, encode, fragments, segment
from PIL import Image
from whole_pictures import JPEG, JPEG_LS, PIXELS, page, plain, text

from lesionlab.errors import PictureError
from lesionlab.images.decode import decode_image

RAMP = np.array([[0, 64, 128, 255], [1, 2, 3, 4]], np.uint8)


def test_a_file_that_begins_like_a_tiff_is_asked_whom_it_shows() -> None:
    shown = plain("MONOCHROME2", RAMP)
    both = encode(Image.fromarray(RAMP), "TIFF")[:128].ljust(128, b"\0") + shown[128:]
    assert both.startswith(b"II*\0")
    assert np.array_equal(decode_image(both), decode_image(shown))
    patient = plain("MONOCHROME2", RAMP, text(0x00280302, "YES"))
    with pytest.raises(PictureError, match="does not show who the patient is"):
        decode_image(both[:128] + patient[128:])


@pytest.mark.parametrize(
    ("tag", "words"),
    [(0x00280302, "features by which the patient"), (0x00280301, "writing in the picture")],
)
def test_a_picture_that_shows_the_patient(tag: int, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        decode_image(plain("MONOCHROME2", RAMP, text(tag, "YES")))
    assert decode_image(plain("MONOCHROME2", RAMP, text(tag, "NO"))).shape == (2, 4, 3)


def test_several_pictures_in_one_file() -> None:
    frames = text(0x00280008, "2", b"IS")
    with pytest.raises(PictureError, match="2 pictures in one DICOM file"):
        decode_image(plain("MONOCHROME2", RAMP, frames))
    assert decode_image(plain("MONOCHROME2", RAMP, text(0x00280008, "1", b"IS"))).shape[0] == 2


def test_nothing_of_the_patient_is_handed_on() -> None:
    name = text(0x00100010, "Doe^Jane", b"PN")
    image = decode_image(plain("MONOCHROME2", RAMP, more=name))
    assert type(image) is np.ndarray
    assert b"Doe" not in image.tobytes()


@pytest.mark.filterwarnings("default")
def test_odd_values_are_not_quoted_in_any_log(
    capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    odd = text(0x00100030, "Doe^Jane 1950", b"DA") + text(0x00100040, "Doe Jane of Berlin", b"CS")
    assert decode_image(plain("MONOCHROME2", RAMP, more=odd)).shape == (2, 4, 3)
    words = "".join(capfd.readouterr()) + " ".join(str(one.message) for one in recwarn)
    assert "Doe" not in words


def test_what_is_not_read_is_named() -> None:
    pixels = element(PIXELS, b"OB", bytes(8))
    with pytest.raises(PictureError, match="without a picture"):
        decode_image(dicom(text(0x00080060, "SR")))
    with pytest.raises(PictureError, match="with PALETTE COLOR"):
        decode_image(dicom(page("PALETTE COLOR", 8, 1, (2, 4)), pixels))
    with pytest.raises(PictureError, match=r"packed otherwise \(1\.2\.840\.10008\.1\.2\.4\.90\)"):
        decode_image(
            dicom(page("RGB", 8, 3, (2, 4)), fragments(b"a"), syntax="1.2.840.10008.1.2.4.90")
        )
    with pytest.raises(PictureError, match="of 32 in 32 bits"):
        decode_image(dicom(page("MONOCHROME2", 32, 1, (2, 4)), pixels))


def test_too_large_before_any_pixel() -> None:
    with pytest.raises(PictureError, match="8000×8000, that is 64 megapixels"):
        decode_image(dicom(page("MONOCHROME2", 8, 1, (8000, 8000)), element(PIXELS, b"OB", b"")))


def test_a_jpeg_in_it_of_another_size() -> None:
    inner = fragments(encode(Image.new("RGB", (41, 30)), "JPEG"))
    with pytest.raises(PictureError, match="different sizes"):
        decode_image(dicom(page("YBR_FULL", 8, 3), inner, syntax=JPEG))
    lossless = (
        b"\xff\xd8" + segment(0xF7, struct.pack(">BHHBBBB", 8, 60_000, 60_000, 1, 1, 0x11, 0))
    ) + segment(0xDA, bytes([1, 1, 0, 0, 0, 0]))
    with pytest.raises(PictureError, match="3600 megapixels"):
        decode_image(dicom(page("MONOCHROME2"), fragments(lossless), syntax=JPEG_LS))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(PictureError, match=r"pip install pydicom"):
        decode_image(plain("MONOCHROME2", RAMP))


def test_without_the_reader_of_jpeg_ls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jpeg_ls", None)
    with pytest.raises(PictureError, match=r"pip install pydicom"):
        decode_image(dicom(page("MONOCHROME2"), fragments(b"\xff\xd8"), syntax=JPEG_LS))


# Small files that come with pydicom, from several programs: their colours as pydicom reads them.
COLOURS = [
    *("ExplVR_BigEnd", "SC_rgb_small_odd", "SC_rgb_small_odd_big_endian", "SC_rgb_dcmtk_+eb+cr"),
    *("SC_rgb_dcmtk_+eb+cy+n1", "SC_rgb_dcmtk_+eb+cy+np", "SC_rgb_jpeg_dcmtk", "SC_rgb_rle"),
    *("SC_jpeg_no_color_transform", "SC_rgb_jls_lossy_line", "SC_ybr_full_422_uncompressed"),
]


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.filterwarnings("ignore")
def test_colours_of_other_programs(name: str) -> None:
    path = Path(pydicom.__file__).parent / "data" / "test_files" / f"{name}.dcm"
    if not path.exists():
        pytest.skip("this version of pydicom comes without its examples")
    expected = pydicom.pixels.pixel_array(path)
    assert np.abs(decode_image(path.read_bytes()).astype(int) - expected).max() <= 1
