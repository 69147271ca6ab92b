"""Desks: what is chosen is written aside, read back, and never mixed up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lesionlab import experiment as experiments
from lesionlab.app import taking
from lesionlab.app.desk import Desk, is_desk_id, new_desk_id, open_desk, user_desk_id
from lesionlab.errors import DataError

ID = "0123456789abcdef"


def test_ids_are_long_random_and_checked() -> None:
    first, second = new_desk_id(), new_desk_id()
    assert first != second
    assert is_desk_id(first)
    for wrong in ("", None, "0" * 15, "G" * 16, "../" * 8, "0" * 64, "0" * 16 + "\n"):
        assert not is_desk_id(wrong), wrong


def test_nothing_is_written_before_something_is_chosen(home: Path) -> None:
    desk = open_desk(ID)
    assert (desk.dataset, desk.run, desk.draft.name) == (
        "synthetic",
        None,
        "mobilenetv2-quick",
    )
    assert not (home / "desks").exists()


def test_choices_are_there_again(home: Path) -> None:
    draft = experiments.with_settings(experiments.recipe("small-cnn"), ["training.batch_size=7"])
    open_desk(ID).save(nickname="Mila", dataset="tiny", run=None, image="x_1", draft=draft)
    again = open_desk(ID)
    assert (again.nickname, again.dataset, again.image) == ("Mila", "tiny", "x_1")
    assert again.draft == draft
    assert [path.name for path in (home / "desks" / ID).glob("*.part")] == []


def test_two_tabs_do_not_undo_each_other() -> None:
    first, second = open_desk(ID), open_desk(ID)
    first.save(dataset="tiny")
    second.save(nickname="Tom")
    again = open_desk(ID)
    assert (again.dataset, again.nickname) == ("tiny", "Tom")


def test_a_draft_of_another_version_is_told_and_the_rest_kept(home: Path) -> None:
    open_desk(ID).save(nickname="Mila", dataset="tiny")
    path = home / "desks" / ID / "desk.json"
    words = json.loads(path.read_text())
    words["draft"]["training"]["tempo"] = 3
    path.write_text(json.dumps(words))
    desk = open_desk(ID)
    assert desk.nickname == "Mila"
    assert desk.draft.name == "mobilenetv2-quick"
    assert (desk.dataset, desk.draft.data.name) == ("tiny", "tiny")
    assert "training.tempo" in desk.notice


def test_a_torn_file_is_an_empty_desk(home: Path) -> None:
    open_desk(ID).save(nickname="Mila")
    (home / "desks" / ID / "desk.json").write_text('{"nickname": "Mi')
    assert open_desk(ID).nickname == ""


def test_mistakes_are_refused() -> None:
    with pytest.raises(DataError, match="desk"):
        open_desk("../../etc/passwd")
    with pytest.raises(TypeError, match="colour"):
        Desk(ID).save(colour="red")
    with pytest.raises(TypeError, match="id"):
        Desk(ID).save(id="f" * 16)


def test_a_signed_in_users_desk_cannot_be_named_in_an_address() -> None:
    mine = user_desk_id("https://issuer.example", "mila", "secret")
    assert mine == user_desk_id("https://issuer.example", "mila", "secret")
    assert len({mine, user_desk_id("https://issuer.example", "tom", "secret")}) == 2
    assert mine != user_desk_id("https://issuer.example", "mila", "another secret")
    assert not is_desk_id(mine)
    open_desk(mine).save(nickname="Mila")
    assert open_desk(mine).nickname == "Mila"


def test_a_change_of_the_draft_keeps_what_another_tab_has_changed_in_it() -> None:
    first, second = open_desk(ID), open_desk(ID)
    first.save(draft=experiments.with_settings(first.draft, ["data.class_set=binary"]))
    taking.save_draft(
        second, lambda: experiments.with_settings(second.draft, ["training.batch_size=7"])
    )
    draft = open_desk(ID).draft
    assert (draft.data.class_set, draft.training.batch_size) == ("binary", 7)
