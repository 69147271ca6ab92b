"""Training, validation and test parts: seeded, stratified by class, and never a group in two."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator


class SplitPlan(BaseModel, frozen=True, extra="forbid"):
    """How pictures are dealt out.

    Attributes:
        train: Fraction for learning; likewise `validation` and `test`. They sum to 1.
        group_by: Pictures of one patient (or lesion) stay in one part. `auto` takes patient where
            it is known, else lesion, else image.
        seed: Another seed, another split.
    """

    train: float = Field(0.65, gt=0, lt=1)
    validation: float = Field(0.20, gt=0, lt=1)
    test: float = Field(0.15, ge=0, lt=1)
    group_by: Literal["auto", "patient", "lesion", "image"] = "auto"
    seed: int = Field(0, ge=0, lt=2**31)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train, validation and test must sum to 1")
        return self
