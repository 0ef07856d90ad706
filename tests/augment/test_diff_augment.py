import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.augment import diff_augment
from keras_gans.errors import InputError

X = np.random.default_rng(0).uniform(0.1, 1.0, (64, 16, 24, 3)).astype("float32")


def changed(name, x=X, seed=0):
    return np.asarray(getattr(diff_augment, name)(x, seed))


def factors(deviations, old):
    """Returns the one factor of each image that its deviations are multiplied by."""
    factor = (deviations * old).sum(axis=(1, 2, 3)) / (old**2).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(deviations, factor[:, None, None, None] * old, atol=1e-5)
    return factor


def test_brightness_adds_a_number_to_an_image():
    added = changed("brightness") - X
    np.testing.assert_allclose(added, np.broadcast_to(added[:, :1, :1, :1], X.shape), atol=1e-6)
    assert -0.5 <= added.min() < -0.4
    assert 0.4 < added.max() <= 0.5


@pytest.mark.parametrize(
    ("name", "axes", "low", "high"), [("saturation", -1, 0, 2), ("contrast", (1, 2, 3), 0.5, 1.5)]
)
def test_deviations_are_scaled_and_the_mean_stays(name, axes, low, high):
    y, mean = changed(name), X.mean(axis=axes, keepdims=True)
    np.testing.assert_allclose(y.mean(axis=axes, keepdims=True), mean, atol=1e-6)
    factor = factors(y - mean, X - mean)
    assert low <= factor.min() < low + 0.2
    assert high - 0.2 < factor.max() <= high


def test_translation_shifts_by_up_to_an_eighth():
    shifts = set()
    for image, moved in zip(X, changed("translation"), strict=True):
        padded = np.pad(image, ((2, 2), (3, 3), (0, 0)))
        found = [
            (a, b)
            for a in range(5)
            for b in range(7)
            if np.allclose(padded[a : a + 16, b : b + 24], moved)
        ]
        assert len(found) == 1
        shifts |= set(found)
    assert {a for a, _ in shifts} == set(range(5))
    assert {b for _, b in shifts} == set(range(7))


def test_transparency_has_no_colour():
    x = np.concatenate([X, np.ones_like(X[..., :1])], axis=-1)
    y = np.asarray(diff_augment.DiffAugment("color")(x, 0))
    np.testing.assert_array_equal(y[..., 3], 1.0)
    assert np.abs(y - x)[..., :3].mean() > 0.05


def test_cutout_hides_a_rectangle_of_half_the_sides():
    places = set()
    for image, y in zip(X, changed("cutout"), strict=True):
        hidden = (y == 0).all(axis=-1)
        np.testing.assert_array_equal(y[~hidden], image[~hidden])
        rows, columns = hidden.any(axis=1), hidden.any(axis=0)
        np.testing.assert_array_equal(hidden, np.outer(rows, columns))
        for sides, middle, size in ((rows, 8, 16), (columns, 12, 24)):
            first, last = sides.argmax(), size - 1 - sides[::-1].argmax()
            assert sides.sum() == last - first + 1 <= size // 2
            assert sides.sum() == size // 2 or first == 0 or last == size - 1
            places.add((size, first + middle))
    assert len(places) > 20


@pytest.mark.parametrize("policy", ["color", "translation", "cutout", "color,translation,cutout"])
def test_gradients_agree_with_finite_differences(policy):
    """All changes are linear in the image; the second difference of D(T(x)) is that of D."""
    augmentation = kg.augment.DiffAugment(policy)
    x, direction = tf.constant(X[:2]), tf.constant(X[2:4] - 0.5)

    def slope(step):
        with tf.GradientTape() as tape:
            tape.watch(moved := x + step * direction)
            value = tf.reduce_sum(augmentation(moved, 3) ** 3)
        return tf.reduce_sum(tape.gradient(value, moved) * direction)

    with tf.GradientTape() as tape:
        tape.watch(step := tf.constant(0.0))
        first = slope(step)
    second = tape.gradient(first, step)
    assert float(second) != 0
    assert float(second) == pytest.approx(float(slope(0.01) - slope(-0.01)) / 0.02, rel=2e-2)


def test_a_seed_generator_draws_anew_and_a_number_does_not():
    augmentation, generator = kg.augment.DiffAugment(), keras.random.SeedGenerator(0)
    one, other = (np.asarray(augmentation(X[:2], generator)) for _ in range(2))
    assert not np.allclose(one, other)
    np.testing.assert_array_equal(augmentation(X[:2], 5), augmentation(X[:2], 5))


def test_a_number_as_seed_draws_each_change_for_itself():
    images = np.zeros((64, 16, 16, 1), "float32")
    images[:, 8, 8] = 1
    moved = np.asarray(kg.augment.DiffAugment("translation")(images, 0))[..., 0]
    rows, columns = (moved.max(axis=axis).argmax(axis=1) for axis in (2, 1))
    assert np.any(rows != columns)


def test_both_players_see_changed_images_while_training_alone(tmp_path):
    gan = kg.DCGAN(image_shape=(16, 16, 3), filters=4, augmentation="color,cutout")
    gan.compile()
    x = X[:8, :, :16]
    plain = gan.judge(x, training=False).logits
    np.testing.assert_array_equal(plain, gan.discriminator(x, training=False))
    assert not np.allclose(gan.judge(x).logits, gan.discriminator(x, training=True))
    before = gan.generator.get_weights()
    gan.train_on_batch(x)
    assert any((a != b).any() for a, b in zip(before, gan.generator.get_weights(), strict=True))
    gan.save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").augmentation.policy == "color,cutout"


@pytest.mark.parametrize("policy", ["colour", "color, cutout", "", 3])
def test_bad_policies_are_refused(policy):
    with pytest.raises(InputError, match="or some of color, translation, cutout.*Received"):
        kg.augment.DiffAugment(policy)
