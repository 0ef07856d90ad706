"""Samples that the discriminator takes for real."""

import numpy as np
import pytest

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.latent import select

TINY = {"image_shape": (16, 16, 1), "latent_dim": 4, "filters": 2}


def test_the_best_half_comes_first():
    gan = kg.DCGAN(**TINY)
    images = gan.generate(12, seed=3)
    order = np.argsort(-np.asarray(gan.judge(gan(gan.latents_of(12, 3)), None, False).logits)[:, 0])
    np.testing.assert_array_equal(select(gan, 6, seed=3, batch_size=5), images[order[:6]])
    np.testing.assert_array_equal(select(gan, 12, keep=1.0, seed=3), images[order])


def test_classes_are_compared_within_themselves():
    gan = kg.ConditionalGAN(**TINY, num_classes=3)
    labels = np.array([2, 0, 2, 1, 2])
    chosen = select(gan, 5, keep=0.5, labels=labels)
    all_of_them = select(gan, 6, keep=1.0, labels=2)
    np.testing.assert_array_equal(chosen[labels == 2], all_of_them[:3])
    assert len(select(gan, 4)) == 4


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (kg.DCGAN, {"keep": 0}, "above 0. Received: 0"),
        (kg.DCGAN, {"keep": 1.5}, "`keep` must be a number from 0 to 1"),
        (kg.DCGAN, {"labels": 1}, "Only conditional models take `labels`"),
        (kg.VAE, {}, "with a discriminator of its samples .* Received: VAE"),
    ],
)
def test_bad_input(make, options, message):
    with pytest.raises(InputError, match=message):
        select(make(**TINY), 4, **options)


def test_points_are_no_images():
    gan = kg.GAN(
        kg.networks.mlp.generator((2,), 2, (4,), None), kg.networks.mlp.discriminator((2,))
    )
    with pytest.raises(InputError, match="that makes images from latents will do. Received: GAN"):
        select(gan, 4)
