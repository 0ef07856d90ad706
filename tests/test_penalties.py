import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gans import penalties
from keras_gans.errors import InputError
from keras_gans.training.gradients import Critic, input_gradient

WEIGHTS = np.array([3.0, -4.0], "float32")  # of norm 5
REAL = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
FAKE = np.random.default_rng(1).normal(size=(8, 2)).astype("float32")


def linear(x):
    return tf.reduce_sum(x * WEIGHTS, axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (penalties.GradientPenalty(10.0), 10 * (5 - 1) ** 2),
        (penalties.LipschitzPenalty(10.0), 10 * (5 - 1) ** 2),
        (penalties.DRAGANPenalty(10.0), 10 * (5 - 1) ** 2),
        (penalties.R1(2.0), 2 * 25 / 2),
        (penalties.R2(2.0), 2 * 25 / 2),
    ],
)
def test_closed_form_of_a_linear_critic(penalty, expected):
    value = penalty(linear, tf.constant(REAL), tf.constant(FAKE), seed=0)
    assert float(value) == pytest.approx(expected, rel=1e-5)


def test_only_the_two_sided_penalty_punishes_small_gradients():
    def flat(x):
        return 0.1 * linear(x)  # gradients of norm 0.5

    arguments = (flat, tf.constant(REAL), tf.constant(FAKE))
    two_sided = penalties.GradientPenalty(1.0)(*arguments, seed=0)
    one_sided = penalties.LipschitzPenalty(1.0)(*arguments, seed=0)
    assert float(two_sided) == pytest.approx(0.25, rel=1e-5)
    assert float(one_sided) == 0.0


def test_r1_looks_at_real_and_r2_at_generated_images():
    def square(x):
        return tf.reduce_sum(x**2, axis=-1) / 2  # the gradient at x is x

    arguments = (square, tf.constant(REAL), tf.constant(FAKE))
    assert float(penalties.R1(1.0)(*arguments)) == pytest.approx(
        (REAL**2).sum(1).mean() / 2, rel=1e-5
    )
    assert float(penalties.R2(1.0)(*arguments)) == pytest.approx(
        (FAKE**2).sum(1).mean() / 2, rel=1e-5
    )


def test_interpolates_lie_uniformly_between_real_and_fake():
    seen = []

    def spy(x):
        seen.append(x.numpy())
        return linear(x)

    real, fake = tf.zeros((4096, 3, 3, 1)), tf.ones((4096, 3, 3, 1))
    penalties.GradientPenalty()(lambda x: spy(x)[..., :1], real, fake, seed=0)
    points = seen[0].reshape(4096, -1)
    assert (points == points[:, :1]).all(), "one factor per image"
    counts, _ = np.histogram(points[:, 0], bins=8, range=(0, 1))
    assert counts.sum() == 4096
    assert abs(counts / 512 - 1).max() < 0.2, "uniform, not normal"


def test_dragan_looks_near_the_data():
    seen = []

    def spy(x):
        seen.append(x.numpy())
        return linear(x)

    penalties.DRAGANPenalty()(spy, tf.constant(REAL), tf.constant(FAKE), seed=0)
    distance = seen[0] - REAL
    assert distance.min() >= 0
    assert 0.1 * REAL.std() < distance.max() <= 0.5 * REAL.std()


def test_input_gradient_equals_finite_differences():
    network = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)]
    )
    gradient = input_gradient(network, tf.constant(REAL)).numpy()
    for axis in range(2):
        step = np.zeros(2, "float32")
        step[axis] = 1e-2
        difference = (network(REAL + step) - network(REAL - step))[:, 0] / 2e-2
        np.testing.assert_allclose(gradient[:, axis], difference, atol=1e-3)


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize(
    "penalty", [penalties.R1(1.0), penalties.R2(1.0), penalties.GradientPenalty(1.0)]
)
def test_gradients_at_the_weights_equal_finite_differences(penalty, recorded):
    """They are of second order: the penalty is made of a gradient already."""
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)]
    )
    real, fake = tf.constant(REAL), tf.constant(FAKE)
    weights = network.get_weights()
    directions = [np.random.default_rng(2).normal(size=w.shape) for w in weights]

    def value(step):
        moved = [w + step * d for w, d in zip(weights, directions, strict=True)]
        network.set_weights(moved)
        critic = Critic(network) if recorded else network
        critic(real), critic(fake)
        return penalty(critic, real, fake, seed=3)

    with tf.GradientTape() as tape:
        penalized = value(0.0)
    variables = [variable.value for variable in network.trainable_variables]
    slopes = tape.gradient(penalized, variables, unconnected_gradients="zero")
    found = sum(np.sum(s.numpy() * d) for s, d in zip(slopes, directions, strict=True))
    expected = float(value(1e-2) - value(-1e-2)) / 2e-2
    assert found == pytest.approx(expected, rel=0.02)


def test_zero_gradient_is_no_nan():
    def constant(x):
        return 0.0 * linear(x)

    variable = tf.Variable(REAL)
    with tf.GradientTape() as tape:
        value = penalties.GradientPenalty(1.0)(
            lambda x: constant(x) * variable[:, :1], tf.constant(REAL), tf.constant(FAKE), seed=0
        )
    assert np.isfinite(tape.gradient(value, variable)).all()


@pytest.mark.parametrize("penalty", [penalties.R1(1.0), penalties.R2(1.0)])
def test_passes_of_the_loss_are_used_again(penalty):
    passes = []

    def square(x):
        passes.append(x)
        return tf.reduce_sum(x**3, axis=-1)

    real, fake = tf.constant(REAL), tf.constant(FAKE)
    critic = Critic(square)
    critic(real), critic(fake)
    value = penalty(critic, real, fake)
    assert len(passes) == 2
    assert float(value) == pytest.approx(float(penalty(square, real, fake)), rel=1e-6)


@pytest.mark.parametrize("scale", [None, 2.0**12])
def test_gradients_in_float16_are_scaled(scale):
    """A gradient of 2e-8 is below float16's subnormals, and comes out right if it is scaled."""

    def critic(x):
        return tf.reduce_sum(tf.cast(x, "float16") * np.float16(2**-13), -1) * np.float16(2**-13)

    gradient = Critic(critic, scale=scale).gradient(tf.constant(REAL)).numpy()
    expected = 0.0 if scale is None else 2.0**-26
    np.testing.assert_allclose(gradient, expected, rtol=1e-3)


def test_bad_arguments():
    with pytest.raises(InputError, match="`weight` must be at least 0. Received: -1"):
        penalties.R1(-1)
    with pytest.raises(InputError, match="`every` must be an integer of at least 1"):
        penalties.R1(1.0, every=0)


def test_config_round_trip():
    penalty = penalties.R1(3.0, every=4)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(penalty))
    assert (type(copy), copy.weight, copy.every) == (penalties.R1, 3.0, 4)


@pytest.mark.parametrize(
    ("loss", "normalization", "expected"),
    [
        ("non_saturating", None, [("r1", 1.0, 16)]),
        ("hinge", "spectral", [("r1", 1.0, 16)]),
        ("relativistic", None, [("r1", 0.15, 4), ("r2", 0.15, 4)]),
        ("relativistic", "batch", []),
    ],
)
def test_default_penalties_suit_the_loss(loss, normalization, expected):
    found = penalties.default_penalties(loss, normalization)
    assert [(p.name, p.weight, p.every) for p in found] == expected


def test_the_weight_is_of_r1_alone():
    (found,) = penalties.default_penalties("non_saturating", weight=0.1)
    assert (found.name, found.weight) == ("r1", 0.1)
    paired = penalties.default_penalties("relativistic", weight=0.1)
    assert [penalty.weight for penalty in paired] == [0.15, 0.15]
