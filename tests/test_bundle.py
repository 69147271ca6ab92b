"""A bundle comes back as it was written, and nothing else is let in."""

import hashlib
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy

from lesionlab import experiment as experiments
from lesionlab.errors import BundleError
from lesionlab.models import archive
from lesionlab.models.archive import pack, unpack
from lesionlab.models.bundle import (
    read_description,
    read_history,
    read_weights,
    verify_bundle,
    write_bundle,
)
from lesionlab.models.description import Description, TrainingData

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
WEIGHTS = {
    "logits/kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
    "logits/bias": np.array([0.5, -1, 2], np.float32),
}
HISTORY = pd.DataFrame({"epoch": [1, 2], "loss": [1.5, 0.75]})


@pytest.fixture
def folder(tmp_path):
    names = ["image_id", "path", "truth", "predicted", *(f"p_{c}" for c in DESCRIPTION.classes)]
    predictions = pd.DataFrame({name: [] for name in names}).to_parquet()
    extra = {"predictions.parquet": predictions}
    write_bundle(tmp_path / "bundle", DESCRIPTION, WEIGHTS, HISTORY, "# Card", extra)
    return tmp_path / "bundle"


def beside(folder):
    return [path.name for path in folder.parent.iterdir() if path.name != "home"]


def sign(folder):
    """Make the manifest agree with the files, as somebody with bad intent would."""
    files = {
        path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in folder.iterdir()
        if path.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "files": files}))


def test_what_was_written_is_read(folder):
    verify_bundle(folder)
    assert read_description(folder) == DESCRIPTION
    weights = read_weights(folder)
    assert sorted(weights) == sorted(WEIGHTS)
    np.testing.assert_array_equal(weights["logits/kernel"], WEIGHTS["logits/kernel"])
    pd.testing.assert_frame_equal(read_history(folder), HISTORY)
    assert (folder / "card.md").read_text() == "# Card"
    assert beside(folder) == ["bundle"], "nothing is left beside it"


def test_manifest_has_the_hash_of_every_file(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    weights = (folder / "weights.safetensors").read_bytes()
    assert manifest["files"]["weights.safetensors"] == {
        "sha256": hashlib.sha256(weights).hexdigest(),
        "bytes": len(weights),
    }
    assert len(manifest["files"]) == 5


def test_without_history_an_empty_table_is_read(tmp_path):
    write_bundle(tmp_path / "bundle", DESCRIPTION, WEIGHTS)
    assert read_history(tmp_path / "bundle").empty


def test_writing_again_replaces_the_old_one(folder):
    write_bundle(folder, DESCRIPTION, {"logits/bias": np.zeros(3, np.float32)})
    verify_bundle(folder)
    assert list(read_weights(folder)) == ["logits/bias"]
    assert beside(folder) == ["bundle"]


def test_weights_that_are_not_finite_are_not_written(tmp_path):
    with pytest.raises(BundleError, match="finite"):
        write_bundle(tmp_path / "bundle", DESCRIPTION, {"logits/bias": np.array([np.inf])})
    assert beside(tmp_path / "bundle") == []


def break_hash(folder):
    (folder / "card.md").write_text("# Other")


def add_file(folder):
    (folder / "code.py").write_text("print()")


def add_folder(folder):
    (folder / "more").mkdir()


def lose_file(folder):
    (folder / "history.csv").unlink()


def make_link(folder):
    other = folder.parent / "outside"
    (folder / "card.md").rename(other)
    (folder / "card.md").symlink_to(other)


def list_more(folder):
    add_file(folder)
    sign(folder)


def name_a_path(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["../../etc/passwd"] = {"sha256": "0" * 64}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def other_format(folder):
    (folder / "manifest.json").write_text('{"format": 7, "files": {}}')


def no_json(folder):
    (folder / "manifest.json").write_text("{")


def large_description(folder):
    (folder / "model.json").write_text(" " * 1_100_000)
    sign(folder)


def unknown_key(folder):
    values = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**values, "pickle": "gA=="}))
    sign(folder)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (break_hash, "card.md has changed"),
        (add_file, "'code.py' does not belong"),
        (add_folder, "'more' does not belong"),
        (lose_file, "history.csv is missing"),
        (make_link, "is a link"),
        (list_more, "code.py"),
        (name_a_path, "manifest"),
        (other_format, "format 1"),
        (no_json, "manifest.json"),
        (large_description, "1 MB"),
        (unknown_key, "pickle"),
    ],
)
def test_whatever_is_off_is_refused_with_a_sentence(folder, damage, words):
    damage(folder)
    with pytest.raises(BundleError) as caught:
        verify_bundle(folder)
    assert words in caught.value.sentence


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a/b": np.array([np.nan], np.float32)}, "finite"),
        ({"a/b": np.array([1], np.float16)}, "float32"),
    ],
)
def test_weights_of_another_kind_are_refused(folder, arrays, words):
    (folder / "weights.safetensors").write_bytes(safetensors.numpy.save(arrays))
    with pytest.raises(BundleError, match=words):
        read_weights(folder)


def test_damaged_weights_are_refused(folder):
    whole = (folder / "weights.safetensors").read_bytes()
    for content in (whole[:-3], b"\xff" * 100, b""):
        (folder / "weights.safetensors").write_bytes(content)
        with pytest.raises(BundleError, match="readable"):
            read_weights(folder)


def test_one_file_and_back(folder, tmp_path):
    pack(folder, tmp_path / "a.lesionlab")
    pack(folder, tmp_path / "b.lesionlab")
    assert (tmp_path / "a.lesionlab").read_bytes() == (tmp_path / "b.lesionlab").read_bytes()
    unpack(tmp_path / "a.lesionlab", tmp_path / "again")
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def refused(tmp_path, path):
    with pytest.raises(BundleError) as caught:
        unpack(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*")), "nothing half unpacked is left"
    return caught.value.sentence


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "sub/model.json", "code.py", "more/"])
def test_archive_with_a_strange_name_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "x.lesionlab", "w") as file:
        file.writestr(name, "x")
    assert "does not belong" in refused(tmp_path, tmp_path / "x.lesionlab")


def test_archive_with_a_link_is_refused(tmp_path):
    info = zipfile.ZipInfo("card.md")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.lesionlab", "w") as file:
        file.writestr(info, "/etc/passwd")
    assert "is a link" in refused(tmp_path, tmp_path / "x.lesionlab")


def test_archive_that_swells_is_stopped_while_reading(tmp_path, monkeypatch):
    monkeypatch.setitem(archive.LIMITS, "card.md", 1000)
    with zipfile.ZipFile(tmp_path / "x.lesionlab", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("card.md", b"0" * 5_000_000)
    assert "It has more" in refused(tmp_path, tmp_path / "x.lesionlab")


def test_what_is_no_archive_is_refused(folder, tmp_path):
    pack(folder, tmp_path / "good.lesionlab")
    good = (tmp_path / "good.lesionlab").read_bytes()
    middle = len(good) // 2
    for content in (b"", b"hello", good[:-30], good[:middle] + b"\x00\xff" + good[middle + 2 :]):
        (tmp_path / "x.lesionlab").write_bytes(content)
        assert refused(tmp_path, tmp_path / "x.lesionlab")
    assert "There is none" in refused(tmp_path, tmp_path / "missing.lesionlab")
