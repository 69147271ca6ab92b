"""The gallery in Chromium: with the keyboard into a picture, near to it, and back out."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from lesionlab.app.desk import open_desk

DESK = "9a" * 12
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def place(sheet: Locator) -> tuple[float, float, float]:
    """Where the sheet of the viewer lies and how large it is drawn: x, y, scale."""
    text = sheet.evaluate("sheet => getComputedStyle(sheet).transform")
    scale, _, _, _, x, y = (float(word) for word in text[7:-1].split(","))
    return x, y, scale


def closely(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Look closely")


def test_keyboard_wheel_and_outline(server: str, desktop: tuple[BrowserContext, Any]) -> None:
    context, seen = desktop
    page = context.new_page()
    page.goto(f"{server}/data_explorer?desk={DESK}")
    gallery = page.get_by_role("group", name="Gallery of 12 pictures")
    tiles = gallery.get_by_role("button")
    expect(tiles).to_have_count(12)

    tiles.first.focus()
    page.keyboard.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    name = tiles.nth(1).get_attribute("aria-label")
    page.keyboard.press("Enter")
    stage = closely(page).get_by_role("group", name=str(name))
    expect(stage).to_be_visible()
    zoom = closely(page).locator("output")
    expect(zoom).to_have_text("×1.0")

    sheet = stage.locator(".sheet")
    whole = place(sheet)
    stage.focus()
    page.keyboard.press("+")
    expect(zoom).to_have_text("×1.5")
    assert place(sheet)[2] == pytest.approx(1.5 * whole[2], rel=1e-3)
    before = place(sheet)
    page.keyboard.press("ArrowRight")
    assert place(sheet)[0] == pytest.approx(before[0] - 60, abs=0.1)
    page.keyboard.press("0")
    expect(zoom).to_have_text("×1.0")
    assert place(sheet) == pytest.approx(whole, abs=0.1)

    box = stage.bounding_box()
    assert box is not None
    corner = (box["x"] + 0.75 * box["width"], box["y"] + 0.75 * box["height"])
    page.mouse.move(*corner)
    page.mouse.wheel(0, -500)
    expect(zoom).to_have_text("×2.7")  # e to the power of 500 times 0.002
    x, y, scale = place(sheet)
    # What was below the pointer stays there.
    for at, was, room in ((x, whole[0], box["width"]), (y, whole[1], box["height"])):
        assert (0.75 * room - at) / scale == pytest.approx((0.75 * room - was) / whole[2], abs=0.5)
    page.mouse.down()
    page.mouse.move(corner[0] - 40, corner[1] - 30)
    page.mouse.up()
    assert place(sheet)[:2] == pytest.approx((x - 40, y - 30), abs=0.5)

    line = closely(page).get_by_role("button", name="Outline of the lesion")
    expect(sheet.locator(".outline")).to_be_hidden()
    line.click()
    expect(line).to_have_attribute("aria-pressed", "true")
    expect(sheet.locator(".outline")).to_be_visible()

    closely(page).get_by_role("button", name="Next").click()
    expect(closely(page).get_by_text("3 of 160")).to_be_visible()
    expect(zoom).to_have_text("×1.0")
    page.keyboard.press("Escape")
    expect(closely(page)).to_have_count(0)
    expect(tiles.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(tiles.nth(2)).to_be_focused()
    assert str(open_desk(DESK).image) in str(tiles.nth(2).get_attribute("aria-label"))
    assert not seen.outside
    assert not seen.errors
