import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import tensorflow as tf
from keras import layers

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.losses import kl_divergence
from keras_gans.networks import vae as vae_networks
from keras_gans.training import export

SHAPE = (2, 3, 1)
SIZE = 6


def tiny_encoder(latent_dim=2, shape=SHAPE):
    images = keras.Input(shape)
    features = layers.Flatten()(images)
    outputs = [layers.Dense(latent_dim, name=name)(features) for name in ("mean", "log_variance")]
    return keras.Model(images, outputs)


def tiny_generator(latent_dim=2, shape=SHAPE, activation=None):
    dense = layers.Dense(int(np.prod(shape)), activation)
    return keras.Sequential([keras.Input((latent_dim,)), dense, layers.Reshape(shape)])


def tiny_vae(activation=None, **options):
    keras.utils.set_random_seed(0)
    return kg.VAE(tiny_encoder(), tiny_generator(activation=activation), **options)


def small_vae(**options):
    return kg.VAE(image_shape=(16, 16, 1), latent_dim=3, filters=2, **options)


def images_between(low, high, count, shape=SHAPE, seed=0):
    return np.random.default_rng(seed).uniform(low, high, (count, *shape)).astype("float32")


def bytes_of(count, shape=(16, 16, 1), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), "uint8")


# The terms of the bound.


def test_kl_by_hand():
    mean = np.float32([[0, 0], [1, -2], [0, 0]])
    log_variance = np.log(np.float32([[1, 1], [1, 1], [4, 0.25]]))
    expected = [0, (1 + 4) / 2, (3 - np.log(4) - 0.75 + np.log(4)) / 2]
    np.testing.assert_allclose(kl_divergence(mean, log_variance), expected, atol=1e-6)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.5, 0.3), (-0.4, 2.0)])
def test_kl_by_integration(mean, std):
    q, p = scipy.stats.norm(mean, std), scipy.stats.norm()
    expected, _ = scipy.integrate.quad(
        lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), mean - 10 * std, mean + 10 * std
    )
    found = kl_divergence(np.float32([[mean]]), np.float32([[2 * np.log(std)]]))
    np.testing.assert_allclose(found, [expected], atol=1e-5)


def test_bernoulli_likelihood_is_scipys():
    ones = np.random.default_rng(0).integers(0, 2, (3, *SHAPE))
    made = images_between(-0.99, 0.99, 3)
    expected = scipy.stats.bernoulli.logpmf(ones, (1 + np.float64(made)) / 2).sum((1, 2, 3))
    found = tiny_vae().log_likelihood(2.0 * ones - 1, made)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_bernoulli_takes_grey_as_a_share_of_ones():
    found = tiny_vae().log_likelihood(np.full((1, *SHAPE), -0.5), np.full((1, *SHAPE), 0.2))
    np.testing.assert_allclose(found, [SIZE * (0.25 * np.log(0.6) + 0.75 * np.log(0.4))], rtol=1e-5)


def test_bernoulli_of_a_sure_generator_is_finite():
    black, white = -np.ones((1, *SHAPE), "float32"), tf.ones((1, *SHAPE))
    with tf.GradientTape() as tape:
        tape.watch(white)
        wrong = tiny_vae().log_likelihood(black, white)
    np.testing.assert_allclose(wrong, [SIZE * np.log(1e-6)], rtol=0.01)
    assert np.isfinite(tape.gradient(wrong, white)).all()
    np.testing.assert_allclose(tiny_vae().log_likelihood(black, black), [0], atol=1e-4)


def test_gaussian_likelihood_is_scipys():
    images, made = images_between(-1, 1, 3), images_between(-1, 1, 3, seed=1)
    for sigma in (0.5, None):
        scale = sigma or np.sqrt(np.mean((images - made) ** 2))
        expected = scipy.stats.norm.logpdf(images, made, scale).sum((1, 2, 3))
        found = tiny_vae(likelihood="gaussian", sigma=sigma).log_likelihood(images, made)
        np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_best_sigma_is_the_best_and_its_gradient_that_of_a_fixed_one():
    images, made = images_between(-1, 1, 3), tf.constant(images_between(-1, 1, 3, seed=1))
    best = float(np.sqrt(np.mean((images - made) ** 2)))
    values, gradients = {}, {}
    for sigma in (None, best, 0.9 * best, 1.1 * best):
        vae = tiny_vae(likelihood="gaussian", sigma=sigma)
        with tf.GradientTape() as tape:
            tape.watch(made)
            value = tf.reduce_sum(vae.log_likelihood(images, made))
        values[sigma], gradients[sigma] = float(value), tape.gradient(value, made)
    assert values[None] == pytest.approx(values[best])
    assert values[None] > max(values[0.9 * best], values[1.1 * best])
    np.testing.assert_allclose(gradients[None], gradients[best], atol=1e-5)


def test_gaussian_without_any_error_has_the_least_sigma():
    images = tf.constant(images_between(-1, 1, 3))
    with tf.GradientTape() as tape:
        tape.watch(images)
        found = tiny_vae(likelihood="gaussian").log_likelihood(images.numpy(), images)
    expected = SIZE * scipy.stats.norm.logpdf(0, scale=1e-3)
    np.testing.assert_allclose(found, [expected] * 3, rtol=1e-5)
    assert np.isfinite(tape.gradient(found, images)).all()


def test_the_bound_of_a_linear_gaussian_model_is_log_p():
    """With the exact posterior as its encoder the bound is tight: log N(x; b, WW' + sigma^2 I)."""
    random, sigma, latent_dim = np.random.default_rng(0), 0.5, 2
    weights = np.linalg.qr(random.normal(size=(SIZE, latent_dim)))[0] * [1.5, 0.4]
    bias = random.normal(size=SIZE)
    # The columns of W are orthogonal, so M is diagonal.
    precision = np.diag(np.eye(latent_dim) + weights.T @ weights / sigma**2)
    to_mean = weights / sigma**2 / precision

    vae = tiny_vae(likelihood="gaussian", sigma=sigma)
    vae.generator.set_weights([weights.T, bias])
    vae.encoder.set_weights(
        [to_mean, -bias @ to_mean, np.zeros((SIZE, latent_dim)), -np.log(precision)]
    )
    # Their mean is 0 and their covariance I: exact for all that is quadratic in the noise.
    sigma_points = np.float32(np.sqrt(latent_dim) * np.vstack([np.eye(2), -np.eye(2)]))
    vae.latents = lambda count: tf.constant(sigma_points)
    for image in random.normal(size=(3, *SHAPE)).astype("float32"):
        vae.reset_metrics()
        vae.objective(np.repeat(image[None], len(sigma_points), axis=0), training=False)
        covariance = weights @ weights.T + sigma**2 * np.eye(SIZE)
        expected = scipy.stats.multivariate_normal.logpdf(image.ravel(), bias, covariance)
        assert float(vae.trackers["bound"].result()) == pytest.approx(expected, abs=1e-4)


# Training.


def test_beta_and_its_warmup_weigh_the_kl_term():
    vae = tiny_vae(beta=3.0, kl_warmup=4)
    vae.compile(run_eagerly=True)
    weights = []
    for _ in range(6):
        logs = vae.train_on_batch(images_between(-1, 1, 4), return_dict=True)
        vae.reset_metrics()
        error, kl = logs["reconstruction_loss"], logs["kl_divergence"]
        weights.append((logs["autoencoder_loss"] - error) / kl)
        assert logs["bound"] == pytest.approx(-error - kl, rel=1e-5)
    np.testing.assert_allclose(weights, [0, 0.75, 1.5, 2.25, 3, 3], atol=1e-4)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_bound_rises(likelihood):
    vae = tiny_vae("tanh", likelihood=likelihood)
    vae.compile(1e-2)
    images = images_between(-0.2, 0.8, 32)
    before = vae.evaluate(images, verbose=0, return_dict=True)["bound"]
    vae.fit(images, batch_size=16, epochs=40, verbose=0)
    after = vae.evaluate(images, verbose=0, return_dict=True)["bound"]
    assert after > before + 1


def test_evaluate_measures_and_moves_nothing():
    vae = small_vae()
    vae.compile(run_eagerly=True)
    before = [variable.numpy() for variable in vae.encoder.variables + vae.generator.variables]
    logs = vae.evaluate(images_between(-1, 1, 8, (16, 16, 1)), verbose=0, return_dict=True)
    assert set(logs) == {"autoencoder_loss", "reconstruction_loss", "kl_divergence", "bound"}
    assert logs["autoencoder_loss"] == pytest.approx(-logs["bound"], rel=1e-5)
    after = [variable.numpy() for variable in vae.encoder.variables + vae.generator.variables]
    assert all(map(np.array_equal, before, after))
    assert vae.steps_done == 0


def test_a_step_gathers_both_networks_statistics():
    vae = small_vae()
    vae.compile(run_eagerly=True)
    means = [v for v in vae.variables if v.path.endswith("moving_mean")]
    assert len(means) == 4, "two in each network"
    vae.train_on_batch(images_between(-1, 1, 4, (16, 16, 1)))
    assert all(np.abs(mean.numpy()).max() > 0 for mean in means)


def test_spectral_normalisation_of_given_networks_keeps_up():
    latents = keras.Input((2,))
    features = kg.layers.SpectralNormalization(layers.Dense(SIZE), build_iterations=1)(latents)
    generator = keras.Model(latents, layers.Reshape(SHAPE)(features))
    vae = kg.VAE(tiny_encoder(), generator)
    vae.compile(keras.optimizers.SGD(0.0))
    for _ in range(30):
        vae.train_on_batch(images_between(-1, 1, 4))
    layer = generator.layers[1]
    largest = np.linalg.svd(layer.layer.kernel.numpy())[1][0]
    assert float(layer.sigma()) == pytest.approx(largest, rel=1e-4)


# What is done with a trained model.


def test_encode_and_reconstruct():
    vae, images = small_vae(), bytes_of(3)
    latents = vae.encode(images)
    assert latents.dtype == "float32"
    floats = images / np.float32(127.5) - 1
    mean, _ = vae.encoder(floats, training=False)
    np.testing.assert_allclose(latents, mean, atol=1e-6)
    again = vae.reconstruct(images)
    assert again.dtype == "uint8"
    np.testing.assert_array_equal(again, export.to_uint8(vae(latents)))
    np.testing.assert_array_equal(vae.encode(images[..., 0]), latents, "grey without channel axis")


def test_many_images_go_in_parts():
    vae, images = small_vae(), bytes_of(300)
    np.testing.assert_allclose(vae.encode(images)[-1], vae.encode(images[-1:])[0], atol=1e-5)
    assert vae.reconstruct(images).shape == images.shape


@pytest.mark.parametrize("method", ["encode", "reconstruct"])
def test_images_that_cannot_be_encoded(method):
    function = getattr(small_vae(), method)
    with pytest.raises(InputError, match="must be uint8"):
        function(np.zeros((2, 16, 16, 1), "float32"))
    with pytest.raises(InputError, match=r"of shape \(16, 16, 1\)\. Received: \(16, 16, 3\)"):
        function(bytes_of(2, (16, 16, 3)))
    with pytest.raises(InputError, match="at least one"):
        function(bytes_of(0))


def test_preview_without_examples_is_of_samples():
    vae = small_vae()
    images, columns = vae.preview(5, seed=3)
    assert columns is None
    np.testing.assert_array_equal(images, vae.generate(5, seed=3))
    with pytest.raises(InputError, match="Only conditional models take `labels`"):
        vae.preview(labels=[1])


@pytest.mark.parametrize(
    ("batch", "count", "columns", "samples"), [(9, None, 8, 48), (5, 13, 5, 10)]
)
def test_preview_has_the_data_above_their_reconstructions(batch, count, columns, samples):
    vae, images = small_vae(), bytes_of(batch)
    vae.compile(run_eagerly=True)
    vae.fit(images / np.float32(127.5) - 1, batch_size=batch, verbose=0)
    found, width = vae.preview(count, seed=3)
    assert width == columns
    examples, reconstructions, rest = np.split(found, [columns, 2 * columns])
    np.testing.assert_array_equal(examples, images[:columns])
    np.testing.assert_array_equal(reconstructions, vae.reconstruct(examples))
    np.testing.assert_array_equal(rest, vae.generate(samples, seed=3))


def test_signatures_are_python(tmp_path):
    vae, images = small_vae(), bytes_of(3)
    vae.export(str(tmp_path), verbose=False)
    signatures = tf.saved_model.load(str(tmp_path)).signatures
    (latents,) = signatures["encode"](images=tf.constant(images)).values()
    np.testing.assert_allclose(latents, vae.encode(images), atol=1e-6)
    (again,) = signatures["reconstruct"](images=tf.constant(images)).values()
    assert again.dtype == "uint8"
    assert np.abs(np.int32(again) - vae.reconstruct(images)).max() <= 1


# Arguments.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"likelihood": "poisson"}, '`likelihood` is "bernoulli", or "gaussian", which'),
        ({"likelihood": "gaussian", "sigma": 0}, "`sigma` must be a number of at least 0.001"),
        ({"sigma": 0.1}, "which alone has a `sigma`. Received: 'bernoulli' and 0.1"),
        ({"beta": -0.1}, "`beta` must be a number of at least 0"),
        ({"beta": "much"}, "`beta` must be a number"),
        ({"kl_warmup": -1}, "`kl_warmup` must be an integer of at least 0"),
        ({"kl_warmup": 2.5}, "`kl_warmup` must be an integer of at least 0"),
        ({"ema_decay": 1.0}, "`ema_decay`"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(InputError, match=message):
        tiny_vae(**options)


@pytest.mark.parametrize(
    ("encoder", "generator"),
    [
        (tiny_encoder(3), tiny_generator(2)),
        (tiny_encoder(2, (3, 3, 1)), tiny_generator(2)),
        (tiny_generator(2), tiny_generator(2)),
        (tiny_encoder(2, (4,)), tiny_generator(2, (4,))),
    ],
    ids=["latents", "images", "no encoder", "points"],
)
def test_networks_must_fit(encoder, generator):
    with pytest.raises(InputError, match="must take the images that the generator makes"):
        kg.VAE(encoder, generator)


def test_the_default_encoder():
    shape = (28, 28, 3)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        networks = [vae_networks.encoder(shape, 5, filters=2, seed=seed) for seed in (1, 1, 2)]
    finally:
        keras.config.set_dtype_policy("float32")
    outputs = networks[0](images_between(-1, 1, 4, shape))
    assert [output.shape for output in outputs] == [(4, 5), (4, 5)]
    assert [output.dtype for output in outputs] == ["float32"] * 2, "in half precision, too"
    first, same, other = (network.get_weights() for network in networks)
    assert all(map(np.array_equal, first, same))
    assert not np.array_equal(first[0], other[0])


def test_it_needs_an_image_shape_and_images():
    with pytest.raises(InputError, match="needs `image_shape`"):
        kg.VAE()
    with pytest.raises(InputError, match="VAE trains on images"):
        kg.VAE.from_data(kg.data.load("ring", count=64))
