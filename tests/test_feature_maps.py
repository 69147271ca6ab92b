"""Any layer can be looked at; compiled probes are shared and bounded."""

import gc
import weakref

import numpy as np
import pytest

from lesionlab.errors import ModelError
from lesionlab.experiment import Network

keras = pytest.importorskip("keras")

from lesionlab.explain import probes  # noqa: E402
from lesionlab.explain.feature_maps import feature_maps  # noqa: E402
from lesionlab.models.build import build_model  # noqa: E402

IMAGE = np.random.default_rng(0).integers(0, 256, (1, 16, 24, 3), np.uint8)


def small():
    return build_model(Network(network="small-cnn", weights="random"), 3, (16, 24), seed=0)


def test_scaling_layer_by_hand():
    maps = feature_maps(small(), IMAGE, "scaling")
    np.testing.assert_allclose(maps, IMAGE[0] / 127.5 - 1, atol=1e-5)


def test_convolution_by_hand():
    """The middle pixel of the first map is the sum over its 3×3 neighbourhood."""
    model = small()
    maps = feature_maps(model, IMAGE, "block1_convolution")
    assert maps.shape == (16, 24, 24)
    assert maps.dtype == np.float32
    kernel = keras.ops.convert_to_numpy(model.get_layer("block1_convolution").kernel)
    patch = IMAGE[0, 6:9, 10:13] / 127.5 - 1
    assert maps[7, 11, 5] == pytest.approx((patch * kernel[..., 5]).sum(), rel=1e-3, abs=1e-4)


def test_every_layer_gives_maps():
    model = small()
    for layer in model.layers:
        maps = feature_maps(model, IMAGE, layer.name)
        assert maps.ndim == 3
        assert maps.shape[-1] == layer.output.shape[-1]
    np.testing.assert_allclose(maps[0, 0], model.predict_on_batch(IMAGE)[0], rtol=1e-4)


def test_unknown_layer_is_named():
    with pytest.raises(ModelError, match="no layer 'block9'"):
        feature_maps(small(), IMAGE, "block9")


def test_probes_are_kept_bounded_and_go_with_their_model():
    model = small()
    first = probes.probe(model, ("scaling",))
    assert probes.probe(model, ("scaling",)) is first
    for layer in model.layers[: probes.KEPT + 3]:
        probes.probe(model, (layer.name,))
    assert len(probes._probes[model]) == probes.KEPT
    watch = weakref.ref(model)
    del model, first, layer
    gc.collect()
    assert watch() is None
