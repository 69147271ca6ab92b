"""The shapes of what the service answers, as its OpenAPI page shows them to other programs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    status: Literal["starting", "ready", "failed"]
    version: str
    models: list[str] = Field(description="the models in memory, the latest used last")
    seconds_at_work: float = Field(description="spent on all requests so far")


class Quality(BaseModel):
    sharpness: float
    exposure: float
    warnings: list[str]


class AboutModel(BaseModel):
    reference: str
    title: str
    drawn: bool = Field(description="the model has only seen drawings")
    data: dict[str, Any]
    scores: dict[str, float | None]
    thresholds: dict[str, float | None]
    temperature: float


class Prediction(BaseModel):
    """Not a diagnosis, and not a medical device."""

    classes: list[str]
    probabilities: dict[str, float] = Field(description="by class; they sum to 1, or are empty")
    malignant: float | None = Field(description="sum over cancers and precursors")
    predicted: str | None
    abstain: str | None = Field(description="why the answer should not be used, or null")
    quality: Quality
    heat_map: list[list[float]] | None = Field(
        description="0 to 1: which places spoke for the predicted class, on a coarse grid"
    )
    height: int
    width: int
    model: AboutModel
    milliseconds: float


class ErrorAnswer(BaseModel):
    """What went wrong, in up to three sentences."""

    error: str
    expected: str
    received: str
    what_to_do: str
