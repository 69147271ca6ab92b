"""The kernels of a network's first convolution, as they are and as random numbers."""

from __future__ import annotations

import numpy as np

from lesionlab.errors import ModelError
from lesionlab.models.description import FROM_RANDOM
from lesionlab.service.loaded import Loaded


def kernels(loaded: Loaded) -> dict[str, np.ndarray]:
    """The first layer's kernels before and after training.

    Returns:
        `after` float32 `(n, k, k, 3)`, red green blue; `before`, the random numbers that the same
        layer draws from the experiment's seed; `exact`, whether the training began with just
        these (else it began with learned weights); `bias` `(n,)`; `scale` and `offset` `(3,)`,
        what turns 0..255 into the numbers that the layer gets; `stride`; `layer`, its name.

    Raises:
        ModelError: The model has no convolution over three colours.
    """
    # Imported here so that this module can be imported without Keras.
    import keras

    from lesionlab.models.build import random_kernel

    convolutions = (one for one in loaded.model.layers if isinstance(one, keras.layers.Conv2D))
    layer = next(convolutions, None)
    if layer is None or layer.kernel.shape[2] != 3:
        raise ModelError(
            "The first kernels of a network look at red, green and blue.",
            f"{loaded.reference} has no such layer.",
            "Choose another model.",
        )
    scaling = next(
        (one for one in loaded.model.layers if isinstance(one, keras.layers.Rescaling)), None
    )
    experiment = loaded.description.experiment
    after = keras.ops.convert_to_numpy(layer.kernel).astype(np.float32)
    before = keras.ops.convert_to_numpy(random_kernel(layer, after.shape, experiment.seed))
    bias = keras.ops.convert_to_numpy(layer.bias) if layer.use_bias else np.zeros(after.shape[3])
    return {
        "after": np.ascontiguousarray(np.moveaxis(after, 3, 0)),
        "before": np.ascontiguousarray(np.moveaxis(before, 3, 0)),
        # Where other weights were wished for and could not be had, random numbers may stand in.
        "exact": np.array(
            experiment.model.weights == "random" or FROM_RANDOM in loaded.description.start_weights
        ),
        "bias": bias.astype(np.float32),
        "scale": np.broadcast_to(np.float32(scaling.scale if scaling else 1), 3).copy(),
        "offset": np.broadcast_to(np.float32(scaling.offset if scaling else 0), 3).copy(),
        "stride": np.array(layer.strides[0]),
        "layer": np.array(layer.name),
    }
