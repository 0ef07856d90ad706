"""Climbing on a classifier's certainty."""

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.latent import climb, gradient_direction
from tests.latent.test_directions import linear_gan

SLOPES = np.array([[0.3, 0.0, 0.0], [0.2, 0.4, 0.0]], "float32")
"""The first number moves a pixel, the second that one and another."""


@pytest.fixture(scope="module")
def classifier():
    """Sees each of two pixels as an attribute, by how much it is brighter than grey."""
    images = keras.Input((1, 3, 1))
    pixels = keras.layers.Flatten()(images) / 127.5 - 1
    zeros = 0 * pixels[:, :1]

    def logits(k):
        return keras.ops.concatenate([zeros, 10 * pixels[:, k : k + 1]], axis=1)

    return keras.Model(images, {"first": logits(0), "second": logits(1)})


def test_the_attribute_rises_and_what_is_kept_stays(classifier):
    gan = linear_gan(SLOPES)
    latents = np.random.default_rng(0).normal(size=(70, 2)).astype("float32")
    free = climb(gan, classifier, latents, "first") - latents
    assert np.all(free @ SLOPES[:, 0] > 0)
    lengths = np.linalg.norm(free, axis=1)  # Less where a pixel cannot become brighter.
    assert np.median(lengths) == pytest.approx(20 * 0.1 * latents.std(axis=0).mean(), rel=1e-3)
    kept = climb(gan, classifier, latents, "first", keep=["second"], keep_weight=100) - latents
    assert np.all(kept @ SLOPES[:, 0] > 0)
    assert np.abs(kept @ SLOPES[:, 1]).mean() < 0.2 * np.abs(free @ SLOPES[:, 1]).mean()


def test_the_mean_of_climbs_is_a_direction(classifier):
    direction = gradient_direction(linear_gan(SLOPES), classifier, "first", count=200)
    expected = SLOPES[:, 0] / np.linalg.norm(SLOPES[:, 0])
    np.testing.assert_allclose(direction.vector, expected, atol=0.02)
    assert (direction.space, direction.name) == ("z", "first")


def test_in_w():
    sizes = {"latent_dim": 4, "filters": 4, "max_filters": 4}
    gan = kg.StyleGAN2(image_shape=(16, 16, 1), **sizes)
    images = keras.Input((16, 16, 1))
    light = keras.layers.GlobalAveragePooling2D()(images) / 255
    judge = keras.Model(images, {"light": keras.ops.concatenate([0 * light, light], axis=1)})
    direction = gradient_direction(gan, judge, "light", count=4, steps=2)
    assert direction.space == "w"
    with pytest.raises(InputError, match="has no space 'w' to climb in"):
        climb(linear_gan(SLOPES), judge, np.zeros((1, 2)), "light", space="w")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hat", "knows the attributes first, second. Received: 'hat'"),
        ("first=2", "'first' has 2 kinds. Received: 'first=2'"),
    ],
)
def test_bad_attributes(name, message, classifier):
    with pytest.raises(InputError, match=message):
        climb(linear_gan(SLOPES), classifier, np.zeros((1, 2)), name)
