"""Pictures on a page as HTML: small JPEGs inside the page, each with an alternative text.

`st.image` makes a file and a request for each; a grid of data addresses is one element.
"""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Tile:
    """A picture of a grid.

    Attributes:
        image: A JPEG or PNG as bytes, or uint8 pixels `(h, w, 3)` or `(h, w)`.
        alt: What a screen reader says.
        caption: A line below; may be empty.
        colour: Hex colour of a dot before the caption, such as the class's; may be empty.
        chosen: Whether it has a frame.
    """

    image: bytes | np.ndarray
    alt: str
    caption: str = ""
    colour: str = ""
    chosen: bool = False


def encode(pixels: np.ndarray, longest: int = 640, quality: int = 85, exact: bool = False) -> bytes:
    """Pixels as a JPEG, no longer than `longest`; `exact` keeps every value, as a PNG.

    Args:
        pixels: uint8 `(h, w, 3)` or `(h, w)`.
    """
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    if max(picture.size) > longest:
        picture.thumbnail((longest, longest), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    if exact:
        picture.save(buffer, "PNG", compress_level=1)
    else:
        picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def data_address(image: bytes | np.ndarray, longest: int = 640, exact: bool = False) -> str:
    """A picture as a data: address for an <img>."""
    content = encode(image, longest, exact=exact) if isinstance(image, np.ndarray) else image
    kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def figure_html(
    image: bytes | np.ndarray,
    alt: str,
    caption: str = "",
    longest: int = 640,
    exact: bool = False,
    scale: str = "",
) -> str:
    """One picture with its caption.

    Args:
        exact: Show every pixel as a sharp square, without loss; for maps and kernels.
        scale: HTML of a colour scale below the picture.
    """
    kind = " ll-exact" if exact else ""
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    address = data_address(image, longest, exact)
    return (
        f'<figure class="ll-figure{kind}"><img src="{address}" alt="{html.escape(alt)}">'
        f"{scale}{below}</figure>"
    )


def grid_html(
    tiles: list[Tile],
    smallest: int = 132,
    longest: int = 220,
    square: bool = False,
    lead: bool = False,
) -> str:
    """Many pictures in a grid that folds by itself on a narrow screen.

    Args:
        smallest: Least width of a tile in CSS pixels.
        square: Whether tiles are square, else 4 by 3.
        lead: Whether the first tile is twice as large.
    """
    parts = []
    for tile in tiles:
        dot = f'<i style="background:{html.escape(tile.colour)}"></i>' if tile.colour else ""
        words = f"<figcaption>{dot}{html.escape(tile.caption)}</figcaption>" if tile.caption else ""
        parts.append(
            f'<figure class="ll-tile{" ll-chosen" if tile.chosen else ""}">'
            f'<img src="{data_address(tile.image, longest)}" alt="{html.escape(tile.alt)}">'
            f"{words}</figure>"
        )
    ratio = "1" if square else "4 / 3"
    style = f"--tile:{smallest}px;--ratio:{ratio}"
    kind = "ll-grid ll-lead-tile" if lead else "ll-grid"
    return f'<div class="{kind}" style="{style}">{"".join(parts)}</div>'


def scale_html(stops: tuple[str, ...], low: str, middle: str, high: str) -> str:
    """A colour scale with three marks, to stand below a picture."""
    ends = "".join(f"<span>{html.escape(text)}</span>" for text in (low, middle, high))
    return (
        f'<div class="ll-scale"><b style="background:linear-gradient(90deg,{",".join(stops)})"></b>'
        f"<div>{ends}</div></div>"
    )


def colour_map(values: np.ndarray, stops: tuple[str, ...], limit: float) -> np.ndarray:
    """Signed numbers as colours: -limit is the first stop, 0 the middle one, limit the last.

    Args:
        values: Numbers `(h, w)`; what lies beyond the limit takes the outermost colour.
        stops: Hex colours, evenly spaced.

    Returns:
        uint8 RGB `(h, w, 3)`.
    """
    colours = np.array([[int(s[k : k + 2], 16) for k in (1, 3, 5)] for s in stops], np.float32)
    # A table of 256 colours and one look-up a pixel: interpolating every pixel takes ten times
    # as long.
    places = np.linspace(0, len(stops) - 1, 256)
    table = np.stack(
        [np.interp(places, np.arange(len(stops)), channel) for channel in colours.T], axis=1
    )
    numbers = np.clip((values / max(limit, 1e-12) + 1) / 2, 0, 1)
    return np.rint(table).astype(np.uint8)[np.rint(numbers * 255).astype(np.uint8)]


def at_most(pixels: np.ndarray, longest: int) -> np.ndarray:
    """The picture, made smaller where a side is longer than `longest` pixels.

    Args:
        pixels: uint8 RGB `(h, w, 3)`.
    """
    picture = Image.fromarray(pixels)
    if max(picture.size) <= longest:
        return pixels
    picture.thumbnail((longest, longest), Image.Resampling.BILINEAR)
    return np.asarray(picture)
