"""Data explorer, how pictures are made ready: what happens when a control moves."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesionlab.app import drafting
from lesionlab.app.data import prepared
from lesionlab.app.desk import open_desk
from lesionlab.data.import_set import import_dataset
from lesionlab.images.preprocess import Preprocessing
from lesionlab.task import QuietTask

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]
SKIN = (200, 150, 130)


@pytest.fixture
def scopes(home: Path) -> None:
    """A data set `scopes`: six of 120×160, each skin with a hair in a round field of radius 50."""
    source = home / "scopes-source"
    source.mkdir()
    columns, rows = np.arange(160) + 0.5, np.arange(120)[:, None] + 0.5
    lines = ["file,label"]
    for number, code in enumerate(("nv", "nv", "nv", "mel", "mel", "mel")):
        image = np.full((120, 160, 3), SKIN, np.uint8)
        image[:, 70 + number : 72 + number] = 40
        image[np.hypot(columns - 80, rows - 60) > 50] = 3
        Image.fromarray(image).save(source / f"{code}{number}.png")
        lines.append(f"{code}{number}.png,{code}")
    (source / "labels.csv").write_text("\n".join(lines) + "\n")
    import_dataset("folder", source, "scopes", task=QuietTask(home))


@pytest.fixture
def test(show: Show, scopes: None, desk_id: str) -> AppTest:
    open_desk(desk_id).save(dataset="scopes")
    return show(PAGE).button_group(key="explorer-section").set_value("Prepare").run()


def words(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def picture_after(test: AppTest, alt: str) -> np.ndarray:
    """The pixels of the picture whose alternative text begins so."""
    address = re.search(r'<img src="data:[^,]+,([^"]+)" alt="' + re.escape(alt), words(test))
    assert address, alt
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.group(1)))))


def settings(desk_id: str) -> Preprocessing:
    return open_desk(desk_id).draft.preprocessing


def test_before_and_as_the_network_sees_it(test: AppTest, desk_id: str) -> None:
    text = words(test)
    assert "Before: 120×160 pixels" in text
    height, width = settings(desk_id).size
    assert f"As the network sees it: {height}×{width} pixels" in text
    assert picture_after(test, "The picture as the network").shape == (height, width, 3)
    assert "The picture after the step" not in text
    assert any("No step is on" in caption.value for caption in test.caption)


def test_the_switches_go_into_the_draft(test: AppTest, desk_id: str) -> None:
    test.toggle(key="prepare-remove_caption").set_value(True).run()
    test.toggle(key="prepare-remove_hair").set_value(True).run()
    test.selectbox(key="prepare-crop_border").select("inside").run()
    test.selectbox(key="prepare-colour_constancy").select("grey-world").run()
    test.selectbox(key="prepare-fit").select("pad").run()
    test.selectbox(key="prepare-longest").select(150).run()
    test.selectbox(key="prepare-jpeg_quality").select(75).run()
    assert not test.exception
    now = settings(desk_id)
    assert now == Preprocessing(
        size=now.size,
        fit="pad",
        remove_caption=True,
        crop_border="inside",
        remove_hair=True,
        colour_constancy="grey-world",
        longest=150,
        jpeg_quality=75,
    )
    # Back again, as anyone would who saw harm.
    test.toggle(key="prepare-remove_hair").set_value(False).run()
    assert not settings(desk_id).remove_hair
    test.selectbox(key="prepare-jpeg_quality").select(0).run()
    test.selectbox(key="prepare-longest").select(0).run()
    assert settings(desk_id).longest is None
    assert settings(desk_id).jpeg_quality is None
    assert test.selectbox(key="prepare-jpeg_quality").disabled, "nothing is reduced"


def test_a_side_that_is_not_in_the_menu_stays(test: AppTest, desk_id: str) -> None:
    desk = open_desk(desk_id)
    desk.save(draft=drafting.changed(desk.draft, preprocessing={"longest": 170}))
    test.run()
    assert test.selectbox(key="prepare-longest").value == 170
    assert "Reduce to 170 pixels first" in test.selectbox(key="prepare-longest").options


def test_the_cut_is_told_and_shown(test: AppTest) -> None:
    test.selectbox(key="prepare-crop_border").select("field").run()
    # A field of 100×100 in 120×160: 10,000 of 19,200 pixels stay, give or take one a side.
    share = re.search(r"Black border: ([\d.]+)% of the pixels cut off, [\d.]+ ms", words(test))
    assert share
    assert float(share.group(1)) == pytest.approx(47.9, abs=1.5)
    cut = picture_after(test, "The picture after the step Black border")
    assert np.abs(np.array(cut.shape[:2]) - 100).max() <= 2
    assert "When it harms" in " ".join(element.value for element in test.markdown)


def test_a_hair_is_seen_to_go(test: AppTest) -> None:
    test.selectbox(key="prepare-crop_border").select("field").run()
    test.toggle(key="prepare-remove_hair").set_value(True).run()
    before = picture_after(test, "The picture after the step Black border")
    after = picture_after(test, "The picture after the step Hairs")
    middle = before.shape[0] // 2
    assert before[middle, 20:80].min() < 80
    assert after[middle, 20:80].min() > 110


def test_others_stand_in_pairs_and_a_button_draws_new_ones(test: AppTest) -> None:
    def alts(test: AppTest) -> list[str]:
        return re.findall(r'alt="([^"]+, picture [^"]+, (?:before|after))"', words(test))

    first = alts(test)
    assert len(first) == 10  # the five others, before and after
    assert [alt.rsplit(" ", 1)[1] for alt in first[:2]] == ["before", "after"]
    test.button(key="prepare-roll").click().run()
    assert sorted(alts(test)) == sorted(first)
    assert alts(test) != first
    assert test.session_state["prepare-seed"] == 1


def test_what_takes_long_waits_for_a_click(test: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    from lesionlab.app.data import preparing

    with monkeypatch.context() as patch:
        patch.setattr(preparing, "SECONDS", -1)
        test.run()
    assert "0 of 5 are ready" in " ".join(caption.value for caption in test.caption)
    test.button(key="prepare-rest").click().run()
    assert words(test).count(', before"') == 5


def test_a_picture_is_made_ready_once(test: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    from lesionlab.images import decode

    def refuse(path: Path) -> None:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(decode, "read_image", refuse)
    test.run()
    assert not test.exception


def test_a_file_that_is_gone_gives_a_sentence(test: AppTest, home: Path) -> None:
    for path in (home / "datasets").rglob("*.png"):
        path.write_bytes(b"no picture")
    test.toggle(key="prepare-remove_hair").set_value(True).run()
    assert test.error
    assert not test.exception


def test_shares_by_hand() -> None:
    before = np.zeros((10, 20, 3), np.uint8)
    after = before.copy()
    after[0, :5, 1] = 30
    assert prepared.change(before, after) == (5 / 200, 10)
    assert prepared.change(before, before) == (0, 0)
    assert prepared.cut_share(before, before[:5]) == 0.5
