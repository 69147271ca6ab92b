"""The sheet a lesion is drawn on, and the few tools that draw on it.

All lengths are in picture heights, and all random numbers are drawn on grids that do not depend on
the number of pixels, so that one seed gives one picture at every size.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import map_coordinates

Field = NDArray[np.float32]
Outlines = NDArray[np.float64] | Iterable[NDArray[np.float64]]
Transform = Callable[[Outlines], list[list[float]]]

# Polygons are drawn without anti-aliasing on a sheet at least this fine and then shrunk.
RASTER_PIXELS = 900
# Bicubic interpolation of white noise has about this standard deviation.
BICUBIC_DEVIATION = 0.72


class Canvas:
    """A sheet centred on the lesion.

    Attributes:
        pixels: pixels a picture height.
        shape: height and width in pixels.
        x, y: coordinates of the pixel centres, (1, width) and (height, 1), in picture heights.
    """

    def __init__(self, half_height: float, half_width: float, pixels: float) -> None:
        self.pixels = pixels
        self.shape = (
            max(8, round(2 * half_height * pixels)),
            max(8, round(2 * half_width * pixels)),
        )
        # What was asked for sizes the random grids, what the pixels cover places them.
        self._asked = (half_height, half_width)
        self.half_height = self.shape[0] / pixels / 2
        self.half_width = self.shape[1] / pixels / 2
        height, width = self.shape
        self.x = ((np.arange(width, dtype=np.float32) + 0.5) / pixels - self.half_width)[None, :]
        self.y = ((np.arange(height, dtype=np.float32) + 0.5) / pixels - self.half_height)[:, None]
        self._raster_scale = max(1.0, RASTER_PIXELS / pixels)

    def noise(self, rng: np.random.Generator, cell: float) -> Field:
        """Smooth noise, mean 0 and deviation about 1, whose bumps are about `cell` wide."""
        reach_y, reach_x = self.half_height / cell, self.half_width / cell
        rows, columns = (2 * int(np.ceil(asked / cell)) + 5 for asked in self._asked)
        grid = rng.standard_normal((rows, columns)).astype(np.float32) / BICUBIC_DEVIATION
        middle_y, middle_x = rows / 2, columns / 2
        box = (middle_x - reach_x, middle_y - reach_y, middle_x + reach_x, middle_y + reach_y)
        size = (self.shape[1], self.shape[0])
        return np.asarray(
            Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC, box), dtype=np.float32
        )

    def enlarge(self, field: Field) -> Field:
        """Brings a field drawn on a coarser canvas of the same extent to this one's pixels."""
        if field.shape == self.shape:
            return field
        size = (self.shape[1], self.shape[0])
        return np.asarray(
            Image.fromarray(field).resize(size, Image.Resampling.BILINEAR), dtype=np.float32
        ).copy()

    def sample(self, field: Field, points: NDArray[np.float64]) -> Field:
        """Values of `field` (height, width) at `points` (n, 2) given as x, y; zero outside."""
        rows = (points[:, 1] + self.half_height) * self.pixels - 0.5
        columns = (points[:, 0] + self.half_width) * self.pixels - 0.5
        return map_coordinates(field, [rows, columns], order=1, mode="constant").astype(np.float32)

    def lattice(
        self, rng: np.random.Generator, spacing: float, jitter: float = 0.25
    ) -> NDArray[np.float64]:
        """Points (n, 2) of a honeycomb over the sheet, each moved by up to `jitter` spacings."""
        row_step = spacing * np.sqrt(3) / 2
        rows = int(np.ceil(self._asked[0] / row_step)) + 1
        columns = int(np.ceil(self._asked[1] / spacing)) + 1
        row, column = np.mgrid[-rows : rows + 1, -columns : columns + 1]
        points = np.stack([(column + 0.5 * (row % 2)) * spacing, row * row_step], axis=-1)
        points = points.reshape(-1, 2)
        return points + rng.uniform(-jitter, jitter, points.shape) * spacing

    def polygons(
        self,
        shapes: Outlines,
        strengths: Sequence[float] | None = None,
        blur: float = 0.0,
    ) -> Field:
        """Fills polygons, each (n, 2), and returns their coverage 0..1 (height, width).

        Later polygons cover earlier ones. `blur`: deviation of the softening, in picture heights.
        """
        image, draw, transform = self._sheet()
        for index, corners in enumerate(transform(shapes)):
            value = 255 if strengths is None else int(255 * min(1.0, max(0.0, strengths[index])))
            draw.polygon(corners, fill=value)
        return self._finish(image, blur)

    def lines(
        self,
        segments: Outlines,
        widths: Sequence[float] | NDArray[np.float64],
        blur: float = 0.0,
        strengths: Sequence[float] | NDArray[np.float64] | None = None,
    ) -> Field:
        """Draws polylines, each (n, 2), with a width each, and returns their coverage 0..1."""
        image, draw, transform = self._sheet()
        scale = self.pixels * self._raster_scale
        for index, corners in enumerate(transform(segments)):
            value = 255 if strengths is None else int(255 * min(1.0, max(0.0, strengths[index])))
            width = max(1, round(float(widths[index]) * scale))
            draw.line(corners, fill=value, width=width)
        return self._finish(image, blur)

    def _sheet(self) -> tuple[Image.Image, ImageDraw.ImageDraw, Transform]:
        scale = self.pixels * self._raster_scale
        size = (
            round(self.shape[1] * self._raster_scale),
            round(self.shape[0] * self._raster_scale),
        )
        image = Image.new("L", size)
        offset = np.array([self.half_width, self.half_height])

        def transform(outlines: Outlines) -> list[list[float]]:
            if isinstance(outlines, np.ndarray):  # all of one length: at one go
                return ((outlines + offset) * scale).reshape(len(outlines), -1).tolist()
            return [((points + offset) * scale).ravel().tolist() for points in outlines]

        return image, ImageDraw.Draw(image), transform

    def _finish(self, image: Image.Image, blur: float) -> Field:
        size = (self.shape[1], self.shape[0])
        if image.size == (2 * size[0], 2 * size[1]):
            image = image.reduce(2)  # several times as fast as the same resize
        elif image.size != size:
            image = image.resize(size, Image.Resampling.BOX)
        # A box of the same deviation, less the pixel's own; three times as fast as a Gaussian.
        radius = (np.sqrt(12 * (blur * self.pixels) ** 2 + 1) - 1) / 2
        if radius > 0.6:  # less is not seen beside the smoothing that shrinking does
            image = image.filter(ImageFilter.BoxBlur(float(radius)))
        return np.asarray(image, dtype=np.float32) / np.float32(255)


def smoothstep(low: float, high: float, value: Field) -> Field:
    """Rises smoothly from 0 at `low` to 1 at `high`; falls where `high` is the smaller one."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (np.float32(3) - np.float32(2) * t)


def blob_outlines(
    rng: np.random.Generator,
    centres: NDArray[np.float64],
    radii: NDArray[np.float64] | float,
    wobble: float = 0.15,
    elongation: float = 1.0,
    corners: int = 20,
) -> NDArray[np.float64]:
    """Outlines (n, corners, 2) of organic blobs around `centres` (n, 2), in random directions."""
    number = len(centres)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    orders = np.arange(2, 5)
    waves = rng.normal(0, wobble / orders, (number, 3))
    phases = rng.uniform(0, 2 * np.pi, (number, 3))
    radius = 1 + np.einsum(
        "nk,nkc->nc", waves, np.cos(orders[None, :, None] * angle + phases[:, :, None])
    )
    radius = radius * np.broadcast_to(radii, (number,))[:, None]
    stretch = np.sqrt(rng.uniform(1, max(1.0, 2 * elongation - 1), (number, 1)))
    along, across = radius * stretch * np.cos(angle), radius / stretch * np.sin(angle)
    turn = rng.uniform(0, np.pi, (number, 1))
    x = along * np.cos(turn) - across * np.sin(turn)
    y = along * np.sin(turn) + across * np.cos(turn)
    return np.stack([x, y], axis=-1) + centres[:, None, :]


def wander(
    rng: np.random.Generator,
    start: NDArray[np.float64],
    angle: float,
    length: float,
    bend: float,
    steps: int = 14,
) -> NDArray[np.float64]:
    """A path (steps + 1, 2) from `start` that turns by about `bend` radians over its length."""
    along = np.linspace(0, 1, steps)
    arc, wave, phase = rng.normal(0, 1), rng.normal(0, 0.35), rng.uniform(0, 2 * np.pi)
    turns = angle + bend * (arc * along + wave * np.sin(2 * np.pi * along + phase))
    moves = np.stack([np.cos(turns), np.sin(turns)], axis=-1) * (length / steps)
    return np.concatenate([start[None], start + np.cumsum(moves, axis=0)])


def ribbon(path: NDArray[np.float64], widths: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outline (2 n, 2) of a stroke along `path` (n, 2) with the given full widths (n,)."""
    tangent = np.gradient(path, axis=0)
    length = np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, None]
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=-1) / length
    side = normal * (np.asarray(widths)[:, None] / 2)
    return np.concatenate([path + side, (path - side)[::-1]])
