"""The skin around a lesion: tone, texture, freckles, and the light it is seen in."""

import math

import numpy as np
from numpy.typing import NDArray

from lesionlab.data.synthetic.canvas import Canvas, Field, blob_outlines
from lesionlab.data.synthetic.lesion import BLOOD, MELANIN

# Colours of unlesioned skin, Fitzpatrick types I to VI, as a dermatoscope that sets its own
# exposure shows them (the darkest ones are brighter than to the naked eye).
TONES = np.array(
    [
        (0.92, 0.77, 0.72),
        (0.89, 0.71, 0.63),
        (0.83, 0.63, 0.53),
        (0.73, 0.53, 0.42),
        (0.60, 0.42, 0.32),
        (0.47, 0.32, 0.25),
    ],
    np.float32,
)

COARSE_PIXELS = 225.0


def skin_colour(tone: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """One person's skin: (3,) 0..1. `tone` is the Fitzpatrick type, 1 to 6."""
    melanin, blood = rng.normal(0, 0.06), rng.normal(0, 0.07)
    return np.clip(TONES[tone - 1] * np.exp(-(melanin * MELANIN + blood * BLOOD)), 0.1, 0.97)


def skin_texture(frame: Canvas, colour: NDArray[np.float32], rng: np.random.Generator) -> Field:
    """Skin of one colour with its blotches, furrows and pores: planes (3, height, width), 0..1."""
    # All but the finest grain is smooth, and so is drawn at a lower resolution.
    coarse = Canvas(frame.half_height, frame.half_width, min(frame.pixels, COARSE_PIXELS))
    melanin = 0.05 * coarse.noise(rng, 0.22) + rng.uniform(0.02, 0.06) * coarse.noise(rng, 0.035)
    blood = 0.05 * coarse.noise(rng, 0.3) + rng.uniform(0.02, 0.045) * coarse.noise(rng, 0.05)
    # Skin markings: fine furrows where a noise crosses zero, lighter ridges between them.
    furrows = np.abs(coarse.noise(rng, 0.028))
    melanin += rng.uniform(0.02, 0.08) * (np.float32(0.6) - furrows)
    melanin, blood = frame.enlarge(melanin), frame.enlarge(blood)
    melanin += rng.uniform(0.02, 0.05) * frame.noise(rng, 0.007)
    if rng.random() < 0.35:
        melanin += freckles(frame, rng)
    planes = np.empty((3, *frame.shape), np.float32)
    for channel, plane in enumerate(planes):
        # Thin layers: 1 - x stands for exp(-x).
        np.multiply(melanin, -MELANIN[channel] * colour[channel], out=plane)
        plane -= blood * (BLOOD[channel] * colour[channel])
        plane += colour[channel]
    return planes


def freckles(frame: Canvas, rng: np.random.Generator) -> Field:
    """Melanin of some small spots on the surrounding skin (height, width)."""
    number = int(rng.integers(2, 9))
    centres = rng.uniform(-0.5, 0.5, (number, 2)) * [2 * frame.half_width, 2 * frame.half_height]
    radii = 0.016 * np.exp(rng.normal(0, 0.4, number))
    outlines = blob_outlines(rng, centres, radii, 0.25)
    return np.float32(rng.uniform(0.15, 0.5)) * frame.polygons(outlines, blur=0.006)


def light_gains(
    frame: Canvas, colour: NDArray[np.float32], rng: np.random.Generator
) -> tuple[Field, NDArray[np.float32]]:
    """Uneven light (height, width) and the camera's white balance and exposure (3,).

    The exposure never blows out plain skin of the given `colour` (3,).
    """
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.22)
    tilt = np.float32(slope) * (frame.x * math.cos(angle) + frame.y * math.sin(angle))
    falloff = np.float32(rng.uniform(0.0, 0.35)) * (frame.x**2 + frame.y**2)
    balance = np.exp(rng.normal(0, [0.06, 0.025, 0.08]) + rng.normal(0, 0.08))
    balance *= min(1.0, 0.93 / float((balance * colour).max()))
    return (np.float32(1) + tilt - falloff).astype(np.float32), balance.astype(np.float32)
