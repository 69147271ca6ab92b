"""Lesson 2: what one small window of numbers finds in a picture.

A picture is three layers of numbers. A convolution slides a small window of numbers, the kernel,
over one of them, multiplies what lies below it, and writes down the sum. A network does nothing
else, layer upon layer; only that it finds its kernels by itself.
"""

import streamlit as st

from lesionlab.app import controls, pictures
from lesionlab.app.convolution import after, bench, choices, learned, numbers, questions, sliding
from lesionlab.app.own_picture import picture_in_use
from lesionlab.app.shell import close_page, open_page
from lesionlab.images.convolve import convolve

LONGEST = 256

SECTIONS = ("The picture's numbers", "After the result", "Kernels of my network")

desk = open_page(__file__)
with st.container(key="abreast-picture"):
    image = pictures.at_most(picture_in_use(desk), LONGEST)

chosen = choices.choose(desk)
if not sliding.fits(image, chosen):
    height, width = image.shape[:2]
    st.warning(
        f"The kernel reaches over {chosen.reach} pixels, and the picture has only "
        f"{width} × {height}. Take a padding, a smaller kernel or a smaller dilation.",
        icon=":material/info:",
    )
    controls.end_page()
slid = sliding.slide(image, chosen)
bench.show(slid, chosen)

with st.expander("How large is the result?", icon=":material/straighten:"):
    st.markdown(
        "The length *n* of the picture, the padding *p* on both sides together, the kernel's "
        "side *k*, the dilation *d* and the stride *s* give the number of places:"
    )
    st.latex(r"\left\lfloor \frac{n + p - d\,(k - 1) - 1}{s} \right\rfloor + 1")
    st.latex(r"\text{Across: } " + sliding.size_formula(image.shape[1], chosen))
    st.latex(r"\text{Down: } " + sliding.size_formula(image.shape[0], chosen))

section = st.pills(
    "Look further",
    SECTIONS,
    default=SECTIONS[0],
    required=True,
    key="convolution-section",
    persist_state="session",
)
if section == SECTIONS[1]:
    after.show(desk, slid.result, chosen.title)
elif section == SECTIONS[2]:
    learned.show(desk, image, choose=chosen.weights.ndim == 2)
else:
    numbers.show(image)

controls.how_it_works(
    r"\text{out}_{y,x} = b + \sum_{i=0}^{k-1} \sum_{j=0}^{k-1} w_{i,j}\ "
    r"\text{in}_{s\,y+d\,i-r,\ s\,x+d\,j-r}",
    convolve,
    words="*s* is the stride, *d* the dilation, *b* the bias, and *r* how far the padding goes. "
    "Strictly this is a *cross-correlation*: networks do not turn the kernel over first, "
    "and neither do we.",
)
questions.show()
close_page(__file__, desk)
