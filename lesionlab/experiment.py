"""An experiment: one file that says all of it, from the data to the last learning rate.

Frozen pydantic models, TOML in and out. The app's controls edit one; the command line trains the
same file. Unknown keys and values out of range are refused with a sentence that names the key.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Self

import tomli_w
from pydantic import Field, ValidationError, model_validator

from lesionlab.data.split import SplitPlan
from lesionlab.errors import ExperimentError
from lesionlab.experiment_parts import (
    ALPHAS,
    Augmentation,
    DataChoice,
    Distillation,
    Evaluation,
    Network,
    Part,
    Phase,
    Training,
)
from lesionlab.images.preprocess import Preprocessing

__all__ = [
    "ALPHAS",
    "Augmentation",
    "DataChoice",
    "Distillation",
    "Evaluation",
    "Experiment",
    "Network",
    "Phase",
    "Training",
    "from_toml",
    "load",
    "parse",
    "recipe",
    "recipe_names",
    "to_toml",
    "with_settings",
]

RECIPES = Path(__file__).parent / "recipes"


class Experiment(Part):
    """Everything that decides a run."""

    name: str = Field("experiment", pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    title: str = ""
    description: str = ""
    seed: int = Field(0, ge=0, lt=2**31)
    data: DataChoice = DataChoice()
    split: SplitPlan = SplitPlan()
    preprocessing: Preprocessing = Preprocessing()
    augmentation: Augmentation = Augmentation()
    model: Network = Network()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.model.network == "small-cnn" and self.model.weights == "imagenet":
            raise ValueError("small-cnn has no ImageNet weights: set model.weights to random")
        return self


def parse(values: dict[str, Any]) -> Experiment:
    """An experiment from nested dictionaries.

    Raises:
        ExperimentError: A key is unknown or a value out of range; the sentence names it.
    """
    try:
        return Experiment.model_validate_json(json.dumps(values))
    except (ValidationError, TypeError) as error:
        if isinstance(error, TypeError):
            raise ExperimentError("Expected text, numbers and lists.", str(error)) from error
        first = error.errors()[0]
        key = _key(first["loc"]) or "the experiment"
        # A value that may be of several kinds has a complaint of each.
        complaints = [e["msg"] for e in error.errors() if _key(e["loc"]) == _key(first["loc"])]
        if first["type"] == "extra_forbidden":
            raise ExperimentError(
                f"The experiment has an unknown key: {key}.",
                f"Received {first['input']!r}.",
                "Check its spelling against `lesionlab recipes`, or take the line out.",
            ) from error
        raise ExperimentError(
            f"The value of {key} cannot be used: {', or '.join(complaints)}.",
            f"Received {first['input']!r}." if first["loc"] else "",
            "Mend this value and try again.",
        ) from error


def _key(location: tuple[int | str, ...]) -> str:
    """The key as it stands in the file: pydantic also names the kinds that a value may be of."""
    kinds = ("int", "literal['all']")
    return ".".join(str(part) for part in location if part not in kinds)


def from_toml(text: str) -> Experiment:
    """An experiment from TOML text.

    Raises:
        ExperimentError: Not TOML, an unknown key, or a value out of range.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ExperimentError(
            "Expected a file in TOML.", f"It cannot be read: {error}.", "Mend that line."
        ) from error
    return parse(values)


def to_toml(experiment: Experiment) -> str:
    """The experiment as TOML text; `from_toml` gives back the same one."""
    return tomli_w.dumps(experiment.model_dump(mode="json", exclude_none=True))


@cache
def recipe_names() -> tuple[str, ...]:
    """The names of the experiments that come with lesionlab."""
    return tuple(sorted(path.stem for path in RECIPES.glob("*.toml")))


@cache
def recipe(name: str) -> Experiment:
    """One of our own experiments.

    Raises:
        ExperimentError: There is none of that name.
    """
    if name not in recipe_names():
        raise ExperimentError(
            f"Expected a recipe: {', '.join(recipe_names())}.",
            f"Received {name!r}.",
            "`lesionlab recipes` lists them; a path must end in .toml.",
        )
    return from_toml((RECIPES / f"{name}.toml").read_text("utf-8"))


def load(recipe_or_path: str) -> Experiment:
    """A recipe by its name, or an experiment file by its path ending in .toml."""
    if not recipe_or_path.endswith(".toml"):
        return recipe(recipe_or_path)
    path = Path(recipe_or_path)
    if not path.is_file():
        raise ExperimentError(
            "Expected an experiment file.", f"There is no file {path}.", "Check the path."
        )
    return from_toml(path.read_text("utf-8", errors="replace"))


def with_settings(experiment: Experiment, settings: list[str] | tuple[str, ...]) -> Experiment:
    """The experiment with `key=value` settings applied, as the command line's --set takes them.

    Values are TOML (`16`, `1e-4`, `true`, `[128, 128]`); anything else is text. A key of a phase
    without its number (`training.epochs`) sets every phase.

    Raises:
        ExperimentError: A key is unknown or a value out of range; the sentence names it.
    """
    values = experiment.model_dump(mode="json", exclude_none=True)
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise ExperimentError(
                "Expected KEY=VALUE.", f"Received {setting!r}.", "Write training.batch_size=16."
            )
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        path = key.strip().split(".")
        if path[0] == "training" and len(path) == 2 and path[1] in Phase.model_fields:
            for phase in values["training"]["phases"]:
                phase[path[1]] = value
            continue
        _put(values, path, value)
    return parse(values)


def _put(values: Any, path: list[str], value: Any) -> None:
    for depth, part in enumerate(path):
        here = int(part) if isinstance(values, list) and part.isdigit() else part
        last = depth == len(path) - 1
        exists = here < len(values) if isinstance(here, int) else isinstance(values, dict)
        if not exists or not (last or isinstance(here, int) or here in values):
            raise ExperimentError(
                f"The experiment has an unknown key: {'.'.join(path)}.",
                what_to_do="Check its spelling against `lesionlab recipes`.",
            )
        if last:
            values[here] = value
        else:
            values = values[here]
