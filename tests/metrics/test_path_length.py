import keras
import numpy as np
import pytest
from scipy.stats import chi2

from keras_gans.errors import InputError
from keras_gans.metrics.path_length import perceptual_path_length


def identity(x):
    return x


@pytest.mark.parametrize("sampling", ["full", "end"])
def test_linear_generator_in_w(sampling):
    # |A (w1 - w0)|^2 with A = 3 I is 9 * 2 chi2(8), cut at its percentiles.
    low, high = chi2.ppf([0.01, 0.99], 8)
    mean = 8 * (chi2.cdf(high, 10) - chi2.cdf(low, 10)) / 0.98
    value = perceptual_path_length(
        lambda w: 3 * w,
        identity,
        8,
        mapping=identity,
        sampling=sampling,
        epsilon=1e-2,
        num_samples=20_000,
        batch_size=1000,
    )
    assert value == pytest.approx(9 * 2 * mean, rel=0.02)


@pytest.mark.parametrize("sampling", ["full", "end"])
def test_linear_generator_in_z_walks_a_quarter_circle(sampling):
    # In many dimensions normal vectors are orthogonal and of length sqrt(d).
    value = perceptual_path_length(
        identity, identity, 4096, sampling=sampling, epsilon=1e-2, num_samples=100
    )
    assert value / 4096 == pytest.approx((np.pi / 2) ** 2, rel=0.02)


def test_latents_of_a_layer_each_and_images_as_tensors():
    value = perceptual_path_length(
        lambda w: keras.ops.reshape(w, (-1, 2, 4, 1)),
        lambda images: images[:, :, 0],
        4,
        mapping=lambda z: np.stack([z, 0 * z], axis=1),
        epsilon=1e-2,
        num_samples=2000,
        batch_size=500,
    )
    # Of w of shape (N, 2, 4) only the first number reaches the features: 2 chi2(1), cut.
    low, high = chi2.ppf([0.01, 0.99], 1)
    expected = 2 * (chi2.cdf(high, 3) - chi2.cdf(low, 3)) / 0.98
    assert value == pytest.approx(expected, rel=0.1)


def test_batches_do_not_change_the_value():
    def run(batch_size, seed=0):
        return perceptual_path_length(
            np.tanh, identity, 3, num_samples=50, batch_size=batch_size, seed=seed
        )

    assert run(50) == run(7) != run(50, seed=1)


def test_a_conditional_generator_makes_every_class_in_turn():
    seen = []

    def generate(latents, labels):
        seen.append(labels.tolist())
        return latents

    perceptual_path_length(generate, identity, 4, num_classes=5, num_samples=6, batch_size=4)
    # Both ends of a path have its class.
    assert seen == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 0], [4, 0]]


def test_a_conditional_mapping_takes_the_label_of_its_path():
    seen = []

    def mapping(latents, labels):
        seen.append(labels.tolist())
        return labels[:, None] + 0 * latents

    value = perceptual_path_length(
        identity, identity, 4, mapping, num_classes=5, num_samples=6, batch_size=4
    )
    assert seen == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 0], [4, 0]]
    assert value == 0, "both ends of a path have its class"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sampling": "middle"}, "`sampling`"),
        ({"epsilon": 0}, "`epsilon`"),
        ({"num_samples": 1}, "`num_samples`"),
        ({"seed": -1}, "`seed`"),
        ({"batch_size": 0}, "`batch_size`"),
        ({"latent_dim": 1}, "`latent_dim`"),
        ({"embed": lambda images: images * np.nan}, "must be finite"),
    ],
)
def test_bad_input(arguments, message):
    defaults = {"generate": identity, "embed": identity, "latent_dim": 4, "num_samples": 4}
    with pytest.raises(InputError, match=message):
        perceptual_path_length(**(defaults | arguments))
