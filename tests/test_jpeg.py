"""What a JPEG keeps of its notes when they are taken out."""

from __future__ import annotations

import io

import numpy as np
import pytest
from picture_bytes import cmyk_profile, directory, encode, jpeg, segment, small

from lesionlab.errors import PictureError
from lesionlab.images.decode import decode_image
from lesionlab.images.jpeg import EXIF, XMP, check, segments, without_notes
from lesionlab.images.parts import Parts

NOTES = [segment(0xE5, bytes(60_000)), segment(0xFE, b"words"), segment(0xED, b"Photoshop 3.0\0")]
LYING = segment(0xE1, EXIF + directory([(0x0112, 3, 1, 6)]))
LYING_IN_WORDS = segment(0xE1, XMP + b'<x tiff:Orientation="6"/>')


def test_what_is_read_stays_and_nothing_else() -> None:
    whole = jpeg(*NOTES, LYING, *NOTES, LYING_IN_WORDS, NOTES[0])
    assert without_notes(whole).read() == jpeg(LYING, LYING_IN_WORDS)
    assert without_notes(jpeg()).read() == jpeg()


@pytest.mark.parametrize("turned", [LYING, LYING_IN_WORDS], ids=["Exif", "XMP"])
def test_how_the_camera_was_held_is_known(turned: bytes) -> None:
    picture = decode_image(jpeg(*NOTES, turned, *NOTES))
    assert picture.shape == (40, 30, 3)
    np.testing.assert_array_equal(picture, np.rot90(decode_image(jpeg()), -1))


def test_inks_and_their_profile_stay() -> None:
    plain = encode(small("CMYK"), "JPEG", icc_profile=cmyk_profile())
    noted = plain[:2] + b"".join(NOTES) + plain[2:]
    lean = without_notes(noted).read()
    assert lean == plain
    assert {0xE2, 0xEE} <= {found.marker for found in segments(lean)}
    np.testing.assert_array_equal(decode_image(noted), decode_image(plain))


def test_a_flood_of_what_is_read_ends_after_enough() -> None:
    whole = jpeg(*[segment(0xE1, XMP + bytes(50_000))] * 100)
    kept = [found.marker for found in segments(without_notes(whole).read())].count(0xE1)
    assert kept == 2
    assert decode_image(whole).shape == (30, 40, 3)


def test_what_is_taken_out_brings_nothing_new_together() -> None:
    # A stray byte, a note, and content that would become a segment if only the note were gone.
    hidden = b"\xff" + segment(0xFE, b"") + LYING[1:]
    assert without_notes(jpeg(hidden)).read() == jpeg()
    assert decode_image(jpeg(hidden)).shape == (30, 40, 3)
    # Pillow would look for segments inside of what libjpeg steps over.
    assert without_notes(jpeg(segment(0xF0, LYING), segment(0xDE, LYING))).read() == jpeg()


def test_a_file_without_a_scan_is_refused() -> None:
    start = jpeg().index(b"\xff\xda")
    for ending in (b"", b"\xff\xd9", b"\xff\xd9" + segment(0xFE, b"") * 3, b"\xff\xd0" * 9):
        with pytest.raises(PictureError):
            check(jpeg()[:start] + ending)


def test_two_frames_are_refused() -> None:
    start = jpeg().index(b"\xff\xc0")
    with pytest.raises(PictureError):
        check(jpeg()[:start] + jpeg()[start : start + 19] * 2 + jpeg()[start + 19 :])


def test_parts_are_one_file() -> None:
    file = io.BufferedReader(Parts([memoryview(b"abc"), memoryview(b""), memoryview(b"defg")]), 2)
    assert file.read() == b"abcdefg"
    assert file.seek(2) == 2
    assert (file.read(3), file.tell()) == (b"cde", 5)
    assert file.seek(-1, io.SEEK_END) == 6
    assert (file.read(9), file.read(9)) == (b"g", b"")
    assert file.seek(20) == 20
    assert file.read(1) == b""
