"""Data explorer, light and skin: what happens when a control moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesionlab.app.data import measured, skin
from lesionlab.app.desk import open_desk

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]
# Angle 27.4 degrees: tan. L* 61.5.
SKIN = (182, 140, 110)


@pytest.fixture
def twins(home: Path, rng: np.random.Generator) -> str:
    """A data set `twins`: ten pictures, of which one is there twice under another lesion, and one
    under another class."""
    from lesionlab.data.import_set import import_dataset
    from lesionlab.task import QuietTask

    folder = home / "twins-source"
    folder.mkdir()
    lines = ["file,label,lesion_id"]

    def add(name: str, pixels: np.ndarray, code: str, lesion: str) -> None:
        Image.fromarray(pixels).save(folder / name)
        lines.append(f"{name},{code},{lesion}")

    for number in range(8):
        pixels = np.full((60, 80, 3), SKIN, np.uint8)
        pixels[15:45, 20:60] = rng.integers(30, 120, (30, 40, 3), dtype=np.uint8)
        add(f"n{number}.png", pixels, "nv", f"n{number}")
        if number < 2:
            # One pixel differs: another file, the same picture.
            pixels[30, 40] += 1
            add(f"t{number}.png", pixels, ("nv", "mel")[number], f"t{number}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    import_dataset("folder", folder, "twins", task=QuietTask(home))
    return "twins"


def shown(show: Show, desk_id: str, name: str) -> AppTest:
    open_desk(desk_id).save(dataset=name)
    test = show(PAGE).button_group(key="explorer-section").set_value("Light and skin").run()
    assert not test.exception
    return test


def alts(test: AppTest) -> list[str]:
    return [chart.proto.alt for chart in test.get("plotly_chart")]


def words(test: AppTest) -> str:
    return " ".join(element.value for element in test.markdown)


def html(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def test_one_size_is_said_in_words(show: Show, twins: str, desk_id: str) -> None:
    test = shown(show, desk_id, twins)
    assert "**60×80 pixels** (height×width)" in words(test)
    assert not any("sizes" in alt for alt in alts(test))


def test_several_sizes_are_dots(show: Show, home: Path, desk_id: str) -> None:
    from lesionlab.data.import_set import import_dataset
    from lesionlab.task import QuietTask

    for number, (width, height) in enumerate([(40, 30), (40, 30), (30, 20)]):
        path = home / "sizes" / ("nv", "mel", "nv")[number] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (width, height), (number * 40, 90, 90)).save(path)
    import_dataset("folder", home / "sizes", "sizes", task=QuietTask(home))
    found = alts(shown(show, desk_id, "sizes"))[0]
    assert found == "Dots of 2 picture sizes; the most frequent: 30×40 2; 20×30 1 pictures"


def test_brightness_by_class_and_examples(show: Show, twins: str, desk_id: str) -> None:
    test = shown(show, desk_id, twins)
    assert "Brightness of the pictures by class. Median lightness:" in alts(test)[0]
    test.button_group(key="brightness-unit").set_value("Shares of each class").run()
    assert not test.exception
    band = test.selectbox(key="brightness-band-twins")
    assert sum(int(option.split("(")[1][:-1]) for option in band.options) == 10
    assert [measured.band_name(value) for value in (0.0, 59.9, 60.0, 100.0)] == [
        "0 to 10",
        "50 to 60",
        "60 to 70",
        "90 to 100",
    ]
    assert "L* 5" in html(test)


def test_skin_tone_with_its_limits(show: Show, twins: str, desk_id: str) -> None:
    test = shown(show, desk_id, twins)
    assert alts(test)[1] == "Bars of the Individual Typology Angle. Pictures: tan 10"
    limits = test.info[0].value
    for limit in ("not of a person", "camera", "tan", "not the Fitzpatrick type"):
        assert limit in limits
    assert test.selectbox(key="skin-tone-twins").options == ["tan (10)"]
    assert skin.tone_at(27.4) == "tan", "what a click on a bar chooses"
    assert "27°" in html(test)
    test.button_group(key="skin-view").set_value("By class").run()
    assert "skin tone in each class" in alts(test)[1]
    assert not test.exception


def test_lookalikes_with_other_classes_first(show: Show, twins: str, desk_id: str) -> None:
    test = shown(show, desk_id, twins)
    found = words(test)
    assert "**2 pairs** among 10 pictures look alike" in found
    heads = [m.value for m in test.markdown if "bits apart" in m.value]
    assert heads[0].startswith("**Different classes**")
    assert heads[1].startswith("**Different lesions**")
    test.button_group(key="alike-kind-twins").set_value("Different lesions").run()
    heads = [m.value for m in test.markdown if "bits apart" in m.value]
    assert len(heads) == 1
    assert "Lesions n0 and t0" in [caption.value for caption in test.caption]
    assert not test.exception


def test_a_stricter_limit_takes_pairs_away(show: Show, twins: str, desk_id: str) -> None:
    test = shown(show, desk_id, twins)
    apart = [int(m.value.split("·")[1].split()[0]) for m in test.markdown if "apart" in m.value]
    test.slider(key="alike-bits").set_value(0).run()
    left = sum(bits == 0 for bits in apart)
    heads = [m.value for m in test.markdown if "bits apart" in m.value]
    assert len(heads) == left
    assert not test.exception


def test_few_pictures_are_measured_at_once(show: Show, desk_id: str) -> None:
    test = shown(show, desk_id, "synthetic-small")
    assert len(alts(test)) == 2


def test_many_unmeasured_pictures_wait_for_a_job(
    show: Show, desk_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionlab.app.data import measuring
    from lesionlab.jobs import store

    monkeypatch.setattr(measuring, "AT_ONCE", 10)
    test = shown(show, desk_id, "synthetic-small")
    assert not alts(test)
    test.button(key="measure").click().run()
    jobs = store.list_jobs("measure-data")
    assert [job.spec for job in jobs] == [{"dataset": "synthetic-small"}]
    assert "being measured" in test.info[0].value
    assert not test.exception

    from lesionlab.data.measures import run_measure
    from lesionlab.task import QuietTask

    run_measure(QuietTask(jobs[0].folder, jobs[0].spec))
    assert len(alts(test.run())) == 2


def test_nobody_waits_for_a_long_search(
    show: Show, twins: str, desk_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionlab.app.data import searching
    from lesionlab.data import lookalikes

    go_on = threading.Event()
    find = lookalikes.find_lookalikes

    def slow(hashes: np.ndarray, known: np.ndarray) -> lookalikes.Lookalikes:
        assert go_on.wait(60)
        return find(hashes, known)

    monkeypatch.setattr(lookalikes, "find_lookalikes", slow)
    monkeypatch.setattr(searching, "AT_ONCE", 1)
    test = shown(show, desk_id, twins)
    assert any("10 pictures are being compared" in element.value for element in test.info)
    assert not any(slider.key == "alike-bits" for slider in test.slider)
    monkeypatch.setattr(searching, "PATIENCE", 60)
    go_on.set()
    test.run()
    assert "**2 pairs** among 10 pictures look alike" in words(test)
