"""Checkpoints: what is damaged is passed over, and nothing is half true."""

import errno

import numpy as np
import pytest

from lesionlab.errors import DiskError, TrainingError
from lesionlab.training import checkpoint as checkpoint_file
from lesionlab.training.checkpoint import GENERATIONS, Checkpoints


def arrays(value):
    return {
        "model/a/kernel": np.full((3, 4), value, np.float32),
        "optimizer/0/iterations": np.array(value, np.int64),
        "random/dropout/seed": np.array([value, 1], np.uint32),
    }


def newest(folder):
    return max((folder / name for name in GENERATIONS), key=lambda path: path.stat().st_mtime_ns)


def test_arrays_and_words_come_back_as_they_were(tmp_path):
    Checkpoints(tmp_path).save(arrays(7), {"epoch": 3, "history": [{"loss": 0.1}]})
    found = Checkpoints(tmp_path).load()
    assert found.state["epoch"] == 3
    assert found.state["history"] == [{"loss": 0.1}]
    for name, array in arrays(7).items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        np.testing.assert_array_equal(found.arrays[name], array)


def test_an_empty_folder_has_none(tmp_path):
    assert Checkpoints(tmp_path / "nowhere").load() is None


def test_the_newest_wins_after_many(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for epoch in range(5):
        checkpoints.save(arrays(epoch), {"epoch": epoch})
    again = Checkpoints(tmp_path)
    assert again.load().state["epoch"] == 4
    # One that goes on writes over the older of the two, not over the newest.
    again.save(arrays(5), {"epoch": 5})
    newest(tmp_path).write_bytes(b"")
    assert Checkpoints(tmp_path).load().state["epoch"] == 4


@pytest.mark.parametrize("how", ["torn", "empty", "flipped", "text", "gone"])
def test_a_damaged_one_is_passed_over(tmp_path, how):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(arrays(1), {"epoch": 1})
    checkpoints.save(arrays(2), {"epoch": 2})
    path = newest(tmp_path)
    content = bytearray(path.read_bytes())
    if how == "torn":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "flipped":
        content[-1] ^= 1
        path.write_bytes(content)
    elif how == "text":
        path.write_text("not a checkpoint")
    else:
        path.unlink()
    assert Checkpoints(tmp_path).load().state["epoch"] == 1


def test_words_are_covered_by_the_hash(tmp_path):
    Checkpoints(tmp_path).save(arrays(1), {"epoch": 1})
    path = tmp_path / GENERATIONS[0]
    path.write_bytes(path.read_bytes().replace(b'epoch\\": 1', b'epoch\\": 9'))
    assert Checkpoints(tmp_path).load() is None


def test_best_weights_belong_to_a_checkpoint(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save_best(1, arrays(1))
    checkpoints.save(arrays(1), {"epoch": 1, "best_epoch": 1})
    # Killed after the best of epoch 2 was written, before its checkpoint: epoch 1 still counts.
    checkpoints.save_best(2, arrays(2))
    again = Checkpoints(tmp_path)
    state = again.load().state
    assert state["best_epoch"] == 1
    assert again.load_best(1)["optimizer/0/iterations"] == 1


def test_a_checkpoint_whose_best_weights_are_damaged_is_passed_over(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for epoch in (1, 2):
        checkpoints.save_best(epoch, arrays(epoch))
        checkpoints.save(arrays(epoch), {"epoch": epoch, "best_epoch": epoch})
    (tmp_path / "best-2.safetensors").write_bytes(b"")
    assert Checkpoints(tmp_path).load().state["epoch"] == 1
    with pytest.raises(TrainingError, match="epoch 2"):
        checkpoints.load_best(2)


def test_old_best_weights_go_when_nothing_names_them(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for epoch in range(1, 5):
        checkpoints.save_best(epoch, arrays(epoch))
        checkpoints.save(arrays(epoch), {"best_epoch": epoch})
    names = sorted(path.name for path in tmp_path.glob("best-*"))
    assert names == ["best-3.safetensors", "best-4.safetensors"]


def test_a_full_disk_keeps_the_last_one(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(arrays(1), {"epoch": 1})
    checkpoints.save(arrays(2), {"epoch": 2})

    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint_file, "write_bytes", full)
    with pytest.raises(DiskError, match="checkpoint"):
        checkpoints.save(arrays(3), {"epoch": 3})
    assert Checkpoints(tmp_path).load().state["epoch"] == 2
