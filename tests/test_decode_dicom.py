"""Single DICOM pictures: their kinds of pixels, and what is refused before any is read."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from picture_bytes import dicom, element, encode, fragments
from PIL import Image
from whole_pictures import BIG_ENDIAN, JPEG, JPEG_LS, PIXELS, RLE, packed_runs, page, plain, text

from lesionlab.images.decode import decode_image

IMPLICIT = "1.2.840.10008.1.2"


RAMP = np.array([[0, 64, 128, 255], [1, 2, 3, 4]], np.uint8)


def test_grey() -> None:
    image = decode_image(plain("MONOCHROME2", RAMP))
    assert image.dtype == np.uint8
    assert image.shape == (2, 4, 3)
    assert image[0].tolist() == [[0] * 3, [64] * 3, [128] * 3, [255] * 3]


def test_monochrome1_has_its_lowest_value_white() -> None:
    assert decode_image(plain("MONOCHROME1", RAMP))[0, :, 1].tolist() == [255, 191, 127, 0]


def test_sixteen_bits_by_the_range_of_the_picture() -> None:
    values = np.array([[1000, 1500, 3000]], np.uint16)
    # 255 × 500 / 2000 = 63.75
    assert decode_image(plain("MONOCHROME2", values))[0, :, 0].tolist() == [0, 64, 255]


def test_sixteen_bits_by_the_window() -> None:
    values = np.array([[0, 100, 150, 200, 4000]], np.uint16)
    window = text(0x00281050, "150", b"DS") + text(0x00281051, "101", b"DS")
    # Standard's formula: 255 × ((x − 149.5) / 100 + 0.5), between 0 and 255.
    found = decode_image(plain("MONOCHROME2", values, window))[0, :, 0].tolist()
    assert found == [0, 1, 129, 255, 255]
    # Stored 0 means −1000 and each step two: 550 means 100, 575 means 150, 600 means 200.
    values = np.array([[550, 575, 600]], np.uint16)
    rescale = text(0x00281052, "-1000", b"DS") + text(0x00281053, "2", b"DS")
    found = decode_image(plain("MONOCHROME2", values, window, rescale))[0, :, 0].tolist()
    assert found == [1, 129, 255]


def test_bits_that_are_not_in_use_do_not_count() -> None:
    twelve = element(0x00280101, b"US", struct.pack("<H", 12))
    values = np.array([[0xF000, 0x0FFF, 0x0800]], np.uint16)
    head = page("MONOCHROME2", 16, 1, (1, 3)).replace(
        element(0x00280101, b"US", struct.pack("<H", 16)), twelve
    )
    data = dicom(head, element(PIXELS, b"OW", values.tobytes()))
    assert decode_image(data)[0, :, 0].tolist() == [0, 255, 128]


def test_signed_values() -> None:
    values = np.array([[-100, 0, 100]], np.int16)
    head = page("MONOCHROME2", 16, 1, (1, 3)).replace(
        element(0x00280103, b"US", b"\0\0"), element(0x00280103, b"US", b"\1\0")
    )
    data = dicom(head, element(PIXELS, b"OW", values.tobytes()))
    assert decode_image(data)[0, :, 0].tolist() == [0, 128, 255]


COLOURS = np.array([[[255, 0, 0], [0, 0, 255]], [[10, 20, 30], [255, 255, 255]]], np.uint8)


def test_colours_by_pixel_and_by_plane() -> None:
    assert np.array_equal(decode_image(plain("RGB", COLOURS)), COLOURS)
    planes = np.moveaxis(COLOURS, 2, 0)
    head = page("RGB", 8, 3, (2, 2)).replace(
        element(0x00280006, b"US", b"\0\0"), element(0x00280006, b"US", b"\1\0")
    )
    data = dicom(head, element(PIXELS, b"OB", planes.tobytes()))
    assert np.array_equal(decode_image(data), COLOURS)


def test_brightness_and_colour() -> None:
    # Full range (PS3.3, C.7.6.3.1.2): red is Y 76, Cb 85, Cr 255.
    values = np.array([[[76, 85, 255], [255, 128, 128]]], np.uint8)
    image = decode_image(plain("YBR_FULL", values)).astype(int)
    assert np.abs(image[0] - [[254, 0, 0], [255, 255, 255]]).max() <= 1
    # Two brightnesses share a colour: Y1 Y2 Cb Cr.
    head = page("YBR_FULL_422", 8, 3, (1, 2))
    data = dicom(head, element(PIXELS, b"OB", bytes([0, 200, 128, 128])))
    assert decode_image(data)[0].tolist() == [[0] * 3, [200] * 3]


@pytest.mark.parametrize("syntax", [IMPLICIT, BIG_ENDIAN])
def test_other_orders_of_bytes(syntax: str) -> None:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset

    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = syntax
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.Rows, header.Columns, header.BitsAllocated, header.BitsStored = 1, 3, 16, 16
    header.PixelRepresentation = 0
    order = ">" if syntax == BIG_ENDIAN else "<"
    header.PixelData = np.array([[0, 256, 512]], order + "u2").tobytes()
    header["PixelData"].VR = "OW"
    file = io.BytesIO()
    little = syntax != BIG_ENDIAN
    header.save_as(
        file, implicit_vr=syntax == IMPLICIT, little_endian=little, enforce_file_format=False
    )
    data = file.getvalue()
    if data[128:132] != b"DICM":
        data = dicom(syntax=syntax) + data
    assert decode_image(data)[0, :, 0].tolist() == [0, 128, 255]


def test_bytes_in_words_of_the_other_order() -> None:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset

    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = BIG_ENDIAN
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.Rows, header.Columns, header.BitsAllocated, header.BitsStored = 1, 3, 8, 8
    header.PixelData = bytes([20, 10, 0, 30])
    header["PixelData"].VR = "OW"
    file = io.BytesIO()
    header.save_as(file, implicit_vr=False, little_endian=False, enforce_file_format=False)
    data = file.getvalue()
    data = data if data[128:132] == b"DICM" else dicom(syntax=BIG_ENDIAN) + data
    assert decode_image(data)[0, :, 0].tolist() == [10, 20, 30]


def soft(shape: tuple[int, ...]) -> np.ndarray:
    """Colours that change slowly, with a little noise."""
    rng = np.random.default_rng(5)
    rows, columns = np.indices(shape[:2])
    values = (60 + 2 * rows + columns).reshape(*shape[:2], *(1 for _ in shape[2:]))
    return (values + rng.integers(0, 9, shape)).astype(np.uint8)


def jpeg_in_dicom(kind: str, samples: int, frame: bytes) -> np.ndarray:
    return decode_image(dicom(page(kind, 8, samples, (32, 40)), fragments(frame), syntax=JPEG))


def test_packed_as_jpeg() -> None:
    pixels = soft((32, 40, 3)) + np.array([40, 0, 9], np.uint8)
    frame = encode(Image.fromarray(pixels), "JPEG", quality=95)
    image = jpeg_in_dicom("YBR_FULL_422", 3, frame)
    assert np.abs(image.astype(int) - pixels).mean() < 4
    # The frame does not say so itself, but its header does: these are red, green and blue.
    unconverted = Image.frombytes("YCbCr", (40, 32), pixels.tobytes())
    frame = encode(unconverted, "JPEG", quality=95, subsampling=0)
    image = jpeg_in_dicom("RGB", 3, frame)
    assert np.abs(image.astype(int) - pixels).mean() < 4
    assert np.abs(jpeg_in_dicom("YBR_FULL", 3, frame).astype(int) - pixels).mean() > 20


def test_grey_packed_as_jpeg() -> None:
    frame = encode(Image.fromarray(soft((32, 40))), "JPEG")
    expected = 255 - np.asarray(Image.open(io.BytesIO(frame)))
    assert np.array_equal(jpeg_in_dicom("MONOCHROME1", 1, frame)[..., 0], expected)


def test_packed_as_jpeg_in_several_pieces() -> None:
    whole = encode(Image.new("RGB", (40, 32), (9, 99, 199)), "JPEG")
    data = dicom(page("YBR_FULL", 8, 3, (32, 40)), fragments(whole[:200], whole[200:]), syntax=JPEG)
    assert np.abs(decode_image(data).astype(int) - [9, 99, 199]).max() <= 3


@pytest.mark.parametrize(("top", "bits"), [(256, 8), (65536, 16)])
def test_packed_as_jpeg_ls(top: int, bits: int) -> None:
    import jpeg_ls

    values = soft((32, 40)).astype(f"u{bits // 8}") * ((top - 1) // 255)
    values[0, :2] = 0, top - 1
    frame = bytes(jpeg_ls.encode_buffer(values.tobytes(), 32, 40, 1, bits))
    data = dicom(page("MONOCHROME2", bits, 1, (32, 40)), fragments(frame), syntax=JPEG_LS)
    expected = np.round(values / (top - 1) * 255)
    assert np.array_equal(decode_image(data)[..., 2], expected)


@pytest.mark.parametrize("by", [0, 1, 2])
def test_colours_packed_as_jpeg_ls(by: int) -> None:
    import jpeg_ls

    values = soft((32, 40, 3))
    laid = np.ascontiguousarray(np.moveaxis(values, 2, 0) if by == 0 else values)
    frame = bytes(jpeg_ls.encode_buffer(laid.tobytes(), 32, 40, 3, 8, interleave_mode=by))
    data = dicom(page("RGB", 8, 3, (32, 40)), fragments(frame), syntax=JPEG_LS)
    assert np.array_equal(decode_image(data), values)


def test_packed_by_runs() -> None:
    values = soft((6, 7, 3))
    frame = packed_runs(*(values[..., k] for k in range(3)))
    data = dicom(page("RGB", 8, 3, (6, 7)), fragments(frame), syntax=RLE)
    assert np.array_equal(decode_image(data), values)
    deep = np.array([[0, 1], [256, 512]], np.uint16)
    frame = packed_runs((deep >> 8).astype(np.uint8), (deep & 255).astype(np.uint8))
    data = dicom(page("MONOCHROME2", 16, 1, (2, 2)), fragments(frame), syntax=RLE)
    assert decode_image(data)[..., 0].tolist() == [[0, 0], [128, 255]]
    run = struct.pack("<16I", 1, 64, *[0] * 14) + bytes([253, 9, 253, 5])
    data = dicom(page("MONOCHROME2", 8, 1, (2, 4)), fragments(run), syntax=RLE)
    assert decode_image(data)[..., 0].tolist() == [[9] * 4, [5] * 4]
