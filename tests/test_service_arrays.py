"""Arrays go over the wire as they are, and nothing pickled comes in."""

import io

import numpy as np
import pytest

from lesionlab.errors import ServiceError
from lesionlab.service.arrays import pack, unpack


def test_arrays_come_back_as_they_were(rng: np.random.Generator) -> None:
    maps = rng.random((3, 4, 5)).astype(np.float32)
    found = unpack(pack(maps=maps, indices=np.array([2, 0, 1])))
    assert set(found) == {"maps", "indices"}
    assert found["maps"].dtype == np.float32
    np.testing.assert_array_equal(found["maps"], maps)
    np.testing.assert_array_equal(found["indices"], [2, 0, 1])


def test_a_pickle_is_refused() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, trap=np.array([object()], dtype=object))
    with pytest.raises(ServiceError, match="arrays"):
        unpack(buffer.getvalue())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04half", b'{"error": "x"}'])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ServiceError, match="arrays"):
        unpack(content)
