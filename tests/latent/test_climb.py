"""Climbing on a classifier's certainty."""

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.latent import climb, gradient_direction, sample
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
    free = climb(gan, classifier, latents, "first", noise=0)
    before, after = (1 / (1 + np.exp(-10 * points @ SLOPES[:, 0])) for points in (latents, free))
    assert np.all(after[before < 0.9] > 0.88)
    np.testing.assert_array_equal(free[before > 0.91], latents[before > 0.91])
    kept = climb(gan, classifier, latents, "first", keep=["second"], keep_weight=100)
    assert np.mean((kept - latents) @ SLOPES[:, 0]) > 0
    before, *after = (points @ SLOPES[:, 1] > 0 for points in (latents, free, kept))
    changed = [np.mean(seen != before) for seen in after]
    assert changed[0] > 0.2, "what is not kept goes along"
    assert changed[1] < 0.05


def test_a_latent_stays_where_it_is_sure_first_or_was_highest(classifier):
    gan = linear_gan(SLOPES)
    latents = np.random.default_rng(0).normal(size=(30, 2)).astype("float32")
    moved = climb(gan, classifier, latents, "first", steps=600, rate=0.1, noise=0)
    before, after = (1 / (1 + np.exp(-10 * points @ SLOPES[:, 0])) for points in (latents, moved))
    assert np.all(after[before < 0.9] > 0.9)
    assert np.all(after[before < 0.9] < 0.94), "and no further"
    # Each step goes beyond the top, and past it down again.
    images = keras.Input((1, 3, 1))
    pixel = keras.layers.Flatten()(images)[:, :1] / 127.5 - 1
    peak = keras.Model(images, {"first": 2 - 100 * keras.ops.square(pixel - 0.5)})
    moved = climb(gan, peak, np.zeros((1, 2)), "first", steps=10, rate=0.9, noise=0)
    assert abs(moved @ SLOPES[:, 0] - 0.5) < 0.2


def test_several_classifiers_see_on_the_mean(classifier):
    gan, latents = linear_gan(SLOPES), np.zeros((2, 2), "float32")
    images = keras.Input((1, 3, 1))
    pixels = 10 * (keras.layers.Flatten()(images) / 127.5 - 1)
    other = keras.Model(images, {"first": pixels[:, 1:2], "second": pixels[:, :1]})
    alone, twice, both = (
        climb(gan, each, latents, "first", noise=0)
        for each in (classifier, [classifier, classifier], [classifier, other])
    )
    np.testing.assert_allclose(alone, twice, atol=1e-5)
    assert np.all(both @ SLOPES[:, 1] > alone @ SLOPES[:, 1] + 0.05)
    with pytest.raises(InputError, match="All classifiers see the same kinds. Received: {'first'"):
        climb(gan, [classifier, peak_of("first")], latents, "first")
    with pytest.raises(InputError, match="at least one classifier. Received: none"):
        climb(gan, [], latents, "first")


def test_what_was_unsure_stays_so_and_the_attribute_itself_is_not_kept(classifier):
    gan = linear_gan(np.array([[0.3, 0.0, 0.0], [0.3, 0.4, 0.0]], "float32"))
    latents = np.zeros((3, 2), "float32")  # Both attributes are at one half.
    moved = climb(gan, classifier, latents, "first", ["second"], noise=0, steps=200, rate=0.1)
    first, second = (1 / (1 + np.exp(-10 * p)) for p in np.asarray(gan(moved))[:, 0, :2, 0].T)
    assert np.all(first > 0.89)
    assert np.all(np.abs(second - 0.5) < 0.17), "KL of at most 0.05"
    same = climb(gan, classifier, latents, "first", ["first"], noise=0, steps=200, rate=0.1)
    free = climb(gan, classifier, latents, "first", noise=0, steps=200, rate=0.1)
    np.testing.assert_array_equal(same, free)


def test_it_begins_where_it_is_told_and_ends_where_all_are_sure(classifier):
    gan = linear_gan(np.array([[0.3, 0.0, 0.0], [0.0, 0.4, 0.0]], "float32"))
    latents = np.array([[-1.0, 0.2], [0.3, -1.0]], "float32")
    start = latents + np.array([3.0, 0.0], "float32")
    for options, same in (({}, False), ({"start": start}, True)):
        moved = climb(gan, classifier, latents, "first", ["second"], noise=0, **options)
        assert np.array_equal(moved, start) == same
    away = latents + np.array([3.0, 2.0], "float32")  # Its second attribute is another one.
    moved = climb(gan, classifier, latents, "first", ["second"], noise=0, start=away)
    assert np.all((moved[:, 1] > 0) == (latents[:, 1] > 0))
    with pytest.raises(InputError, match=r"and `start` the same. Received: \(2, 2\) and \(1, 2\)"):
        climb(gan, classifier, latents, "first", start=start[:1])


def peak_of(name):
    images = keras.Input((1, 3, 1))
    return keras.Model(images, {name: keras.layers.Flatten()(images)[:, :1]})


def test_noise_smooths_the_way(classifier):
    gan, latents = linear_gan(SLOPES), np.zeros((4, 2), "float32")
    one, same, other = (climb(gan, classifier, latents, "first", seed=k) for k in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.all(one @ SLOPES[:, 0] > 0)


def test_the_mean_of_climbs_is_a_direction(classifier):
    direction = gradient_direction(linear_gan(SLOPES), classifier, "first", count=200)
    expected = SLOPES[:, 0] / np.linalg.norm(SLOPES[:, 0])
    np.testing.assert_allclose(direction.vector, expected, atol=0.02)
    assert (direction.space, direction.name) == ("z", "first")


def test_in_w(style_gan):
    images = keras.Input((16, 16, 1))
    light = keras.layers.GlobalAveragePooling2D()(images) / 255
    judge = keras.Model(images, {"light": keras.ops.concatenate([0 * light, light], axis=1)})
    direction = gradient_direction(style_gan, judge, "light", count=4, steps=2)
    assert direction.space == "w"
    with pytest.raises(InputError, match="The space of a GAN is here \"z\". Received: 'w'"):
        climb(linear_gan(SLOPES), judge, np.zeros((1, 2)), "light", space="w")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("secnd", "one of first, second. Received: 'secnd', which is nearest to 'second'"),
        ("first=2", "The kinds of 'first' are 0 to 1. Received: 'first=2'"),
        ("first=x", "The kinds of 'first' are 0 to 1. Received: 'first=x'"),
    ],
)
def test_bad_attributes(name, message, classifier):
    with pytest.raises(InputError, match=message):
        climb(linear_gan(SLOPES), classifier, np.zeros((1, 2)), name)


def test_a_logit_alone_stands_for_two(classifier):
    gan, latents = linear_gan(SLOPES), np.array([[0.1, -0.2]], "float32")
    images = keras.Input((1, 3, 1))
    first = 10 * (keras.layers.Flatten()(images)[:, :1] / 127.5 - 1)
    alone = climb(gan, keras.Model(images, {"first": first}), latents, "first")
    np.testing.assert_allclose(alone, climb(gan, classifier, latents, "first"), atol=1e-5)


def test_what_does_not_fit_the_model(classifier):
    gan = linear_gan(np.ones((2, 4)))
    with pytest.raises(InputError, match=r"images of shape \(1, 3, 1\). Received: \(1, 4, 1\)"):
        climb(gan, classifier, np.zeros((1, 2)), "first")
    with pytest.raises(InputError, match=r"in z have the shape \(N, 2\), .*: \(1, 5\)"):
        climb(linear_gan(SLOPES), classifier, np.zeros((1, 5)), "first")


def test_transparent_images_are_seen_on_white():
    gan = kg.DCGAN(image_shape=(16, 16, 4), latent_dim=4, filters=2)
    images = keras.Input((16, 16, 3))
    light = keras.layers.GlobalAveragePooling2D()(images)[:, :1] / 255
    judge = keras.Model(images, {"light": 20 * light - 15})
    latents = np.asarray(gan.latents_of(8, 0))
    moved = climb(gan, judge, latents, "light", steps=20)

    def seen(points):
        pixels = gan.images_of(points) / 255.0
        return (1 - pixels[..., 3:] * (1 - pixels[..., :3]))[..., 0].mean()

    assert seen(moved) > seen(latents)


def test_of_a_class():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, num_classes=3)
    images = keras.Input((16, 16, 1))
    light = keras.layers.GlobalAveragePooling2D()(images) / 255
    judge = keras.Model(images, {"light": light})
    assert gradient_direction(gan, judge, "light", count=5, steps=2).vector.shape == (4,)
    with pytest.raises(InputError, match="`labels` must be one whole number"):
        climb(gan, judge, np.zeros((2, 4)), "light", labels=[0, 3])


def test_where_no_climb_leads_a_sample_is_the_start():
    """The attribute lies beyond a valley in which the kept one changes."""
    images = keras.Input((1, 3, 1))
    pixels = keras.layers.Flatten()(images) / 127.5 - 1
    first = 40 * (pixels[:, :1] - 0.5)
    valley = 40 * (0.2 - keras.ops.abs(pixels[:, :1] - 0.2))
    classifier = keras.Model(images, {"first": first, "valley": valley})
    gan = linear_gan(np.array([[0.3, 0.0, 0.0], [0.0, 0.4, 0.0]], "float32"))
    latents = np.array([[-1.0, 0.2], [-0.8, -1.0], [2.0, 0.0]], "float32")
    options = dict(keep=["valley"], keep_weight=10, noise=0, steps=20, rate=0.05)
    alone = climb(gan, classifier, latents, "first", **options)
    assert np.all(alone[:2, 0] < 0), "they stay before the valley"
    moved = climb(gan, classifier, latents, "first", samples=500, **options)
    assert np.all(moved[:2] @ [0.3, 0.0] > 0.5)
    np.testing.assert_array_equal(moved[2], latents[2], "already there")
    with pytest.raises(
        InputError, match="`samples` must be an integer of at least 0. Received: -1"
    ):
        climb(gan, classifier, latents, "first", samples=-1)


def test_samples_have_the_class_of_the_latent():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, num_classes=3)
    images = keras.Input((16, 16, 1))
    light = keras.layers.GlobalAveragePooling2D()(images) / 255
    judge = keras.Model(images, {"light": light})
    latents, labels = sample(gan, 3, seed=1), np.arange(3)
    moved = climb(gan, judge, latents, "light", labels=labels, steps=1, rate=0, samples=70)
    pool = sample(gan, 2000)[:70]
    for label in labels:
        images = gan(np.stack([moved[label], *pool]), labels=np.full(71, label))
        found, *brightness = np.asarray(images).mean(axis=(1, 2, 3))
        assert found >= np.max(brightness) - 1e-6 > np.mean(brightness)
