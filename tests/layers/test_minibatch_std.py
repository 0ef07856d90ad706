import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gans.layers import MinibatchStd

X = np.random.default_rng(0).normal(size=(8, 3, 2, 5)).astype("float32")


def expected(groups):
    """Returns the channel's value for each image, from lists of the images of each group."""
    values = np.zeros(sum(map(len, groups)))
    for group in groups:
        values[group] = np.sqrt(X[group].var(axis=0) + 1e-8).mean()
    return values


@pytest.mark.parametrize(
    ("count", "group_size", "groups"),
    [
        (8, 4, [[0, 2, 4, 6], [1, 3, 5, 7]]),
        (8, 2, [[0, 4], [1, 5], [2, 6], [3, 7]]),
        (7, 4, [[0, 1, 2, 3, 4, 5, 6]]),
    ],
)
def test_channel_is_the_mean_deviation_of_the_group(count, group_size, groups):
    output = np.asarray(MinibatchStd(group_size)(X[:count]))
    np.testing.assert_array_equal(output[..., :-1], X[:count])
    for image, value in zip(output[..., -1], expected(groups), strict=True):
        np.testing.assert_allclose(image, value, rtol=1e-5)


def test_equal_images_have_no_deviation_and_a_finite_gradient():
    x = tf.ones((4, 2, 2, 3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        channel = MinibatchStd()(x)[..., -1]
    np.testing.assert_allclose(channel, 1e-4, rtol=1e-5)
    assert np.isfinite(tape.gradient(channel, x)).all()


def test_batches_of_any_number_in_a_model_that_is_saved(tmp_path):
    inputs = keras.Input((3, 2, 5))
    model = keras.Model(inputs, MinibatchStd(2)(inputs))
    assert model.output_shape == (None, 3, 2, 6)
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    assert copy.layers[-1].group_size == 2
    for count in (8, 3):
        np.testing.assert_array_equal(
            copy.predict(X[:count], verbose=0), MinibatchStd(2)(X[:count])
        )
