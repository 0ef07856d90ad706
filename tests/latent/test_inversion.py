"""Inversion: latents of images that a model made."""

import types

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.latent import inversion, invert, train_encoder
from tests.latent.test_directions import linear_gan

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def linear():
    return linear_gan(RANDOM.normal(size=(3, 12)).astype("float32") * 0.2)


def test_samples_come_back(linear):
    images = linear.generate(5, seed=3)
    found = invert(linear, images, steps=200, starts=3, prior=0.0, rate=0.1)
    assert found.space == "z"
    assert found.errors.max() < 0.01
    np.testing.assert_allclose(found.latents, linear.latents_of(5, 3), atol=0.15)
    np.testing.assert_array_equal(found.images, linear.images_of(found.latents))
    assert found.progress.shape == (6, *images.shape)
    np.testing.assert_array_equal(found.progress[-1], found.images)


def test_the_best_places_of_each_image_go_on():
    problem = types.SimpleNamespace(costs=lambda points, count: [3, 1, 2, 5, 1, 4])
    descent = inversion._Descent(problem, count=3, shape=(2, 2))
    descent.begin(np.arange(12.0).reshape(3, 2, 2))  # Three places of two images.
    best, second = descent.best(2)
    np.testing.assert_array_equal(best, [[8, 9], [2, 3]])
    np.testing.assert_array_equal(second, [[4, 5], [10, 11]])


def test_a_cross_has_the_numbers_of_places_of_its_image():
    places = [np.float32([[k, k], [10 + k, 10 + k]]) for k in range(3)]
    randoms = [np.random.default_rng(k) for k in range(2)]
    crosses = np.array([inversion._cross(places, 0.0, randoms) for _ in range(60)])
    assert set(crosses[:, 0].flat) == {0, 1, 2}
    assert set(crosses[:, 1].flat) == {10, 11, 12}
    assert any(len(set(cross)) == 2 for cross in crosses[:, 0]), "of two places"
    moved = inversion._cross(places[:1], 0.1, randoms) - places[0]
    assert 0 < np.abs(moved).max() < 0.5


def test_crosses_find_what_descent_alone_does_not(monkeypatch):
    """Each number of a latent has a valley of its own beside the right one."""
    random = np.random.default_rng(0)
    wanted = random.normal(size=(4, 8)).astype("float32")

    def costs(points, count):
        distances = ops.abs(points - tf.tile(tf.constant(wanted), [count, 1]))
        return ops.mean(ops.minimum(distances, 0.3 + ops.abs(distances - 2)), axis=1)

    problem = types.SimpleNamespace(costs=costs, variance=1.0, targets=wanted, images=np.array)
    places = [*(wanted + random.choice([0.0, 2.0], size=(16, 4, 8)) + 0.1).astype("float32")]

    def solved():
        randoms = [np.random.default_rng(k) for k in range(4)]
        found, _ = inversion._descend(problem, places, 100, 0.05, 2, randoms)
        return np.mean(np.abs(found - wanted) < 0.2)

    assert solved() > 0.9
    monkeypatch.setattr(inversion, "_cross", lambda places, *_: places[0])
    assert solved() < 0.9


def test_an_image_does_not_depend_on_the_others(linear):
    images = linear.generate(3, seed=3)
    options = dict(steps=40, starts=4, looks=2)
    all_of_them = invert(linear, images, **options)
    first = invert(linear, images[:1], **options)
    np.testing.assert_allclose(all_of_them.latents[:1], first.latents, atol=1e-4)


def test_it_begins_at_the_nearest_of_the_pool():
    gan = kg.ConditionalGAN(image_shape=(32, 32, 1), latent_dim=4, filters=2, num_classes=3)
    labels = np.array([2, 0])
    pool = inversion._Pool(gan, "z", 300, 2, 7, labels)
    assert len(pool.places) == 150, "for each of two classes"
    images = gan.images_of(pool.places[[140, 3]], labels)
    places = pool.nearest(images, 2, labels)
    assert len(places) == 2
    np.testing.assert_array_equal(places[0], pool.places[[140, 3]])
    small = images.reshape(2, 16, 2, 16, 2).mean(axis=(2, 4)).reshape(2, -1)
    np.testing.assert_allclose(inversion._small(images), small)


def test_a_pool_helps(linear):
    images = linear.generate(8, seed=3)
    few, many = (invert(linear, images, steps=3, starts=1, looks=2, pool=n) for n in (1, 500))
    assert many.errors.mean() < 0.5 * few.errors.mean()


def test_costs_are_errors_at_four_scales():
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2)
    images = RANDOM.integers(0, 256, (2, 16, 16, 1)).astype("uint8")
    problem = inversion._Problem(gan, images, "z", None, 0.01, None, 1.0)
    points = RANDOM.normal(size=(2, 4)).astype("float32")
    difference = np.asarray(gan(points)) - (images / 127.5 - 1)
    expected = 0.01 * (points**2).mean(axis=1)
    for side in (16, 8, 4, 2):
        parts = difference.reshape(2, side, 16 // side, side, 16 // side)
        expected += np.abs(parts.mean(axis=(2, 4))).mean(axis=(1, 2)) / 4
    np.testing.assert_allclose(problem.costs(points, 1), expected, rtol=1e-5)


def test_errors_are_those_of_the_images(linear):
    images = RANDOM.integers(0, 256, (2, 1, 12, 1)).astype("uint8")
    found = invert(linear, images, steps=6, starts=1, looks=2)
    one = invert(linear, images[0], steps=6, starts=1, looks=2)
    assert one.latents.shape == (1, 3)
    expected = np.abs(found.images.astype(float) - images).mean(axis=(1, 2, 3)) / 255
    np.testing.assert_allclose(found.errors, expected)


def test_a_prior_keeps_latents_near_and_features_count(linear):
    images = linear.generate(3, seed=3)
    near = invert(linear, images, steps=150, prior=10.0)
    far = invert(linear, images, steps=150, prior=0.0)
    assert np.square(near.latents).mean() < 0.2 * np.square(far.latents).mean()

    noise = RANDOM.integers(0, 256, (1, 1, 12, 1)).astype("uint8")
    plain = invert(linear, noise, steps=150, prior=0.0)
    misses = np.abs(plain.images.astype(int) - noise)[0, 0, :, 0]
    worst = misses.argmax()
    drawn = invert(linear, noise, steps=150, features=lambda x: 100 * x[:, :, worst], prior=0.0)
    assert abs(int(drawn.images[0, 0, worst, 0]) - int(noise[0, 0, worst, 0])) < misses[worst] / 2


@pytest.mark.parametrize("space", ["w", "w+", "z"])
def test_in_styles(space, style_gan):
    images = style_gan.generate(2, seed=3)
    before = [v.numpy() for v in style_gan.variables]
    found = invert(style_gan, images, space, steps=40, starts=2, looks=3, pool=1)
    assert found.latents.shape == ((2, 4) if space == "z" else (2, style_gan.num_styles, 4))
    same = np.ptp(found.latents, axis=1).max() == 0
    assert same == (space == "w") or space == "z"
    assert len(found.progress) == 3
    first, *_, last = np.abs(found.progress.astype(float) - images).mean(axis=(1, 2, 3, 4))
    assert last < first
    for old, new in zip(before, style_gan.variables, strict=True):
        np.testing.assert_array_equal(old, new)


def test_of_a_class():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, num_classes=3)
    labels = [2, 0]
    found = invert(gan, gan.generate(2, labels=labels), steps=6, starts=2, labels=labels)
    np.testing.assert_array_equal(found.images, gan.images_of(found.latents, np.array(labels)))
    with pytest.raises(InputError, match="is inverted with `labels`, one for each .* none"):
        invert(gan, gan.generate(2, labels=labels))


def test_a_style_says_the_class(style_gan):
    images = style_gan.generate(1)
    with pytest.raises(InputError, match="`labels` are for latents in z"):
        invert(style_gan, images, "w", labels=[0])


def test_an_encoder_learns_to_guess_and_is_a_start(linear):
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=3, filters=4)
    for layer in gan.average_generator.layers:
        if "conv" in layer.name:
            layer.kernel.assign(5 * layer.kernel)
    encoder = train_encoder(gan, steps=150, filters=8)
    z = gan.latents_of(64, 999_999)
    guess = np.asarray(encoder(np.asarray(gan(z))))
    assert np.square(guess - z).mean() < 0.7, "1 is that of the mean"
    images = gan.generate(8, seed=5)
    plain, guided = (
        invert(gan, images, None, 3, 1, 1e-6, prior=0.0, encoder=x, looks=2, pool=1)
        for x in (None, encoder)
    )
    assert guided.errors.mean() < 0.9 * plain.errors.mean(), "the guess is nearer than the mean"
    other = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=5, filters=2)
    with pytest.raises(
        InputError, match=r"makes 5 numbers in z .* 'encoder_z', which makes \(None"
    ):
        invert(other, gan.generate(2, seed=5), steps=3, encoder=encoder)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"space": "w"}, "The space of a GAN is here \"z\". Received: 'w'"),
        ({"steps": 2}, "`steps` must be an integer of at least 3"),
        ({"pool": 0}, "`pool` must be an integer of at least 1"),
        ({"prior": -1}, "`prior` must be a number of at least 0"),
        ({"images": np.zeros((1, 1, 9, 1), "uint8")}, r"of shape \(1, 12, 1\). Received: \(1, 9"),
    ],
)
def test_bad_input(options, message, linear):
    with pytest.raises(InputError, match=message):
        invert(linear, **{"images": linear.generate(1)} | options)


def test_an_encoder_of_nothing():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, num_classes=3)
    with pytest.raises(InputError, match="of a model without labels. Received: a ConditionalGAN"):
        train_encoder(gan)
