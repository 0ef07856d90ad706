"""Training that goes on from a trained model."""

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans.augment import ADA
from keras_gans.errors import InputError
from keras_gans.training.transfer import fine_tuned, precision_of
from tests.contract import equal, state

IMAGES = np.random.default_rng(0).uniform(-1, 1, (12, 16, 16, 1)).astype("float32")
TINY = {"image_shape": (16, 16, 1), "latent_dim": 8, "filters": 4, "max_filters": 8}


def trained(model_class, steps, **options):
    gan = model_class(**TINY | options)
    gan.compile(run_eagerly=True)
    gan.fit(IMAGES[: 4 * steps], batch_size=4, verbose=0)
    return gan


@pytest.fixture(scope="module")
def start():
    """A trained model, which stays as it is."""
    return trained(kg.StyleGAN2, 1, augmentation=ADA("noise", probability=0.5))


def test_networks_averages_and_means_come_along_and_counters_begin_anew(start):
    gan = fine_tuned(start, (16, 16, 1), seed=5, augmentation=ADA("noise", speed=100_000))
    for name in ("generator", "discriminator", "average_generator"):
        network = getattr(gan, name)
        assert equal(
            [v.numpy() for v in network.weights], [v.numpy() for v in getattr(start, name).weights]
        )
    assert np.array_equal(gan.mean_style, start.mean_style)
    assert (gan.steps_done, start.steps_done) == (0, 1)
    assert float(gan.augmentation.probability) == 0
    assert gan.augmentation.speed == 100_000
    assert gan.seed == 5
    before = state(start)
    gan.compile(run_eagerly=True)
    gan.fit(IMAGES[:4], batch_size=4, verbose=0)
    assert equal(state(start), before), "the trained model stays as it is"


def test_a_network_that_has_grown_stays_grown():
    start = trained(kg.ProgressiveGAN, 3, fade_images=4, stable_images=4)
    gan = fine_tuned(start, (16, 16, 1))
    assert gan.generator.level == start.generator.level > 0
    np.testing.assert_array_equal(gan.generate(2), start.generate(2))


def test_schedules_begin_anew():
    start = kg.R3GAN(image_shape=(16, 16, 1), width=4, scheduled_images=12)
    start.compile(run_eagerly=True)
    start.fit(IMAGES[:8], batch_size=4, verbose=0)
    assert float(start.share) > 0
    gan = fine_tuned(start, (16, 16, 1))
    assert (int(gan.images_done), float(gan.share)) == (0, 0)
    np.testing.assert_array_equal(gan.generate(2), start.generate(2))


@pytest.mark.parametrize("model_class", [kg.StyleGAN2, kg.ProgressiveGAN])
def test_frozen_layers_stay_and_come_back_frozen(model_class, tmp_path):
    gan = model_class(**TINY, frozen_layers=2)
    gan.grow_up()
    gan.compile(run_eagerly=True)
    gan.fit(IMAGES[:4], batch_size=4, verbose=0)
    layers = getattr(gan.discriminator, "from_images", gan.discriminator.layers)
    layers = [layer for layer in layers if layer.weights]
    assert [layer.trainable for layer in layers[:3]] == [False, False, True]
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    mine, theirs = (len(m.discriminator.trainable_variables) for m in (gan, loaded))
    assert mine == theirs


def test_frozen_layers_can_be_thawed():
    start = kg.StyleGAN2(**TINY, frozen_layers=3)
    gan = fine_tuned(start, (16, 16, 1), frozen_layers=1)
    assert [layer.trainable for layer in gan.freezable()[:4]] == [False, True, True, True]
    whole = fine_tuned(start, (16, 16, 1), frozen_layers=0)
    assert all(layer.trainable for layer in whole.freezable())


def test_an_average_follows_closely_again_and_may_begin_or_end(start):
    gan = fine_tuned(start, (16, 16, 1), ema_images=None, ema_decay=0.999)
    kernel = gan.generator.trainable_weights[0]
    place = [id(weight) for weight in gan.generator.weights].index(id(kernel))
    copy = gan.average_generator.weights[place]
    before = copy.numpy()
    gan.compile(run_eagerly=True)
    gan.fit(IMAGES[:4], batch_size=4, verbose=0)
    np.testing.assert_allclose(copy, before + 0.9 * (kernel - before), atol=1e-6)
    without = fine_tuned(start, (16, 16, 1), ema_images=None, ema_decay=None)
    assert without.generate(1).shape == (1, 16, 16, 1)
    begun = fine_tuned(without, (16, 16, 1), ema_decay=0.9)
    assert equal(
        [v.numpy() for v in begun.average_generator.weights],
        [v.numpy() for v in start.generator.weights],
    )


@pytest.mark.parametrize("model_class", [kg.StyleGAN2, kg.ProgressiveGAN, kg.StyleGAN])
def test_half_precision_goes_on_in_the_policy_of_now(model_class):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        start = trained(model_class, 1)
        assert precision_of(start) == precision_of(fine_tuned(start, (16, 16, 1)))
        keras.config.set_dtype_policy("mixed_float16")
        scaled = fine_tuned(start, (16, 16, 1))
        assert precision_of(scaled) == "mixed_float16"
        assert precision_of(start) == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")
    scaled.compile(run_eagerly=True)
    for trained_one in (start, scaled):
        gan = fine_tuned(trained_one, (16, 16, 1))
        assert precision_of(gan) == "float32"
        for name in ("generator", "discriminator", "average_generator"):
            pair = [[v.numpy() for v in getattr(x, name).weights] for x in (gan, start)]
            assert equal(*pair)
        np.testing.assert_array_equal(gan.generate(2), start.generate(2))
        gan.compile_from_config(trained_one.compiled_as)
        gan.fit(IMAGES[:4], batch_size=4, verbose=0)
        assert np.isfinite(gan.generate(2)).all()


def test_bad_starts(start):
    with pytest.raises(InputError, match=r"of shape \(16, 16, 1\), .* Received: \(16, 16, 4\)"):
        fine_tuned(start, (16, 16, 4))
    conditional = kg.StyleGAN2(**TINY, num_classes=10)
    for classes in (3, 12):
        with pytest.raises(InputError, match=f"has 10 classes, and goes on .* Received: {classes}"):
            fine_tuned(conditional, (16, 16, 1), num_classes=classes)
    assert fine_tuned(conditional, (16, 16, 1), num_classes=10).num_classes == 10
    with pytest.raises(InputError, match="may differ in .*augmentation.* Received: filters"):
        fine_tuned(start, (16, 16, 1), filters=3)
    with pytest.raises(InputError, match="`frozen_layers` must be an integer from 0 to"):
        kg.StyleGAN2(**TINY, frozen_layers=99)


def test_float32_does_not_go_on_in_half_precision(start):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with pytest.raises(InputError, match="float32 goes on in it, .* Received: mixed_float16"):
            fine_tuned(start, (16, 16, 1))
    finally:
        keras.config.set_dtype_policy("float32")
