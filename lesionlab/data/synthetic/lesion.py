"""A lesion's outline and its layers: pigment, blood, and what lies on top of them."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lesionlab.data.synthetic.canvas import Canvas, Field, smoothstep

# Optical density a unit of pigment or blood adds to red, green and blue: melanin takes blue most,
# blood takes green most.
MELANIN = np.array([0.50, 0.92, 1.25], np.float32)
BLOOD = np.array([0.14, 0.86, 0.72], np.float32)

GUIDE_PIXELS = 120.0

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Border:
    """How a class's edge behaves; the lengths are fractions of the lesion's mean radius."""

    irregular: tuple[float, float]
    fringe: tuple[float, float]
    softness: tuple[float, float]


@dataclass
class Paint:
    """What structures paint on.

    Attributes:
        canvas: the sheet.
        rng: the lesion's own stream of random numbers.
        radius: mean radius in picture heights.
        radii: long and short radius in picture heights.
        guide, guide_depth: the same depth on a sheet that has the same pixels at every resolution.
            What is placed is placed by it, so that the picture does not depend on the resolution.
        depth: distance to the border in picture heights, positive inside (height, width).
        body: 0 outside to 1 inside, as soft as the border (height, width).
        polar: distance from the centre, 1 at the ideal border (height, width).
        melanin, blood: optical densities (height, width).
        vividness: how clearly the structures stand out, 1 being as in a textbook.
        grain: the fine unevenness of whatever covers the lesion, about 0.9 (height, width).
        overlays: coverage 0..1 and colour of what covers them, the lowest first.
    """

    canvas: Canvas
    rng: np.random.Generator
    radius: float
    radii: tuple[float, float]
    guide: Canvas
    guide_depth: Field
    depth: Field
    body: Field
    polar: Field
    melanin: Field
    blood: Field
    grain: Field
    vividness: float
    overlays: list[tuple[Field, Colour]] = field(default_factory=list)

    def cover(self, coverage: NDArray[np.floating], colour: Colour) -> None:
        """Lays `colour` over everything so far, with `coverage` 0..1 (height, width)."""
        coverage = coverage * self.grain * self.vividness
        self.overlays.append((coverage.astype(np.float32, copy=False), colour))

    def darken(self, density: NDArray[np.floating]) -> None:
        """Adds a structure made of melanin, as optical density (height, width)."""
        self.melanin += (self.vividness * density).astype(np.float32, copy=False)

    def redden(self, density: NDArray[np.floating]) -> None:
        """Adds a structure made of blood, as optical density (height, width)."""
        self.blood += (self.vividness * density).astype(np.float32, copy=False)

    def distance_from(self, place: tuple[float, float], wobble: float, cell: float) -> Field:
        """Distance from `place`, 1 being a lesion's radius, bent by noise of deviation `wobble`."""
        x = self.canvas.x / self.radii[0] - place[0]
        y = self.canvas.y / self.radii[1] - place[1]
        return np.sqrt(x * x + y * y) + wobble * self.canvas.noise(self.rng, cell)

    def off_centre(self, low: float, high: float) -> tuple[float, float]:
        """A place in a random direction, `low` to `high` radii from the centre."""
        angle, away = self.between(0, 2 * math.pi), self.between(low, high)
        return away * math.cos(angle), away * math.sin(angle)

    def inside(self, points: NDArray[np.float64], margin: float = 0.0) -> NDArray[np.bool_]:
        """Which of `points` (n, 2) lie deeper than `margin` picture heights inside the border."""
        return self.guide.sample(self.guide_depth, points) > margin

    def away(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far `points` (n, 2) are from the centre, 1 at the ideal border."""
        return np.hypot(points[:, 0] / self.radii[0], points[:, 1] / self.radii[1])

    def chance(self, probability: float) -> bool:
        """True with `probability`."""
        return bool(self.rng.random() < probability)

    def between(self, low: float, high: float) -> float:
        """A number between `low` and `high`."""
        return float(self.rng.uniform(low, high))

    def colours(self, skin: NDArray[np.float32]) -> Field:
        """The finished lesion on skin of colour `skin` (3,): planes (3, height, width), 0..1."""
        planes = np.empty((3, *self.canvas.shape), np.float32)
        # White, blue and yellow structures look darker on darker skin.
        light = 0.55 + 0.45 * float(skin.mean()) / 0.78
        for channel, plane in enumerate(planes):
            np.multiply(self.melanin, -MELANIN[channel], out=plane)
            plane -= self.blood * BLOOD[channel]
            np.exp(plane, out=plane)
            plane *= skin[channel]
            for coverage, colour in self.overlays:
                plane += coverage * (np.float32(colour[channel] * light) - plane)
        return planes


def start_lesion(
    rng: np.random.Generator,
    border: Border,
    pixels: float,
    radius: float,
    elongation: float,
    vividness: float,
) -> Paint:
    """Shapes an empty lesion.

    Args:
        rng: the lesion's random numbers.
        border: how irregular and how soft its edge is.
        pixels: pixels a picture height.
        radius: mean radius in picture heights.
        elongation: long axis over short axis.
        vividness: how clearly structures stand out, up to 1.
    """
    radii = (radius * math.sqrt(elongation), radius / math.sqrt(elongation))
    irregular, fringe = rng.uniform(*border.irregular), rng.uniform(*border.fringe)
    margin = radius * (0.25 + 1.5 * irregular) + 0.03
    extent = (radii[1] + margin, radii[0] + margin)
    outline = int(rng.integers(2**63))

    def shape(canvas: Canvas) -> tuple[Field, Field]:
        """Depth and polar distance on any canvas: the same outline at every resolution."""
        noise = np.random.default_rng(outline)
        polar = np.sqrt((canvas.x / radii[0]) ** 2 + (canvas.y / radii[1]) ** 2)
        depth = (np.float32(1) - polar) * np.float32(radius)
        depth += irregular * radius * canvas.noise(noise, 0.55 * radius)
        depth += fringe * radius * canvas.noise(noise, 0.035)
        return depth, polar

    canvas, guide = Canvas(*extent, pixels), Canvas(*extent, GUIDE_PIXELS)
    guide_depth = shape(guide)[0]
    correction = area_correction(guide_depth, math.pi * radius**2 * guide.pixels**2)
    guide_depth = keep_off_edge(guide, guide_depth + correction)
    depth, polar = shape(canvas)
    depth = keep_off_edge(canvas, depth + correction)
    softness = rng.uniform(*border.softness) * radius
    body = smoothstep(-softness, softness, depth)
    grain = np.clip(np.float32(0.88) + np.float32(0.10) * canvas.noise(rng, 0.014), 0.5, 1.0)
    empty = np.zeros(canvas.shape, np.float32)
    return Paint(
        canvas, rng, radius, radii, guide, guide_depth, depth, body, polar,
        melanin=empty, blood=empty.copy(), grain=grain, vividness=vividness,
    )  # fmt: skip


def keep_off_edge(canvas: Canvas, depth: Field) -> Field:
    """Ends the lesion before the sheet's edge: the skin beyond is painted without it."""
    edge_y = canvas.half_height - np.abs(canvas.y)
    edge_x = canvas.half_width - np.abs(canvas.x)
    return np.minimum(depth, np.minimum(edge_y, edge_x) - np.float32(0.03))


def area_correction(depth: Field, area: float) -> np.float32:
    """What to add to `depth` so that it is positive on `area` pixels.

    Without it classes with ragged borders would be larger, and size would tell the class.
    """
    rank = max(0, depth.size - round(area) - 1)
    return -np.partition(depth, rank, axis=None)[rank]
