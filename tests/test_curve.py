"""The learning curve, cut back on resuming."""

import json

from lesionlab.training.curve import cut_back


def test_lines_after_the_checkpoint_go_and_torn_ones_too(tmp_path):
    path = tmp_path / "metrics.jsonl"
    lines = [
        {"kind": "note", "step": 0, "text": "starts"},
        {"kind": "iteration", "step": 1, "loss": 2.0},
        {"kind": "iteration", "step": 2, "loss": 1.5},
        {"kind": "epoch", "epoch": 1},
        {"kind": "note", "step": 2, "text": "next phase"},
        {"kind": "iteration", "step": 3, "loss": 1.4},
        {"kind": "iteration", "step": 4, "loss": 1.3},
        {"kind": "epoch", "epoch": 2},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"kind": "itera')
    cut_back(path, num_steps=3, num_epochs=1)
    assert [json.loads(line) for line in path.read_text().splitlines()] == lines[:6]
    # Back at the end of epoch 1: the second phase's note is written again when it begins.
    cut_back(path, num_steps=2, num_epochs=1)
    assert [json.loads(line) for line in path.read_text().splitlines()] == lines[:4]
    cut_back(path, num_steps=0, num_epochs=0)
    assert path.read_text() == ""


def test_no_file_is_no_problem(tmp_path):
    cut_back(tmp_path / "metrics.jsonl", 1, 1)
    assert not (tmp_path / "metrics.jsonl").exists()
