"""The models that come with lesionlab: what they say of themselves holds."""

from __future__ import annotations

import pytest

from lesionlab.evaluation.card import model_card
from lesionlab.files import read_json
from lesionlab.models.bundle import read_description, read_history, verify_bundle
from lesionlab.settings import ASSETS

LARGEST = {"synthetic-small": 3_000_000, "ham10000-isic8": 10_000_000}


@pytest.mark.parametrize("name", LARGEST)
def test_it_is_whole_and_small(name: str) -> None:
    bundle = ASSETS / "models" / name
    verify_bundle(bundle)
    assert sum(path.stat().st_size for path in bundle.iterdir()) <= LARGEST[name]
    card = (bundle / "card.md").read_text("utf-8")
    assert "not a medical device" in card and "In brackets stand 95 % intervals." in card


@pytest.mark.parametrize("name", LARGEST)
def test_its_card_is_what_a_card_says_today(name: str) -> None:
    bundle = ASSETS / "models" / name
    report = read_json(bundle / "evaluation.json")
    assert isinstance(report, dict)
    card = (bundle / "card.md").read_text("utf-8")
    course = f"{len(read_history(bundle))} epochs in all" if name == "ham10000-isic8" else ""
    for section in model_card(read_description(bundle), report, course=course).split("\n## "):
        # How the pictures were dealt out only the script knows.
        if not section.startswith("What it has seen"):
            assert section.strip() in card


def test_what_it_learned_by_can_be_trained_again() -> None:
    experiment = read_description(ASSETS / "models" / "ham10000-isic8").experiment
    # Not a model that does not come with lesionlab.
    assert experiment.model.weights == "imagenet"


def test_the_alarms_of_the_one_of_photographs_find_nine_of_ten() -> None:
    bundle = ASSETS / "models" / "ham10000-isic8"
    description = read_description(bundle)
    report = read_json(bundle / "evaluation.json")
    assert isinstance(report, dict)
    assert report["part"] == "validation" and report["n"] == 1505
    assert set(description.thresholds) == {"malignant", "mel"}
    for name, threshold in description.thresholds.items():
        row = report["thresholds"][name]
        assert row["threshold"] == threshold
        assert row["sensitivity"] == row["num_found"] / row["n"]
        # The least number of cases that is nine of ten, and not one more.
        assert row["num_found"] / row["n"] >= 0.9 > (row["num_found"] - 1) / row["n"]
        # The alarm is raised where either threshold is reached, so that it misses no more.
        case = report["alarm"]["cases"][name]
        assert case["n"] == row["n"] and case["num_missed"] <= row["n"] - row["num_found"]


def test_its_card_tells_whose_pictures_and_what_happens_elsewhere() -> None:
    bundle = ASSETS / "models" / "ham10000-isic8"
    card = (bundle / "card.md").read_text("utf-8")
    for words in ("HAM10000", "CC BY-NC 4.0", "ImageNet", "GroupShuffleSplit", "dark skin"):
        assert words in card
    report = read_json(bundle / "evaluation.json")
    assert isinstance(report, dict)
    assert len(report["elsewhere"]) == 4
    for row in report["elsewhere"]:
        assert f"| {row['source']} | {row['num']:,} | {row['macro_auc']:.2f}" in card
    assert {group["by"] for group in report["subgroups"]} >= {"sex", "age", "site", "source"}
