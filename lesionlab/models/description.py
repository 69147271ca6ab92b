"""What a model says of itself: the strict `model.json` of a bundle. Without Keras."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lesionlab.errors import BundleError
from lesionlab.experiment import Experiment

FORMAT: Literal[1] = 1
Number = Annotated[float, Field(allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
MOST_LETTERS = 2000
# A set that was joined or downloaded names everyone who gave pictures to it.
MOST_LETTERS_OF_SOURCES = 20_000
# By these words in `start_weights` it is known, also where other weights were wished for.
FROM_RANDOM = "starts from random numbers"
Words = Annotated[str, Field(max_length=MOST_LETTERS)]
Sources = Annotated[str, Field(max_length=MOST_LETTERS_OF_SOURCES)]
Name = Annotated[str, Field(max_length=100)]


class TrainingData(BaseModel):
    """What the model has learned from, as far as others must know it.

    Attributes:
        fingerprint: `Dataset.portable_fingerprint` of the pictures that were dealt into parts, by
            which they are known again; empty in models that were made before it was kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Words
    title: Words = ""
    licence: Sources = ""
    citation: Sources = ""
    num_train: int = Field(0, ge=0)
    fingerprint: Name = ""


class Description(BaseModel):
    """All of a model but its weights.

    Attributes:
        format: Version of the bundle's format.
        experiment: From it our code rebuilds the network.
        classes: Codes in the order of the outputs.
        drawn: Whether it has only seen drawings; it then judges no photograph.
        start_weights: What it really started from, for people.
        temperature: Logits are divided by this (Guo et al. 2017).
        thresholds: Such as `malignant`: from which probability on to call it so.
        novelty: Statistics of the training pictures, by which a picture unlike them is known.
        scores: Such as `balanced_accuracy` on the test part; None where undefined.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = FORMAT
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    experiment: Experiment
    classes: tuple[Name, ...] = Field(min_length=2, max_length=100)
    drawn: bool
    data: TrainingData
    start_weights: Words
    temperature: float = Field(1.0, gt=0, le=1000, allow_inf_nan=False)
    thresholds: dict[Name, Probability] = Field(default_factory=dict, max_length=100)
    novelty: dict[Name, Annotated[tuple[Number, ...], Field(max_length=5000)]] | None = None
    scores: dict[Name, Number | None] = Field(default_factory=dict, max_length=200)
    num_parameters: int = Field(ge=0)
    created: Name = ""
    version: Name = ""

    @model_validator(mode="after")
    def _classes_are_those_of_the_experiment(self) -> Self:
        if self.classes != self.experiment.data.classes:
            raise ValueError(
                f"classes must be those of {self.experiment.data.class_set}: "
                f"{', '.join(self.experiment.data.classes)}"
            )
        return self

    def to_json(self) -> str:
        """The text of model.json."""
        words = self.model_dump(mode="json", exclude_none=False)
        return json.dumps(words, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str | bytes) -> Description:
    """Read model.json.

    Raises:
        BundleError: It is not JSON, of another format, or has a key or value that is off.
    """
    try:
        values: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleError("Expected model.json in JSON.", f"It cannot be read: {error}.") from error
    found = values.get("format") if isinstance(values, dict) else None
    if found != FORMAT or isinstance(found, bool):
        raise BundleError(
            f"Expected a model in format {FORMAT}.",
            f"Received format {found!r}.",
            "Use the version of lesionlab that wrote it, or train anew.",
        )
    try:
        return Description.model_validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "model.json"
        raise BundleError(
            "Expected a model.json as lesionlab writes it.",
            f"{key}: {first['msg']}; received {str(first['input'])[:100]!r}.",
            "Take the model from where it was made once more.",
        ) from error
