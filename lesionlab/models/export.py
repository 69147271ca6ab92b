"""A model for other programs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras

from lesionlab.errors import ModelError, disk_errors
from lesionlab.files import sync_folder
from lesionlab.models.bundle import read_description
from lesionlab.models.rebuild import load_bundle


def export_keras(folder: Path, path: Path) -> None:
    """Write a bundle's model as one `.keras` file, which Keras alone can load.

    All layers are Keras's own; pictures of the network's size go in as 0 to 255, and probabilities
    come out, softened by the model's temperature. Each picture is judged as it is: where the
    experiment's `evaluation.test_time` asks for changed copies, lesionlab's own answers are means
    over these, and differ a little.

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
    model = _softened(load_bundle(folder), read_description(folder).temperature)
    with disk_errors("the exported model"):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Keras looks at the ending, so the temporary file needs the right one.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as aside:
            temporary = Path(aside) / path.name
            model.save(temporary)
            temporary.replace(path)
            sync_folder(path.parent)


def _softened(model: keras.Model, temperature: float) -> keras.Model:
    """The model with its logits divided by the temperature (Guo et al. 2017, section 4.2)."""
    if temperature == 1:
        return model
    logits = model.get_layer("logits").output
    divided = keras.layers.Rescaling(1 / temperature, name="temperature", dtype="float32")(logits)
    probabilities = keras.layers.Softmax(name="calibrated_probabilities", dtype="float32")(divided)
    return keras.Model(model.input, probabilities, name=model.name)
