"""service.json: whole, secret, and known to be out of date."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from lesionlab import __version__, settings
from lesionlab.service.address import Address, read_address, write_address


@pytest.fixture
def address(home: Path) -> Address:
    return Address(1234, "secret", __version__, settings.current().digest(), 1)


def test_only_its_user_may_read_it(home: Path, address: Address) -> None:
    write_address(settings.current(), address)
    assert stat.S_IMODE((home / "service.json").stat().st_mode) == 0o600
    assert read_address(settings.current()) == address
    assert address.url == "http://127.0.0.1:1234"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"port": 1}', '{"surprise": 1}'])
def test_half_a_file_is_none(home: Path, content: str) -> None:
    (home / "service.json").write_text(content)
    assert read_address(settings.current()) is None


def test_another_version_or_setting_is_out_of_date(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert address.is_current(settings.current())
    assert not replace(address, version="0.0.0").is_current(settings.current())
    monkeypatch.setenv("LESIONLAB_SERVICE_MODELS_MB", "50")
    assert not address.is_current(settings.current())


def test_a_deleted_home_is_not_brought_back(home: Path, address: Address) -> None:
    configured = settings.current()
    home.rmdir()
    with pytest.raises(FileNotFoundError):
        write_address(configured, address)
