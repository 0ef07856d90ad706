"""R3GAN as published: what is scheduled, and where it stands."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.augment import ADA
from keras_gans.errors import InputError
from keras_gans.models.r3gan import ScheduledAdam
from keras_gans.networks import r3gan
from tests.contract import check_precisions, check_replicas

IMAGES = np.random.default_rng(0).uniform(-1, 1, (16, 16, 16, 3)).astype("float32")
TINY = {"image_shape": (16, 16, 3), "width": 8, "max_width": 8, "group_size": 8, "blocks": 1}


def make(**changes):
    gan = kg.R3GAN.published("cifar10", **TINY | {"scheduled_images": 8} | changes)
    gan.compile(run_eagerly=True)
    return gan


def values(gan):
    optimizer = gan.discriminator_optimizer
    return {
        "rate": float(optimizer.learning_rate.numpy()),
        "beta_2": float(optimizer.beta_2.numpy()),
        "penalty": float(gan.weigh_penalty(1.0)),
        "half_life": float(gan.half_life()),
        "probability": float(gan.augmentation.probability.numpy()),
    }


def test_everything_is_scheduled_by_images_along_half_a_cosine():
    gan = make()
    first = {"rate": 2e-4, "beta_2": 0.9, "penalty": 1, "half_life": 1, "probability": 0}
    gan.fit(IMAGES[:4], batch_size=2, verbose=0)  # A step of two batches, which began at 0.
    assert values(gan) == pytest.approx(first)
    assert int(gan.images_done) == 2, "as the authors count, who load a batch for each player"
    gan.fit(IMAGES[:8], batch_size=2, verbose=0)  # Its second step began after 4 of 8 images.
    half = {"rate": 1.25e-4, "beta_2": 0.945, "penalty": 0.55}
    half |= {"half_life": 2.5e6, "probability": 0.275}
    assert values(gan) == pytest.approx(half, rel=1e-4)
    gan.fit(IMAGES[:16], batch_size=4, verbose=0)
    last = {"rate": 5e-5, "beta_2": 0.99, "penalty": 0.1}
    last |= {"half_life": 5e6, "probability": 0.55}
    assert values(gan) == pytest.approx(last, rel=1e-4)
    gan.compile(run_eagerly=True)
    assert values(gan)["rate"] == pytest.approx(5e-5), "a new optimizer is as slow"


@pytest.mark.parametrize(("scheduled", "kept"), [(8, 0.5 ** (2 / 64)), (None, 1 / 10)])
def test_a_half_life_that_rises_from_0_is_not_cut_besides(scheduled, kept):
    gan = make(augmentation=None, scheduled_images=scheduled, ema_images=64)
    if scheduled:
        gan.share.assign(1.0)
    (copy, network), *_ = gan.averages()
    old, weight = copy.weights[0], network.weights[0]
    weight.assign(weight + 1.0)
    before = old.numpy()
    gan.move_averages(2)
    np.testing.assert_allclose(old.numpy() - before, 1 - kept, atol=1e-5)


def test_each_player_has_a_batch_of_its_own():
    gan, seen = make(augmentation=None), []
    update = {name: getattr(gan, f"update_{name}") for name in ("discriminator", "generator")}

    def note(name):
        def noted(real, *rest):
            seen.append((name, np.array(real)))
            return update[name](real, *rest)

        return noted

    gan.update_discriminator, gan.update_generator = note("discriminator"), note("generator")
    gan.train_on_batch(IMAGES[:4])
    assert [name for name, _ in seen] == ["discriminator", "generator"]
    np.testing.assert_array_equal(seen[0][1], IMAGES[:4:2])
    np.testing.assert_array_equal(seen[1][1], IMAGES[1:4:2])
    assert gan.batches_per_step == 2


def test_labels():
    gan = make(num_classes=3)
    labels = np.arange(4, dtype="int32") % 3
    gan.fit(IMAGES[:4], labels, batch_size=2, verbose=0)
    twos, ones = (gan.generate(2, seed=0, labels=label) for label in (2, 1))
    assert twos.shape == (2, 16, 16, 3)
    assert np.any(twos != ones)
    logits = [gan.discriminator([IMAGES[:2], np.full(2, k, "int32")]).numpy() for k in (0, 1)]
    assert logits[0].shape == (2, 1)
    assert np.any(logits[0] != logits[1])
    network = r3gan.discriminator((16, 16, 3), 32, num_classes=10, seed=0)
    (embedding,) = (x for x in network.layers if isinstance(x, keras.layers.Embedding))
    assert np.std(embedding.embeddings) == pytest.approx((10 * 128) ** -0.5, rel=0.1)


def test_saved_and_loaded_it_goes_on_in_the_middle(tmp_path):
    gan = make()
    gan.fit(IMAGES[:8], batch_size=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert values(loaded) == values(gan)
    assert loaded.get_config()["scheduled_images"] == 8
    loaded.compile(run_eagerly=True)
    assert values(loaded)["rate"] == pytest.approx(values(gan)["rate"])
    assert values(gan)["rate"] < 1.9e-4
    for each in (gan, loaded):
        each.begin_step()
    assert values(loaded) == pytest.approx(values(gan)), "with new optimizers too"


def test_adam_takes_the_steps_of_keras_own():
    mine, theirs = (
        optimizer(0.1, 0.0, 0.9, epsilon=1e-8)
        for optimizer in (ScheduledAdam, keras.optimizers.Adam)
    )
    weights = [keras.Variable(np.ones(3)) for _ in range(2)]
    for step in range(3):
        for optimizer, weight in zip((mine, theirs), weights, strict=True):
            optimizer.apply([tf.constant([1.0, -2.0, 3.0 * step])], [weight])
    np.testing.assert_allclose(weights[0], weights[1], atol=1e-6)
    assert ScheduledAdam.from_config(mine.get_config()).beta_2 == 0.9


def test_replicas_and_half_precision():
    """The schedules are variables too."""

    def small():
        quick = ADA("noise", target=None, probability=0.55)
        return kg.R3GAN.published("cifar10", **TINY, scheduled_images=64, augmentation=quick)

    check_precisions(small)
    check_replicas(small)


@pytest.mark.parametrize(
    ("preset", "width", "channels"),
    [("cifar10", 768, 16), ("imagenet32", 1536, 32), ("imagenet64", 1536, 32), ("ffhq256", 96, 16)],
)
def test_presets_have_the_authors_widths_and_groups(preset, width, channels, monkeypatch):
    built = {}
    monkeypatch.setattr(kg.R3GAN, "__init__", lambda self, **options: built.update(options))
    kg.R3GAN.published(preset)
    found = (built["width"], built["group_size"], built["blocks"], built["max_width"])
    assert found == (width, channels, 2, max(768, width))


@pytest.mark.parametrize(
    ("preset", "side", "gamma", "images", "half_life", "probability"),
    [("cifar10", 32, 0.05, 20e6, 5e6, 0.55), ("imagenet64", 64, 1, 200e6, 50e6, 0.4)],
)
def test_presets_have_the_authors_schedules(
    preset, side, gamma, images, half_life, probability, monkeypatch
):
    built = {}
    monkeypatch.setattr(kg.R3GAN, "__init__", lambda self, **options: built.update(options))
    kg.R3GAN.published(preset)
    augmentation = built["augmentation"]
    found = (built["gamma"], built["scheduled_images"], built["ema_images"])
    assert found == (gamma, images, half_life)
    assert augmentation.get_config()["probability"] == probability
    assert augmentation.target is None, "it does not adapt"
    assert built["image_shape"] == (side, side, 3)


def test_images_with_an_alpha_channel_are_refused():
    message = r"the model's shape: \(N, 16, 16, 3\). Received: shape \(4, 16, 16, 4\)"
    with pytest.raises(InputError, match=message):
        make().fit(np.full((4, 16, 16, 4), -0.5, "float32"), batch_size=2, verbose=0)


def test_presets():
    with pytest.raises(InputError, match="`preset` is one of cifar10, .*Received: 'lsun'"):
        kg.R3GAN.published("lsun")
