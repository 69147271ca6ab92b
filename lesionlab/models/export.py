"""A model for other programs."""

from __future__ import annotations

import tempfile
from pathlib import Path

from lesionlab.errors import ModelError, disk_errors
from lesionlab.files import sync_folder
from lesionlab.models.rebuild import load_bundle


def export_keras(folder: Path, path: Path) -> None:
    """Write a bundle's model as one `.keras` file, which Keras alone can load.

    All layers are Keras's own; pictures go in as 0 to 255, probabilities come out.

    Args:
        folder: The bundle.
        path: A file ending in `.keras`.

    Raises:
        ModelError: The path ends otherwise.
        BundleError: The bundle is damaged.
        DiskError: The disk is full or read-only.
    """
    if path.suffix != ".keras":
        raise ModelError("Expected a path ending in .keras.", f"Received {path.name}.")
    model = load_bundle(folder)
    with disk_errors("the exported model"):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Keras looks at the ending, so the temporary file needs the right one.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as aside:
            temporary = Path(aside) / path.name
            model.save(temporary)
            temporary.replace(path)
            sync_folder(path.parent)
