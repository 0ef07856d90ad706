"""Every method of the zoo, with tiny networks, held to the shared contract."""

import pytest

import keras_gans as kg
from keras_gans.methods import METHODS
from tests.contract import IMAGE_SHAPE, run_gan_test

TINY = {
    "gan": {},
    "conditional_gan": {"filters": 4, "num_classes": 3},
    "r3gan": {"width": 4},
    "wgan": {"filters": 4, "discriminator_steps": 2},
    "wgan_gp": {"filters": 4, "discriminator_steps": 2},
}


@pytest.mark.parametrize("name", METHODS)
def test_method(name, tmp_path):
    method = getattr(kg, METHODS[name].class_name)
    options = TINY.get(name, {"filters": 4})
    run_gan_test(lambda: method(image_shape=IMAGE_SHAPE, latent_dim=8, **options), tmp_path)


def test_all_engine_options_at_once(tmp_path):
    def make():
        return kg.DCGAN(
            image_shape=IMAGE_SHAPE,
            filters=4,
            upsampling="resize",
            normalization="spectral",
            penalties=[kg.penalties.R1(1.0, every=2), kg.penalties.LipschitzPenalty(every=3)],
            discriminator_steps=2,
            reuse_fakes=False,
            label_smoothing=0.1,
            instance_noise=0.1,
            seed=3,
        )

    run_gan_test(make, tmp_path)
