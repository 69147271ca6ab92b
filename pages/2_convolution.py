"""Lesson 2: what one small window of numbers finds in a picture.

A picture is three layers of numbers. A convolution slides a small window of numbers, the kernel,
over one of them, multiplies what lies below it, and writes down the sum. A network does nothing
else, layer upon layer; only that it finds its kernels by itself.
"""

import numpy as np
import streamlit as st

from lesionlab.app import controls, kernels, pictures, theme
from lesionlab.app.own_picture import picture_in_use
from lesionlab.app.shell import close_page, open_page
from lesionlab.images.convolve import KERNELS, convolve

LAYERS = {"brightness": "Brightness", "red": "Red", "green": "Green", "blue": "Blue"}

desk = open_page(__file__)
original = picture_in_use(desk)
image = pictures.at_most(original, 320)

st.subheader("A picture is three layers of numbers", anchor=False)
tiles = [pictures.Tile(image, "The whole picture", "All three together")]
for k, name in enumerate(("red", "green", "blue")):
    alone = np.zeros_like(image)
    alone[..., k] = image[..., k]
    caption = f"{LAYERS[name]}: on average {image[..., k].mean():.0f} of 255"
    tiles.append(pictures.Tile(alone, f"The {name} layer of the picture", caption))
st.html(pictures.grid_html(tiles, smallest=200, longest=320))
st.caption("Each pixel has three numbers from 0 (none of this colour) to 255 (all of it).")

st.subheader("Slide a window over one layer", anchor=False)
left, right = st.columns([3, 2], gap="medium")
with left:
    name = st.pills(
        "Kernel",
        list(KERNELS),
        format_func=lambda key: KERNELS[key].title,
        default="sobel-x",
        required=True,
        key="kernel",
        wrap=True,
        persist_state="session",
    )
    layer = st.segmented_control(
        "Layer",
        list(LAYERS),
        format_func=lambda key: LAYERS[key],
        default="brightness",
        required=True,
        key="layer",
        persist_state="session",
    )
    kernel = KERNELS[name or "sobel-x"]
    st.markdown(kernel.plain)
with right:
    side = kernel.weights.shape[0]
    st.html(kernels.table_html(kernel.weights, f"The numbers of the kernel {kernel.title}"))
    if side > kernels.DRAWN_NUMBERS:
        value = kernels.number(float(kernel.weights[0, 0]))
        st.caption(f"{side}×{side} numbers, each {value}.")

numbers = image.astype(np.float32)
grey = (
    numbers.mean(axis=2) if layer == "brightness" else numbers[..., list(LAYERS).index(layer) - 1]
)
words = LAYERS[layer or "brightness"]
result = convolve(grey, kernel.weights, padding="reflect")
# A few bright spots would else leave the rest without colour.
limit = max(1.0, float(np.percentile(np.abs(result), 99.5)))
first, second, third = st.columns(3)
with first:
    controls.picture(
        grey.astype(np.uint8),
        alt=f"{words} of the picture in grey",
        caption=f"What goes in: {words.lower()}, 0 to 255",
        scale=pictures.scale_html(("#000000", "#ffffff"), "0", "128", "255"),
    )
with second:
    controls.picture(
        pictures.colour_map(result, theme.DIVERGING, limit),
        alt=f"Answer of the kernel {kernel.title}, blue above zero and brown below",
        caption="What comes out, with its sign",
        scale=pictures.scale_html(
            theme.DIVERGING, f"\N{MINUS SIGN}{limit:.0f} or less", "0", f"{limit:.0f} or more"
        ),
    )
with third:
    controls.picture(
        np.clip(result, 0, 255).astype(np.uint8),
        alt=f"Answer of the kernel {kernel.title} cut to 0 to 255",
        caption="Cut to 0 to 255: below zero is black, as after a ReLU layer",
        scale=pictures.scale_html(("#000000", "#ffffff"), "0", "128", "255"),
    )

if side == 3:
    st.subheader("One number, step by step", anchor=False)
    height, width = grey.shape
    left, right = st.columns(2)
    x = left.slider("Across, in per cent", 1, 99, 50, key="step-x", persist_state="session")
    y = right.slider("Down, in per cent", 1, 99, 50, key="step-y", persist_state="session")
    column = min(max(x * width // 100, 1), width - 2)
    line = min(max(y * height // 100, 1), height - 2)
    patch = grey[line - 1 : line + 2, column - 1 : column + 2].round()
    st.html(kernels.step_html(patch, kernel.weights))
    st.caption(
        f"At pixel {column} across and {line} down. The kernel then moves on by one pixel, "
        f"{height * width:,} times in this picture."
    )

controls.how_it_works(
    r"\text{out}_{y,x} = \sum_{i=0}^{k-1} \sum_{j=0}^{k-1} w_{i,j}\ \text{in}_{y+i-r,\ x+j-r}"
    r"\qquad r = \lfloor k/2 \rfloor",
    convolve,
    words="Beyond its border the picture is mirrored. Strictly this is a "
    "*cross-correlation*: networks do not turn the kernel over first, and neither do we.",
)
close_page(__file__, desk)
