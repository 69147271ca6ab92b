"""Two pictures in one, blended or pasted, with the labels of both: mixup and CutMix.

As with the augmentation, NumPy draws what happens, so that any step can be made again, and a
Keras layer does it inside the compiled step.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from lesionlab.experiment import Experiment

# Position of the other picture in the batch; share of the own picture where it is not covered;
# edges of the piece of the other picture, in pixels (all 0: none).
COLUMNS = ("partner", "blend", "top", "bottom", "left", "right")


def mixes(experiment: Experiment) -> bool:
    """Whether training pictures are mixed."""
    return experiment.training.mixup > 0 or experiment.training.cutmix > 0


def draw_mixing(
    mixup: float,
    cutmix: float,
    shape: tuple[int, ...],
    size: tuple[int, ...],
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw, for each picture of an epoch's batches, with which other one it is mixed and how.

    The other one is of the same batch. The own share is at least half in a blend (the two are
    alike otherwise), so that each picture is seen as itself once an epoch.

    Args:
        mixup: Parameter of the Beta distribution of the share (Zhang et al. 2018); 0 is off.
        cutmix: The same for the area that is kept (Yun et al. 2019); 0 is off. With both on,
            each picture gets one of the two, by equal chances.
        shape: Batches, and pictures in each.
        size: Height and width in pixels.
        rng: Source of randomness.

    Returns:
        float32 `(steps, batch size, 6)`, columns as in `COLUMNS`.
    """
    partner = rng.permuted(np.broadcast_to(np.arange(shape[1]), shape), axis=1)
    blend = rng.beta(mixup or 1, mixup or 1, shape)
    kept = rng.beta(cutmix or 1, cutmix or 1, shape)
    centre_y, centre_x, coin = rng.uniform(0, 1, (3, *shape))
    pasted = np.full(shape, cutmix > 0) & ((coin < 0.5) | (mixup == 0))
    # The piece has the picture's proportions; what stands over the edge is cut off.
    half = np.where(pasted, np.sqrt(1 - kept) / 2, 0)
    edges = [
        np.rint(np.clip(centre + sign * half, 0, 1) * length) * pasted
        for centre, length in ((centre_y, size[0]), (centre_x, size[1]))
        for sign in (-1, 1)
    ]
    own = np.where(pasted, 1, np.maximum(blend, 1 - blend))
    return np.stack([partner, own, *edges], axis=2).astype(np.float32)


def mixed_targets(targets: np.ndarray, mixing: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """What a mixed batch shows: own targets and the other picture's, each by its share.

    Args:
        targets: float32 `(n, columns)` of the batch's pictures.
        mixing: `(n, 6)` of `draw_mixing`.
        size: Height and width in pixels.

    Returns:
        float32 `(n, columns)`.
    """
    partner, blend, top, bottom, left, right = mixing.T
    covered = (bottom - top) * (right - left) / (size[0] * size[1])
    own = (blend * (1 - covered))[:, None]
    mixed: np.ndarray = own * targets + (1 - own) * targets[partner.astype(int)]
    return mixed.astype(np.float32)


class Mix(keras.layers.Layer):
    """Mix the pictures of a batch among themselves."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)

    def call(self, images: Any, mixing: Any) -> Any:
        """Mix a batch.

        Args:
            images: `(n, h, w, 3)`, uint8 or float, 0 to 255.
            mixing: `(n, 6)` of `draw_mixing`.

        Returns:
            float32 `(n, h, w, 3)`, 0 to 255.
        """
        images = ops.cast(images, "float32")
        mixing = ops.cast(mixing, "float32")
        others = ops.take(images, ops.cast(mixing[:, 0], "int32"), axis=0)

        def within(length: int, first: int) -> Any:
            pixel = ops.arange(length, dtype="float32") + 0.5
            edges = mixing[:, first : first + 2]
            return ops.logical_and(pixel > edges[:, :1], pixel < edges[:, 1:])  # (n, length)

        height, width = images.shape[1:3]
        rows, across = within(height, 2), within(width, 4)
        piece = ops.logical_and(rows[:, :, None], across[:, None, :])
        own = ops.where(piece, 0.0, mixing[:, 1][:, None, None])[..., None]
        return own * images + (1 - own) * others

    def compute_output_shape(self, images_shape: Any, mixing_shape: Any) -> Any:
        return images_shape
