"""Compiled models that stop at an inner layer, kept for as long as their model lives."""

from __future__ import annotations

import threading
from collections import OrderedDict
from weakref import WeakKeyDictionary

import keras

from lesionlab.errors import ModelError

KEPT = 8

_probes: WeakKeyDictionary[keras.Model, OrderedDict[tuple[str, ...], keras.Model]]
_probes = WeakKeyDictionary()
_lock = threading.Lock()


def probe(model: keras.Model, names: tuple[str, ...]) -> keras.Model:
    """A model with the outputs of these layers; it shares all weights with `model`.

    Compiling takes longer than the forward pass itself, so the last few are kept.

    Raises:
        ModelError: The model has no layer of this name.
    """
    with _lock:
        kept = _probes.setdefault(model, OrderedDict())
        if names not in kept:
            known = {layer.name: layer.output for layer in model.layers}
            for name in names:
                if name not in known:
                    raise ModelError(
                        f"Expected one of the model's {len(known)} layers.",
                        f"There is no layer {name[:100]!r}.",
                        "The list of layers is in the Look inside page and at /layers.",
                    )
            # The outputs keep no reference to `model` itself, only to its layers, so that the
            # weak dictionary can drop both together.
            kept[names] = keras.Model(model.input, [known[name] for name in names])
        kept.move_to_end(names)
        while len(kept) > KEPT:
            kept.popitem(last=False)
        return kept[names]
