"""What a unit does with its sum before it is handed on: ReLU, sigmoid, tanh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lesionlab.errors import LesionlabError

# This near to its highest or lowest answer a unit hardly hears a change of its sum.
NEAR_END = 0.01


def relu(values: np.ndarray) -> np.ndarray:
    """max(0, x): what lies below zero is switched off. (Nair and Hinton, 2010.)"""
    return np.maximum(values, 0)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)): everything is pressed between 0 and 1."""
    # Written with tanh, which does not overflow far below zero.
    return (1 + np.tanh(values / 2)) / 2


def tanh(values: np.ndarray) -> np.ndarray:
    """Everything is pressed between -1 and 1, and zero stays zero."""
    return np.tanh(values)


@dataclass(frozen=True)
class Activation:
    """A function that each number goes through alone.

    Attributes:
        name: Lower-case name, as in Keras.
        title: What pages call it.
        apply: The function; float arrays of any shape.
        ends: The answers it comes near to and never passes; empty without such.
        formula: In LaTeX.
    """

    name: str
    title: str
    apply: Callable[[np.ndarray], np.ndarray]
    ends: tuple[float, ...]
    formula: str


ACTIVATIONS: dict[str, Activation] = {
    one.name: one
    for one in (
        Activation("relu", "ReLU", relu, (), r"\max(0,\ x)"),
        Activation("sigmoid", "Sigmoid", sigmoid, (0.0, 1.0), r"\frac{1}{1 + e^{-x}}"),
        Activation("tanh", "Tanh", tanh, (-1.0, 1.0), r"\tanh(x)"),
    )
}


def share_switched_off(values: np.ndarray) -> float:
    """Which part of the numbers ReLU makes zero: those at or below zero, 0 to 1.

    Raises:
        LesionlabError: There are no numbers.
    """
    return float((_some(values) <= 0).mean())


def share_at_the_ends(activation: Activation, values: np.ndarray) -> float:
    """Which part of the answers lies within `NEAR_END` of an end of the function, 0 to 1.

    Args:
        values: The numbers before the function.

    Raises:
        LesionlabError: There are no numbers.
    """
    answers = activation.apply(_some(values).astype(np.float64))
    near = np.zeros(answers.shape, bool)
    for end in activation.ends:
        near |= np.abs(answers - end) < NEAR_END
    return float(near.mean())


def _some(values: np.ndarray) -> np.ndarray:
    if not values.size:
        raise LesionlabError(
            "A share needs at least one number.", "There are none.", "Take a larger picture."
        )
    return values
