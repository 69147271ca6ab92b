"""Model builder: controls write into the draft, and the counts follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lesionlab import experiment as experiments
from lesionlab.app import drafting
from lesionlab.app.controls import take_dataset
from lesionlab.app.desk import open_desk
from lesionlab.data.import_set import import_dataset
from lesionlab.data.split import SplitPlan
from lesionlab.models.bundle import read_description
from lesionlab.settings import ASSETS
from lesionlab.task import QuietTask

PAGE = "pages/4_model_builder.py"
Show = Callable[..., AppTest]


@pytest.fixture
def test(show: Show) -> AppTest:
    return show(PAGE)


def counts(test: AppTest) -> tuple[str, str]:
    return test.metric[0].value, test.metric[1].value


def test_parameters_follow_the_freeze_slider_without_asking_again(
    test: AppTest, desk_id: str, service: dict[str, list[Any]]
) -> None:
    assert counts(test) == ("60", "440")  # all frozen: only the head learns
    assert len(service["describe"]) == 1
    test.slider(key="frozen-0").set_value(0).run()
    # mobilenetv2-quick keeps batch normalisation as it came.
    assert counts(test) == ("460", "40")
    test.toggle(key="batchnorm").set_value(False).run()
    # Half of the batch normalisation's 40 numbers are averages.
    assert counts(test) == ("480", "20")
    assert open_desk(desk_id).draft.training.phases[0].frozen == 0
    test.slider(key="frozen-0").set_value(3).run()
    assert open_desk(desk_id).draft.training.phases[0].frozen == "all"


def test_controls_write_into_the_draft(test: AppTest, desk_id: str) -> None:
    test.select_slider(key="learning_rate-0").set_value(1e-4).run()
    test.select_slider(key="head_factor-0").set_value(10.0).run()
    test.number_input(key="epochs-0").set_value(7).run()
    test.select_slider(key="batch_size").set_value(16).run()
    test.selectbox(key="schedule-0").select("step").run()
    test.number_input(key="step_epochs-0").set_value(3).run()
    training = open_desk(desk_id).draft.training
    phase = training.phases[0]
    assert (phase.learning_rate, phase.head_factor, phase.epochs) == (1e-4, 10.0, 7)
    assert (phase.schedule, phase.step_epochs, training.batch_size) == ("step", 3, 16)
    assert not test.error


def test_more_ways_to_learn_write_into_the_draft(test: AppTest, desk_id: str) -> None:
    def in_use() -> str:
        return next((text.value for text in test.caption if "In use" in text.value), "")

    assert in_use() == ""
    test.select_slider(key="ema_decay").set_value(0.99).run()
    test.select_slider(key="mixup").set_value(0.2).run()
    test.select_slider(key="warmup_epochs-0").set_value(0.5).run()
    test.select_slider(key="clip_norm-0").set_value(5.0).run()
    test.select_slider(key="final_factor-0").set_value(0.01).run()
    test.selectbox(key="keep").select("balanced_accuracy").run()
    training = open_desk(desk_id).draft.training
    phase = training.phases[0]
    assert (training.ema_decay, training.mixup, training.keep) == (0.99, 0.2, "balanced_accuracy")
    assert (phase.warmup_epochs, phase.clip_norm, phase.final_factor) == (0.5, 5, 0.01)
    assert in_use() == (
        "In use: warm-up, gradient clipping, a lowest learning rate, averaged weights, "
        "weights of the best balanced accuracy, mixup."
    )
    # Under a changed title the browser would close what is open.
    assert "More ways to learn better" in [box.label for box in test.expander]
    test.selectbox(key="test_time").select("flips").run()
    assert open_desk(desk_id).draft.evaluation.test_time == "flips"
    test.select_slider(key="clip_norm-0").set_value(0.0).run()
    assert open_desk(desk_id).draft.training.phases[0].clip_norm is None
    assert not test.error


def test_rare_classes_are_not_lifted_twice_unawares(test: AppTest, desk_id: str) -> None:
    test.select_slider(key="logit_adjustment").set_value(1.0).run()
    assert open_desk(desk_id).draft.training.logit_adjustment == 1
    assert not test.info
    test.selectbox(key="class_weights").select("sqrt").run()
    assert "too far" in test.info[0].value


def test_a_teacher_is_chosen_among_the_models(test: AppTest, desk_id: str) -> None:
    teachers = test.multiselect(key="teachers")
    assert not any(slider.key == "weight" for slider in test.select_slider)
    teachers.set_value(["synthetic-small"]).run()
    test.select_slider(key="temperature").set_value(4.0).run()
    found = open_desk(desk_id).draft.training.distillation
    assert (found.teachers, found.weight, found.temperature) == (("synthetic-small",), 0.5, 4)
    test.multiselect(key="teachers").set_value([]).run()
    assert open_desk(desk_id).draft.training.distillation.teachers == ()


def test_the_small_network_starts_from_random_numbers(test: AppTest, desk_id: str) -> None:
    test.selectbox(key="network").select("small-cnn").run()
    model = open_desk(desk_id).draft.model
    assert (model.network, model.weights) == ("small-cnn", "random")
    assert "Set the slider to 0" in " ".join(warning.value for warning in test.warning)
    assert "imagenet" not in test.selectbox(key="weights").options


def test_phases_come_and_go(test: AppTest, desk_id: str) -> None:
    next(b for b in test.button if b.label == "Add a phase").click().run()
    phases = open_desk(desk_id).draft.training.phases
    assert [phase.frozen for phase in phases] == ["all", 0]
    test.number_input(key="epochs-1").set_value(9).run()
    assert [p.epochs for p in open_desk(desk_id).draft.training.phases] == [4, 9]
    next(b for b in test.button if b.label == "Take this one away").click().run()
    assert [p.epochs for p in open_desk(desk_id).draft.training.phases] == [4]
    assert not test.exception


def test_a_recipe_is_laid_out_and_keeps_the_data(test: AppTest, desk_id: str) -> None:
    desk = open_desk(desk_id)
    data = desk.draft.data.model_copy(update={"name": "tiny"})
    desk.save(draft=desk.draft.model_copy(update={"data": data}))
    test.selectbox(key="recipe").select_index(
        list(experiments.recipe_names()).index("small-cnn")
    ).run()
    draft = open_desk(desk_id).draft
    assert (draft.name, draft.data.name) == ("small-cnn", "tiny")
    assert test.selectbox(key="network").value == "small-cnn"


def test_a_file_is_opened_once(test: AppTest, desk_id: str) -> None:
    changed = ["training.learning_rate=0.0007"]
    toml = experiments.to_toml(experiments.with_settings(experiments.recipe("small-cnn"), changed))
    test.get("file_uploader")[0].set_value(("x.toml", toml.encode(), "text/plain")).run()
    assert open_desk(desk_id).draft.training.phases[0].learning_rate == 0.0007
    assert test.select_slider(key="learning_rate-0").value == 0.0007
    test.number_input(key="epochs-0").set_value(2).run()
    assert open_desk(desk_id).draft.training.phases[0].epochs == 2
    # Taken away and opened again, it counts again.
    test.get("file_uploader")[0].set_value(None).run()
    test.get("file_uploader")[0].set_value(("x.toml", toml.encode(), "text/plain")).run()
    assert open_desk(desk_id).draft.training.phases[0].epochs == 15


def test_every_value_that_a_file_may_have_is_shown(show: Show, desk_id: str) -> None:
    desk = open_desk(desk_id)
    draft = drafting.with_phase(desk.draft, 0, optimizer="sgd", momentum=0.995)
    desk.save(draft=draft.model_copy(update={"split": SplitPlan(seed=20_261)}))
    test = show(PAGE)
    assert test.select_slider(key="momentum-0").value == 0.995
    test.select_slider(key="momentum-0").set_value(0.5).run()
    assert open_desk(desk_id).draft.training.phases[0].momentum == 0.5
    explorer = show("pages/1_data_explorer.py", section="parts")
    seeds = [one for one in explorer.number_input if one.key == "split-seed"]
    assert [seed.value for seed in seeds] in ([], [20_261])


def test_two_tabs_on_one_desk(show: Show, tiny_set: Path, desk_id: str) -> None:
    builder, other = show(PAGE), open_desk(desk_id)
    other.save(draft=drafting.changed(other.draft, data={"class_set": "binary"}))
    take_dataset(other, "tiny")
    builder.select_slider(key="batch_size").set_value(16).run()
    desk = open_desk(desk_id)
    assert (desk.dataset, desk.draft.data.name) == ("tiny", "tiny")
    assert (desk.draft.data.class_set, desk.draft.training.batch_size) == ("binary", 16)
    # A phase that is taken away elsewhere is not written back, and nothing breaks.
    next(b for b in builder.button if b.label == "Add a phase").click().run()
    desk = open_desk(desk_id)
    desk.save(draft=drafting.without_phase(desk.draft, 1))
    builder.number_input(key="epochs-1").set_value(9).run()
    assert "added or taken away in another tab" in builder.error[0].value
    assert len(open_desk(desk_id).draft.training.phases) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"seed = 'many'", "seed"),
        (b"[training]\ntempo = 3", "training.tempo"),
        (b"seed = = 3", "TOML"),
        (b"[model]\nweights = '/etc/model'", "model.weights"),
        (b"[training.distillation]\nteachers = ['../../etc']", "teacher"),
        (b"\xff\xfe\x00", "text file"),
    ],
)
def test_a_wrong_file_gives_a_sentence_and_keeps_the_draft(
    test: AppTest, desk_id: str, content: bytes, sentence: str
) -> None:
    test.get("file_uploader")[0].set_value(("x.toml", content, "text/plain")).run()
    assert sentence in test.error[0].value
    assert open_desk(desk_id).draft.name == "mobilenetv2-quick"


def test_the_name_gives_files_theirs(test: AppTest, desk_id: str) -> None:
    test.text_input(key="title").set_value("My first Network!").run()
    draft = open_desk(desk_id).draft
    assert (draft.title, draft.name) == ("My first Network!", "my-first-network")


@pytest.mark.parametrize("there", [True, False])
def test_an_experiment_from_a_file_is_trained_on_the_set_that_is_shown(
    show: Show, tiny_set: Path, home: Path, desk_id: str, there: bool
) -> None:
    import_dataset("folder", tiny_set, "theirs", owner_desk="cd" * 12, task=QuietTask(home))
    name = "tiny" if there else "theirs"
    draft = drafting.changed(experiments.recipe("small-cnn"), data={"name": name})
    test = show(PAGE)
    upload = ("x.toml", experiments.to_toml(draft).encode(), "application/toml")
    test.get("file_uploader")[0].set_value(upload).run()
    desk = open_desk(desk_id)
    assert desk.draft.model.network == "small-cnn"
    assert desk.draft.data.name == desk.dataset == ("tiny" if there else "synthetic")


def test_weights_of_a_model_bring_its_network_along(test: AppTest, desk_id: str) -> None:
    assert open_desk(desk_id).draft.model.alpha == 0.35
    test.selectbox(key="weights").select("ham10000-isic8").run()
    model = open_desk(desk_id).draft.model
    theirs = read_description(ASSETS / "models" / "ham10000-isic8").experiment.model
    assert model.weights == "ham10000-isic8"
    assert (model.network, model.alpha) == (theirs.network, theirs.alpha)
    test.selectbox(key="weights").select("synthetic-small").run()
    assert open_desk(desk_id).draft.model.network == "small-cnn"
    test.selectbox(key="weights").select("random").run()
    assert open_desk(desk_id).draft.model.network == "small-cnn"
    assert not test.exception
