"""Folders, limits and addresses: LESIONLAB_* environment variables, or a TOML file.

The file is `settings.toml` in the home folder, or the one that LESIONLAB_SETTINGS names. An
environment variable wins over the file.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tomllib
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from lesionlab.errors import SettingsError

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"


class Settings(BaseSettings):
    """What a host may set. Sizes are in the unit that the name says."""

    model_config = SettingsConfigDict(env_prefix="LESIONLAB_", extra="ignore", frozen=True)

    home: Path = Path("~/.lesionlab")
    weights: Path | None = Field(None, description="folder of pretrained weights, looked in first")
    cache_gb: float = Field(
        5.0, ge=0, description="decoded pixels, thumbnails and measures kept on disk, together"
    )
    desk_gb: float = Field(
        20.0, gt=0, description="data sets, uploads, runs and models of one desk, together"
    )
    import_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="folders of the server from which a page may import; default none"
    )
    turn_minutes: float = Field(5.0, gt=0, description="how long a job may keep others waiting")
    slots: int | None = Field(None, ge=1, description="jobs at a time; default one a GPU, else one")
    runner: Literal["local"] = "local"
    service_url: str | None = Field(None, description="a service to use in place of a private one")
    service_idle_minutes: float = Field(10.0, gt=0)
    service_models_mb: float = Field(600.0, gt=0, description="loaded models kept in memory")
    service_token: str | None = Field(
        None, repr=False, description="what `lesionlab serve` asks for, and what is shown to it"
    )
    isic_url: str = Field(
        "https://api.isic-archive.com/api/v2/", description="where the ISIC Archive is asked"
    )
    devices: str | None = Field(None, description="GPUs for jobs, such as 0,1; default all")

    @field_validator("import_roots", mode="before")
    @classmethod
    def _folders(cls, value: Any) -> Any:
        """Folders in one text, separated as in PATH. What is empty would mean the folder here."""
        return (
            [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value
        )

    @property
    def jobs(self) -> Path:
        return self.home / "jobs"

    @property
    def datasets(self) -> Path:
        return self.home / "datasets"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def model_owners(self) -> Path:
        """A file a model that was brought in: whose it is, a line an owner."""
        return self.models / ".owners"

    @property
    def desks(self) -> Path:
        return self.home / "desks"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def digest(self) -> str:
        """A short hash of every setting, by which the service sees that it is out of date."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _file())


def _file() -> Path:
    home = Path(os.environ.get("LESIONLAB_HOME", "~/.lesionlab")).expanduser()
    return Path(os.environ.get("LESIONLAB_SETTINGS", home / "settings.toml"))


# By the environment; what a process has told of, so that its log does not repeat it every second.
_last_good: dict[tuple[tuple[str, str], ...], Settings] = {}
_told: deque[int] = deque(maxlen=100)


def current() -> Settings:
    """The settings as the environment and settings.toml stand now.

    A file that cannot be used any more leaves a running process with what it read before.

    Raises:
        SettingsError: A variable has a value that cannot be used; the sentence names it.
    """
    environment = sorted(kv for kv in os.environ.items() if kv[0].startswith("LESIONLAB_"))
    try:
        written = _file().stat().st_mtime_ns
    except OSError:
        written = 0
    # Read again when it was edited: the model service reads it when it starts, and a web process
    # that did not know of the change would take that service for an old one at every request.
    key = tuple(environment)
    try:
        found = _read(key, written)
    except SettingsError as error:
        # Half written, or a slip of the pen: what works goes on with what held before.
        if key not in _last_good:
            raise
        if written not in _told:
            _told.append(written)
            log.warning("settings.toml is left as it was before: %s", error)
        return _last_good[key]
    _last_good[key] = found
    return found


@lru_cache(maxsize=4)
def _read(environment: tuple[tuple[str, str], ...], written: int) -> Settings:
    try:
        found = Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            "Expected settings.toml to be a file in TOML.",
            f"{_file()} cannot be read: {error}.",
            "Mend or remove it.",
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = "LESIONLAB_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(
            f"The setting {name} has a value that cannot be used: {first['msg']}.",
            f"Received {first.get('input')!r}.",
            "Mend it in the environment or in settings.toml.",
        ) from error
    folders: dict[str, Path | tuple[Path, ...]] = {"home": found.home.expanduser().resolve()}
    folders["import_roots"] = tuple(root.expanduser().resolve() for root in found.import_roots)
    if found.weights is not None:
        folders["weights"] = found.weights.expanduser().resolve()
    return found.model_copy(update=folders)


def bundle_places(reference: str) -> tuple[Path, ...]:
    """Where the model of a run, or an imported or shipped one, may stand; the first one counts."""
    here = current()
    shipped = ASSETS / "models" / reference
    return here.jobs / reference / "model", here.models / reference, shipped
