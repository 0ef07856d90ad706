import keras
import numpy as np
import pytest

from keras_gans.layers import SpectralNormalization
from keras_gans.training import average


def network(kernel):
    model = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(1, use_bias=False),
            keras.layers.BatchNormalization(),
        ]
    )
    model.layers[0].kernel.assign([[kernel]])
    return model


def test_closed_form():
    model = network(0.0)
    copy = average.clone(model)
    model.layers[0].kernel.assign([[1.0]])
    model.layers[1].moving_mean.assign([4.0])
    for _ in range(7):
        average.update(copy, model, decay=0.9)
    # a_n = 1 - 0.9^n for a constant target of 1 and a start of 0
    assert float(copy.layers[0].kernel[0, 0]) == pytest.approx(1 - 0.9**7, rel=1e-5)
    assert float(copy.layers[1].moving_mean[0]) == pytest.approx(4 * (1 - 0.9**7), rel=1e-5)


def test_warm_up():
    assert float(average.decay_at(0, 0.999)) == pytest.approx(0.1)
    assert float(average.decay_at(90, 0.999)) == pytest.approx(0.91)
    assert float(average.decay_at(100_000, 0.999)) == pytest.approx(0.999)


def test_clone_shares_nothing():
    model = network(3.0)
    copy = average.clone(model)
    model.layers[0].kernel.assign([[5.0]])
    assert np.array_equal(copy.layers[0].kernel.numpy(), [[3.0]])
    assert not copy.trainable_variables


def test_a_copy_computes_in_float32_and_keeps_its_names():
    inputs = keras.Input((2,))
    layer = keras.layers.Dense(1, name="mixed_1", dtype="mixed_bfloat16")
    copy = average.clone(keras.Model(inputs, layer(inputs)))
    assert copy.layers[-1].compute_dtype == "float32"
    assert copy.layers[-1].name == "mixed_1"


def test_what_is_not_trained_is_copied():
    """The vectors of spectral normalisation, frozen weights and counters are no averages."""
    model = keras.Sequential(
        [
            keras.Input((2,)),
            SpectralNormalization(keras.layers.Dense(3)),
            keras.layers.Dense(1, trainable=False),
        ]
    )
    copy = average.clone(model)
    for weight in model.weights:
        weight.assign(weight + 1.0)
    old = [weight.numpy() for weight in copy.weights]
    average.update(copy, model, 0.75)
    trained = {id(v) for v in model.trainable_variables}
    for before, now, weight in zip(old, copy.weights, model.weights, strict=True):
        share = 0.25 if id(weight) in trained else 1.0
        np.testing.assert_allclose(now, before + share * (weight.numpy() - before), rtol=1e-5)
