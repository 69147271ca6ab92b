"""What every section of the Look inside page looks at: one model and one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lesionlab.images.preprocess import Preprocessing


@dataclass(frozen=True)
class Look:
    """A model and a picture, chosen above the sections.

    Attributes:
        reference: The run's id or the model's name, by which the service knows it.
        description: The model's description (models.description.Description) as JSON has it.
        preprocessing: How the model's pictures are made ready.
        content: The picture file's bytes.
        digest: By which caches tell pictures apart.
        prepared: The picture as the network gets it, uint8 RGB `(h, w, 3)`.
        image_id: Of the picture in the data set on the desk; None for an own picture.
        drawn: Whether the picture comes from a drawn data set.
    """

    reference: str
    description: dict[str, Any]
    preprocessing: Preprocessing
    content: bytes
    digest: str
    prepared: np.ndarray
    image_id: str | None
    drawn: bool
