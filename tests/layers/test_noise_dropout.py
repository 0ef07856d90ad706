import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gans.layers.noise_dropout import NoiseDropout, noise

X = np.ones((2, 8, 8, 16), "float32")


def dropped(layer, seed, inputs=X):
    with noise(seed):
        return np.asarray(layer(inputs))


def test_in_use_it_drops_nothing_unless_there_is_a_seed():
    layer = NoiseDropout(0.5)
    np.testing.assert_array_equal(layer(X), X)
    assert (dropped(layer, 0) == 0).any()
    np.testing.assert_array_equal(dropped(layer, None), X)
    np.testing.assert_array_equal(layer(X), X)


@pytest.mark.parametrize("rate", [0.25, 0.5])
def test_the_share_and_the_mean_are_those_of_dropout(rate):
    made = dropped(NoiseDropout(rate), 3, np.ones((1, 40, 40, 16), "float32"))
    assert (made == 0).mean() == pytest.approx(rate, abs=0.01)
    np.testing.assert_allclose(made[made != 0], 1 / (1 - rate), rtol=1e-6)


def test_a_seed_gives_the_same_for_every_image_of_a_batch_of_any_size():
    layer = NoiseDropout(0.5)
    made = dropped(layer, 7)
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(dropped(layer, 7, X[:1])[0], made[0])
    assert not np.array_equal(dropped(layer, 8), made)
    assert not np.array_equal(dropped(NoiseDropout(0.5, number=1), 7), made)


def test_a_traced_seed_gives_what_an_integer_gives():
    layer = NoiseDropout(0.5)
    traced = tf.function(lambda seed: dropped_in_graph(layer, seed))
    np.testing.assert_array_equal(traced(tf.constant(7)), dropped(layer, 7))


def dropped_in_graph(layer, seed):
    with noise(seed):
        return layer(tf.constant(X))


def test_in_training_it_is_dropout(tmp_path):
    keras.utils.set_random_seed(0)
    layer = NoiseDropout(0.5)
    first, second = (np.asarray(layer(X, training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], first[1]), "each image has its own"
    inputs = keras.Input((8, 8, 16))
    keras.Model(inputs, NoiseDropout(0.3, 4)(inputs)).save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras").layers[-1]
    assert (copy.rate, copy.number) == (0.3, 4)
