"""What a job that brings data is asked to do, checked before it begins."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lesionlab.errors import DataError

Spec = TypeVar("Spec", bound=BaseModel)


def read_spec(kind: type[Spec], values: dict[str, Any]) -> Spec:
    """The spec of a job as its model.

    Raises:
        DataError: One of the values cannot be used; the sentence names it.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"The value of {key} cannot be used: {first['msg']}.",
            f"Received {first.get('input')!r}.",
            "Mend it and try again.",
        ) from error
