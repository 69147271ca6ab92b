"""Files made to hurt: each is refused with a sentence, in little time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hostile_pictures import LET_THROUGH, REFUSED
from measured_decoding import BAD_BYTES, BAD_SECONDS, GOOD_BYTES, GOOD_SECONDS, Cost, costs

from lesionlab.errors import PictureError
from lesionlab.images.decode import decode_image
from lesionlab.images.limits import MAX_BYTES


def measured(files: dict[str, Callable[[], bytes]], folder: Path) -> Iterator[Cost]:
    for name, make in files.items():
        data = make()
        assert len(data) <= MAX_BYTES, name
        (folder / name).write_bytes(data)
    return costs(folder)


def test_every_bad_file_gives_a_sentence_soon(tmp_path: Path) -> None:
    for cost in measured(REFUSED, tmp_path):
        assert cost.refused, cost
        assert cost.seconds < BAD_SECONDS, cost
        assert cost.bytes < BAD_BYTES, cost


def test_only_the_good_picture_of_a_file_comes_through(tmp_path: Path) -> None:
    for cost in measured(LET_THROUGH, tmp_path):
        assert cost.outcome == "picture", cost
        assert cost.shape in ([30, 40, 3], [3150, 3150, 3], [4, 4, 3]), cost
        assert cost.seconds < GOOD_SECONDS, cost
        # Beside the file itself nothing of a small picture takes much.
        assert cost.bytes < (100e6 if cost.shape[0] < 100 else GOOD_BYTES), cost


def test_a_rare_kind_is_told_its_own_limit() -> None:
    sentence = "progressive .*CMYK.* at most 30 .* not progressive"
    with pytest.raises(PictureError, match=sentence):
        decode_image(REFUSED["jpeg progressive, CMYK, 40 MP"]())
