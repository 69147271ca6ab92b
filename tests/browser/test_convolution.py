"""Convolution in Chromium: the sums of the browser are those of the engine; the kernel slides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lesionlab.app.convolution import bench, bench_arithmetic, drawing_script
from lesionlab.app.convolution.choices import Choices
from lesionlab.app.convolution.sliding import slide
from tests.browser.conftest import open_context

DESK = "9c" * 12
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SUMS = (
    drawing_script.SCRIPT
    + bench_arithmetic.SCRIPT
    + """
const data = { ...given, pixels: bytes(given.pixels) };
return Array.from({ length: data.out[0] }, (_, y) =>
  Array.from({ length: data.out[1] }, (_, x) => answer(data, x, y).written));
"""
)


def told(page: Page) -> str:
    return str(page.locator(".told").first.text_content())


def test_the_browser_sums_as_the_engine_does(chromium: Browser, rng: np.random.Generator) -> None:
    page = chromium.new_page()
    image = rng.integers(0, 256, (9, 11, 3), dtype=np.uint8)
    settings: list[tuple[Any, ...]] = [
        ("brightness", 3, 1, "same", 1, 0.0),
        ("red", 3, 2, "reflect", 2, -7.5),
        ("each", 4, 1, "replicate", 1, 3.0),
        ("summed", 5, 3, "valid", 2, 11.0),
        ("summed", 2, 2, "same", 3, 0.0),
        ("blue", 15, 4, "reflect", 2, 1.0),
        ("tables", 3, 2, "replicate", 2, -5.0),
    ]
    for layer, side, stride, padding, dilation, bias in settings:
        # As in a network: a table for each layer, and one answer.
        shape = (side, side, 3) if layer == "tables" else (side, side)
        layer = "summed" if layer == "tables" else layer
        weights = rng.normal(size=shape).astype(np.float32)
        choices = Choices("made up", weights, layer, stride, padding, dilation, bias)
        slid = slide(image, choices)
        summed = page.evaluate(f"given => {{{SUMS}}}", bench.content(slid, choices))
        expected = slid.result if slid.result.ndim == 3 else slid.result[..., None]
        np.testing.assert_allclose(summed, expected, atol=2e-2, rtol=1e-4, err_msg=str(choices))
    page.close()


def test_keyboard_click_and_slide(server: str, desktop: tuple[BrowserContext, Any]) -> None:
    context, seen = desktop
    page = context.new_page()
    page.goto(f"{server}/convolution?desk={DESK}")
    source = page.get_by_role("group", name="The picture that goes in: brightness")
    expect(source).to_be_visible()
    across, down = page.get_by_label("Across").first, page.get_by_label("Down").first
    before = int(across.input_value())
    source.focus()
    page.keyboard.press("ArrowRight")
    expect(across).to_have_value(str(before + 1))
    page.keyboard.press("Shift+ArrowDown")
    assert f"Column {before + 1}, row {down.input_value()} of the result" in told(page)

    box = source.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    # 256 by 192 pixels: the kernel's middle comes to lie below the pointer.
    assert abs(int(across.input_value()) - 64) <= 1
    assert abs(int(down.input_value()) - 144) <= 1

    page.get_by_role("button", name="Slide the kernel").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    answers = page.get_by_role("img", name="The answers around this place").locator("td")
    expect(answers.nth(2)).not_to_be_empty()
    page.get_by_role("button", name="Pause").click()
    filled = [text for text in answers.all_text_contents() if text]
    place = int(across.input_value())
    page.get_by_role("button", name="Next place").click()
    expect(across).to_have_value(str(place + 1))
    assert [text for text in answers.all_text_contents() if text][: len(filled)] == filled

    page.get_by_text("Sharpen", exact=True).click()
    expect(page.get_by_role("img", name="The numbers of the kernel Sharpen")).to_be_visible()
    expect(across).to_have_value(str(place + 1))

    # Seen with its sign where the reader says so, also when the kernel becomes one's own.
    group = page.get_by_role("group", name="Show the result")
    expect(group.get_by_role("button", name="Cut to 0")).to_have_attribute("aria-pressed", "true")
    group.get_by_role("button", name="With its sign").click()
    expect(page.get_by_text("256 shades must do")).to_be_visible()
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_role("img", name="The numbers of the kernel My own")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.get_by_text("256 shades must do")).to_be_visible()
    assert not seen.outside
    assert not seen.errors


def test_a_phone_that_asks_for_little_motion(server: str, chromium: Browser) -> None:
    context, seen = open_context(chromium, 390, dark=True)
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    page.goto(f"{server}/convolution?desk={DESK}")
    expect(page.get_by_role("button", name="Next place")).to_be_visible()
    expect(page.get_by_role("button", name="Slide the kernel")).to_be_hidden()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollWidth") <= 390
    # The whole result is seen together with the kernels, on a screen of 660 pixels.
    kernels, out = page.locator(".st-key-kernel"), page.locator(".out .frame")
    top, below = kernels.bounding_box(), out.bounding_box()
    assert top is not None
    assert below is not None
    assert below["y"] + below["height"] - top["y"] < 520
    assert not seen.errors
    context.close()
