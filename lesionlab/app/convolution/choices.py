"""What the reader has chosen on the page of convolution: a kernel, and how it slides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lesionlab.app.convolution import network_kernel, own_kernel
from lesionlab.app.desk import Desk
from lesionlab.images.convolve import Padding, span
from lesionlab.images.kernels import KERNELS, PAPER_KERNELS, normalised

LAYERS = {
    "brightness": "Brightness",
    "red": "Red",
    "green": "Green",
    "blue": "Blue",
    "each": "Each colour",
    "summed": "All three, summed",
}
LAYER_WORDS = {
    "brightness": "The mean of red, green and blue: one number a pixel.",
    "red": "Only the red layer goes in.",
    "green": "Only the green layer goes in.",
    "blue": "Only the blue layer goes in.",
    "each": "The kernel slides over each layer for itself: three layers go in, three come out.",
    "summed": "Three layers go in, one comes out, as in a network: the three sums are added up. "
    "A network has a table of its own for each layer; here all three share one.",
}
PADDINGS: dict[Padding, str] = {
    "reflect": "Mirrored",
    "replicate": "Last pixel again",
    "same": "Zeros (same)",
    "valid": "None (valid)",
}
PADDING_WORDS: dict[Padding, str] = {
    "reflect": "Beyond the border the picture is mirrored.",
    "replicate": "Beyond the border the last pixel goes on.",
    "same": "Beyond the border there are zeros, as in most networks: the result has a false edge.",
    "valid": "The kernel stays inside, so the result is smaller than the picture.",
}
OWN = "own"
NETWORK = "network"
OWN_TITLE = "My own"
# On a phone the first ones are seen at once.
TITLES = {key: KERNELS[key].title for key in PAPER_KERNELS}
TITLES |= {OWN: OWN_TITLE, NETWORK: "Of my network"}
TITLES |= {key: kernel.title for key, kernel in KERNELS.items() if key not in TITLES}
FIRST = "sobel-x"


@dataclass(frozen=True, eq=False)
class Choices:
    """One way to slide one kernel.

    Attributes:
        title: What the kernel is called.
        weights: float32 `(k, k)`, or `(k, k, 3)` with a table for each colour (layer `summed`).
        layer: A key of LAYERS.
        bias: Added to every sum.
    """

    title: str
    weights: np.ndarray
    layer: str
    stride: int
    padding: Padding
    dilation: int
    bias: float

    @property
    def reach(self) -> int:
        """Pixels from the first weight to the last."""
        return span(len(self.weights), self.dilation)


def choose(desk: Desk) -> Choices:
    """Show the controls: kernels first, what is rarely moved folded away."""
    name = st.pills(
        "Kernel",
        list(TITLES),
        format_func=lambda key: TITLES[key],
        default=FIRST,
        required=True,
        key="kernel",
        wrap=True,
        persist_state="session",
    )
    layer, own_bias = "summed", 0.0
    if name == NETWORK:
        title, words, weights, own_bias = network_kernel.choose(desk)
    else:
        title, words, weights = _table(name or FIRST)
        layer = _layer()
        words += "" if layer == "brightness" else f" {LAYER_WORDS[layer]}"
    with st.expander("How it slides: stride, padding, dilation, bias", icon=":material/tune:"):
        stride, padding, dilation, bias, even = _how_it_slides(name == NETWORK)
    if even:
        weights = normalised(weights)
    st.markdown(words)
    return Choices(title, weights, layer, stride, padding, dilation, bias + own_bias)


def _table(name: str) -> tuple[str, str, np.ndarray]:
    """Title, a sentence, and weights."""
    if name == OWN:
        weights = own_kernel.edit()
        return OWN_TITLE, "Your own numbers. Change one and watch the result.", weights
    kernel = KERNELS[name]
    return kernel.title, kernel.plain, kernel.weights


def _layer() -> str:
    layer = st.segmented_control(
        "What goes in",
        list(LAYERS),
        format_func=lambda key: LAYERS[key],
        default="brightness",
        required=True,
        key="layer",
        wrap=True,
        persist_state="session",
    )
    return layer or "brightness"


def make_own() -> None:
    """Take the numbers of the kernel in use as one's own, to change them; for a callback."""
    name = st.session_state.get("kernel")
    if name in KERNELS:
        own_kernel.begin_with(KERNELS[name].weights)
        st.session_state["kernel"] = OWN


def _how_it_slides(learned: bool) -> tuple[int, Padding, int, float, bool]:
    first, second, third = st.columns(3, gap="medium")
    stride = first.slider(
        "Stride, in pixels",
        1,
        8,
        1,
        key="stride",
        help="How far the kernel moves each time. At 2, the result is half as wide and high.",
        persist_state="session",
    )
    dilation = second.slider(
        "Dilation, in pixels",
        1,
        6,
        1,
        key="dilation",
        help="The step from one weight to the next. At 2, every other pixel is left out.",
        persist_state="session",
    )
    bias = third.slider(
        "Bias, in grey levels",
        -255,
        255,
        0,
        key="bias",
        help="One number that is added to every sum.",
        persist_state="session",
    )
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="bottom")
    padding = left.selectbox(
        "Padding",
        list(PADDINGS),
        format_func=lambda key: PADDINGS[key],
        key="padding",
        persist_state="session",
    )
    even = right.toggle(
        "Normalise the kernel",
        key="normalise",
        help="Divides the weights by their sum, so that the result is as bright as the picture. "
        "Where the sum is zero, by the sum of those above zero. A learned kernel stays as it is: "
        "it has a bias that belongs to its weights.",
        disabled=learned,
        persist_state="session",
    )
    right.caption(PADDING_WORDS[padding])
    return stride, padding, dilation, float(bias), even and not learned
