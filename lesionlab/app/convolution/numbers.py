"""A picture is three layers of numbers: the layers, and a window with the numbers written in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, lru_cache
from typing import Any

import numpy as np
import streamlit as st

from lesionlab.app.convolution import drawing_script, numbers_script
from lesionlab.app.convolution.sliding import COLOURS
from lesionlab.app.pictures import data_address


@cache
def _component() -> Any:
    # Registered when it is first shown, as the gallery is.
    script = drawing_script.SCRIPT + numbers_script.SCRIPT
    style = drawing_script.STYLE + numbers_script.STYLE
    return st.components.v2.component("lesionlab_numbers", css=style, js=script)


def show(image: np.ndarray) -> None:
    """Show the picture, its layers, and the numbers in a window.

    Args:
        image: uint8 RGB `(h, w, 3)`.
    """
    st.markdown(
        "Each pixel has three numbers, from 0 (none of this colour) to 255 (all of it). "
        "The picture *is* these numbers, and they are all that a network gets."
    )
    _component()(key="numbers", data=content(image.tobytes(), image.shape[:2]))


@lru_cache(maxsize=8)
def content(pixels: bytes, size: tuple[int, int]) -> dict[str, Any]:
    """What the browser gets: four pictures and the bytes. Callers share it and change nothing.

    Args:
        pixels: uint8 RGB, row by row.
        size: Height and width.
    """
    image = np.frombuffer(pixels, np.uint8).reshape(*size, 3)
    views = [
        {"image": data_address(image), "alt": "The whole picture", "caption": "All three together"}
    ]
    for k, name in enumerate(COLOURS):
        alone = np.zeros_like(image)
        alone[..., k] = image[..., k]
        views.append(
            {
                "image": data_address(alone),
                "alt": f"The {name} layer of the picture",
                "caption": f"{name.capitalize()}: on average {image[..., k].mean():.0f} of 255",
            }
        )
    return {
        "size": list(size),
        "pixels": base64.b64encode(pixels).decode(),
        "views": views,
        "digest": hashlib.sha256(pixels + str(size).encode()).hexdigest()[:16],
    }
