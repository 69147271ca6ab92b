"""An experiment: one file that says all of it, from the data to the last learning rate.

Frozen pydantic models, TOML in and out. The app's controls edit one; the command line trains the
same file. Unknown keys and values out of range are refused with a sentence that names the key.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import tomli_w
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from lesionlab.data.split import SplitPlan
from lesionlab.diagnoses import CLASS_SETS
from lesionlab.errors import ExperimentError
from lesionlab.images.preprocess import Preprocessing

RECIPES = Path(__file__).parent / "recipes"
LearningRate = Annotated[float, Field(gt=0, le=1)]
# The widths of MobileNetV2 that ImageNet weights are published for.
ALPHAS = (0.35, 0.5, 0.75, 1.0)


class Part(BaseModel, frozen=True, extra="forbid"):
    """A part of an experiment: cannot be changed in place, and knows all of its keys."""


class DataChoice(Part):
    """Which pictures, in which classes, at most how many of each; and what stands for an unknown
    age: nothing (`keep`) or the mean of the known ones."""

    name: str = "synthetic"
    class_set: Literal["isic9", "isic8", "ham7", "binary"] = "isic8"
    per_class: int | None = Field(None, ge=2)
    missing_age: Literal["keep", "mean"] = "keep"

    @property
    def classes(self) -> tuple[str, ...]:
        return CLASS_SETS[self.class_set]


class Augmentation(Part):
    """Random changes of training pictures. Zero and false mean: not at all.

    `rotation` and `shear` are degrees to either side; `shift`, `zoom` and `cutout` are fractions
    of the picture; `brightness`, `contrast` and `saturation` are the largest relative change and
    `hue` the largest turn of the colour circle, as a fraction of it.
    """

    rotation: float = Field(0, ge=0, le=180)
    shift: float = Field(0, ge=0, le=0.5)
    zoom: float = Field(0, ge=0, le=0.5)
    shear: float = Field(0, ge=0, le=45)
    horizontal_flip: bool = False
    vertical_flip: bool = False
    brightness: float = Field(0, ge=0, le=0.5)
    contrast: float = Field(0, ge=0, le=0.5)
    saturation: float = Field(0, ge=0, le=1)
    hue: float = Field(0, ge=0, le=0.5)
    cutout: float = Field(0, ge=0, le=0.5)
    fill: Literal["nearest", "reflect", "wrap", "constant"] = "nearest"


class Network(Part):
    """The network, where its weights come from, and its new head.

    `weights` is `imagenet`, `random`, or a model of ours to go on from (its name, a run's id or a
    bundle's path). `fallback` says whether random numbers may stand in where ImageNet weights
    cannot be had. `hidden` are the sizes of dense layers before the last one. `batchnorm`:
    `frozen` keeps every batch normalisation as it came, `train` lets those above the frozen
    layers learn.
    """

    network: Literal["small-cnn", "mobilenetv2", "resnet50"] = "mobilenetv2"
    alpha: float = 1.0
    weights: str = "imagenet"
    fallback: Literal["none", "random"] = "none"
    pooling: Literal["avg", "max"] = "avg"
    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = ()
    dropout: float = Field(0, ge=0, lt=1)
    batchnorm: Literal["frozen", "train"] = "train"

    @field_validator("alpha")
    @classmethod
    def _published(cls, alpha: float) -> float:
        if alpha not in ALPHAS:
            raise ValueError(f"expected one of {', '.join(map(str, ALPHAS))}")
        return alpha


class Phase(Part):
    """A stretch of training with its own frozen layers and learning rates.

    `frozen` counts layers of the network from its start that stay as they are: a number, `all`
    (only the head learns), or a negative number (all but the last so many).
    `schedule`: `constant`; `step` multiplies the rate by `step_factor` every `step_epochs`;
    `cosine` lets it fall to zero along half a cosine.
    """

    epochs: int = Field(5, ge=1, le=1000)
    frozen: int | Literal["all"] = 0
    optimizer: Literal["sgd", "adam", "adamw"] = "adam"
    learning_rate: LearningRate = 1e-3
    head_factor: float = Field(1, gt=0, le=1000)
    momentum: float = Field(0.9, ge=0, lt=1)
    nesterov: bool = False
    weight_decay: float = Field(0, ge=0, le=1)
    schedule: Literal["constant", "step", "cosine"] = "constant"
    step_epochs: int = Field(5, ge=1)
    step_factor: float = Field(0.1, gt=0, le=1)


class Training(Part):
    """How the network learns. `patience` is how many epochs may pass without a better validation
    loss; none means that every epoch is run. The best weights are kept either way.
    `class_weights`: `max` is the largest class over this one, `balanced` is n over (classes times
    this one).
    """

    batch_size: int = Field(32, ge=1, le=1024)
    class_weights: Literal["none", "balanced", "max"] = "none"
    patience: int | None = Field(None, ge=1)
    deterministic: bool = False
    phases: tuple[Phase, ...] = Field((Phase(),), min_length=1, max_length=10)

    @property
    def epochs(self) -> int:
        """Epochs of all phases together."""
        return sum(phase.epochs for phase in self.phases)


class Evaluation(Part):
    """`target_sensitivity`: the thresholds for cancer are set to find this share of cases."""

    target_sensitivity: float = Field(0.9, gt=0, lt=1)


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
