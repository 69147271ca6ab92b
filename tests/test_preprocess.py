"""From a picture to the pixels that a network sees."""

from __future__ import annotations

import itertools
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from lesionlab import experiment as experiments
from lesionlab.data.synthetic.drawing import draw_view
from lesionlab.errors import ExperimentError
from lesionlab.images.decode import decode_image
from lesionlab.images.preprocess import LEAST_SIDE, Preprocessing, preprocess, reduce_to, steps
from lesionlab.settings import ASSETS

EVERYTHING = Preprocessing(
    size=(96, 128),
    remove_caption=True,
    crop_border="field",
    remove_hair=True,
    colour_constancy="shades-of-grey",
)


def halves(height: int, width: int) -> np.ndarray:
    """Left half black, right half white."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, width // 2 :] = 255
    return image


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (16, 200), (24, 32)])
def test_size_is_height_by_width(fit: str, shape: tuple[int, int]) -> None:
    out = preprocess(halves(*shape), Preprocessing(size=(24, 32), fit=fit))
    assert out.shape == (24, 32, 3)
    assert out.dtype == np.uint8


def test_the_right_size_stays_as_it_is() -> None:
    image = halves(16, 16)
    assert (preprocess(image, Preprocessing(size=(16, 16))) == image).all()


def test_stretch_fills_the_whole() -> None:
    out = preprocess(halves(100, 400), Preprocessing(size=(32, 32)))
    assert out[:, :14].max() == 0
    assert out[:, 18:].min() == 255


def test_pad_keeps_the_aspect_on_black() -> None:
    white = np.full((100, 400, 3), 255, np.uint8)
    out = preprocess(white, Preprocessing(size=(32, 32), fit="pad"))
    # 400 wide becomes 32, so 100 high becomes 8: rows 12 to 19.
    assert out[12:20].min() == 255
    assert out[:12].max() == 0
    assert out[20:].max() == 0


def test_crop_keeps_the_middle() -> None:
    image = np.zeros((100, 400, 3), np.uint8)
    image[:, 150:250] = 255
    out = preprocess(image, Preprocessing(size=(32, 32), fit="crop"))
    assert out[:, 2:30].min() == 255


def test_sizes_out_of_range_are_refused() -> None:
    with pytest.raises(ValidationError):
        Preprocessing(size=(8, 224))
    with pytest.raises(ValidationError):
        Preprocessing(size=(224, 4096))


def test_nothing_is_done_unless_asked_for(rng: np.random.Generator) -> None:
    assert steps(Preprocessing()) == []
    image = rng.integers(0, 256, (45, 60, 3), np.uint8)
    plain = Image.fromarray(image).resize((128, 96), Image.Resampling.BILINEAR)
    assert (preprocess(image, Preprocessing(size=(96, 128))) == np.asarray(plain)).all()


def test_a_model_from_before_the_steps_loads_and_sees_the_same_pixels() -> None:
    description = json.loads((ASSETS / "models/synthetic-small/model.json").read_text("utf-8"))
    words = description["experiment"]
    # Before there were steps, a model said this alone.
    words["preprocessing"] = {key: words["preprocessing"][key] for key in ("size", "fit")}
    settings = experiments.parse(words).preprocessing
    assert settings == Preprocessing(size=(128, 128))
    for shape in ((450, 600), (128, 128), (150, 200)):
        image = draw_view("bcc", 2, 0, 0, shape).image
        plain = Image.fromarray(image).resize((128, 128), Image.Resampling.BILINEAR)
        assert (preprocess(image, settings) == np.asarray(plain)).all()


def test_the_steps_travel_in_the_experiment() -> None:
    plan = experiments.Experiment(preprocessing=EVERYTHING)
    assert experiments.from_toml(experiments.to_toml(plan)).preprocessing == EVERYTHING
    changed = experiments.with_settings(plan, ["preprocessing.crop_border=inside"])
    assert changed.preprocessing.crop_border == "inside"
    with pytest.raises(ExperimentError, match="crop_border"):
        experiments.with_settings(plan, ["preprocessing.crop_border=all"])


def apart(large: np.ndarray, small: np.ndarray, settings: Preprocessing) -> float:
    """Mean distance of prepared pixels, of 255."""
    found = [preprocess(image, settings).astype(float) for image in (large, small)]
    return float(np.abs(found[0] - found[1]).mean())


def edges(image: np.ndarray, settings: Preprocessing) -> float:
    """Mean change from pixel to pixel: how much fine detail a network is shown."""
    return float(np.abs(np.diff(preprocess(image, settings).astype(float), axis=1)).mean())


def test_a_large_picture_shows_no_more_than_its_small_copy() -> None:
    large = draw_view("bkl", 2, 0, 0, (450, 600)).image
    small = reduce_to(large, 200, Image.Resampling.BICUBIC)
    known, plain = Preprocessing(size=(192, 256), longest=200), Preprocessing(size=(192, 256))
    assert small.shape == (150, 200, 3)
    assert apart(large, small, known) == 0, "the very same way"
    assert apart(large, small, plain) > 0.5
    assert edges(large, plain) > 1.1 * edges(small, plain)
    # Where the network sees less than the small copy shows, it hardly matters.
    assert apart(large, small, Preprocessing(size=(60, 80))) < 0.5
    assert (
        experiments.from_toml(
            experiments.to_toml(experiments.Experiment(preprocessing=known))
        ).preprocessing
        == known
    )


def test_what_is_reduced_is_compressed_and_what_is_small_is_not() -> None:
    large = draw_view("bkl", 2, 0, 0, (450, 600)).image
    small = reduce_to(large, 200, Image.Resampling.BICUBIC)
    settings = Preprocessing(size=(150, 200), longest=200, jpeg_quality=75)
    assert np.array_equal(preprocess(small, settings), small)

    def lost(quality: int) -> float:
        seen = preprocess(large, settings.model_copy(update={"jpeg_quality": quality}))
        return float(np.abs(seen.astype(int) - small).mean())

    assert 0.5 < lost(75) < 10
    assert lost(20) > 1.5 * lost(75)
    alone = Preprocessing(size=(450, 600), jpeg_quality=20)
    assert np.array_equal(preprocess(large, alone), large)


@pytest.mark.parametrize(
    ("settings", "most"),
    [
        (Preprocessing(size=(128, 160)), 2.0),
        (Preprocessing(size=(192, 256), longest=200), 2.0),
        (Preprocessing(size=(120, 160), longest=200, jpeg_quality=75), 0.8),
    ],
)
def test_real_photographs_and_their_small_copies_look_alike(
    real_data: Path, settings: Preprocessing, most: float
) -> None:
    with (
        zipfile.ZipFile(real_data / "ham10000_600x450_sample.zip") as large,
        zipfile.ZipFile(real_data / "ham10000_200x150.zip") as small,
    ):
        copies = {Path(name).name: name for name in small.namelist()}
        names = [name for name in large.namelist() if name.endswith(".jpg")]
        found = [
            apart(
                decode_image(large.read(name)),
                decode_image(small.read(copies[Path(name).name])),
                settings,
            )
            for name in names
        ]
    assert len(found) == 29 and np.mean(found) < most


def test_the_order_of_the_steps() -> None:
    names = [name for name, _ in steps(EVERYTHING)]
    assert names == ["remove_caption", "crop_border", "reduce", "remove_hair", "colour_constancy"]


def test_each_step_reaches_the_pixels() -> None:
    lesion = draw_view("mel", 7, 2, 0, (300, 400)).image
    image = np.zeros((340, 400, 3), np.uint8)
    columns, rows = np.arange(400), np.arange(300)[:, None]
    image[:300] = lesion * (np.hypot(columns - 200, rows - 150) < 140)[..., None]
    image[40:260, 200:203] = 10  # a hair
    image[300:] = 255  # a strip
    plain = preprocess(image, Preprocessing(size=(96, 128)))
    for change in (
        {"remove_caption": True},
        {"remove_hair": True},
        {"colour_constancy": "grey-world"},
        {"fit": "pad"},
    ):
        changed = Preprocessing.model_validate({"size": (96, 128)} | change)
        assert (preprocess(image, changed) != plain).any(), change
    lights = [
        preprocess(image, Preprocessing(colour_constancy=name))
        for name in ("grey-world", "shades-of-grey", "white-patch")
    ]
    assert all((one != other).any() for one, other in itertools.combinations(lights, 2))
    both = Preprocessing(size=(96, 96), remove_caption=True, crop_border="field")
    out = preprocess(image, both)
    # The field fills the picture, so that only its four corners are dark.
    light = out.max(axis=2)
    assert min(light[48, 2], light[48, -3], light[2, 42], light[-3, 42]) > 60
    assert max(light[0, 0], light[0, -1], light[-1, 0], light[-1, -1]) < 10


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (16, 3000), (3000, 16), (150, 200)])
@pytest.mark.parametrize("border", ["field", "inside"])
def test_black_white_and_tiny_pictures_come_to_no_harm(
    value: int, shape: tuple[int, int], border: str
) -> None:
    settings = EVERYTHING.model_copy(update={"crop_border": border})
    out = preprocess(np.full((*shape, 3), value, np.uint8), settings)
    assert out.shape == (96, 128, 3)
    assert (out == value).all()


@pytest.mark.parametrize("shape", [(16, 16), (17, 300), (64, 64), (65, 90), (3000, 4000)])
def test_any_size_and_the_same_each_time(shape: tuple[int, int], rng: np.random.Generator) -> None:
    small = rng.integers(0, 256, (16, 16, 3), np.uint8)
    image = np.asarray(Image.fromarray(small).resize(shape[::-1], Image.Resampling.BICUBIC))
    kept = image.copy()
    out = preprocess(image, EVERYTHING)
    assert out.shape == (96, 128, 3)
    assert (preprocess(image, EVERYTHING) == out).all()
    assert (image == kept).all()


def test_small_and_large_copies_give_the_same_pixels() -> None:
    differences, plain = [], []
    for number in range(12):
        large = draw_view("nv", 7, number, 0, (450, 600)).image
        small = np.asarray(Image.fromarray(large).resize((200, 150), Image.Resampling.BICUBIC))
        one, two = (preprocess(image, EVERYTHING).astype(int) for image in (small, large))
        differences.append(np.abs(one - two).mean())
        one, two = (preprocess(image, Preprocessing(size=(96, 128))) for image in (small, large))
        plain.append(np.abs(one.astype(int) - two).mean())
    # Resizing alone makes a difference of 1 to 2 grey levels of 255; the steps add less than one.
    assert max(differences) < 4
    assert np.mean(differences) < np.mean(plain) + 1


def test_large_pictures_are_made_smaller_only_where_pixels_change() -> None:
    assert reduce_to(halves(900, 1600), LEAST_SIDE).shape == (450, 800, 3)
    assert reduce_to(halves(30, 40), LEAST_SIDE).shape == (30, 40, 3)
    assert [name for name, _ in steps(Preprocessing(crop_border="field"))] == ["crop_border"]
