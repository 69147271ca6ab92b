"""The augmentation page in Chromium: from a paper's set through every section to the experiment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lesionlab.app.desk import open_desk
from lesionlab.service import client

DESK = "5e" * 12
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def settled(page: Page) -> None:
    """Wait until the script of the page has run."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def choose(page: Page, words: str) -> None:
    """Click a pill."""
    page.get_by_test_id("stMain").get_by_text(words, exact=True).first.click()
    settled(page)


def sources(page: Page, alt: str) -> list[str | None]:
    """The pictures whose alternative text begins so."""
    pictures = page.locator(f'img[alt^="{alt}"]')
    return [picture.get_attribute("src") for picture in pictures.all()]


@pytest.fixture
def small_pictures(home: Path) -> None:
    """A desk whose experiment takes small pictures, and a service that wakes before the server."""
    desk = open_desk(DESK)
    draft = desk.draft.model_copy(
        update={"preprocessing": desk.draft.preprocessing.model_copy(update={"size": (64, 64)})}
    )
    desk.save(draft=draft)
    client.warm()


def test_from_a_papers_set_to_the_experiment(
    small_pictures: None, server: str, desktop: tuple[BrowserContext, Any]
) -> None:
    context, seen = desktop
    page = context.new_page()
    page.goto(f"{server}/augmentation?desk={DESK}")
    samples = page.locator('img[alt^="Changed at random"]')
    expect(samples).to_have_count(12, timeout=90_000)
    settled(page)
    first = sources(page, "Changed at random")
    assert len(set(first)) == 12

    choose(page, "Cullell-Dalmau 2021")
    expect(page.get_by_text("30 of 224 pixels")).to_be_visible()
    settled(page)
    turned = sources(page, "Changed at random")
    page.get_by_role("button", name="Roll again").click()
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("1")
    settled(page)
    assert not set(turned) & set(sources(page, "Changed at random"))
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("0")
    seed.press("Enter")
    expect(samples.first).to_have_attribute("src", turned[0] or "")
    settled(page)
    assert sources(page, "Changed at random") == turned

    page.get_by_role("button", name="Use this in my experiment").click()
    expect(page.get_by_text("Your experiment changes: turn ±90°, shift ±13.4 %")).to_be_visible()

    choose(page, "One change")
    expect(page.locator('img[alt^="Turn: "]')).to_have_count(9)
    expect(page.locator(".ll-chosen")).to_have_count(5)  # 0, ±45 and ±90 degrees
    choose(page, "Safe for the label?")
    expect(page.locator('img[alt="The picture colours turned 50 %"]')).to_be_visible()
    choose(page, "Through an epoch")
    expect(page.get_by_text("No two are the same.")).to_be_visible()
    expect(page.get_by_text("0 of 496")).to_be_visible()
    choose(page, "What it costs")
    expect(page.get_by_text(re.compile(r"^\d+\.\d\d ms$"))).to_be_visible()

    # On a phone the samples stay in sight while the last slider is moved.
    page.set_viewport_size({"width": 390, "height": 844})
    choose(page, "Samples")
    slant = page.locator(".st-key-augment-shear")
    slant.scroll_into_view_if_needed()
    expect(samples.first).to_be_in_viewport()
    expect(slant).to_be_in_viewport()
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 390

    assert not page.get_by_test_id("stException").count()
    assert not seen.outside
    assert not seen.errors
