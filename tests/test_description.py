"""model.json is strict: what it says is known, or it is refused with a sentence."""

import json

import pytest

from lesionlab import experiment as experiments
from lesionlab.errors import BundleError
from lesionlab.models.description import Description, TrainingData, from_json

DESCRIPTION = Description(
    name="a-model",
    experiment=experiments.recipe("small-cnn"),
    classes=experiments.recipe("small-cnn").data.classes,
    drawn=True,
    data=TrainingData(name="synthetic", num_train=520),
    start_weights="Random numbers.",
    temperature=1.25,
    thresholds={"malignant": 0.3},
    novelty={"mean": (0.5, -1.0), "limit": (3.0,)},
    scores={"balanced_accuracy": 0.8, "macro_auc": None},
    num_parameters=387_760,
)


def changed(**changes):
    return json.dumps({**json.loads(DESCRIPTION.to_json()), **changes})


def test_written_and_read_again_it_is_the_same():
    assert from_json(DESCRIPTION.to_json()) == DESCRIPTION
    assert from_json(DESCRIPTION.to_json().encode()).classes[4] == "mel"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format 2"),
        ({"format": True}, "format True"),
        ({"code": "import os"}, "code"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": "1.5"}, "temperature"),
        ({"classes": ["mel", "nv"]}, "classes must be those of isic8"),
        ({"classes": list(DESCRIPTION.classes)[::-1]}, "classes must be those of isic8"),
        ({"name": "../up"}, "name"),
        ({"thresholds": {"malignant": 1.5}}, "thresholds.malignant"),
        ({"novelty": {"mean": ["a"]}}, "novelty.mean"),
        ({"num_parameters": -1}, "num_parameters"),
    ],
)
def test_what_is_off_is_named(changes, words):
    with pytest.raises(BundleError) as caught:
        from_json(changed(**changes))
    assert words in caught.value.sentence


def test_unknown_key_inside_the_experiment_is_named():
    values = json.loads(DESCRIPTION.to_json())
    values["experiment"]["model"]["lambda"] = "x"
    with pytest.raises(BundleError, match=r"experiment\.model\.lambda"):
        from_json(json.dumps(values))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_not_an_object_is_refused(text):
    with pytest.raises(BundleError):
        from_json(text)


def test_numbers_that_are_not_finite_are_refused():
    text = DESCRIPTION.to_json().replace("0.8", "NaN")
    with pytest.raises(BundleError, match="scores"):
        from_json(text)
