"""What a bundle tells of its own evaluation: checked when it comes from elsewhere. Without Keras.

Only what pages and cards read is checked. More may stand there, and what newer versions of
lesionlab have added may be missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet
from pydantic import BaseModel, Field, ValidationError, model_validator

from lesionlab.errors import BundleError
from lesionlab.models.description import Name, Probability, Words

WHAT_TO_DO = "Take the model from where it was made once more."
# A hair's breadth wider than from 0 to 1: means of floating-point numbers may end there.
Rate = Annotated[float, Field(ge=-1e-6, le=1 + 1e-6)]
Share = Rate | None
# So that no small file can unfold into more than the memory holds.
MOST_PICTURES = 2_000_000
Count = Annotated[int, Field(ge=0, le=MOST_PICTURES)]
Interval = tuple[Rate, Rate] | None


class ClassScores(BaseModel):
    """How well one class is told from the others."""

    n: Count
    auc: Share
    sensitivity: Share
    specificity: Share
    precision: Share
    auc_interval: Interval = None
    sensitivity_interval: Interval = None
    specificity_interval: Interval = None
    precision_interval: Interval = None


class ThresholdScores(BaseModel):
    """What comes of one threshold."""

    n: Count
    threshold: Probability
    sensitivity: Share
    specificity: Share
    sensitivity_interval: Interval = None
    specificity_interval: Interval = None


class AlarmCases(BaseModel):
    """How many cases there were, and for how many of them no alarm was raised."""

    n: Count
    num_missed: Count

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if self.num_missed > self.n:
            raise ValueError("num_missed must not be more than n")
        return self


class AlarmScores(BaseModel):
    """What comes of the alarm that any of the thresholds raises."""

    cases: dict[Name, AlarmCases]
    num_harmless: Count
    num_false: Count

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if self.num_false > self.num_harmless:
            raise ValueError("num_false must not be more than num_harmless")
        return self


class GroupScores(BaseModel):
    """How good it is for some of the people."""

    by: Name
    group: Words
    n: Count
    num_melanomas: Count
    macro_auc: Share = None
    macro_auc_interval: Interval = None
    balanced_accuracy: Share = None
    balanced_accuracy_interval: Interval = None
    melanoma_sensitivity: Share = None
    melanoma_sensitivity_interval: Interval = None


class SourceScores(BaseModel):
    """How good a model of the same kind is on a source of pictures that it has not seen."""

    source: Words
    num: Count = 0
    num_melanomas: Count = 0
    macro_auc: Share = None
    macro_auc_interval: Interval = None
    balanced_accuracy: Share = None
    balanced_accuracy_interval: Interval = None
    melanoma_sensitivity: Share = None
    melanoma_sensitivity_interval: Interval = None


class Evaluation(BaseModel):
    """The numbers of evaluation.json.

    Attributes:
        part: `test`, `validation` or `all`.
        classes: Codes in the order of rows and columns of `confusion`.
        confusion: Number of pictures; a row a true class, a column a predicted one.
    """

    model: Words = ""
    data: Words
    part: Name
    note: Words | None = None
    n: Count
    classes: tuple[Name, ...]
    accuracy: Share
    accuracy_interval: Interval = None
    balanced_accuracy: Share
    balanced_accuracy_interval: Interval = None
    macro_auc: Share
    macro_auc_interval: Interval = None
    ece: Share = None
    ece_interval: Interval = None
    per_class: dict[Name, ClassScores]
    confusion: list[list[Count]]
    thresholds: dict[Name, ThresholdScores] = Field(default_factory=dict)
    alarm: AlarmScores | None = None
    subgroups: list[GroupScores] = Field(default_factory=list, max_length=10_000)
    elsewhere: list[SourceScores] = Field(default_factory=list, max_length=1000)
    at_home: SourceScores | None = None

    @model_validator(mode="after")
    def _numbers_for_each_class(self) -> Self:
        if list(self.per_class) != list(self.classes):
            raise ValueError("per_class must have the classes, in their order")
        if {len(self.classes)} != {len(self.confusion), *map(len, self.confusion)}:
            raise ValueError("confusion must have a row and a column for each class")
        return self


def check_evaluation(folder: Path, classes: Sequence[str]) -> None:
    """Check evaluation.json and predictions.parquet of a bundle, where it has them.

    Args:
        folder: Of the bundle.
        classes: Codes in the order of the model's outputs.

    Raises:
        BundleError: A page could not show them.
    """
    path = folder / "evaluation.json"
    if not path.is_file():
        _check_predictions(folder / "predictions.parquet", classes, None)
        return
    try:
        found = Evaluation.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or path.name
        raise BundleError(
            "Expected an evaluation.json as lesionlab writes it.",
            f"{key}: {first['msg']}; received {str(first['input'])[:100]!r}.",
            WHAT_TO_DO,
        ) from error
    if found.classes != tuple(classes):
        raise BundleError(
            f"Expected an evaluation.json of the classes {', '.join(classes)}.",
            f"Received {', '.join(found.classes)[:200] or 'none'}.",
            WHAT_TO_DO,
        )
    _check_predictions(folder / "predictions.parquet", classes, found.n)


def _check_predictions(path: Path, classes: Sequence[str], num: int | None) -> None:
    """Check a table of predictions, where there is one; `num` rows if it is known how many."""
    if not path.is_file():
        return
    names = ["image_id", "path", "truth", "predicted", *(f"p_{code}" for code in classes)]
    strange: set[str] = set()
    many = f"at most {MOST_PICTURES:,}" if num is None else f"{num:,}"
    expected = f"Expected predictions.parquet with {many} rows and {', '.join(names)}."
    try:
        # Counted before anything is read: a small file can hold billions of rows.
        rows = parquet.read_metadata(path).num_rows
        strange = set(parquet.read_schema(path).names) - {*names, "part"}
        fits = rows <= MOST_PICTURES if num is None else rows == num
        if fits and not strange:
            table = pd.read_parquet(path, columns=names)
            shares = table[names[4:]].to_numpy(dtype=np.float64)
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise BundleError(expected, f"It cannot be read: {error}."[:300], WHAT_TO_DO) from error
    if strange:
        raise BundleError(expected, f"It also has {min(strange)[:100]!r}.", WHAT_TO_DO)
    if not fits:
        raise BundleError(expected, f"It has {rows:,} rows.", WHAT_TO_DO)
    codes = table[["truth", "predicted"]].isin(list(classes)).to_numpy()
    if not codes.all():
        raise BundleError(expected, "It names classes that the model does not know.", WHAT_TO_DO)
    if not ((shares >= 0) & (shares <= 1 + 1e-6)).all():
        raise BundleError(expected, "It has probabilities that are not from 0 to 1.", WHAT_TO_DO)
