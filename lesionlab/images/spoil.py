"""What comes between lens and skin, drawn onto a real picture: to see how easily a model is misled.

Rulers and ink are marks by which published networks were misled (Winkler et al. 2019, "Association
between surgical skin markings in dermoscopic images and diagnostic performance", JAMA Dermatology
155; Narla et al. 2018, "Automated classification of skin lesions: from pixels to practice",
Journal of Investigative Dermatology 138). All lengths are shares of the picture's shorter side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from pydantic import BaseModel, Field

# Shapes are drawn on a sheet so many times finer and then shrunk.
FINER = 2
INK = (72, 44, 128)
DARK = (34, 26, 24)
# Red is raised and blue lowered by so much where the light is as warm as it gets; or turned about.
CAST = 0.3
# How wide a line by hand is, as a share of the shorter side; and how it covers what is below.
BY_HAND = {"pen": (0.025, INK, 195), "hair": (0.008, DARK, 230)}
# A place in shares of width and height, from the top left; a turned picture has some beyond.
Place = tuple[
    Annotated[float, Field(ge=-1, le=2, allow_inf_nan=False)],
    Annotated[float, Field(ge=-1, le=2, allow_inf_nan=False)],
]
Draw = Callable[[ImageDraw.ImageDraw, np.ndarray], None]


class Stroke(BaseModel, frozen=True, extra="forbid"):
    """A line drawn by hand.

    Attributes:
        tool: What it looks like.
        points: Its places in order; a single one is a dot.
    """

    tool: Literal["pen", "hair"]
    points: Annotated[tuple[Place, ...], Field(min_length=1, max_length=200)]


class Spoil(BaseModel, frozen=True, extra="forbid"):
    """What is done to a picture; nothing by default.

    Attributes:
        hairs: Dark hairs that lie across the skin.
        ruler: Ticks along one edge.
        ink: Strokes of a surgeon's pen around the middle.
        bubbles: Air bubbles in the liquid under the glass.
        rotation: The camera turned, degrees counter-clockwise; corners show the skin mirrored.
        warmth: Colour of the light: -1 is blue, 1 is orange.
        blur: Standard deviation of the defocus in per cent of the shorter side.
        strokes: Lines drawn by hand, at the same places whatever the seed.
    """

    hairs: Annotated[int, Field(ge=0, le=60)] = 0
    ruler: bool = False
    ink: Annotated[int, Field(ge=0, le=12)] = 0
    bubbles: Annotated[int, Field(ge=0, le=30)] = 0
    rotation: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] = 0.0
    warmth: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)] = 0.0
    blur: Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)] = 0.0
    strokes: Annotated[tuple[Stroke, ...], Field(max_length=50)] = ()


def spoil(image: np.ndarray, settings: Spoil, seed: int = 0) -> np.ndarray:
    """Draw on a picture, then turn, light and blur it, in the order in which a camera would.

    The same seed puts the same hairs, marks and bubbles to the same places, and more of them leave
    the former ones where they are.

    Args:
        image: uint8 RGB `(h, w, 3)`; not changed.

    Returns:
        uint8 RGB `(h, w, 3)`.
    """

    def rng(number: int) -> np.random.Generator:
        return np.random.default_rng([seed, number])

    if settings.ink:
        image = add_ink(image, settings.ink, rng(0))
    if settings.strokes:
        image = add_strokes(image, settings.strokes)
    if settings.hairs:
        image = add_hairs(image, settings.hairs, rng(1))
    if settings.bubbles:
        image = add_bubbles(image, settings.bubbles, rng(2))
    if settings.ruler:
        image = add_ruler(image, rng(3))
    if settings.rotation:
        image = rotate(image, settings.rotation)
    if settings.warmth:
        image = cast_colour(image, settings.warmth)
    return defocus(image, settings.blur) if settings.blur else image


def add_hairs(image: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Curved, tapering dark hairs that mostly run one way."""
    height, width = image.shape[:2]
    side = min(height, width)
    direction = rng.uniform(0, np.pi)
    share = np.linspace(0, 1, 16)[:, None]
    hairs = []
    for _ in range(number):
        angle = direction + rng.normal(0, 0.5)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        start = rng.uniform(0, 1, 2) * (width, height)
        length, bend = side * rng.uniform(0.3, 0.9), side * rng.normal(0, 0.12)
        path = start + (share - 0.5) * length * along + (1 - 4 * (share - 0.5) ** 2) * bend * across
        hairs.append((path, side * rng.uniform(0.005, 0.01)))

    def draw(sheet: ImageDraw.ImageDraw, scale: np.ndarray) -> None:
        for path, thick in hairs:
            points = path * scale
            for k in range(len(points) - 1):
                taper = 1 - 0.75 * k / len(points)
                wide = max(1, round(thick * taper * scale[0]))
                sheet.line([*points[k], *points[k + 1]], fill=230, width=wide)

    return _blend(image, _coverage(image, draw), DARK)


def add_ink(image: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Strokes of a purple pen on a ring around the middle, as surgeons mark a lesion."""
    height, width = image.shape[:2]
    side = min(height, width)
    first = rng.uniform(0, 2 * np.pi)
    middle = np.array([width / 2, height / 2])
    strokes = []
    for k in range(number):
        # The golden angle: each further stroke takes the largest gap that is left.
        angle = first + k * np.pi * (3 - np.sqrt(5)) + rng.normal(0, 0.08)
        radius = side * rng.uniform(0.38, 0.44)
        sweep = np.linspace(-0.5, 0.5, 9) * rng.uniform(0.22, 0.4)
        path = np.stack([np.cos(angle + sweep), np.sin(angle + sweep)], axis=-1) * radius
        strokes.append((path + middle, side * rng.uniform(0.02, 0.035)))

    def draw(sheet: ImageDraw.ImageDraw, scale: np.ndarray) -> None:
        for path, thick in strokes:
            wide = max(1, round(thick * scale[0]))
            points = path * scale
            sheet.line(points.ravel().tolist(), fill=195, width=wide, joint="curve")
            for x, y in (points[0], points[-1]):
                sheet.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill=195)

    return _blend(image, _coverage(image, draw), INK)


def add_strokes(image: np.ndarray, strokes: tuple[Stroke, ...]) -> np.ndarray:
    """Lines by hand with round ends; those of one tool lie on one sheet."""
    height, width = image.shape[:2]
    for tool, (share, colour, cover) in BY_HAND.items():
        lines = [np.array(one.points) * (width, height) for one in strokes if one.tool == tool]
        thick = share * min(height, width)

        def draw(
            sheet: ImageDraw.ImageDraw,
            scale: np.ndarray,
            lines: list[np.ndarray] = lines,
            thick: float = thick,
            cover: int = cover,
        ) -> None:
            wide = max(1, round(thick * scale[0]))
            for line in lines:
                points = line * scale
                if len(points) > 1:
                    sheet.line(points.ravel().tolist(), fill=cover, width=wide, joint="curve")
                for x, y in (points[0], points[-1]):
                    box = [x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2]
                    sheet.ellipse(box, fill=cover)

        if lines:
            image = _blend(image, _coverage(image, draw), colour)
    return image


def before_turning(points: np.ndarray, degrees: float, size: tuple[int, int]) -> np.ndarray:
    """Where places of a turned picture lie on the picture as it was.

    Args:
        points: float `(n, 2)`, shares of width and height.
        degrees: As `rotate` was given them.
        size: Height and width of the picture in pixels.
    """
    lengths = np.array([size[1], size[0]], float)
    angle = np.deg2rad(degrees)
    # Of a picture whose second axis points down; rows are multiplied from the left.
    back = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return ((points - 0.5) * lengths @ back) / lengths + 0.5


def add_bubbles(image: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Air bubbles: a thin dark rim, a bright one inside it, and a glint."""
    height, width = image.shape[:2]
    side = min(height, width)
    lamp = rng.uniform(0, 360)
    found = [
        (rng.uniform(0, 1, 2) * (width, height), side * (0.02 + 0.08 * rng.random() ** 2))
        for _ in range(number)
    ]

    def rings(share: float, thick: float, value: int, arc: tuple[float, float] = (0, 360)) -> Draw:
        def draw(sheet: ImageDraw.ImageDraw, scale: np.ndarray) -> None:
            wide = max(1, round(thick * side * scale[0]))
            for centre, radius in found:
                x, y = centre * scale
                reach = share * radius * scale[0]
                box = [x - reach, y - reach, x + reach, y + reach]
                sheet.arc(box, *arc, fill=value, width=wide)

        return draw

    image = _blend(image, _coverage(image, rings(1, 0.006, 150)), DARK)
    image = _blend(image, _coverage(image, rings(0.88, 0.006, 140)), (255, 250, 245))
    glint = rings(0.6, 0.012, 220, (lamp - 30, lamp + 30))
    return _blend(image, _coverage(image, glint), (255, 255, 255))


def add_ruler(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A scale of dark ticks along one edge, every fifth and tenth longer."""
    height, width = image.shape[:2]
    side = min(height, width)
    edge = int(rng.integers(4))
    step = side * rng.uniform(0.03, 0.045)
    along = width if edge < 2 else height
    begin = rng.uniform(0, step)

    def draw(sheet: ImageDraw.ImageDraw, scale: np.ndarray) -> None:
        for k in range(int((along - begin) / step) + 1):
            length = side * (0.1 if k % 10 == 0 else 0.07 if k % 5 == 0 else 0.045)
            place = begin + k * step
            ends = {
                0: (place, 0, place, length),
                1: (place, height, place, height - length),
                2: (0, place, length, place),
                3: (width, place, width - length, place),
            }[edge]
            points = (np.reshape(ends, (2, 2)) * scale).ravel().tolist()
            sheet.line(points, fill=225, width=max(1, round(0.007 * side * scale[0])))

    return _blend(image, _coverage(image, draw), DARK)


def rotate(image: np.ndarray, degrees: float) -> np.ndarray:
    """Turn a picture counter-clockwise around its middle; quarter turns of squares are exact."""
    height, width = image.shape[:2]
    turns, rest = divmod(degrees, 90)
    if rest == 0 and (height == width or turns % 2 == 0):
        return np.ascontiguousarray(np.rot90(image, int(turns) % 4))
    reach = int(np.ceil((np.hypot(height, width) - min(height, width)) / 2)) + 1
    edges = ((reach, reach), (reach, reach), (0, 0))
    # Mirrored skin in the corners: black ones would be a mark of their own.
    wide = Image.fromarray(np.pad(image, edges, mode="symmetric"))
    turned = wide.rotate(degrees, Image.Resampling.BILINEAR)
    return np.asarray(turned)[reach : reach + height, reach : reach + width].copy()


def cast_colour(image: np.ndarray, warmth: float) -> np.ndarray:
    """Light of another colour: a factor for red and one for blue (von Kries 1902)."""
    gains = np.array([1 + CAST * warmth, 1.0, 1 - CAST * warmth])
    # All 256 values of a channel are worked out once.
    tables = np.rint(np.arange(256)[:, None] * gains).clip(0, 255).astype(np.uint8)
    return np.stack([tables[:, k][image[..., k]] for k in range(3)], axis=-1)


def defocus(image: np.ndarray, per_cent: float) -> np.ndarray:
    """A Gaussian blur with this standard deviation, in per cent of the shorter side."""
    radius = per_cent / 100 * min(image.shape[:2])
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


def _coverage(image: np.ndarray, draw: Draw) -> np.ndarray:
    """How much of each pixel the drawing covers, uint8 `(h, w)`, 255 for all of it."""
    height, width = image.shape[:2]
    sheet = Image.new("L", (FINER * width, FINER * height))
    draw(ImageDraw.Draw(sheet), np.array([FINER, FINER]))
    return np.asarray(sheet.reduce(FINER))


def _blend(image: np.ndarray, coverage: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """The picture with a colour laid over it; only what is covered is worked out."""
    mixed = image.copy()
    where = coverage > 0
    share = coverage[where].astype(np.float32)[:, None] / 255
    skin = image[where].astype(np.float32)
    mixed[where] = np.rint(skin + share * (np.array(colour, np.float32) - skin))
    return mixed
