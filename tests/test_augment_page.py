"""The facts and the arithmetic behind the augmentation page, worked out by hand."""

import numpy as np
import pytest

from lesionlab.app.augmentation import changes, charts, presets, safe, strip
from lesionlab.app.augmentation.repeated import compare
from lesionlab.experiment import Augmentation


def grey(*levels: int) -> np.ndarray:
    return np.stack([np.full((2, 3, 3), level, np.uint8) for level in levels])


def test_pairs_are_compared_byte_for_byte():
    found = compare(grey(10, 20, 10, 23, 10), grey(20)[0], [b""] * 5)
    assert (found.pairs, found.equal_pairs, found.num_different) == (10, 3, 3)
    assert found.num_as_original == 1
    assert found.closest == (1, 3)
    assert found.closest_distance == pytest.approx(3, abs=1e-3)
    # 0-1, 0-2, 0-3, 0-4, 1-2, 1-3, 1-4, 2-3, 2-4, 3-4
    np.testing.assert_allclose(
        found.distances, [10, 0, 13, 0, 10, 3, 10, 13, 0, 13], rtol=0, atol=1e-3
    )


def test_equal_pictures_have_no_nearest_pair():
    found = compare(grey(10, 10), grey(10)[0], [b"", b""])
    assert found.closest is None
    assert (found.equal_pairs, found.num_as_original) == (1, 2)


def test_one_pixel_by_one_level_is_another_picture():
    images = grey(10, 10)
    images[1, 0, 0, 0] = 11
    found = compare(images, grey(0)[0], [b"", b""])
    assert found.equal_pairs == 0
    assert found.distances[0] == pytest.approx(1 / np.sqrt(18), abs=1e-4)


def test_steps_run_from_end_to_end_and_know_what_is_allowed():
    mine = Augmentation(zoom=0.25, cutout=0.25)
    found = strip.steps("zoom", 5, mine)
    assert [step.value for step in found] == [-0.5, -0.25, 0, 0.25, 0.5]
    assert [step.words for step in found] == ["−50 %", "−25 %", "0 %", "+25 %", "+50 %"]
    assert [step.within for step in found] == [False, True, True, True, False]
    assert [step.value for step in strip.steps("cutout", 5, mine)] == [0, 0.125, 0.25, 0.375, 0.5]
    assert [step.words for step in strip.steps("cutout", 3, mine)] == ["0 %", "25 %", "50 %"]
    assert [step.value for step in strip.steps("horizontal_flip", 9, mine)] == [0, 1]


def test_every_strip_is_known_to_the_service_and_in_range():
    from lesionlab.app.augmentation.strip import STRIPS

    keras = pytest.importorskip("keras")
    assert keras
    from lesionlab.models.fixed_change import FIXED, fixed_change

    assert {name: setting for name, (setting, _) in STRIPS.items()} == {
        name: setting for name, (setting, _) in FIXED.items()
    }
    for name in STRIPS:
        values = [step.value for step in strip.steps(name, 15, Augmentation())]
        fixed_change(name, values, (20, 30))
    for change, value in (safe.KEEPS | safe.SPOILS).values():
        fixed_change(change, [value], (20, 30))


def test_sliders_end_where_the_settings_end():
    for name, change in changes.CHANGES.items():
        largest = change.largest / change.factor
        assert Augmentation(**{name: largest})
        with pytest.raises(ValueError, match=name):
            Augmentation(**{name: largest * 1.01})


def test_colours_are_less_safe_than_turns():
    level = {name: change.level for name, change in changes.CHANGES.items()}
    assert level["rotation"](180) == changes.SAFE
    assert level["hue"](0) == changes.OFF
    assert changes.CHANGES["hue"].limit == "up to 2 %"
    assert changes.CHANGES["rotation"].limit == "always"
    assert [level["hue"](value) for value in (2, 5, 6)] == [
        changes.SAFE,
        changes.CARE,
        changes.RISK,
    ]
    assert changes.levels(Augmentation(hue=0.3, vertical_flip=True, shift=0.3)) == {
        "hue": changes.RISK,
        "vertical_flip": changes.SAFE,
        "shift": changes.CARE,
    }


def test_settings_in_words():
    mine = Augmentation(rotation=45, shift=30 / 224, cutout=0.1, vertical_flip=True)
    assert changes.in_words(mine) == (
        "turn ±45°, shift ±13.4 %, cut out a square 10 %, flip upside down"
    )
    assert changes.in_words(Augmentation(fill="wrap")) == "nothing"


def test_presets_are_the_papers():
    found = presets.presets((224, 224))
    cullell = found["Cullell-Dalmau 2021"].augmentation
    assert (cullell.rotation, cullell.fill) == (90, "nearest")
    assert cullell.shift * 224 == pytest.approx(30)
    steppan = found["Steppan & Hanke 2021"].augmentation
    assert (steppan.rotation, steppan.zoom, steppan.brightness) == (45, 0.05, 0.2)
    assert steppan.cutout * 224 == pytest.approx(16)
    for name in ("Ray 2020", "Benedetti 2020"):
        assert "no number" in found[name].given
        assert "our choice" in found[name].ours
    for one in list(found.values())[2:]:
        assert one.augmentation.horizontal_flip
        assert one.augmentation.vertical_flip
    assert presets.name_of(Augmentation(), found) == "Nothing"
    assert presets.name_of(Augmentation(hue=0.1), found) is None
    assert presets.presets((16, 16))["Steppan & Hanke 2021"].augmentation.cutout == 0.5


def test_signs_that_need_their_colour():
    signs = dict(safe.colour_signs("mel"))
    assert signs["blue-white veil"]
    assert not signs["irregular thick network"]
    assert safe.colour_signs("") == []


def test_charts_hold_the_numbers():
    bars = charts.distance_bars(np.array([0.0, 0.0, 12.0]))
    assert bars.data[0].y.sum() == 3
    assert bars.data[0].y[0] == 2
    assert "grey levels" in bars.layout.xaxis.title.text
    cost = charts.cost_bars({"All together": [1, 2, 6], "Shape": [1, 1, 1]})
    assert list(cost.data[0].y) == ["Shape", "All together"]
    assert list(cost.data[0].x) == [1, 2]
    assert list(cost.data[0].error_x.array) == [0, 4]
    assert list(cost.data[0].error_x.arrayminus) == [0, 1]
