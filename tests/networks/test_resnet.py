"""The residual networks, with labels and without, and the layers that they alone use."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.layers import ConditionalBatchNormalization, SelfAttention, SpectralNormalization
from keras_gans.networks import resnet

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(6, 4, 6, 16)).astype("float32")
LABELS = np.array([0, 2, 1, 2, 0, 1], "int32")


def test_conditional_batch_normalization_equals_its_formula():
    layer = ConditionalBatchNormalization(3)
    layer.build([X.shape, LABELS.shape])
    gamma, beta = RANDOM.normal(size=(2, 3, 16)).astype("float32")
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    mean, variance = X.mean(axis=(0, 1, 2)), X.var(axis=(0, 1, 2))
    expected = (X - mean) / np.sqrt(variance + 1e-5)
    expected = gamma[LABELS][:, None, None] * expected + beta[LABELS][:, None, None]
    outputs = layer([X, keras.ops.convert_to_tensor(LABELS)], training=True)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
    moved = 0.1 * mean
    np.testing.assert_allclose(layer.normalize.moving_mean, moved, atol=1e-6)
    outputs = layer([X, keras.ops.convert_to_tensor(LABELS)])
    variance = 0.9 + 0.1 * variance
    expected = gamma[LABELS][:, None, None] * (X - moved) / np.sqrt(variance + 1e-5)[None, None]
    np.testing.assert_allclose(outputs, expected + beta[LABELS][:, None, None], atol=1e-4)


def softmax(x):
    shares = np.exp(x - x.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def test_gradients_of_a_class_are_summed_before_an_optimizer_sees_them():
    layer = ConditionalBatchNormalization(3)
    layer.build([X.shape, LABELS.shape])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer([X, tf.constant(LABELS)], training=True) ** 2)
    slopes = tape.gradient(total, [layer.gamma.value, layer.beta.value])
    assert all(isinstance(each, tf.Tensor) for each in slopes), "and no tf.IndexedSlices"


def test_self_attention_equals_its_formula():
    layer = SelfAttention(seed=0)
    assert np.array_equal(layer(X), X), "it begins as the identity"
    layer.gamma.assign(0.7)

    def times(name, x):
        conv = getattr(layer, name)
        kernel = conv.layer.kernel.numpy()
        np.testing.assert_allclose(conv.sigma(), np.linalg.svd(kernel[0, 0])[1][0], rtol=1e-3)
        return x @ (kernel[0, 0] / float(conv.sigma()))

    def halved(x):
        return x.reshape(6, 2, 2, 3, 2, -1).max(axis=(2, 4)).reshape(6, 6, -1)

    queries = times("f", X).reshape(6, 24, -1)
    keys, values = (halved(times(name, X)) for name in "gh")
    assert (queries.shape[-1], values.shape[-1]) == (2, 8)
    shares = softmax(queries @ keys.transpose(0, 2, 1))
    expected = X + 0.7 * times("o", (shares @ values).reshape(6, 4, 6, 8))
    np.testing.assert_allclose(layer(X), expected, atol=1e-4)


def test_the_logit_is_a_sum_of_two_products():
    network = resnet.discriminator((16, 24, 3), 4, 8, num_classes=5, seed=0)
    images = keras.ops.convert_to_tensor(RANDOM.uniform(-1, 1, (6, 16, 24, 3)), "float32")
    *_, first, second = (
        layer for layer in network.layers if isinstance(layer, SpectralNormalization)
        and isinstance(layer.layer, keras.layers.Dense)
    )  # fmt: skip
    plain, vectors = sorted((first, second), key=lambda dense: dense.layer.use_bias, reverse=True)
    sums = np.asarray(keras.Model(network.inputs[0], plain.input)(images))
    weights, bias = plain.layer.kernel.numpy() / float(plain.sigma()), plain.layer.bias.numpy()
    chosen = (vectors.layer.kernel.numpy() / float(vectors.sigma()))[LABELS]
    expected = sums @ weights + bias + (chosen * sums).sum(axis=1, keepdims=True)
    logits = network([images, keras.ops.convert_to_tensor(LABELS)])
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_parameters_are_those_of_the_papers_networks():
    """Of SNGAN's tables 3: 256 maps of the generator at 32 pixels; without labels."""
    network = resnet.generator((32, 32, 3), 128, 256, 256)
    dense, block = 128 * 4096 + 4096, 2 * (9 * 256**2 + 256) + 256**2 + 256 + 2 * 2 * 256
    expected = dense + 3 * block + 2 * 256 + 9 * 256 * 3 + 3
    assert sum(int(np.prod(v.shape)) for v in network.trainable_variables) == expected


def test_any_shape_and_where_attention_can_be():
    network = resnet.generator((24, 32, 1), 8, 4, 8, attention=12, seed=0)
    images = network(RANDOM.normal(size=(2, 8)).astype("float32"))
    assert images.shape == (2, 24, 32, 1)
    assert resnet.discriminator((24, 32, 1), 4, 8, attention=12)(images).shape == (2, 1)
    with pytest.raises(InputError, match=r"12 of \(24, 32, 1\). Received: 24"):
        resnet.generator((24, 32, 1), 8, 4, 8, attention=24)
    with pytest.raises(InputError, match='`normalization` is None or "spectral"'):
        resnet.discriminator((16, 16, 1), normalization="batch")


@pytest.mark.parametrize(("method", "spectral"), [(kg.SNGAN, True), (kg.WGANGP, False)])
def test_methods_that_take_them(method, spectral):
    gan = method(image_shape=(16, 16, 1), architecture="resnet", latent_dim=8, filters=4)
    assert gan.latent_dim == 8
    wrapped = [isinstance(x, SpectralNormalization) for x in gan.discriminator.layers if x.weights]
    assert all(wrapped) if spectral else not any(wrapped)
    expected = resnet.generator((16, 16, 1), 8, 4).count_params()
    assert gan.generator.count_params() == expected
    gan.compile(run_eagerly=True)
    steps = gan.batches_per_step
    images = RANDOM.uniform(-1, 1, (2 * steps, 16, 16, 1)).astype("float32")
    gan.fit(images, batch_size=2, verbose=0)
    assert gan.steps_done == 1
    with pytest.raises(InputError, match="`architecture` is .* Received: 'vit'"):
        method(image_shape=(16, 16, 1), architecture="vit")
