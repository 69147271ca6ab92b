"""Structures made of melanin: network, globules, streaks, veil, regression and their like."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from lesionlab.data.synthetic.canvas import Field, blob_outlines, ribbon, smoothstep
from lesionlab.data.synthetic.lesion import Paint


def base(paint: Paint, melanin: float, blood: float, mottle: float = 0.2) -> None:
    """Fills the lesion with pigment and blood that vary by about the fraction `mottle`."""
    cloud = 1 + mottle * paint.canvas.noise(paint.rng, 0.5 * paint.radius)
    grain = 1 + 0.6 * mottle * paint.canvas.noise(paint.rng, 0.022)
    cloud = np.clip(cloud, 0.3, 2) * np.clip(grain, 0.4, 2) * paint.body
    paint.melanin += melanin * cloud
    paint.blood += blood * cloud


def patches(paint: Paint, number: int, melanin: float, blood: float, size: float = 0.35) -> None:
    """Adds unlike patches off the centre: the many colours of an asymmetric lesion."""
    for _ in range(number):
        distance = paint.distance_from(paint.off_centre(0.25, 0.7), 0.18, 0.3 * paint.radius)
        patch = smoothstep(1.35 * size, 0.7 * size, distance) * paint.body
        paint.melanin += melanin * patch * np.float32(paint.between(0.7, 1.3))
        paint.blood += blood * patch


def network_lines(
    paint: Paint, spacing: float, width: float, uneven: float, jitter: float = 0.28
) -> Field:
    """Coverage of a pigment network: the walls of a honeycomb.

    Args:
        spacing: between the holes' centres, in picture heights.
        width: of a line, in picture heights.
        uneven: how much the lines' widths differ, 0 (typical) to 1 (atypical).
        jitter: how irregular the holes are, in spacings.
    """
    holes = paint.canvas.lattice(paint.rng, spacing, jitter)
    walls = Voronoi(holes)
    ends = np.array([pair for pair in walls.ridge_vertices if pair[0] >= 0])
    segments = walls.vertices[ends]
    middles = segments.mean(axis=1)
    segments = segments[paint.inside(middles, -spacing)]
    factor = np.exp(uneven * paint.rng.normal(0, 0.8, len(segments)))
    if uneven > 0.5:  # an atypical network has broken lines
        kept = paint.rng.random(len(segments)) > 0.18
        segments, factor = segments[kept], factor[kept]
    return paint.canvas.lines(segments, width * np.clip(factor, 0.4, 2.4), blur=0.16 * width)


def globule_field(
    paint: Paint,
    centres: NDArray[np.float64],
    radius: float,
    uneven: float = 0.2,
    wobble: float = 0.1,
    blur: float = 0.002,
) -> Field:
    """Coverage of round to oval clumps at `centres` (n, 2)."""
    # A stream of its own: how many clumps there are changes nothing that is drawn later.
    rng = np.random.default_rng(paint.rng.integers(2**63))
    radii = radius * np.exp(rng.normal(0, uneven, len(centres)))
    outlines = blob_outlines(rng, centres, radii, wobble, elongation=1.3, corners=14)
    strengths = rng.uniform(0.75, 1.0, len(centres)).tolist()
    return paint.canvas.polygons(outlines, strengths, blur)


def scattered(
    paint: Paint, spacing: float, margin: float, keep: float = 1.0
) -> NDArray[np.float64]:
    """Irregularly spaced points (n, 2) inside the lesion, about `spacing` apart."""
    points = paint.canvas.lattice(paint.rng, spacing, 0.38)
    points = points[paint.rng.random(len(points)) < keep]
    return points[paint.inside(points, margin)]


def streaks(paint: Paint, arc: float, length: float, number: int, bulbs: bool = True) -> Field:
    """Radial streaks and pseudopods at the border along `arc` radians of it."""
    begin = paint.between(0, 2 * np.pi)
    angles = begin + np.linspace(0, arc, number) + paint.rng.normal(0, 0.09, number)
    shapes: list[NDArray[np.float64]] = []
    for angle in angles:
        direction = np.array([np.cos(angle), np.sin(angle)])
        ray = np.linspace(0.3, 1.5, 60)[:, None] * direction * np.array(paint.radii)
        inside = np.flatnonzero(paint.inside(ray))
        edge = ray[inside[-1]] if len(inside) else 0.95 * direction * np.array(paint.radii)
        outward = edge / max(float(np.hypot(*edge)), 1e-6)
        reach = length * paint.between(0.4, 1.3)
        sideways = np.array([-outward[1], outward[0]]) * paint.between(-0.45, 0.45) * reach
        steps = np.linspace(-1.2, 0.7, 10)[:, None]
        path = edge + steps * reach * outward + sideways * np.maximum(steps, 0) ** 2
        thick = 0.014 * paint.between(0.6, 1.3)
        shapes.append(ribbon(path, thick * np.linspace(1.6, 0.7, 10)))
        if bulbs:
            tip = path[-1][None]
            shapes.append(blob_outlines(paint.rng, tip, 0.85 * thick, 0.1)[0])
    strengths = paint.rng.uniform(0.5, 1.0, len(shapes)).tolist()
    rays = paint.canvas.polygons(shapes, strengths, blur=0.0035)
    # Streaks belong to the lesion: its outline follows them.
    np.maximum(paint.depth, (rays - np.float32(0.4)) * np.float32(0.01), out=paint.depth)
    return rays


def veil(paint: Paint, size: float, strength: float) -> Field:
    """A blue-white veil: structureless blue-grey with a whitish ground-glass haze."""
    distance = paint.distance_from(paint.off_centre(0.0, 0.4), 0.2, 0.35 * paint.radius)
    cover = strength * smoothstep(1.35 * size, 0.6 * size, distance) * paint.body
    tint = (0.40 + paint.between(-0.05, 0.05), 0.45, 0.55 + paint.between(-0.04, 0.05))
    paint.cover(cover, tint)
    haze = smoothstep(0.2, 1.4, paint.canvas.noise(paint.rng, 0.12)) * cover
    paint.cover(0.45 * haze, (0.74, 0.78, 0.86))
    return cover


def regression(paint: Paint, size: float) -> None:
    """White scar-like area with blue-grey pepper."""
    distance = paint.distance_from(paint.off_centre(0.3, 0.6), 0.22, 0.3 * paint.radius)
    scar = smoothstep(1.3 * size, 0.65 * size, distance) * paint.body
    paint.cover(0.78 * scar, (0.90, 0.82, 0.80))
    points = scattered(paint, 0.022, 0.02, keep=0.7)
    points = points[paint.canvas.sample(scar, points) > 0.4]
    pepper = globule_field(paint, points, 0.0052, uneven=0.3)
    paint.cover(0.75 * pepper * scar, (0.36, 0.38, 0.46))


def leaves(paint: Paint, number: int) -> Field:
    """Leaf-like areas: bulbous extensions joined at a base near the border."""
    shapes: list[NDArray[np.float64]] = []
    for _ in range(number):
        angle = paint.between(0, 2 * np.pi)
        direction = np.array([np.cos(angle), np.sin(angle)])
        root = 0.62 * direction * np.array(paint.radii)
        for lobe in paint.rng.uniform(-1.0, 1.0, paint.rng.integers(3, 6)):
            turned = angle + 0.75 * lobe
            way = np.array([np.cos(turned), np.sin(turned)])
            reach = 0.075 * paint.between(0.7, 1.2)
            path = root + np.linspace(0, 1, 9)[:, None] * reach * way
            profile = np.array([0.4, 0.45, 0.55, 0.7, 0.9, 1.0, 1.0, 0.85, 0.45])
            shapes.append(ribbon(path, 0.034 * profile * paint.between(0.8, 1.2)))
    return paint.canvas.polygons(shapes, blur=0.004)
