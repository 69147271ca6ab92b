"""What a JPEG keeps of its notes when they are taken out."""

from __future__ import annotations

import numpy as np
import pytest
from picture_bytes import cmyk_profile, directory, encode, jpeg, segment, small

from lesionlab.images.decode import decode_image
from lesionlab.images.jpeg import EXIF, XMP, segments, without_notes

MANY = [segment(0xE5, bytes(60_000)), segment(0xFE, b"words"), segment(0xED, b"Photoshop 3.0\0")]
LYING = segment(0xE1, EXIF + directory([(0x0112, 3, 1, 6)]))
LYING_IN_WORDS = segment(0xE1, XMP + b'<x tiff:Orientation="6"/>')


def markers(data: bytes) -> list[int]:
    return [found.marker for found in segments(data)]


def test_a_file_with_few_notes_is_given_back_as_it_is() -> None:
    data = jpeg(LYING, segment(0xFE, b"words"))
    assert without_notes(data) is data


@pytest.mark.parametrize("turned", [LYING, LYING_IN_WORDS], ids=["Exif", "XMP"])
def test_many_notes_go_and_what_is_read_stays(turned: bytes) -> None:
    whole = jpeg(*MANY, turned, *MANY)
    lean = without_notes(whole)
    # JFIF's mark, how the camera was held, tables, frame, tables, scan, end.
    assert markers(lean) == [0xE1, *markers(jpeg())]
    assert len(whole) - len(lean) == 2 * sum(map(len, MANY))
    picture = decode_image(whole)
    assert picture.shape == (40, 30, 3)
    np.testing.assert_array_equal(picture, decode_image(jpeg(turned)))


def test_inks_and_their_profile_stay() -> None:
    plain = encode(small("CMYK"), "JPEG", icc_profile=cmyk_profile())
    # Between the profile's own part and the picture, so large that notes are most of the file.
    notes = segment(0xE5, bytes(60_000)) * (2 * len(plain) // 60_000 + 1)
    noted = plain[:2] + notes + plain[2:]
    lean = without_notes(noted)
    assert lean == plain
    assert {0xE2, 0xEE} <= set(markers(lean))
    np.testing.assert_array_equal(decode_image(noted), decode_image(plain))


def test_a_flood_of_what_is_read_ends_after_enough() -> None:
    whole = jpeg(*[segment(0xE1, XMP + bytes(50_000))] * 100)
    kept = markers(without_notes(whole)).count(0xE1)
    assert kept == 2
    assert decode_image(whole).shape == (30, 40, 3)
