"""Convolution: the first kernels of a trained network, shown, and slid like any other."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesionlab.app.convolution import learned, network_kernel
from lesionlab.images.convolve import convolve_summed

PAGE = "pages/2_convolution.py"
Show = Callable[..., AppTest]


def pixels(data: dict[str, Any]) -> np.ndarray:
    """The numbers that the browser sums, `(h, w, c)`."""
    content = np.frombuffer(base64.b64decode(data["pixels"]), np.uint8)
    return content.reshape(*data["size"], -1)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Two first kernels of a made-up network: training takes the one and makes the other."""
    from lesionlab.service import client

    red, nothing = np.zeros((3, 3, 3), np.float32), np.zeros((3, 3, 3), np.float32)
    red[1, 1, 0] = 2.0
    found = {
        "before": np.stack([red, nothing]),
        "after": np.stack([nothing, red]),
        "bias": np.array([0.5, 0.0], np.float32),
        "scale": np.full(3, 1 / 255, np.float32),
        "offset": np.zeros(3, np.float32),
        "exact": np.array(True),
        "layer": np.array("first"),
    }
    learned._kernels_of.clear()
    monkeypatch.setattr(client, "first_layer", lambda model: found)
    return found


def test_kernels_of_the_network_before_and_after(test: AppTest, found: dict[str, Any]) -> None:
    test.button_group(key="convolution-section").set_value("Kernels of my network").run()
    assert not test.exception
    text = " ".join(str(element.proto.body) for element in test.get("html"))
    # The one that answers most strongly after training comes first.
    assert 0 < text.index("Answer of kernel 2, before") < text.index("Answer of kernel 1, before")
    assert "Kernel 2, before training" in text
    image = np.full((4, 5, 3), 51, np.uint8)
    np.testing.assert_allclose(learned.answers(image, found, "before")[0], np.full((4, 5), 0.4))
    # The bias was learned with the rest: before training it was zero.
    np.testing.assert_allclose(learned.answers(image, found, "after")[0], np.full((4, 5), 0.5))
    # One kernel of length 2 went, another came: the square root of 8, over 2.
    assert learned.change(found) == pytest.approx(2**0.5)
    assert "**141 per cent**" in " ".join(element.value for element in test.markdown)
    assert learned.coloured(found["before"][0])[1, 1].tolist() == [255, 128, 128]
    test.button_group(key="kernel").set_value("emboss").run()
    assert not test.exception


def test_a_kernel_of_the_network_slides_like_any_other(
    test: AppTest, shown: dict[str, Any], found: dict[str, Any]
) -> None:
    found["offset"] = np.array([-1.0, 0.5, 0.0], np.float32)
    found["scale"] = np.array([0.01, 0.02, 0.03], np.float32)
    test.button_group(key="kernel").set_value("network").run()
    assert not test.exception
    data = shown["bench"]
    assert (data["mode"], data["side"], len(data["weights"])) == ("summed", 3, 27)
    assert data["title"] == "Kernel 1, after training"
    assert not data["editable"]
    test.number_input(key="network-kernel").set_value(2).run()
    # 2 for red, whose pixels the network takes half as large as it does on average.
    assert shown["bench"]["weights"] == [0.0] * 4 + [1.0] + [0.0] * 22
    assert shown["bench"]["labels"][4] == "1"
    # 2 times the offset of -1, over the mean scale of 0.02.
    assert shown["bench"]["bias"] == pytest.approx(-100)
    # Its bias belongs to its weights, so it is not normalised, not even if another one was.
    assert test.toggle(key="normalise").disabled
    test.button_group(key="kernel").set_value("laplacian").run()
    test.toggle(key="normalise").set_value(True).run()
    found["after"] = 3 * found["after"]
    learned._kernels_of.clear()
    test.button_group(key="kernel").set_value("network").run()
    assert shown["bench"]["weights"] == [0.0] * 4 + [3.0] + [0.0] * 22
    assert shown["bench"]["bias"] == pytest.approx(-300)
    image = pixels(shown["bench"])
    weights, bias = network_kernel.on_pixels(found, 1, "after")
    own = learned.answers(image, found, "after")[1]
    summed = convolve_summed(image, weights, padding="reflect", bias=bias)
    np.testing.assert_allclose(0.02 * summed, own, atol=1e-4)
    # All kernels stand below with the same model, which is chosen once.
    test.button_group(key="convolution-section").set_value("Kernels of my network").run()
    assert not test.exception
    assert len([box for box in test.selectbox if box.key == "choose-result"]) == 1
    test.button_group(key="network-when").set_value("before").run()
    assert shown["bench"]["title"] == "Kernel 2, before training"
    assert set(shown["bench"]["weights"]) == {0.0}
    # Another model, with fewer kernels, that began with learned weights.
    for name in ("before", "after", "bias"):
        found[name] = found[name][:1]
    found["exact"] = np.array(False)
    learned._kernels_of.clear()
    test.run()
    assert not test.exception
    assert shown["bench"]["title"] == "Kernel 1, random numbers"
