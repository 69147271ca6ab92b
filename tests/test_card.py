"""The model card says what must be known before a model is used."""

import numpy as np

from lesionlab.evaluation.card import model_card
from lesionlab.evaluation.report import make_report
from lesionlab.experiment import recipe, with_settings
from lesionlab.models.description import Description, TrainingData

EXPERIMENT = recipe("small-cnn")
CLASSES = EXPERIMENT.data.classes


def describe(drawn):
    return Description(
        name="m",
        experiment=EXPERIMENT,
        classes=CLASSES,
        drawn=drawn,
        data=TrainingData(name="d", title="Some pictures", licence="CC0", num_train=1234),
        start_weights="Small network starts from random numbers.",
        num_parameters=1000,
    )


def report():
    labels = np.array([CLASSES.index(code) for code in ("mel", "nv", "nv", "nv")])
    probabilities = np.full((4, 8), 0.02, np.float32)
    probabilities[np.arange(4), [4, 5, 5, 4]] = 0.86
    about = {"model": "m", "data": "d", "part": "test"}
    return make_report(labels, probabilities, CLASSES, {"mel": 0.5}, about)


def test_a_card_by_hand():
    card = model_card(describe(drawn=False), report())
    assert "not a medical device" in card
    assert "drawings" not in card
    assert "1,234" in card
    assert "Licence of the pictures: CC0" in card
    assert "Accuracy 0.75 (0.30 to 0.95)" in card
    assert "In brackets stand 95 % intervals." in card
    # One of three nevi was taken for a melanoma: sensitivity 2/3, and of 2 called MEL one is.
    assert "| NV | 3 | 0.67 (0.21 to 0.94) | 1.00 (0.21 to 1.00) | 1.00 (0.34" in card
    assert "| MEL | 1 | 1.00 (0.21 to 1.00) | 0.67 (0.21 to 0.94) | 0.50 (0.09" in card
    assert "| DF | 0 | unknown |" in card
    # Wilson's interval of one in one begins at 1 / (1 + z²) = 0.21.
    assert "melanoma from 0.500 on: sensitivity 1.00 (0.21 to 1.00) on 1 cases, spec" in card
    assert "specificity 0.67 (0.21 to 0.94)" in card
    assert "Asked for each picture as it is" in card


def test_a_drawn_model_says_so_and_an_unevaluated_one_too():
    card = model_card(describe(drawn=True), None)
    assert "only seen drawings and cannot judge a photograph" in card
    assert "It was not evaluated." in card
    assert "Where it may fail" not in card


def test_what_was_done_to_the_pictures_is_told():
    assert "Made ready by: nothing but the change of size" in model_card(describe(False), None)
    plan = with_settings(
        EXPERIMENT,
        [
            "preprocessing.remove_hair=true",
            "preprocessing.longest=200",
            "preprocessing.jpeg_quality=75",
        ],
    )
    plan = with_settings(
        plan,
        [
            *("augmentation.rotation=180", "augmentation.zoom=0.4", "augmentation.shift=0.05"),
            *("augmentation.horizontal_flip=true", "augmentation.vertical_flip=false"),
            *("augmentation.brightness=0", "augmentation.contrast=0"),
        ],
    )
    card = model_card(describe(False).model_copy(update={"experiment": plan}), None)
    assert (
        "Changed at random in each epoch: mirrored to the side, turned by up to 180°, moved by up "
        "to 5 %, zoomed by up to 40 %\n" in card
    )
    assert (
        "Made ready by: painting hairs over, reducing larger pictures until the longer side has "
        "200 pixels and compressing these as JPEG of quality 75" in card
    )


def test_groups_stand_in_the_card_and_small_ones_are_named_only():
    scores = {"macro_auc": 0.91, "macro_auc_interval": [0.88, 0.94], "balanced_accuracy": 0.7}
    groups = [
        {"by": "sex", "group": "female", "n": 1200, "num_melanomas": 40, **scores}
        | {"melanoma_sensitivity": 0.9, "melanoma_sensitivity_interval": [0.77, 0.96]},
        {"by": "sex", "group": "male", "n": 30, "num_melanomas": 2, **scores},
        {"by": "site", "group": "ear", "n": 7, "num_melanomas": 1},
    ]
    card = model_card(
        describe(drawn=False), report() | {"subgroups": groups}, ["## More\n\nWords."]
    )
    row = "| sex | female | 1,200 | 0.91 (0.88 to 0.94) | 0.70 | 40 | 0.90 (0.77 to 0.96) |"
    assert row in card
    assert "| sex | male | 30 | 0.91 (0.88 to 0.94) | 0.70 | 2 | too few to say |" in card
    assert "under 20: site ear (7)." in card and "| ear |" not in card
    assert "does not notice this by itself" in card
    novel = describe(drawn=False).model_copy(update={"novelty": {"limit": (1.0,)}})
    assert "only where colours or texture are grossly different" in model_card(novel, report())
    assert card.endswith("## More\n\nWords.\n") and "Where it may fail" in card
    assert "smallest share of melanomas in the group *sex: female*: 36 of 40." in card


def test_classes_of_which_it_finds_few_are_named():
    weak = report()
    assert "fewer than half" not in model_card(describe(drawn=False), weak)
    weak["per_class"]["nv"] |= {"n": 10, "sensitivity": 0.4}
    assert "It found fewer than half of: NV (4 of 10)." in model_card(describe(False), weak)


def test_for_how_many_epochs_it_learned():
    def card(epochs, patience):
        plan = with_settings(EXPERIMENT, [f"training.epochs={epochs}"])
        training = plan.training.model_copy(update={"patience": patience})
        plan = plan.model_copy(update={"training": training})
        return model_card(describe(False).model_copy(update={"experiment": plan}), None)

    batches, used = EXPERIMENT.training.batch_size, "(learning rate 0.0015)"
    assert f"Learned for 1 epoch, in batches of {batches}, with adam {used}" in card(1, None)
    twice = model_card(describe(False), None, course="9 epochs in all")
    assert f"9 epochs in all, in batches of {batches}, with adam {used} in the last tra" in twice
    assert "Changed at random in each epoch in the last training: " in twice
    assert f"Learned for at most 7 epochs, in batches of {batches}" in card(7, 3)


def test_whose_answers_it_learned_from():
    assert "answers of other models" not in model_card(describe(False), None)
    plan = with_settings(EXPERIMENT, ['training.distillation.teachers=["one", "two"]'])
    card = model_card(describe(False).model_copy(update={"experiment": plan}), None)
    assert "- Learned from the answers of other models, too: one, two\n" in card


def test_ways_to_learn_better_and_frozen_layers_are_told():
    plain = model_card(describe(False), None)
    assert not any(words in plain for words in ("mixup", "average over", "Did not learn"))
    settings = ["training.mixup=0.2", "training.label_smoothing=0.1", "training.ema_decay=0.99"]
    settings += ["training.phases.0.frozen=-4", "augmentation.rotation=0"]
    changed = with_settings(EXPERIMENT, settings)
    card = model_card(describe(False).model_copy(update={"experiment": changed}), None)
    assert "blended with another picture (mixup 0.2)" in card
    assert "label smoothing 0.1" in card and "average over the steps (decay 0.99)" in card
    # The last four of the backbone, and the head.
    assert "- Did not learn: all layers but the last 5\n" in card
    frozen = with_settings(EXPERIMENT, ["training.phases.0.frozen=all"])
    card = model_card(describe(False).model_copy(update={"experiment": frozen}), None)
    assert "- Did not learn: all layers but the last one\n" in card
