"""Every method of the zoo, with tiny networks, held to the shared contracts."""

import numpy as np
import pytest

import keras_gans as kg
from keras_gans.methods import METHODS
from tests.contract import IMAGE_SHAPE, run_gan_test, run_model_test, samples


def make(name):
    method = METHODS[name]
    options = {"image_shape": IMAGE_SHAPE, **method.tiny}
    if method.data in ("images", "labelled") and "noise_dim" not in method.tiny:
        options["latent_dim"] = 8
    if method.data == "labelled":
        options["num_classes"] = 3
    return getattr(kg, method.class_name)(**options)


def check_method(name, tmp_path):
    """Holds a method to its contract."""
    is_gan = issubclass(getattr(kg, METHODS[name].class_name), kg.GAN)
    (run_gan_test if is_gan else run_model_test)(lambda: make(name), tmp_path)


@pytest.mark.parametrize("name", [*METHODS][::2])
def test_method(name, tmp_path):
    check_method(name, tmp_path)


@pytest.mark.parametrize("name", ["stylegan", "cycle_gan", "infogan"])
def test_a_graph_on_one_device(name):
    model = make(name)
    model.compile()
    logs = model.train_on_batch(*samples(model, 4), return_dict=True)
    assert np.isfinite([*logs.values()]).all()
    assert model.steps_done == 1


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
