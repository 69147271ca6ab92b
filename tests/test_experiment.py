"""The experiment: TOML there and back, settings from the command line, sentences for mistakes."""

import pytest

from lesionlab import experiment
from lesionlab.errors import ExperimentError
from lesionlab.experiment import Experiment


@pytest.mark.parametrize("name", experiment.recipe_names())
def test_every_recipe_reads_and_survives_toml(name: str) -> None:
    found = experiment.recipe(name)
    assert found.name == name
    assert found.title
    assert found.description
    assert experiment.from_toml(experiment.to_toml(found)) == found


def test_the_two_promised_recipes_exist() -> None:
    assert {"small-cnn", "mobilenetv2-quick"} <= set(experiment.recipe_names())


def test_settings_reach_every_phase_or_one() -> None:
    text = "[model]\nnetwork = 'resnet50'\n[training]\n[[training.phases]]\n[[training.phases]]\n"
    start = experiment.from_toml(text)
    every = experiment.with_settings(start, ["training.epochs=3"])
    one = experiment.with_settings(start, ["training.phases.1.learning_rate=1e-4"])
    assert [phase.epochs for phase in every.training.phases] == [3, 3]
    assert every.training.epochs == 6
    assert [phase.learning_rate for phase in one.training.phases] == [1e-3, 1e-4]


def test_settings_read_lists_words_and_leave_the_original_alone() -> None:
    start = experiment.recipe("small-cnn")
    new = experiment.with_settings(
        start, ["preprocessing.size=[64, 48]", "split.group_by=image", "data.per_class=20"]
    )
    assert new.preprocessing.size == (64, 48)
    assert new.split.group_by == "image"
    assert new.data.per_class == 20
    assert start.data.per_class is None


def test_ways_to_learn_better_can_be_set_and_survive_toml() -> None:
    new = experiment.with_settings(
        experiment.recipe("small-cnn"),
        [
            "training.warmup_epochs=1.5",
            "training.clip_norm=2",
            "training.final_factor=0.01",
            "training.class_weights=sqrt",
            "training.ema_decay=0.999",
            "training.distillation.teachers=['ham10000', 'run-1']",
            "evaluation.test_time=flips",
        ],
    )
    assert new.training.phases[0].warmup_epochs == 1.5
    assert new.training.phases[0].clip_norm == 2
    assert new.training.distillation.teachers == ("ham10000", "run-1")
    assert experiment.from_toml(experiment.to_toml(new)) == new


def test_an_older_file_means_what_it_meant() -> None:
    """Whatever came later is off where a file does not name it."""
    training = experiment.from_toml("[training]\n[[training.phases]]\n").training
    shares = (training.label_smoothing, training.mixup, training.cutmix, training.ema_decay)
    assert shares == (0, 0, 0, 0)
    assert training.logit_adjustment == 0
    assert training.keep == "loss"
    assert training.distillation.teachers == ()
    phase = training.phases[0]
    assert (phase.warmup_epochs, phase.clip_norm, phase.final_factor) == (0, None, 0)
    assert Experiment().evaluation.test_time == "none"


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ("training.batch_size=0", "training.batch_size"),
        ("training.batchsize=3", "training.batchsize"),
        ("model.network=vgg", "model.network"),
        ("training.phases.4.epochs=1", "training.phases.4.epochs"),
        ("training.phases.0.frozen=most", r"training.phases.0.frozen cannot .* or .*'all'"),
        ("oven.heat=1", "oven.heat"),
        ("split.train=0.9", "sum to 1"),
        ("training.epochs", "KEY=VALUE"),
        ("training.ema_decay=1", "training.ema_decay"),
        ("training.mixup=-1", "training.mixup"),
        ("training.keep=first", "training.keep"),
        ("training.distillation.temperature=0.5", "training.distillation.temperature"),
        ("training.distillation.teachers=['']", "training.distillation.teachers.0"),
        ("training.phases.0.clip_norm=0", "training.phases.0.clip_norm"),
        ("evaluation.test_time=all", "evaluation.test_time"),
    ],
)
def test_a_wrong_setting_is_named(setting: str, word: str) -> None:
    with pytest.raises(ExperimentError, match=word):
        experiment.with_settings(experiment.recipe("small-cnn"), [setting])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("seed = -1", "seed"),
        ("colour = 'red'", "colour"),
        ("[model]\nnetwork = 'small-cnn'", "no ImageNet weights"),
        ("seed = ", "TOML"),
        ("name = '../x'", "name"),
    ],
)
def test_a_wrong_file_is_told_in_a_sentence(text: str, word: str) -> None:
    with pytest.raises(ExperimentError, match=word):
        experiment.from_toml(text)


def test_an_unknown_recipe_lists_the_known_ones() -> None:
    with pytest.raises(ExperimentError, match="small-cnn"):
        experiment.load("nothing-like-it")
    with pytest.raises(ExperimentError, match=r"no file .*missing\.toml"):
        experiment.load("missing.toml")


def test_an_experiment_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Experiment().seed = 3  # type: ignore[misc]


@pytest.mark.parametrize("changed", ["training.phases.0.clip_norm=inf", f"model.hidden={[1] * 21}"])
def test_what_no_file_or_machine_could_hold_is_refused(changed):
    with pytest.raises(ExperimentError):
        experiment.with_settings(experiment.recipe("small-cnn"), [changed])
