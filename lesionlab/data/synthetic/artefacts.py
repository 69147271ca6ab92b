"""What lies between skin and lens: hairs, air bubbles, rulers, and the tube's dark rim."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from lesionlab.data.synthetic.canvas import Canvas, Field, ribbon, smoothstep, wander


def blend(planes: Field, coverage: Field, colour: tuple[float, float, float]) -> None:
    """Lays `colour` over `planes` (3, height, width) in place."""
    for plane, value in zip(planes, colour, strict=True):
        plane += coverage * (np.float32(value) - plane)


def add_hairs(planes: Field, frame: Canvas, rng: np.random.Generator) -> None:
    """Curved, tapering hairs that mostly run one way, with a soft shadow."""
    number = int(rng.integers(3, 18))
    stubble = rng.random() < 0.25
    direction = rng.uniform(0, 2 * np.pi)
    thick = rng.uniform(0.0035, 0.0075)
    shapes: list[NDArray[np.float64]] = []
    for _ in range(number):
        start = rng.uniform(-0.5, 0.5, 2) * [2.2 * frame.half_width, 2.2 * frame.half_height]
        length = rng.uniform(0.05, 0.12) if stubble else rng.uniform(0.25, 0.95)
        bend = 0.2 if stubble else rng.uniform(0.3, 1.3)
        path = wander(rng, start, direction + rng.normal(0, 0.45), length, bend, steps=22)
        taper = np.linspace(1.0, 0.2, len(path)) ** 0.7
        taper[0] *= 0.5
        shapes.append(ribbon(path, thick * rng.uniform(0.7, 1.2) * taper))
    coverage = frame.polygons(shapes, blur=0.0008)
    colour = ((0.07, 0.05, 0.05), (0.16, 0.10, 0.07), (0.42, 0.29, 0.17), (0.75, 0.72, 0.68))
    chosen = colour[int(rng.choice(4, p=[0.45, 0.35, 0.12, 0.08]))]
    blend(planes, np.float32(rng.uniform(0.75, 0.95)) * coverage, chosen)


def add_bubbles(planes: Field, frame: Canvas, rng: np.random.Generator) -> None:
    """Air bubbles in the immersion fluid: a thin dark rim, a bright one inside, a highlight."""
    dark, bright = [], []
    angle = np.linspace(0, 2 * np.pi, 40)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    lamp = rng.uniform(0, 2 * np.pi)
    for _ in range(int(rng.integers(2, 9))):
        centre = rng.uniform(-0.5, 0.5, 2) * [2 * frame.half_width, 2 * frame.half_height]
        radius = 0.012 + 0.04 * rng.random() ** 2
        dark.append(centre + radius * circle)
        bright.append(centre + 0.86 * radius * circle)
        arc = np.linspace(lamp - 0.5, lamp + 0.5, 9)
        arc_path = centre + 0.6 * radius * np.stack([np.cos(arc), np.sin(arc)], axis=-1)
        bright.append(arc_path)
    rims = frame.lines(dark, [0.004] * len(dark), blur=0.001)
    blend(planes, np.float32(0.35) * rims, (0.25, 0.2, 0.2))
    glints = frame.lines(bright, [0.0045] * len(bright), blur=0.0012)
    blend(planes, np.float32(rng.uniform(0.3, 0.6)) * glints, (1.0, 0.98, 0.97))


def add_ruler(planes: Field, frame: Canvas, rng: np.random.Generator) -> None:
    """A scale of fine ticks along one edge, each fifth and tenth longer."""
    spacing = rng.uniform(0.028, 0.05)
    side = int(rng.integers(4))
    across = frame.half_height if side < 2 else frame.half_width
    along = frame.half_width if side < 2 else frame.half_height
    tilt = rng.normal(0, 0.03)
    offset = rng.uniform(0.015, 0.05)
    segments, widths = [], []
    for index in range(int(2.4 * along / spacing)):
        place = -1.2 * along + index * spacing
        length = 0.06 if index % 10 == 0 else 0.042 if index % 5 == 0 else 0.026
        edge = across - offset + tilt * place
        ends = np.array([[place, edge], [place, edge - length]])
        if side % 2:
            ends[:, 1] *= -1
        segments.append(ends if side < 2 else ends[:, ::-1])
        widths.append(0.0035)
    ticks = frame.lines(segments, widths, blur=0.0007)
    blend(planes, np.float32(rng.uniform(0.6, 0.9)) * ticks, (0.1, 0.1, 0.12))


def vignette_gain(frame: Canvas, rng: np.random.Generator) -> Field:
    """The dark rim of the dermatoscope's tube, as a factor (height, width)."""
    radius = rng.uniform(0.88, 1.0) * np.hypot(frame.half_width, frame.half_height)
    x, y = (float(value) for value in rng.normal(0, 0.025, 2))
    away = np.sqrt((frame.x - x) ** 2 + (frame.y - y) ** 2)
    return smoothstep(radius, radius - rng.uniform(0.02, 0.14), away)


def defocus(image: NDArray[np.uint8], frame: Canvas, deviation: float) -> NDArray[np.uint8]:
    """Blurs `image` (height, width, 3) by `deviation` picture heights."""
    # A pixel is itself a box; two boxes make a fair lens.
    radius = (np.sqrt(6 * (deviation * frame.pixels) ** 2 + 1) - 1) / 2
    if radius < 0.1:
        return image
    blur = ImageFilter.BoxBlur(float(radius))
    return np.array(Image.fromarray(image).filter(blur).filter(blur))
