"""Is a picture good enough to be judged? How sharp it is, and how its light lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from lesionlab.images.convolve import KERNELS, convolve

# Everything is measured at this many pixels of the shorter side, about what networks see, so that
# pictures of different cameras can be compared.
MEASURED_SIDE = 224
# Weights of red, green and blue for the eye: ITU-R BT.601.
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# Of 1,500 pictures of HAM10000 the least sharp has 2.4, and its 29 originals at 450×600 have 4 to
# 14; under a Gaussian blur of 3 pixels all but one of these fall below 2.
BLURRED_BELOW = 2.0
# HAM10000 lies between 0.35 and 0.90. The lower limit leaves room for dark skin, which is no fault.
DARK_BELOW, BRIGHT_ABOVE = 0.12, 0.92
# Pixels this near to black or white have lost what was there.
BLACK, WHITE, LOST_SHARE = 3, 252, 0.25
SMALL_SIDE = 100


@dataclass(frozen=True)
class Quality:
    """What was measured, and what a user should know.

    Attributes:
        sharpness: Standard deviation of the Laplacian of the brightness (0 to 255), at
            `MEASURED_SIDE` pixels. After Pech-Pacheco et al. (2000), who take the variance.
        exposure: Mean brightness, 0 (black) to 1 (white).
        warnings: Sentences, empty for a good picture.
    """

    sharpness: float
    exposure: float
    warnings: tuple[str, ...]


def measure_quality(image: np.ndarray) -> Quality:
    """Measure sharpness and light of a picture.

    Args:
        image: uint8 RGB `(h, w, 3)`.
    """
    height, width = image.shape[:2]
    ratio = min(1.0, MEASURED_SIDE / min(height, width))
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
    brightness = small.astype(np.float32) @ LUMA
    edges = convolve(brightness, KERNELS["laplacian"].weights, padding="replicate")
    sharpness, exposure = float(edges.std()), float(brightness.mean() / 255)
    warnings = []
    if min(height, width) < SMALL_SIDE:
        warnings.append(
            f"The picture is small: {height}×{width} pixels. Take one of at least {SMALL_SIDE}."
        )
    if sharpness < BLURRED_BELOW:
        warnings.append("The picture is not sharp. Hold still, focus on the lesion and try again.")
    if exposure < DARK_BELOW or (brightness <= BLACK).mean() > LOST_SHARE:
        warnings.append("The picture is too dark, or much of it is black. Take one in more light.")
    if exposure > BRIGHT_ABOVE or (brightness >= WHITE).mean() > LOST_SHARE:
        warnings.append("The picture is too bright, or much of it is white. Avoid reflections.")
    return Quality(sharpness, exposure, tuple(warnings))
