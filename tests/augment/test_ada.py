"""ADA: each change against its matrix or formula, and the control of the probability."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.augment import ada
from keras_gans.augment.ada import ADA, CHANGES, transform
from keras_gans.errors import InputError
from tests.contract import check_precisions, check_replicas

X = np.random.default_rng(0).uniform(-1, 1, (6, 16, 24, 3)).astype("float32")
# Images without high frequencies, which all filters let through.
SMOOTH = np.float32(
    [
        [
            [[np.sin(y / 5 + k), np.cos(x / 6), np.sin((x + y) / 7)] for x in range(32)]
            for y in range(32)
        ]
        for k in range(4)
    ]
)


@pytest.mark.parametrize("policy", CHANGES)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_is_the_identity_at_probability_0_and_not_at_1(policy, channels):
    x = np.concatenate([X, X], axis=-1)[..., :channels]
    np.testing.assert_allclose(ADA(policy)(x, seed=1), x, atol=2e-5)
    changed = np.asarray(ADA(policy, probability=1.0)(x, seed=1))
    assert changed.shape == x.shape
    assert np.abs(changed - x).max(axis=(1, 2, 3)).min() > 1e-3 or policy == "blit"
    assert np.abs(changed - x).max() > 0.1
    if channels == 4 and policy == "color":
        np.testing.assert_array_equal(changed[..., 3], x[..., 3])


def test_whole_pixels_are_moved_as_they_are():
    shift = np.float32([[[1, 0, 2], [0, 1, -3], [0, 0, 1]]]).repeat(6, axis=0)
    moved = transform(X, shift)
    np.testing.assert_allclose(moved[:, 3:, :-2], X[:, :-3, 2:], atol=2e-5)
    moved = transform(SMOOTH, shift[:4])
    np.testing.assert_allclose(moved[:, 2::-1, :-2], SMOOTH[:, 1:4, 2:], atol=0.05)  # A mirror.


def test_turns_and_scales_smooth_images():
    turn = np.float32([[[0, 1, 0], [-1, 0, 0], [0, 0, 1]]]).repeat(4, axis=0)
    inside = slice(6, -6)
    found = np.asarray(transform(SMOOTH, turn))
    expected = np.rot90(SMOOTH, -1, axes=(1, 2))
    other = np.rot90(SMOOTH, 1, axes=(1, 2))
    errors = [np.abs(found - each)[:, inside, inside].max() for each in (expected, other)]
    # The wavelet is not symmetric: what is turned also moves by a part of a pixel.
    assert min(errors) < 0.1 < 1 < max(errors)
    half = np.float32([np.diag([0.5, 0.5, 1])]).repeat(4, axis=0)
    found = np.asarray(transform(SMOOTH, half))[0, 16, 16]
    # The centre is between pixels 15 and 16; a quarter pixel from it is what is half from it.
    y = x = 15.5 + 0.25
    np.testing.assert_allclose(
        found, [np.sin(y / 5), np.cos(x / 6), np.sin((x + y) / 7)], atol=0.05
    )


def test_colours_are_those_of_the_matrix():
    """Of all changes of colour only the one that is drawn is left."""

    class Fixed:
        probability = 1.0

        def __init__(self, **values):
            self.values = values

        def uniform(self, low, high):
            return self.values.get("hue", 0.0) * np.ones(6, "float32")

        def normal(self, std):
            name = {0.2: "brightness", 0.5: "contrast", 1.0: "saturation"}[std]
            return self.values.get(name, 0.0) * np.ones(6, "float32")

        def one_of(self, number):
            return self.values.get("inverted", 0.0) * np.ones(6, "float32")

        def sometimes(self, values, neutral):
            return values

    def changed(**values):
        return np.asarray(ada.color(X, Fixed(**values)))

    mean = X.mean(axis=-1, keepdims=True)
    np.testing.assert_allclose(changed(brightness=0.3), X + 0.3, atol=1e-5)
    np.testing.assert_allclose(changed(contrast=1.0), 2 * X, atol=1e-5)
    np.testing.assert_allclose(changed(inverted=1.0), X - 2 * mean, atol=1e-5)
    np.testing.assert_allclose(changed(saturation=1.0), mean + 2 * (X - mean), atol=1e-5)
    third = changed(hue=2 * np.pi / 3)
    assert any(np.allclose(third, np.roll(X, k, axis=-1), atol=1e-5) for k in (1, 2))
    order = changed(brightness=0.3, contrast=1.0)
    np.testing.assert_allclose(order, 2 * (X + 0.3), atol=1e-5)


class Drawn:
    """Gives so many numbers, in the order in which they are asked for, to each of some images."""

    probability = np.float32(1.0)

    def __init__(self, *values, count=6):
        self.values, self.count = list(values), count

    def draw(self, *arguments, shape=()):
        value = np.broadcast_to(np.float32(self.values.pop(0)), shape)
        return np.repeat(value[None], self.count, axis=0)

    def uniform(self, low, high, shape=()):
        return self.draw(shape=shape)

    def normal(self, std, shape=()):
        return self.draw(shape=shape)

    one_of = draw

    def sometimes(self, values, neutral, probability=None):
        return values


def test_changes_come_in_their_order_and_moves_in_one_go():
    policy = ",".join(reversed(CHANGES)).replace("color", "color:0.5")
    found = ADA(policy, probability=1.0)(X, seed=3)
    seed = keras.random.SeedGenerator(3)
    draw, seldom = (ada._Draw(6, tf.constant(probability), seed) for probability in (1.0, 0.5))
    moves = [change(draw, (16, 24)) for change in (ada.blit, ada.geometry)]
    expected = ada.color(transform(X, ada.product(*moves)), seldom)
    for change in (ada.frequencies, ada.noise, ada.cutout):
        expected = change(expected, draw)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_blitting_mirrors_turns_and_shifts():
    def changed(x, *values):
        return np.asarray(transform(x, ada.blit(Drawn(*values, count=len(x)), x.shape[1:3])))

    moved = changed(X, 0, 0, (2 / 24, 3 / 16))
    np.testing.assert_allclose(moved[:, 3:, 2:], X[:, :-3, :-2], atol=2e-5)
    inside = (slice(None), slice(6, -6), slice(6, -6))
    for mirrored, turns in np.ndindex(2, 4):
        expected = np.rot90(SMOOTH[:, :, :: 1 - 2 * mirrored], -turns, axes=(1, 2))[inside]
        found = changed(SMOOTH, mirrored, turns, (0, 0))[inside]
        np.testing.assert_allclose(found, expected, atol=0.15)


def test_geometry_is_the_product_of_its_matrices():
    scale, before, stretch, after, x, y = 0.3, 0.4, -0.2, 1.1, 0.05, -0.1
    found = ada.geometry(Drawn(scale, before, after, stretch, (x, y)), (16, 24))

    def turned(angle):
        sine, cosine = np.sin(angle), np.cos(angle)
        return np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])

    shifted = np.array([[1, 0, -24 * x], [0, 1, -16 * y], [0, 0, 1]])
    expected = np.diag([2**-scale, 2**-scale, 1]) @ turned(before)
    expected = expected @ np.diag([2**-stretch, 2**stretch, 1]) @ turned(after) @ shifted
    np.testing.assert_allclose(found, np.repeat(expected[None], 6, axis=0), atol=1e-5)


def test_frequencies_are_convolved_with_the_amplified_bands():
    drawn, bank, gains = (0.5, -1.0, 2.0, 0.25), ada._filter_bank(), np.ones(4)
    for band, value in enumerate(drawn):
        each = np.ones(4)
        each[band] = 2**value
        gains *= each / np.sqrt((np.array([10, 1, 1, 1]) / 13 * each**2).sum())
    taps = gains @ bank
    border = len(taps) // 2
    expected = X
    for axis in (1, 2):
        pads = [(border, border) if k == axis else (0, 0) for k in range(4)]
        expected = np.apply_along_axis(
            np.convolve, axis, np.pad(expected, pads, mode="reflect"), taps, "valid"
        )
    found = ada.frequencies(X, Drawn(*drawn))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_filters_add_to_the_identity_and_are_of_their_bands():
    bank = ada._filter_bank()
    identity = np.zeros(bank.shape[1])
    identity[len(identity) // 2] = 1
    np.testing.assert_allclose(bank.sum(axis=0), identity, atol=1e-12)
    spectra = np.abs(np.fft.rfft(bank, 512))
    peaks = spectra.argmax(axis=1)
    assert peaks[0] == 0
    assert list(peaks) == sorted(peaks)


@pytest.mark.parametrize("shape", [(4, 4, 3), (1, 12, 1)])
def test_small_images_are_mirrored_as_often_as_it_takes(shape):
    x = np.random.default_rng(0).uniform(-1, 1, (3, *shape)).astype("float32")
    augmentation = ADA("blit,geometry,color,filter", probability=1.0)
    assert np.isfinite(augmentation(x, 0)).all()
    same = ADA("blit,geometry", probability=0.0)(x, 0)
    np.testing.assert_allclose(same, x, atol=1e-5)


def test_each_model_has_its_own():
    ada = ADA()
    sizes = {"image_shape": (16, 16, 1), "filters": 2, "latent_dim": 4}
    kg.DCGAN(augmentation=ada, **sizes)
    with pytest.raises(InputError, match="Each model needs an ADA of its own"):
        kg.DCGAN(augmentation=ada, **sizes)


def test_noise_and_cutout():
    zeros = np.zeros((400, 8, 8, 1), "float32")
    deviations = np.std(ADA("noise", probability=1.0)(zeros, seed=0), axis=(1, 2, 3))
    assert np.mean(deviations) == pytest.approx(0.1 * np.sqrt(2 / np.pi), rel=0.15)
    kept = np.asarray(ADA("cutout", probability=1.0)(zeros + 1, seed=0))
    assert set(np.unique(kept)) == {0, 1}
    assert (kept == 0).mean(axis=(1, 2, 3)).max() == 0.25
    assert (kept == 0).mean(axis=(1, 2, 3)).min() < 0.2, "less at a border"


def test_changes_as_often_as_it_should():
    x = np.ones((1000, 4, 4, 3), "float32")
    changed = np.abs(ADA("noise", probability=0.3)(x, seed=0) - x).max(axis=(1, 2, 3)) > 0
    assert changed.mean() == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("policy", CHANGES)
def test_is_differentiable_twice(policy):
    x = tf.constant(X[:2])
    change = ADA(policy, probability=1.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            total = tf.reduce_sum(change(x, seed=3) ** 3)
        gradient = inner.gradient(total, x)
        norm = tf.reduce_sum(gradient**2)
    second = outer.gradient(norm, x)
    direction = np.random.default_rng(1).normal(size=X[:2].shape).astype("float32")

    def at(step):
        """Returns the total and its squared gradient, beside x along the direction."""
        moved = x + step * direction
        with tf.GradientTape() as tape:
            tape.watch(moved)
            total = tf.reduce_sum(change(moved, seed=3) ** 3)
        return np.array([total, tf.reduce_sum(tape.gradient(total, moved) ** 2)])

    slopes = (at(1e-2) - at(-1e-2)) / 2e-2
    found = [float(tf.reduce_sum(each * direction)) for each in (gradient, second)]
    assert found == pytest.approx(slopes, rel=0.02)


def test_probability_follows_the_signs():
    gan = kg.GAN(image_shape=(4, 4, 1), augmentation=ADA("noise", target=0.5, speed=100, every=2))
    control = gan.augmentation
    probabilities = []
    for sign in (1.0, 0.5, 0.0, 0.0, -1.0, -1.0, -1.0, -1.0):
        control.adapt(tf.constant(sign), 8)
        probabilities.append(round(float(control.probability), 2))
    assert probabilities == [0.0, 0.16, 0.16, 0.0, 0.0, 0.0, 0.0, 0.0]


def moving_gan(**options):
    """A GAN that learns through places, which are sampled by a program of their own."""
    moves = ADA("blit", target=None, probability=0.5)
    return kg.DCGAN(image_shape=(16, 16, 1), filters=4, augmentation=moves, **options)


def test_places_are_sampled_on_replicas_and_in_half_precision():
    check_replicas(lambda: moving_gan(penalties=[kg.penalties.R1(1.0, every=2)]))
    check_precisions(moving_gan)


def test_places_are_sampled_in_joined_steps_of_any_size():
    gan = moving_gan()
    gan.compile(steps_per_execution=2)
    data = tf.data.Dataset.from_tensor_slices(X[:, :, :16, :1]).batch(4)
    history = gan.fit(data, verbose=0).history
    assert gan.steps_done == 2
    assert all(np.isfinite(values).all() for values in history.values())


def test_probability_follows_the_signs_in_a_graph_and_on_replicas():
    made = []

    def make():
        ada = ADA("noise", target=-1.0, speed=1000, every=1)
        made.append(kg.DCGAN(image_shape=(16, 16, 1), filters=4, augmentation=ada))
        return made[-1]

    check_replicas(make)
    gan = made[-1]
    # 4 updates of 4 images move it up: some logits are positive.
    assert float(gan.augmentation.probability.numpy()) == pytest.approx(4 * 4 / 1000)
    assert int(gan.augmentation._updates.numpy()) == 4
    assert gan.augmentation._signs.numpy().tolist() == [0, 0]


def test_probability_is_shown_and_saved(tmp_path):
    gan = kg.GAN(image_shape=(4, 4, 1), augmentation=ADA("noise", target=-1.0, speed=100, every=1))
    gan.compile()
    history = gan.fit(X[:, :4, :4, :1], batch_size=2, epochs=2, verbose=0).history
    assert history["augmentation"][0] < history["augmentation"][1]
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert float(loaded.augmentation.probability) == float(gan.augmentation.probability) > 0
    assert loaded.augmentation.get_config() == gan.augmentation.get_config()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"policy": "blur"}, "`policy` is some of blit, geometry, .*Received: 'blur'"),
        ({"probability": 2}, "`probability` must be a number from 0 to 1"),
        ({"target": 3}, "`target` must be a number from -1 to 1"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(InputError, match=message):
        ADA(**options)


def test_needs_logits_with_a_boundary():
    with pytest.raises(InputError, match="ADA needs a loss .* Received: wasserstein"):
        kg.GAN(image_shape=(4, 4, 1), loss="wasserstein", augmentation=ADA())
    fixed = ADA("noise", target=None, probability=0.3)
    kg.GAN(image_shape=(4, 4, 1), loss="wasserstein", augmentation=fixed)
