"""Look inside in Chromium: blocks by click and keyboard, one map, and a line by hand."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

DESK = "6e" * 12
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_blocks_and_maps(server: str, desktop: tuple[BrowserContext, Any]) -> None:
    context, seen = desktop
    page = context.new_page()
    page.goto(f"{server}/look_inside?desk={DESK}&run=synthetic-small")
    page.get_by_role("button", name="Block 3: Convolution").click()
    expect(page.get_by_role("heading", name="Block 3: Convolution")).to_be_visible()
    # The arrow key goes on to the next block, which Enter opens and which keeps the focus.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Block 4: Convolution")).to_be_visible()
    fourth = page.get_by_role("button", name="Block 4: Convolution")
    expect(fourth).to_be_focused()
    expect(fourth).to_have_attribute("aria-pressed", "true")
    # The block's last layer is the one whose maps are shown.
    page.get_by_text("Feature maps", exact=True).first.click()
    expect(page.get_by_role("heading", name="Through the depth")).to_be_visible()
    maps = page.get_by_role("group", name="Feature maps of block4_pool").get_by_role("button")
    expect(maps).to_have_count(16)
    label = str(maps.nth(2).get_attribute("aria-label")).split(",")[0]
    maps.nth(2).click()
    expect(page.get_by_role("heading", name=label, exact=True)).to_be_visible()
    expect(
        page.get_by_text("Convolution → Batch normalisation → ReLU → Max pooling")
    ).to_be_visible()
    # A line by hand is on the picture that the network judges.
    page.get_by_text("Break it", exact=True).first.click()
    page.get_by_role("button", name="Draw with a pen").click()
    canvas = page.locator("canvas.drawing")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.up()
    expect(page.get_by_text("with 15 hairs, 1 line by hand")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("with 15 hairs.")).to_be_visible()
    assert not seen.errors and not seen.outside
