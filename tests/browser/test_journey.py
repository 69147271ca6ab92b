"""Whole journeys in Chromium: a first training from start to answer, and every page on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lesionlab.app.lessons import LESSONS, PAGES
from lesionlab.jobs import runs

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURE = ROOT / "assets" / "data" / "synthetic" / "images" / "mel_00000.jpg"
# 104 training pictures, 4 at a time, twice.
ALL_BATCHES = 52
BATCHES = re.compile(r"after ([\d,]+) batches")
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def settled(page: Page) -> None:
    """Wait until the script of the page has run."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def visit(page: Page, title: str) -> None:
    """Click a lesson in the menu."""
    page.locator(".st-key-menu").get_by_role("link", name=title).click()
    expect(page.locator(".ll-head h1")).to_have_text(title)
    settled(page)


def num_batches(page: Page) -> int:
    """How many batches the loss curve on the page shows, by its alternative text."""
    chart = page.locator('[aria-label^="Loss while learning"]').first
    found = BATCHES.search(chart.get_attribute("aria-label") or "")
    return int(found.group(1).replace(",", "")) if found else 0


def wait_for_more(page: Page, than: int) -> int:
    """Wait until the curve has more batches than `than`, without touching the page."""
    page.wait_for_function(
        """than => {
            const chart = document.querySelector('[aria-label^="Loss while learning"]');
            const found = chart && /after ([\\d,]+) batches/.exec(chart.ariaLabel);
            return found && Number(found[1].replaceAll(",", "")) > than;
        }""",
        arg=than,
        timeout=120_000,
    )
    return num_batches(page)


def choose_small_network(page: Page) -> None:
    """Two epochs of small-cnn, in small batches, so that the curve grows in many steps."""
    page.get_by_role("combobox", name="Begin with a recipe").click()
    page.get_by_role("option", name="small-cnn").click()
    expect(page.get_by_text("15 epochs in 1 phase, 16 pictures in a batch")).to_be_visible()
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill("2")
    epochs.press("Enter")
    expect(page.get_by_text("2 epochs in 1 phase, 16 pictures in a batch")).to_be_visible()
    batch = page.get_by_role("slider", name="Pictures in a batch")
    for size in (8, 6, 4):
        batch.press("ArrowLeft")
        words = f"2 epochs in 1 phase, {size} pictures in a batch"
        expect(page.get_by_text(words)).to_be_visible()


def test_from_start_to_answer(server: str, desktop: tuple[BrowserContext, Any]) -> None:
    context, seen = desktop
    page = context.new_page()
    page.goto(server)
    expect(page.get_by_role("heading", name="See how a network learns")).to_be_visible()

    visit(page, "Model builder")
    choose_small_network(page)

    visit(page, "Training")
    expect(page.get_by_text("It learns for 2 epochs")).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    first = wait_for_more(page, 0)
    visit(page, "Data explorer")
    visit(page, "Training")
    # On a busy machine the first look may come when all is learned: then there is no more to gain.
    second = wait_for_more(page, min(first, ALL_BATCHES - 1))
    page.reload()
    expect(page.locator(".ll-head h1")).to_have_text("Training")
    third = wait_for_more(page, min(second, ALL_BATCHES - 1))
    assert 0 < first <= second <= third
    assert first < second or first == ALL_BATCHES
    expect(page.get_by_text("The network was at its best after epoch")).to_be_visible(
        timeout=120_000
    )
    assert num_batches(page) == ALL_BATCHES

    visit(page, "Evaluation")
    expect(
        page.get_by_text("Drawn lesions, small (synthetic), test part, 24 pictures")
    ).to_be_visible()
    expect(page.locator('[aria-label^="Confusion matrix"]').first).to_be_visible()
    expect(page.locator('[aria-label^="ROC curves"]').first).to_be_visible()

    visit(page, "Predict")
    page.get_by_text("My own picture").click()
    uploader = page.get_by_test_id("stFileUploader").filter(has_text="A picture of one lesion")
    uploader.locator('input[type="file"]').set_input_files(PICTURE)
    refusal = page.get_by_text("This model has only seen drawings and cannot judge a photograph.")
    expect(refusal).to_be_visible()
    page.get_by_test_id("stCheckbox").get_by_text("This is a drawn example").click()
    expect(page.get_by_text("All classes that are cancer or a precursor")).to_be_visible()
    expect(page.locator('[aria-label^="Probabilities"]').first).to_be_visible()
    expect(refusal).not_to_be_visible()
    expect(page.get_by_text("not a medical device").first).to_be_visible()

    (run,) = runs.list_runs()
    assert run.state.status == "done"
    assert not seen.outside, "the app must never call another machine"
    assert not seen.errors
    assert not page.get_by_test_id("stException").count()


def test_every_page_on_a_phone(server: str, phone: tuple[BrowserContext, Any]) -> None:
    context, seen = phone
    for lesson in PAGES:
        path = "" if lesson.number == 0 else Path(lesson.path).stem.partition("_")[2]
        page = context.new_page()
        # A deep link on a server that may not have run this page before.
        page.goto(f"{server}/{path}")
        page.wait_for_selector(".ll-head h1, .ll-hero h1")
        settled(page)
        title = lesson.title if lesson.number else "See how a network learns"
        expect(page.locator("h1").first).to_contain_text(title)
        assert not page.get_by_test_id("stException").count(), lesson.title
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{lesson.title} is {width} pixels wide"
        page.close()
    assert len(PAGES) == len(LESSONS) + 1
    assert not seen.outside
    assert not seen.errors
