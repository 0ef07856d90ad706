import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.layers import SpectralNormalization
from keras_gans.layers.spectral_normalization import power_iteration


def largest_singular_value(kernel):
    return np.linalg.svd(np.reshape(kernel, (-1, kernel.shape[-1])), compute_uv=False)[0]


@pytest.mark.parametrize("kind", ["dense", "convolution"])
def test_sigma_is_the_largest_singular_value(kind):
    if kind == "dense":
        layer, shape = SpectralNormalization(keras.layers.Dense(20)), (None, 30)
    else:
        layer, shape = SpectralNormalization(keras.layers.Conv2D(20, 3)), (None, 8, 8, 5)
    layer.build(shape)
    for _ in range(30):
        layer.power_iteration()
    kernel = layer.layer.kernel.numpy()
    assert float(layer.sigma()) == pytest.approx(largest_singular_value(kernel), rel=0.02)


def test_output_uses_the_normalised_kernel_and_keeps_the_raw_one():
    layer = SpectralNormalization(keras.layers.Dense(4, use_bias=False), build_iterations=100)
    x = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")
    layer.build(x.shape)
    kernel = layer.layer.kernel.numpy()
    expected = x @ kernel / largest_singular_value(kernel)
    np.testing.assert_allclose(layer(x, training=True), expected, rtol=1e-4, atol=1e-6)
    assert np.array_equal(layer.layer.kernel.numpy(), kernel)
    np.testing.assert_array_equal(layer(x), layer(x)), "passes of one step agree"


def test_computes_as_its_layer_does():
    layer = SpectralNormalization(keras.layers.Dense(4, dtype="float32"))
    assert layer.compute_dtype == "float32"
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = SpectralNormalization(keras.layers.Dense(4, dtype="float32"))
        assert layer.compute_dtype == "float32"
        assert SpectralNormalization(keras.layers.Dense(4)).compute_dtype == "bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")


def test_gradient_passes_through_sigma():
    layer = SpectralNormalization(keras.layers.Dense(4, use_bias=False), build_iterations=200)
    x = tf.constant(np.random.default_rng(0).normal(size=(5, 6)).astype("float32"))
    layer.build(x.shape)
    kernel = layer.layer.kernel
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) ** 2)
    gradient = tape.gradient(loss, kernel.value).numpy()
    # W / sigma(W) does not change when W is scaled, so the gradient is orthogonal to W.
    inner = (gradient * kernel.numpy()).sum()
    assert abs(inner) < 1e-3 * np.linalg.norm(gradient) * np.linalg.norm(kernel.numpy())
    assert np.linalg.norm(gradient) > 1e-3


def test_power_iteration_reaches_all_layers_of_a_network():
    network = keras.Sequential(
        [keras.Input((6,))]
        + [SpectralNormalization(keras.layers.Dense(5), build_iterations=0) for _ in range(2)]
    )
    before = [layer.u.numpy() for layer in network.layers]
    power_iteration(network)
    assert all(
        not np.array_equal(layer.u.numpy(), u)
        for layer, u in zip(network.layers, before, strict=True)
    )


def test_layer_without_kernel_is_refused():
    with pytest.raises(InputError, match="layers that have a kernel. Received: ReLU"):
        SpectralNormalization(keras.layers.ReLU()).build((None, 3))


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_divides_by_sigma_too(precision):
    layer = SpectralNormalization(keras.layers.Dense(4, dtype=precision), dtype=precision)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    outputs = layer(x)
    assert outputs.dtype == precision.removeprefix("mixed_")
    expected = x @ layer.layer.kernel.numpy() / float(layer.sigma())
    np.testing.assert_allclose(np.float32(outputs), expected, atol=0.03)


def test_a_generators_vectors_advance_once_per_step():
    inputs = keras.Input((3,))
    generator = keras.Model(inputs, SpectralNormalization(keras.layers.Dense(2), 0)(inputs))
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    gan = kg.GAN(generator, discriminator, discriminator_steps=3)
    gan.compile(*(keras.optimizers.SGD(0.0) for _ in range(2)), run_eagerly=True)
    layer, *_ = [x for x in generator.layers if isinstance(x, SpectralNormalization)]
    other = SpectralNormalization(keras.layers.Dense(2), 0)
    other.build((None, 3))
    other.set_weights(layer.get_weights())
    for _ in range(2):
        gan.train_on_batch(np.ones((6, 2), "float32"))
        other.power_iteration()
        np.testing.assert_allclose(layer.u, other.u, rtol=1e-5)
    average = [x for x in gan.average_generator.layers if isinstance(x, SpectralNormalization)]
    assert np.array_equal(average[0].u, layer.u), "its vectors are copied, not averaged"
