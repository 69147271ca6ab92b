"""How many pictures one core takes through the gate in a second, and what the largest one costs."""

from __future__ import annotations

import time

from benchmarks.pictures import HAM, PHONE, jpeg
from benchmarks.result import Result
from lesionlab.images.decode import decode_image

# A picture of 40 megapixels may take this long.
LARGEST, LARGEST_BAR = (5700, 7000), 3.0
SECONDS = 2.0


def measure() -> list[Result]:
    """Pictures a second for small and large JPEGs, by the processor time of one thread."""
    found = [
        Result(f"decoding {name}, one core", _rate(jpeg(size)), "images/s", note=_size(size))
        for name, size in (("HAM10000's pictures", HAM), ("a phone's pictures", PHONE))
    ]
    data = jpeg(LARGEST)
    note = f"{_size(LARGEST)}, comes at half its height and width"
    return [*found, Result("decoding 40 megapixels", 1 / _rate(data), "s", LARGEST_BAR, note=note)]


def _rate(data: bytes) -> float:
    decode_image(data)
    count, begin = 0, time.thread_time()
    while (spent := time.thread_time() - begin) < SECONDS:
        decode_image(data)
        count += 1
    return count / spent


def _size(size: tuple[int, int]) -> str:
    return f"JPEG of {size[0]}×{size[1]}"
