"""What the commands on data sets that are there say and do."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionlab.cli import program
from lesionlab.data.import_set import import_dataset
from lesionlab.data.pixels import cached_pixels
from lesionlab.data.store import info_of, open_dataset
from lesionlab.data.thumbnails import thumbnail
from lesionlab.experiment import recipe
from lesionlab.images.preprocess import Preprocessing
from lesionlab.jobs import runs
from lesionlab.task import QuietTask

ANNA = "a" * 24
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            program.main([str(argument) for argument in arguments])
        found = capsys.readouterr()
        return int(ended.value.code or 0), found.out, found.err

    return call


def bring(tmp_path: Path, name: str, files: dict[str, int], desk: str = "") -> None:
    for file, level in files.items():
        path = tmp_path / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((10, 12, 3), level, np.uint8)).save(path)
    import_dataset(
        "folder", tmp_path / name, name, owner_desk=desk, task=QuietTask(tmp_path / f"j-{name}")
    )


def test_whose_a_set_is_stands_there_where_a_desk_has_one(run: Run, tmp_path: Path) -> None:
    bring(tmp_path, "ours", {"mel/a.png": 1})
    assert "whose" not in run("data", "list")[1].splitlines()[0]
    bring(tmp_path, "annas", {"mel/a.png": 1}, ANNA)
    lines = run("data", "list")[1].splitlines()
    assert "whose" in lines[0]
    assert [line.split("  ")[0] for line in lines if "one desk's" in line] == ["annas"]
    assert run("data", "share", "annas") == (0, "annas is shared with everyone.\n", "")
    assert "one desk's, shared" in run("data", "list")[1]
    assert "It is one desk's, shared." in run("data", "show", "annas")[1]
    found = {info["name"]: info["whose"] for info in json.loads(run("data", "list", "--json")[1])}
    assert found == {"annas": "shared", "ours": "server", "synthetic-small": "server"}
    assert run("data", "share", "annas", "--off")[0] == 0
    shown = json.loads(run("data", "show", "annas", "--json")[1])
    assert (shown["whose"], shown["kind"], shown["num_images"]) == ("private", "folder", 1)
    assert shown["num_bytes"] > 100
    status, _, error = run("data", "share", "ours")
    assert (status, "everyone sees it already" in error) == (2, True)


def test_a_folder_that_is_called_like_a_set_is_shown_for_itself(run: Run, tmp_path: Path) -> None:
    bring(tmp_path, "ours", {"mel/a.png": 1})
    shown = json.loads(run("data", "show", tmp_path / "ours", "--json")[1])
    assert (shown["name"], "whose" in shown) == ("ours", False)
    assert "whose" in json.loads(run("data", "show", "synthetic", "--json")[1])


def test_deleting_says_what_goes_and_what_stays(run: Run, tmp_path: Path, home: Path) -> None:
    bring(tmp_path, "ours", {f"nv/{k}.png": k for k in range(3)})
    found = open_dataset("ours")
    cached_pixels(found, Preprocessing(size=(64, 64)))
    thumbnail(found.image_path(0))
    made = runs.train(recipe("small-cnn"), ANNA, data="ours")
    status, out, _ = run("data", "delete", "ours")
    assert status == 0
    lines = out.splitlines()
    assert re.fullmatch(r"What goes: 3 pictures, \d\d kB on disk", lines[0])
    assert re.fullmatch(r" +3\d kB of decoded pixels and thumbnails", lines[1])  # 3 x 64 x 64 x 3
    assert lines[2] == f"What stays: 1 run trained on it, with its model: {made.id}"
    assert lines[3] == "ours is deleted."
    assert not list((home / "cache").rglob("*.npy"))
    assert not list((home / "cache").rglob("*.jpg"))
    assert runs.list_runs() == [made]


def test_pixels_that_a_copy_uses_too_stay(run: Run, tmp_path: Path, home: Path) -> None:
    bring(tmp_path, "ours", {"nv/a.png": 1, "nv/b.png": 2})
    assert run("data", "combine", "ours", "--name", "copy")[0] == 0
    for name in ("ours", "copy"):
        cached_pixels(open_dataset(name), Preprocessing(size=(64, 64)))
    assert len(list((home / "cache").rglob("*.npy"))) == 1
    out = run("data", "delete", "ours", "--yes")[1]
    assert "decoded pixels" not in out
    assert len(list((home / "cache").rglob("*.npy"))) == 1
    assert "decoded pixels" in run("data", "delete", "copy")[1]
    assert not list((home / "cache").rglob("*.npy"))


@pytest.mark.parametrize(
    ("flags", "answer", "stays"), [((), "n\n", True), ((), "y\n", False), (("--yes",), "", False)]
)
def test_a_terminal_is_asked(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: tuple[str, ...],
    answer: str,
    stays: bool,
) -> None:
    bring(tmp_path, "ours", {"mel/a.png": 1})

    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            assert answer, "nothing may be asked"
            return answer

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answer.strip())
    status, _, _ = run("data", "delete", "ours", *flags)
    assert (info_of("ours") is not None) is stays
    assert (status != 0) is stays


def test_combine_says_what_it_left_out(run: Run, tmp_path: Path) -> None:
    bring(tmp_path, "p", {"mel/a.png": 1, "nv/b.png": 2})
    bring(tmp_path, "q", {"nv/c.png": 2, "bcc/d.png": 4})
    status, out, error = run(
        "data", "combine", "p", "q", "--name", "both", "--only", "q=nv", "--only", "p=mel, NV"
    )
    assert (status, out) == (0, "both: 2 pictures (MEL 1, NV 1)\n")
    assert error.splitlines() == [
        "Left out: 1 picture of q of other classes than nv, as asked.",
        "Left out: 1 repeated picture, which q and p both have.",
    ]
    assert "Left out: 1 repeated picture" in run("data", "show", "both")[1]
    for wrong in ("q", "q=", "=nv"):
        status, _, error = run("data", "combine", "p", "--name", "x", "--only", wrong)
        assert (status, len(error.splitlines())) == (2, 1)
    assert run("data", "combine", "--name", "x")[0] == 2
    assert run("data", "combine", "p", "nothing", "--name", "x")[0] == 2
