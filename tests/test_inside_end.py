"""Tables and words behind the last step, the heat maps and the spoiled pictures, by hand."""

import numpy as np
import pytest

from lesionlab.app import theme
from lesionlab.app.inside import break_charts, break_it, end_charts, end_maps, heat_drawing


def test_the_sum_is_told_row_by_row():
    features = np.array([1, 2, 0.5, 0, 0.1], np.float32)
    weights = np.array([0.5, -3, 4, 9, 1], np.float32)
    table = end_charts.sum_table(features, weights, 0.25)
    # Products 0.5, -6, 2, 0, 0.1; all five are shown, the farthest from zero first.
    assert table["part"].tolist() == ["2", "3", "1", "5", "4", "Bias", "Score"]
    np.testing.assert_allclose(table["product"], (-6, 2, 0.5, 0.1, 0, 0.25, -3.15), atol=1e-6)
    assert table["number"].tolist()[:2] == [2, 0.5]


def test_what_is_not_shown_is_added_up():
    rng = np.random.default_rng(0)
    features, weights = rng.uniform(0, 1, 192), rng.normal(0, 1, 192)
    table = end_charts.sum_table(features, weights, -0.5)
    assert table["part"].tolist()[-3:] == ["182 more", "Bias", "Score"]
    assert table["product"].iloc[-1] == pytest.approx(features @ weights - 0.5)
    assert table["product"].iloc[:-1].sum() == pytest.approx(table["product"].iloc[-1])
    figure = end_charts.sum_figure(table, "#123456")
    assert figure.data[0].measure[-1] == "total"
    assert len(figure.data[0].y) == len(set(figure.data[0].y)) == 13


def test_softmax_by_hand():
    """Scores 2 ln 3, 0, 0 at temperature 2: powers 1, 1/3, 1/3, shares 3/5, 1/5, 1/5."""
    table = end_charts.softmax_table(np.array([0, 2 * np.log(3), 0]), 2.0, ["nv", "mel", "bcc"])
    assert table["code"].tolist() == ["mel", "nv", "bcc"]
    np.testing.assert_allclose(table["power"], (1, 1 / 3, 1 / 3))
    np.testing.assert_allclose(table["probability"], (0.6, 0.2, 0.2))
    huge = end_charts.softmax_table(np.array([5000.0, 0]), 1.0, ["nv", "mel"])
    assert huge["probability"].tolist() == [1, 0]


def test_figures_mark_what_matters():
    features = np.array([0.1, 5, 0.2, 3])
    figure = end_charts.feature_figure(features, np.array([1]), "#123456")
    assert list(figure.data[0].marker.color).count("#123456") == 1
    assert figure.data[0].marker.color[1] == "#123456"
    kernel = np.array([[1.0, -2], [0.5, 4], [0, 0], [3, 1]])
    weights = end_charts.weight_figure(kernel, np.array([3, 1]), ["nv", "mel"], "mel")
    assert np.array(weights.data[0].z).tolist() == [[3, 1], [0.5, 4]]
    assert weights.data[0].zmax == -weights.data[0].zmin == 4
    assert list(weights.data[0].x) == ["NV", "<b>MEL</b>"]


def test_words_on_the_share_of_heat():
    assert "2.0 times as much" in heat_drawing.share_sentence(0.6, 0.3)
    assert "**less**" in heat_drawing.share_sentence(0.1, 0.3)
    assert "even map" in heat_drawing.share_sentence(0.3, 0.3)
    assert "no heat" in heat_drawing.share_sentence(None, 0.3)


def test_words_on_the_check():
    assert "depends on what" in heat_drawing.check_sentence([0.2, -0.2, 0.1])
    assert "partly" in heat_drawing.check_sentence([0.4, 0.5])
    assert "do not trust it" in heat_drawing.check_sentence([0.9, 0.8])
    # Two of 0.8 and two without heat: 0.4 on average.
    words = heat_drawing.check_sentence([0.8, 0.8, None, None])
    assert "**0.40**" in words
    assert "2 of 4 show no heat" in words


def test_a_mask_gets_a_white_line_outside_itself():
    image = np.full((20, 20, 3), 120, np.uint8)
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:15] = True
    drawn = heat_drawing.outlined(image, mask)
    assert (drawn[mask] == 120).all()
    assert (drawn[4, 5:15] == 255).all()
    assert (drawn[3, 5:15] == 20).all()
    assert heat_drawing.outlined(image, None) is image


def test_a_signed_map_is_blue_above_and_brown_below_zero():
    image = np.full((30, 30, 3), 128, np.uint8)
    change = np.array([[1.0, 0, -1.0]])
    shown = heat_drawing.signed_overlay(image, change).astype(int)
    assert shown[15, 1, 2] > shown[15, 1, 0] + 20
    assert shown[15, 28, 0] > shown[15, 28, 2] + 20
    np.testing.assert_allclose(shown[15, 15], 128, atol=45)
    np.testing.assert_array_equal(heat_drawing.signed_overlay(image, 0 * change), image)


def test_bars_and_words_before_and_after():
    classes, before = ["nv", "mel", "bcc"], np.array([0.7, 0.2, 0.1])
    figure = break_charts.before_after(classes, before, before[::-1])
    after, pale = (trace for trace in figure.data if trace.type == "bar")
    assert list(pale.y) == list(after.y) == ["BCC", "MEL", "NV"]
    assert list(pale.x) == [0.1, 0.2, 0.7]
    assert list(after.x) == [0.7, 0.2, 0.1]
    assert {trace.name for trace in figure.data if trace.showlegend is None} == {"Before", "After"}
    assert "from 70% to 10%" in break_charts.change_sentence(classes, before, before[::-1])
    assert "flips" in break_charts.change_sentence(classes, before, before[::-1])
    assert "stays" in break_charts.change_sentence(classes, before, before)


def test_how_a_map_became_one_number_is_told_with_its_own_numbers():
    values = np.array([[1.0, 2.0], [3.0, 5.0]])
    assert "4 fields; they add up to 11.00, and 11.00 / 4 = 2.75" in end_maps.sum_words(
        values, True
    )
    assert end_maps.sum_words(values, False).endswith("4 fields is 5.00.")


def test_a_map_says_what_it_adds_and_whether_it_speaks_for_the_class():
    image, values = np.full((6, 6, 3), 90, np.uint8), np.eye(3)
    speaks = end_maps.tile(image, values, 4, 0.5, "mel")
    against = end_maps.tile(image, values, 4, -0.25, "mel")
    assert (speaks.caption, against.caption) == ("5 · +0.50", "5 · −0.25")
    assert speaks.colour == theme.class_colour("mel") and against.colour == theme.QUIET


def test_lines_are_taken_once_and_broken_ones_are_passed_over():
    new = [
        {"id": 1, "tool": "pen", "points": [[0.5, 0.25]]},
        {"id": 2, "tool": "axe", "points": [[0.5, 0.5]]},
        {"id": 3, "tool": "hair", "points": [[9, 9]]},
        {"id": 4, "tool": "hair", "points": [[0.5, "a"]]},
        {"tool": "hair", "points": [[0.5, 0.5]]},
        {"id": 6, "tool": "hair", "points": [0.5, 0.5]},
    ]
    lines = break_it.with_lines((), new[:1], 0, (50, 50))
    lines = break_it.with_lines(lines, new, 0, (50, 50))
    assert [number for number, _ in lines] == [1]
    many = [{"id": k, "tool": "hair", "points": [[0.5, 0.5]]} for k in range(60)]
    assert [number for number, _ in break_it.with_lines((), many, 0, (9, 9))] == list(range(10, 60))
    # On a picture that is turned by a quarter the top was the right-hand side.
    ((_, turned),) = break_it.with_lines((), new[:1], 90, (50, 50))
    np.testing.assert_allclose(turned.points, [(0.75, 0.5)], atol=1e-12)


def test_signs_of_written_numbers():
    found = [end_charts.signed(number) for number in ("-1.50", "+2.00", "-0.00", "0.3")]
    assert found == ["−1.50", "+2.00", "0.00", "0.3"]


def test_a_signed_map_is_as_strong_as_its_numbers():
    image = np.full((2, 2, 3), 100, np.uint8)
    shown = heat_drawing.signed_overlay(image, np.array([[1, 0.5], [0, -1]]), strength=0.8)
    above, below = ([int(s[k : k + 2], 16) for k in (1, 3, 5)] for s in theme.DIVERGING[::-4])
    np.testing.assert_array_equal(shown[1, 0], (100, 100, 100))
    np.testing.assert_allclose(shown[0, 0], 20 + 0.8 * np.array(above), atol=0.51)
    np.testing.assert_allclose(shown[0, 1], 60 + 0.4 * np.array(above), atol=0.51)
    np.testing.assert_allclose(shown[1, 1], 20 + 0.8 * np.array(below), atol=0.51)


def test_the_table_of_a_hidden_layer_names_units():
    table = end_charts.sum_table(np.ones(3), np.ones(3), 0.0)
    assert end_charts.written(table).columns[0] == "Map"
    assert end_charts.written(table, "hidden unit").columns[0] == "Unit"
