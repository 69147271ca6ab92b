"""An average of the weights over the steps of a training, which is calmer than the last of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

from lesionlab.errors import TrainingError


class WeightAverage:
    """The exponential moving average of all that a phase of training changes.

    BatchNorm's statistics are averaged too: they belong to the weights. In the first steps older
    weights fade faster, by (1 + n) / (10 + n) after n steps, or a short training would end with
    an average that still holds its beginning (so does TensorFlow's ExponentialMovingAverage with
    `num_updates`).
    """

    def __init__(
        self, model: keras.Model, decay: float, kept: dict[str, np.ndarray] | None = None
    ) -> None:
        """Begin an average, or take one up.

        Args:
            model: From `build_model`, frozen for the phase.
            decay: What older weights are multiplied by at each step, below 1.
            kept: What `state` gave; by default the average begins with the model's weights.

        Raises:
            TrainingError: `kept` is of another model or phase.
        """
        self._decay = decay
        self._variables = {
            f"{layer.name}/{variable.name}": variable
            for layer in model.layers
            if layer.trainable
            for variable in layer.weights
        }
        start = self._weights() if kept is None else kept
        unlike = sorted(set(start) ^ set(self._variables))
        if unlike:
            raise TrainingError(
                "Expected the averaged weights of this model and phase.",
                f"The checkpoint's differ in {len(unlike)} places, first {unlike[0]}.",
                "Start the training anew.",
            )
        self._averages = [keras.Variable(start[key], trainable=False) for key in self._variables]
        self._fade = _compiled(self._averages, list(self._variables.values()))

    def update(self, num_steps: int) -> None:
        """Take the weights of one more step in.

        Args:
            num_steps: Steps that were taken in before.
        """
        decay = min(self._decay, (1 + num_steps) / (10 + num_steps))
        self._fade(ops.convert_to_tensor(decay, "float32"))

    def state(self) -> dict[str, np.ndarray]:
        """The averages by `<layer>/<variable>`, float32, for a checkpoint."""
        found = map(ops.convert_to_numpy, self._averages)
        return {key: np.array(value) for key, value in zip(self._variables, found, strict=True)}

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within, the model has the averages for weights; afterwards its own again."""
        # Copies, since JAX hands a model's arrays over to whatever it runs.
        own, averages = self._weights(), self.state()
        try:
            for key, variable in self._variables.items():
                variable.assign(averages[key])
            yield
        finally:
            for key, variable in self._variables.items():
                variable.assign(own[key])

    def _weights(self) -> dict[str, np.ndarray]:
        return {
            key: np.array(ops.convert_to_numpy(variable))
            for key, variable in self._variables.items()
        }


def _compiled(
    averages: list[keras.Variable], variables: list[keras.Variable]
) -> Callable[[Any], None]:
    """One call of the backend in place of three for each of hundreds of variables."""

    def faded(olds: list[Any], news: list[Any], decay: Any) -> list[Any]:
        return [old + (1 - decay) * (new - old) for old, new in zip(olds, news, strict=True)]

    def fade(decay: Any, function: Callable[..., list[Any]] = faded) -> None:
        olds, news = ([variable.value for variable in some] for some in (averages, variables))
        for average, value in zip(averages, function(olds, news, decay), strict=True):
            average.assign(value)

    if keras.backend.backend() == "jax":
        import jax

        quick = jax.jit(faded)
        return lambda decay: fade(decay, quick)
    import tensorflow

    quicker: Callable[[Any], None] = tensorflow.function(fade)
    return quicker
