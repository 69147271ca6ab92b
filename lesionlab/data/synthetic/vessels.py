"""Structures made of blood: vessels of every shape, lacunae, erosions."""

import numpy as np
from numpy.typing import NDArray

from lesionlab.data.synthetic.canvas import Field, blob_outlines, ribbon, smoothstep, wander
from lesionlab.data.synthetic.lesion import Paint
from lesionlab.data.synthetic.pigment import scattered


def arborising(paint: Paint, trees: int, width: float) -> Field:
    """Coverage of bright, sharply focused vessels that branch like trees."""
    shapes: list[NDArray[np.float64]] = []

    def grow(
        start: NDArray[np.float64], angle: float, length: float, thick: float, left: int
    ) -> None:
        path = wander(paint.rng, start, angle, length, 0.9)
        shapes.append(ribbon(path, np.linspace(thick, 0.62 * thick, len(path))))
        if left == 0:
            return
        for place in paint.rng.choice([5, 8, 11, 14], size=paint.rng.integers(2, 4), replace=False):
            heading = np.arctan2(*(path[place] - path[place - 2])[::-1])
            side = paint.rng.choice([-1, 1]) * paint.between(0.4, 1.0)
            shrink = paint.between(0.5, 0.75)
            grow(path[place], float(heading + side), shrink * length, 0.62 * thick, left - 1)

    begin = paint.between(0, 2 * np.pi)
    for tree in range(trees):
        angle = begin + 2 * np.pi * tree / trees + paint.between(-0.4, 0.4)
        start = 0.85 * np.array([np.cos(angle), np.sin(angle)]) * np.array(paint.radii)
        inward = angle + np.pi + paint.between(-0.5, 0.5)
        grow(start, inward, 1.15 * paint.radius, width * paint.between(0.85, 1.2), 2)
    # They run a little way into the skin around and fade there.
    return paint.canvas.polygons(shapes, blur=0.0014) * smoothstep(-0.05, 0.0, paint.depth)


def hairpins(paint: Paint, spacing: float, inner: float, size: float = 0.03) -> Field:
    """Coverage of looped (hairpin) vessels, radially arranged outside `inner` of the radius."""
    centres = scattered(paint, spacing, 0.01, keep=0.7)
    centres = centres[paint.away(centres) > inner]
    shapes: list[NDArray[np.float64]] = []
    for centre in centres:
        angle = np.arctan2(centre[1], centre[0]) + paint.rng.normal(0, 0.55)
        length, gap = size * paint.between(0.5, 1.3), size * paint.between(0.22, 0.42)
        turn = np.linspace(-np.pi / 2, np.pi / 2, 7)
        loop = np.stack([length / 2 + gap / 2 * np.cos(turn), gap / 2 * np.sin(turn)], axis=-1)
        legs = np.linspace(-length / 2, length / 2, 5)[:-1, None]
        lower = np.concatenate([legs, np.full_like(legs, -gap / 2)], axis=1)
        upper = np.concatenate([legs[::-1], np.full_like(legs, gap / 2)], axis=1)
        path = np.concatenate([lower, loop, upper])
        twist = paint.between(0.05, 0.3)
        path[:, 1] += twist * size * np.sin(4 * path[:, 0] / size + paint.between(0, 6))
        turned = path @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        shapes.append(ribbon(centre + turned, np.full(len(path), paint.between(0.005, 0.008))))
    strengths = paint.rng.uniform(0.5, 1.0, len(shapes)).tolist()
    return paint.canvas.polygons(shapes, strengths, blur=0.002)


def lacunae(paint: Paint, spacing: float) -> tuple[Field, Field]:
    """Well-demarcated round lakes of blood with pale septa between.

    Returns:
        Coverage of the lakes, and a strength 0..1 of each lake's own colour (height, width).
    """
    centres = scattered(paint, spacing, 0.25 * spacing, keep=0.96)
    if not len(centres):
        centres = np.zeros((1, 2))
    radii = 0.45 * spacing * np.exp(paint.rng.normal(0, 0.25, len(centres)))
    outlines = blob_outlines(paint.rng, centres, radii, 0.12, elongation=1.25)
    cover = paint.canvas.polygons(outlines, blur=0.0035)
    shades = paint.rng.uniform(0.15, 1.0, len(centres)).tolist()
    depth = paint.canvas.polygons(outlines, shades, blur=0.16 * spacing)
    return cover, depth * np.clip(1 + 0.25 * paint.canvas.noise(paint.rng, 0.03), 0.4, 1.3)


def erosion(paint: Paint, size: float, place: tuple[float, float]) -> None:
    """An ulcer: a structureless red-brown to orange crust with a dark clot and a sharp edge."""
    distance = paint.distance_from(place, 0.3 * size, 0.05)
    crust = smoothstep(size, 0.85 * size, distance) * smoothstep(0.0, 0.02, paint.depth)
    paint.cover(0.9 * crust, (0.62, 0.27 + paint.between(-0.05, 0.1), 0.14))
    clot = smoothstep(0.2, 0.9, paint.canvas.noise(paint.rng, 0.035)) * crust
    paint.cover(0.85 * clot, (0.25, 0.06, 0.05))
