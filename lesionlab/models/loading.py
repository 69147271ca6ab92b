"""Loading Keras without TensorFlow's greeting. This module itself needs neither."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what libraries write to standard error while they are imported.

    TensorFlow's own greeting is written by its C++ part, before anything could turn it off. Where
    the import fails, all of it is shown.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(kept, said.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def load_keras() -> None:
    """Load Keras, and all of our code that uses it, without a word."""
    with quiet():
        import lesionlab.models.rebuild  # noqa: F401
