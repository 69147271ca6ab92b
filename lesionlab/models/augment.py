"""Random changes of training pictures: drawn by NumPy, done by a Keras layer.

The draw and the doing are apart, so that any step of a training can be repeated exactly, on any
backend, and so that the page can show the very pictures that training sees.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from lesionlab.experiment import Augmentation

COLUMNS = (
    "rotation",  # degrees, counter-clockwise
    "shift_y",  # pixels, down
    "shift_x",  # pixels, to the right
    "zoom",  # factor; above 1 enlarges
    "shear",  # degrees
    "flip_x",  # 1 mirrors left and right
    "flip_y",  # 1 mirrors top and bottom
    "brightness",  # relative change
    "contrast",  # relative change
    "saturation",  # relative change
    "hue",  # turns of the colour circle
    "hole_y",  # centre of the hole, pixels
    "hole_x",
    "hole_side",  # pixels; 0 is no hole
)
# RGB to luminance and two colour axes (NTSC's YIQ). Saturation scales the two axes, hue turns
# them, so that both are one 3×3 matrix a picture.
_TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
_TO_RGB = np.linalg.inv(_TO_YIQ)


def is_identity(augmentation: Augmentation) -> bool:
    """Whether the settings change nothing."""
    return augmentation == Augmentation(fill=augmentation.fill)


def draw_parameters(
    augmentation: Augmentation, num: int, size: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """Draw what happens to each picture.

    Every number is drawn even where its setting is zero, so that changing one setting leaves the
    draws of the others as they are.

    Args:
        augmentation: Largest changes.
        num: Number of pictures.
        size: Height and width of the pictures in pixels.
        rng: Source of randomness.

    Returns:
        float32 `(num, 14)`, columns as in `COLUMNS`.
    """
    a, (height, width) = augmentation, size
    u = rng.uniform(-1, 1, (num, 12))
    hole = rng.uniform(0, 1, (num, 2))
    columns = [
        u[:, 0] * a.rotation,
        u[:, 1] * a.shift * height,
        u[:, 2] * a.shift * width,
        1 + u[:, 3] * a.zoom,
        u[:, 4] * a.shear,
        (u[:, 5] > 0) & a.horizontal_flip,
        (u[:, 6] > 0) & a.vertical_flip,
        u[:, 7] * a.brightness,
        u[:, 8] * a.contrast,
        u[:, 9] * a.saturation,
        u[:, 10] * a.hue,
        hole[:, 0] * height,
        hole[:, 1] * width,
        # Every second picture has a hole of the full size (DeVries and Taylor 2017, with p = 0.5).
        np.where(u[:, 11] > 0, a.cutout * min(height, width), 0),
    ]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


class Augment(keras.layers.Layer):
    """Change pictures as their parameters say.

    One affine transform (flip, shear, zoom, rotation, shift together: pixels are interpolated
    once), then colours, then the hole. Steps that the settings leave out are not computed.
    """

    def __init__(self, augmentation: Augmentation, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self.augmentation = augmentation

    def call(self, images: Any, parameters: Any) -> Any:
        """Change a batch.

        Args:
            images: `(n, h, w, 3)`, uint8 or float, 0 to 255.
            parameters: `(n, 14)` of `draw_parameters`.

        Returns:
            float32 `(n, h, w, 3)`, 0 to 255.
        """
        a = self.augmentation
        images = ops.cast(images, "float32")
        parameters = ops.cast(parameters, "float32")
        columns = {name: parameters[:, k] for k, name in enumerate(COLUMNS)}
        height, width = images.shape[1:3]
        if a.rotation or a.shift or a.zoom or a.shear or a.horizontal_flip or a.vertical_flip:
            images = ops.image.affine_transform(
                images,
                _affine(columns, height, width),
                interpolation="bilinear",
                fill_mode=a.fill,
            )
        if a.brightness or a.contrast or a.saturation or a.hue:
            images = _colours(images, columns, a)
        if a.cutout:
            images = _cutout(images, columns, height, width)
        return images

    def compute_output_shape(self, images_shape: Any, parameters_shape: Any) -> Any:
        return images_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "augmentation": self.augmentation.model_dump()}


def make_augmenter(augmentation: Augmentation, size: tuple[int, int]) -> keras.Model:
    """The layer as a compiled function: `augmenter.predict_on_batch([images, parameters])`.

    Compiled it takes a fraction of the time, and it may run in a thread beside the training.
    """
    images = keras.Input((*size, 3), name="images", dtype="uint8")
    parameters = keras.Input((len(COLUMNS),), name="parameters")
    changed = Augment(augmentation, name="augment")(images, parameters)
    return keras.Model([images, parameters], changed, name="augmenter")


def _affine(columns: dict[str, Any], height: int, width: int) -> Any:
    """Where each output pixel (x, y) is taken from: rows of (a0 a1 a2 b0 b1 b2 0 0).

    Output = centre + rotation · zoom · shear · flip · (input - centre) + shift. Its inverse is
    applied here; everything turns about the centre, in square pixels.
    """
    angle = columns["rotation"] * (np.pi / 180)
    shear = ops.tan(columns["shear"] * (np.pi / 180))
    flip_x, flip_y = 1 - 2 * columns["flip_x"], 1 - 2 * columns["flip_y"]
    # y points down, so that a counter-clockwise turn by the angle has the inverse
    # [[cos, -sin], [sin, cos]].
    cos, sin = ops.cos(angle) / columns["zoom"], ops.sin(angle) / columns["zoom"]
    # flip · [[1, -shear], [0, 1]] · [[cos, -sin], [sin, cos]]
    a0, a1 = flip_x * (cos - shear * sin), flip_x * (-sin - shear * cos)
    b0, b1 = flip_y * sin, flip_y * cos
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    out_x, out_y = centre_x + columns["shift_x"], centre_y + columns["shift_y"]
    a2 = centre_x - a0 * out_x - a1 * out_y
    b2 = centre_y - b0 * out_x - b1 * out_y
    zero = ops.zeros_like(a0)
    return ops.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1)


def _colours(images: Any, columns: dict[str, Any], a: Augmentation) -> Any:
    def of_each(name: str) -> Any:
        return ops.reshape(columns[name], (-1, 1, 1, 1))

    if a.brightness:
        images = images * (1 + of_each("brightness"))
    if a.contrast:
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        images = mean + (images - mean) * (1 + of_each("contrast"))
    if a.saturation or a.hue:
        turn = columns["hue"] * (2 * np.pi)
        scale = 1 + columns["saturation"]
        cos, sin = scale * ops.cos(turn), scale * ops.sin(turn)
        one, zero = ops.ones_like(cos), ops.zeros_like(cos)
        middle = ops.reshape(
            ops.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], axis=1), (-1, 3, 3)
        )
        to_rgb, to_yiq = (ops.convert_to_tensor(m, "float32") for m in (_TO_RGB, _TO_YIQ))
        matrix = ops.matmul(ops.matmul(to_rgb, middle), to_yiq)  # (n, 3, 3)
        height, width = images.shape[1:3]
        pixels = ops.reshape(images, (-1, height * width, 3))
        pixels = ops.matmul(pixels, ops.transpose(matrix, (0, 2, 1)))
        images = ops.reshape(pixels, (-1, height, width, 3))
    return ops.clip(images, 0, 255)


def _cutout(images: Any, columns: dict[str, Any], height: int, width: int) -> Any:
    """Cover a square with the picture's mean colour, which tells the network least."""

    def near(length: int, centre: Any) -> Any:
        distance = ops.abs(ops.arange(length, dtype="float32") + 0.5 - centre[:, None])
        return distance < columns["hole_side"][:, None] / 2  # (n, length)

    rows, across = near(height, columns["hole_y"]), near(width, columns["hole_x"])
    hole = ops.logical_and(rows[:, :, None], across[:, None, :])[..., None]
    return ops.where(hole, ops.mean(images, axis=(1, 2), keepdims=True), images)
