"""A model as one file, for those who may not touch the room of models themselves."""

from __future__ import annotations

import tempfile
from pathlib import Path

from lesionlab.models.archive import SUFFIX, pack
from lesionlab.models.locate import find_model


def packed_bundle(reference: str) -> bytes:
    """The bytes of a model's `.lesionlab` file.

    Args:
        reference: A run's id, or the name of a shipped or imported model.

    Raises:
        JobError: There is no such model.
        BundleError: It is damaged.
        DiskError: The disk is full.
    """
    folder = find_model(reference, allow_paths=False)
    with tempfile.TemporaryDirectory() as aside:
        path = Path(aside) / f"model{SUFFIX}"
        pack(folder, path)
        return path.read_bytes()
