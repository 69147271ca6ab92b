"""A model as one file, and its end, for those who may not touch the room of models themselves."""

from __future__ import annotations

import tempfile
from pathlib import Path

from lesionlab.data.ownership import is_server, owner_of
from lesionlab.models import locate
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


def delete_model(name: str, desk: str | None) -> None:
    """Delete a model that this desk has brought in; the command line may delete any.

    Raises:
        JobError: There is no such model, or it is somebody else's.
    """
    locate.delete_model(name, None if is_server(desk) else owner_of(desk))
