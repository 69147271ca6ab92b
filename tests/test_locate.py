"""Models are found by every name that a user may call them by."""

import os
import shutil

import numpy as np
import pytest

from lesionlab import experiment as experiments
from lesionlab import settings
from lesionlab.errors import BundleError, Cancelled, JobError
from lesionlab.models import locate
from lesionlab.models.archive import pack
from lesionlab.models.bundle import write_bundle
from lesionlab.models.description import Description, TrainingData
from lesionlab.models.locate import find_model, import_model, list_models
from lesionlab.task import QuietTask

EXPERIMENT = experiments.recipe("small-cnn")
DESCRIPTION = Description(
    name="a-model",
    experiment=EXPERIMENT,
    classes=EXPERIMENT.data.classes,
    drawn=True,
    data=TrainingData(name="synthetic"),
    start_weights="Random numbers.",
    num_parameters=6,
)
WEIGHTS = {"logits/bias": np.array([0.5, -1, 2], np.float32)}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LESIONLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(settings, "ASSETS", tmp_path / "assets")
    return settings.current().home


@pytest.fixture
def packed(home, tmp_path):
    write_bundle(tmp_path / "bundle", DESCRIPTION, WEIGHTS)
    pack(tmp_path / "bundle", tmp_path / "some.lesionlab")
    return tmp_path / "some.lesionlab"


def test_run_imported_shipped_folder_and_file(home, packed, tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(bundle, home / "jobs" / "20260101-a-run" / "model")
    shutil.copytree(bundle, tmp_path / "assets" / "models" / "synthetic-small")
    name = import_model(packed)
    assert find_model("20260101-a-run") == home / "jobs" / "20260101-a-run" / "model"
    assert find_model(name) == home / "models" / "a-model"
    assert find_model("synthetic-small") == tmp_path / "assets" / "models" / "synthetic-small"
    assert find_model(str(bundle)) == bundle
    unpacked = find_model(str(packed))
    assert unpacked.parent == home / "cache" / "bundles"
    assert find_model(str(packed)) == unpacked
    assert [(m.reference, m.origin, m.drawn) for m in list_models()] == [
        ("synthetic-small", "shipped", True),
        ("a-model", "imported", True),
    ]


@pytest.mark.parametrize("reference", ["", "nothing", "../..", "/etc", "a\x00b", "x" * 5000])
def test_what_is_not_there_says_what_is(home, packed, reference):
    import_model(packed)
    with pytest.raises(JobError, match="a-model"):
        find_model(reference)


def test_run_without_a_model_is_told_apart(home):
    (home / "jobs" / "a-run").mkdir(parents=True)
    with pytest.raises(JobError, match=r"has none \(yet\)"):
        find_model("a-run")


def test_paths_can_be_refused(home, packed):
    with pytest.raises(JobError):
        find_model(str(packed), allow_paths=False)


def test_same_model_keeps_its_name_and_another_gets_a_number(home, packed, tmp_path):
    assert import_model(packed) == "a-model"
    assert import_model(packed) == "a-model"
    other = {key: weight + 1 for key, weight in WEIGHTS.items()}
    write_bundle(tmp_path / "other", DESCRIPTION, other)
    assert import_model(tmp_path / "other") == "a-model-2"
    assert import_model(packed, "my-name") == "my-name"
    assert sorted(m.reference for m in list_models()) == ["a-model", "a-model-2", "my-name"]


def test_a_folder_with_an_evaluation_that_no_page_could_show_stays_outside(home, tmp_path):
    folder = tmp_path / "told"
    write_bundle(folder, DESCRIPTION, WEIGHTS, extra={"evaluation.json": b'{"n": 5}'})
    with pytest.raises(BundleError, match="as lesionlab writes it"):
        import_model(folder)
    assert list_models() == []


def test_a_shipped_one_that_is_brought_in_again_is_the_shipped_one(home, packed, monkeypatch):
    import_model(packed)
    monkeypatch.setattr(settings, "ASSETS", home / "assets")
    (home / "assets").mkdir()
    (home / "models").rename(home / "assets" / "models")
    assert import_model(packed) == "a-model"
    assert [model.origin for model in list_models()] == ["shipped"]


def test_bad_import_leaves_nothing(home, packed):
    packed.write_bytes(packed.read_bytes()[:-50])
    with pytest.raises(BundleError):
        import_model(packed)
    with pytest.raises(BundleError, match="name"):
        import_model(packed, "../x")
    assert [path.name for path in (home / "models").iterdir() if path.name != ".lock"] == []


def test_damaged_model_is_listed_with_its_problem(home, packed):
    import_model(packed)
    (home / "models" / "a-model" / "model.json").write_text("{")
    (info,) = list_models()
    assert "model.json" in info.problem


def test_job_builds_the_model_once_and_removes_the_upload(home, tmp_path):
    pytest.importorskip("keras")
    from lesionlab.models.build import build_model, weights_of
    from lesionlab.models.job import run_import_model

    experiment = experiments.with_settings(EXPERIMENT, ["preprocessing.size=[16,24]"])
    ours = DESCRIPTION.model_copy(update={"experiment": experiment})
    weights = weights_of(build_model(experiment.model, 8, (16, 24), 0))
    write_bundle(tmp_path / "good", ours, weights)
    upload = home / "uploads" / "good.lesionlab"
    upload.parent.mkdir(parents=True)
    pack(tmp_path / "good", upload)
    task = QuietTask(tmp_path, {"path": str(upload), "name": "good"})
    run_import_model(task)
    assert find_model("good")
    assert task.fraction == 1
    assert not upload.exists()

    unfit = {**weights, "logits/bias": np.zeros(9, np.float32)}
    write_bundle(tmp_path / "unfit", ours, unfit)
    with pytest.raises(BundleError, match="logits/bias"):
        run_import_model(QuietTask(tmp_path / "job", {"path": str(tmp_path / "unfit")}))
    assert (tmp_path / "unfit").is_dir(), "a user's own file stays"

    class Impatient(QuietTask):
        def cancelled(self):
            return True

    pack(tmp_path / "good", upload)
    with pytest.raises(Cancelled):
        run_import_model(Impatient(tmp_path / "job", {"path": str(upload)}))
    assert upload.exists(), "it is read again when the job goes on"
    upload.write_bytes(b"no model")
    with pytest.raises(BundleError):
        run_import_model(QuietTask(tmp_path / "job", {"path": str(upload)}))
    assert not upload.exists()
    assert [m.reference for m in list_models()] == ["good"]


def test_only_the_unpacked_bundles_used_last_stay(home, packed, tmp_path, monkeypatch):
    monkeypatch.setattr(locate, "UNPACKED", 2)
    files = []
    for k in range(3):
        folder = tmp_path / f"bundle-{k}"
        write_bundle(folder, DESCRIPTION, {"logits/bias": np.full(3, k, np.float32)})
        files.append(tmp_path / f"{k}.lesionlab")
        pack(folder, files[-1])
    first, second = find_model(str(files[0])), find_model(str(files[1]))
    os.utime(second, (1, 1))
    third = find_model(str(files[2]))
    assert first.is_dir() and third.is_dir() and not second.exists()
    assert find_model(str(files[1])) == second and second.is_dir(), "it comes again"


@pytest.mark.parametrize("allow_paths", [True, False])
def test_nobodys_home_is_no_model(home, allow_paths):
    with pytest.raises(JobError, match="There is no '~nobodyhere/x'"):
        find_model("~nobodyhere/x", allow_paths)


def test_who_brought_a_model_in_can_delete_it_and_nobody_else(home, packed):
    assert import_model(packed, "mine", owner="anna") == "mine"
    for name, owner in (("mine", "ben"), ("mine", ""), ("none", "anna"), ("../jobs", None)):
        with pytest.raises(JobError, match="brought in"):
            locate.delete_model(name, owner)
    assert import_model(packed, "mine", owner="ben") == "mine", "it is there already"
    locate.delete_model("mine", "anna")
    assert find_model("mine"), "Ben still has it"
    with pytest.raises(JobError, match="none of yours"):
        locate.delete_model("mine", "anna")
    locate.delete_model("mine", "ben")
    assert not (home / "models" / "mine").exists()
    assert [path.name for path in (home / "models").iterdir() if path.name[:7] == ".import"] == []
    # Evaluations and runs may name the old one, so no other model ever gets its name.
    assert import_model(packed, "mine") == "mine-2"
    for owner in ("anna", "ben", ""):
        with pytest.raises(JobError, match="none of yours"):
            locate.delete_model("mine-2", owner)
    locate.delete_model("mine-2", None)


def test_what_a_killed_import_left_behind_goes_on_another_day(home, packed):
    old, new = home / "models" / ".import-old", home / "models" / ".import-new"
    for path in (old, new):
        (path / "bundle").mkdir(parents=True)
    os.utime(old, (0, 0))
    import_model(packed)
    assert not old.exists() and new.exists()
