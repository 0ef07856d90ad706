"""Every method of the zoo, with tiny networks, held to the shared contracts."""

import numpy as np
import pytest

import keras_gans as kg
from keras_gans.methods import METHODS
from tests.contract import IMAGE_SHAPE, run_gan_test, run_model_test, samples


def make(name, **changes):
    method = METHODS[name]
    options = {"image_shape": IMAGE_SHAPE, **method.tiny}
    if method.data in ("images", "labelled") and "noise_dim" not in method.tiny:
        options["latent_dim"] = 8
    if method.data == "labelled":
        options["num_classes"] = 3
    model = getattr(kg, method.class_name)(**options | changes)
    model.grow_up()  # All layers are at work; growing has tests of its own.
    return model


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


@pytest.mark.parametrize("loss", ["wasserstein", "relativistic"])
@pytest.mark.parametrize("name", ["acgan", "infogan", "progressive_gan", "projection_gan"])
def test_any_loss_penalty_and_augmentation_goes_with_any_gan(name, loss):
    penalties = [kg.penalties.GradientPenalty(10.0)]
    augmentation = kg.augment.ADA("blit,color,filter", target=None, probability=0.5)
    if loss == "relativistic":
        penalties = [kg.penalties.R1(1.0), kg.penalties.R2(1.0)]
        augmentation = "color,translation,cutout"
    model = make(name, loss=loss, penalties=penalties, augmentation=augmentation)
    model.compile(run_eagerly=True)
    images, *labels = samples(model, 4 * model.batches_per_step)
    logs = model.train_on_batch(images, *labels, return_dict=True)
    assert np.isfinite([*logs.values()]).all()
    assert {penalty.name for penalty in penalties} <= set(logs)


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
