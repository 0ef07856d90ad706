import keras
import numpy as np
import pytest

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
