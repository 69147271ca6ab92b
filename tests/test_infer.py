"""Probabilities come back in order, for any number of pictures, and can be cancelled."""

import numpy as np
import pytest

from lesionlab.errors import Cancelled
from lesionlab.experiment import Network

keras = pytest.importorskip("keras")

from lesionlab.evaluation.infer import predict_probabilities  # noqa: E402
from lesionlab.models.build import build_model  # noqa: E402

PIXELS = np.random.default_rng(0).integers(0, 256, (7, 16, 16, 3), np.uint8)


@pytest.fixture(scope="module")
def model():
    return build_model(Network(network="small-cnn", weights="random"), 3, (16, 16), seed=0)


@pytest.mark.parametrize("batch_size", [1, 3, 7, 64])
def test_batches_give_what_one_pass_gives(model, batch_size):
    expected = np.asarray(keras.ops.convert_to_numpy(model(PIXELS, training=False)))
    found = predict_probabilities(model, PIXELS, batch_size)
    assert found.shape == (7, 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_no_pictures_give_no_rows(model):
    assert predict_probabilities(model, PIXELS[:0]).shape == (0, 3)


def test_every_batch_has_the_same_shape(model, monkeypatch):
    shapes = []

    def watched(batch):
        shapes.append(batch.shape[0])
        return np.zeros((len(batch), 3), np.float32)

    monkeypatch.setattr(model, "predict_on_batch", watched)
    assert predict_probabilities(model, PIXELS, 3).shape == (7, 3)
    assert shapes == [3, 3, 3]


def test_progress_and_cancel(model):
    told = []
    predict_probabilities(model, PIXELS, 3, progress=told.append)
    assert told == pytest.approx([3 / 7, 6 / 7, 1])
    with pytest.raises(Cancelled):
        predict_probabilities(model, PIXELS, 3, told.append, cancelled=lambda: len(told) > 4)
    assert len(told) == 5


@pytest.mark.parametrize(("way", "num"), [("flips", 4), ("dihedral", 8)])
def test_copies_are_averaged(model, way, num):
    turned = [PIXELS, np.rot90(PIXELS, axes=(1, 2))][: num // 4]
    every = [x for t in turned for x in (t, t[:, :, ::-1], t[:, ::-1], t[:, ::-1, ::-1])]
    answers = [predict_probabilities(model, np.ascontiguousarray(x)) for x in every]
    found = predict_probabilities(model, PIXELS, 3, test_time=way)
    np.testing.assert_allclose(found, np.mean(answers, axis=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    # A picture and its mirror image get one answer.
    mirrored = predict_probabilities(model, PIXELS[:, ::-1], 3, test_time=way)
    np.testing.assert_allclose(found, mirrored, rtol=1e-4, atol=1e-6)
    assert np.abs(found - answers[0]).max() > 1e-4, "one copy alone says something else"
