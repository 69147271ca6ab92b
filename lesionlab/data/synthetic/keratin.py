"""Structures made of keratin and scar: cysts, plugs, scale, white patches, fissures."""

import math

import numpy as np
from numpy.typing import NDArray

from lesionlab.data.synthetic.canvas import Field, blob_outlines, ribbon, smoothstep, wander
from lesionlab.data.synthetic.lesion import Paint
from lesionlab.data.synthetic.pigment import globule_field, scattered


def milia_cysts(paint: Paint, spacing: float, radius: float) -> None:
    """Milia-like cysts: bright white-yellow round dots, glowing a little."""
    centres = scattered(paint, spacing, 0.02, keep=0.7)
    cysts = globule_field(paint, centres, radius, uneven=0.25, blur=0.003)
    glow = globule_field(paint, centres, 1.9 * radius, uneven=0.1, blur=0.008)
    paint.cover(0.35 * glow, (0.95, 0.85, 0.68))
    paint.cover(0.95 * cysts, (1.0, 0.96, 0.86))


def comedo_openings(paint: Paint, spacing: float, radius: float) -> None:
    """Comedo-like openings: dark brown plugs, sharply set off, with a paler rim."""
    centres = scattered(paint, spacing, 0.02, keep=0.75)
    radii = radius * np.exp(paint.rng.normal(0, 0.3, len(centres)))
    rim = blob_outlines(paint.rng, centres, 1.45 * radii, 0.1)
    paint.cover(0.35 * paint.canvas.polygons(rim, blur=0.004), (0.93, 0.80, 0.62))
    plugs = blob_outlines(paint.rng, centres, radii, 0.18, elongation=1.4)
    paint.cover(0.92 * paint.canvas.polygons(plugs, blur=0.0018), (0.22, 0.12, 0.06))


def fissures(paint: Paint, spacing: float) -> Field:
    """Coverage of curved furrows between ridges, the brain-like surface."""
    warp_x = paint.canvas.noise(paint.rng, 2.6 * spacing)
    warp_y = paint.canvas.noise(paint.rng, 2.6 * spacing)
    angle = paint.between(0, np.pi)
    phase = (paint.canvas.x * math.cos(angle) + paint.canvas.y * math.sin(angle)) / spacing
    waves = np.cos(2 * np.pi * phase + 2.0 * warp_x + 1.0 * warp_y)
    gaps = smoothstep(-0.6, 0.3, paint.canvas.noise(paint.rng, 3 * spacing))
    return smoothstep(0.55, 0.95, waves.astype(np.float32)) * gaps * paint.body


def white_patch(paint: Paint, size: float, strength: float) -> Field:
    """A central scar-like patch whose edge runs out in fine white lines."""
    distance = paint.distance_from((0.0, 0.0), 0.09, 0.4 * paint.radius)
    distance += 0.035 * paint.canvas.noise(paint.rng, 0.03)
    patch = smoothstep(1.3 * size, 0.6 * size, distance) * paint.body
    paint.cover(strength * patch, (0.95, 0.87, 0.85))
    return patch


def white_lines(paint: Paint, number: int, reach: float, length: float) -> None:
    """Short, bright, straight white lines that cross each other (shiny strands)."""
    shapes: list[NDArray[np.float64]] = []
    lean = paint.between(0, np.pi)
    for _ in range(number):
        place = paint.rng.uniform(-reach, reach, 2) * np.array(paint.radii)
        angle = lean + paint.rng.choice([0.0, np.pi / 2]) + paint.rng.normal(0, 0.15)
        path = wander(paint.rng, place, angle, length * paint.between(0.6, 1.3), 0.3)
        taper = np.sin(np.linspace(0.15, np.pi - 0.15, len(path)))
        shapes.append(ribbon(path, 0.009 * taper))
    paint.cover(0.75 * paint.canvas.polygons(shapes, blur=0.002) * paint.body, (0.97, 0.92, 0.92))


def follicles(
    paint: Paint, spacing: float, radius: float, halo: float, plug: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Follicular openings as targets: a white halo around a coloured plug.

    Returns:
        Their centres (n, 2).
    """
    points = paint.canvas.lattice(paint.rng, spacing, 0.2)
    centres = points[paint.inside(points, 0.0) & (paint.rng.random(len(points)) < 0.85)]
    if len(centres):
        radii = radius * np.exp(paint.rng.normal(0, 0.2, len(centres)))
        clear = paint.rng.uniform(0.45, 1.0, len(centres)).tolist()
        rings = blob_outlines(paint.rng, centres, halo * radii, 0.15)
        paint.cover(0.75 * paint.canvas.polygons(rings, clear, 0.005), (0.96, 0.85, 0.80))
        plugs = blob_outlines(paint.rng, centres, 0.8 * radii, 0.2)
        paint.cover(0.8 * paint.canvas.polygons(plugs, clear, 0.0025), plug)
    return centres


def scale(paint: Paint, amount: float) -> None:
    """Flakes of white-yellow surface scale."""
    noise = paint.canvas.noise(paint.rng, 0.045) + 0.5 * paint.canvas.noise(paint.rng, 0.016)
    flakes = smoothstep(1.8 - amount, 2.6 - amount, noise) * paint.body
    paint.cover(0.7 * flakes, (0.96, 0.92, 0.84))


def keratin_mass(paint: Paint, size: float, place: tuple[float, float]) -> None:
    """A central mass of keratin: amorphous white-yellow to brown, cracked, with blood spots."""
    distance = paint.distance_from(place, 0.22 * size, 0.07)
    mass = smoothstep(size, 0.82 * size, distance) * smoothstep(0.0, 0.02, paint.depth)
    paint.cover(0.92 * mass, (0.90, 0.78 + paint.between(-0.06, 0.06), 0.52))
    lumps = smoothstep(0.1, 1.3, paint.canvas.noise(paint.rng, 0.03)) * mass
    paint.cover(0.7 * lumps, (0.97, 0.93, 0.82))
    cracks = smoothstep(0.14, 0.0, np.abs(paint.canvas.noise(paint.rng, 0.055))) * mass
    paint.cover(0.7 * cracks, (0.55, 0.33, 0.13))
    spots = scattered(paint, 0.05, 0.02, keep=0.55)
    spots = spots[paint.canvas.sample(mass, spots) > 0.5]
    paint.cover(0.85 * globule_field(paint, spots, 0.010, uneven=0.4), (0.42, 0.07, 0.06))
