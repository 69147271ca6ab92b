"""Settings: environment over file over default, and a sentence for a bad value."""

import os
from pathlib import Path

import pytest

from lesionlab import settings
from lesionlab.errors import SettingsError
from lesionlab.service import private
from lesionlab.settings import current


def test_home_comes_from_the_environment(home: Path) -> None:
    found = settings.current()
    assert found.home == home
    assert found.jobs == home / "jobs"


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "settings.toml").write_text("turn_minutes = 2.5\ncache_gb = 1.0\n")
    monkeypatch.setenv("LESIONLAB_CACHE_GB", "3")
    assert settings.current().turn_minutes == 2.5
    assert settings.current().cache_gb == 3


def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESIONLAB_CACHE_GB", "plenty")
    with pytest.raises(SettingsError, match="LESIONLAB_CACHE_GB"):
        settings.current()


def test_another_setting_is_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings.current().digest()
    monkeypatch.setenv("LESIONLAB_SERVICE_MODELS_MB", "100")
    assert settings.current().digest() != before


def test_import_roots_are_none_or_several(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (home / "settings.toml").write_text(f'import_roots = ["{tmp_path}/a", "{tmp_path}/b/../c"]\n')
    assert settings.current().import_roots == (tmp_path / "a", tmp_path / "c")
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", f"{tmp_path}{os.pathsep}{os.pathsep}~{os.pathsep}")
    assert settings.current().import_roots == (tmp_path.resolve(), Path("~").expanduser().resolve())
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", "")
    assert settings.current().import_roots == ()


def test_a_desk_has_some_room(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.current().desk_gb == 20
    monkeypatch.setenv("LESIONLAB_DESK_GB", "0")
    with pytest.raises(SettingsError, match="LESIONLAB_DESK_GB"):
        settings.current()


def test_an_edited_file_is_read_again(home: Path) -> None:
    path = home / "settings.toml"
    path.write_text("desk_gb = 3\n")
    before = current()
    assert before.desk_gb == 3
    path.write_text("desk_gb = 4\n")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
    assert current().desk_gb == 4
    assert current().digest() != before.digest()


def test_the_service_is_started_with_the_settings_of_who_asks(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", "data")
    asked = current()
    environment = private._environment(asked)
    monkeypatch.chdir(home)
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", environment["LESIONLAB_IMPORT_ROOTS"])
    assert current().digest() == asked.digest()


@pytest.mark.parametrize("slip", ["desk_gb = ", "desk_gb = 0", "desk_gb = 3\nnonsense"])
def test_a_slip_in_the_file_leaves_what_runs_as_it_was(home: Path, slip: str) -> None:
    path = home / "settings.toml"

    def write(text: str, moment: int) -> None:
        path.write_text(text)
        os.utime(path, ns=(0, moment))

    write("desk_gb = 3\n", 10**9)
    assert current().desk_gb == 3
    write(slip, 2 * 10**9)
    assert current().desk_gb == 3
    write("desk_gb = 4\n", 3 * 10**9)
    assert current().desk_gb == 4


def test_a_file_that_was_never_right_is_told_of(home: Path) -> None:
    (home / "settings.toml").write_text("desk_gb = ")
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        current()
