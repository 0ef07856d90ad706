import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import mlp
from keras_gans.training.gradients import finite, minimize
from tests.contract import two_replicas

IMAGES = np.random.default_rng(0).normal(size=(32, 16, 16, 1)).astype("float32").clip(-1, 1)


@pytest.fixture
def policy():
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy("float32")


def make(name, **options):
    options = {"wgan_gp": {"filters": 4}, "r3gan": {"width": 4}}[name] | options
    classes = {"wgan_gp": kg.WGANGP, "r3gan": kg.R3GAN}
    return classes[name](image_shape=(16, 16, 1), latent_dim=8, **options)


def points_gan():
    """A small model whose step takes two batches, where the networks do not matter."""
    networks = mlp.generator((2,), 3, (8,), None, seed=0), mlp.discriminator((2,), (8,), seed=0)
    return kg.WGANGP(*networks, discriminator_steps=2)


@pytest.mark.parametrize("name", ["wgan_gp", "r3gan"])
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_many_steps_stay_finite(name, precision, policy):
    policy(precision)
    gan = make(name, **({"discriminator_steps": 2} if name == "wgan_gp" else {}))
    gan.compile(1e-4, 1e-4)
    batch = 8 if name == "r3gan" else 4
    data = kg.data.load("digits", image_size=16, batch_size=batch)
    # Float16 is emulated on CPUs, and slow.
    steps = 4 if (name, precision) == ("r3gan", "mixed_float16") else 10
    history = gan.fit(data, epochs=2, steps_per_epoch=steps, verbose=0).history
    assert gan.steps_done == 2 * steps
    assert all(np.isfinite(values).all() for values in history.values())
    half = precision.removeprefix("mixed_")
    for network in (gan.generator, gan.discriminator, gan.average_generator):
        dtype = "float32" if network is gan.average_generator else half
        assert {layer.compute_dtype for layer in network.layers} >= {dtype}
        for weight in network.weights:
            assert weight.dtype == "float32" or weight.dtype.startswith("int")
            assert np.isfinite(weight.numpy()).all()
    for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
        assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer) == (
            precision == "mixed_float16"
        )


def test_each_optimizer_has_a_loss_scale_of_its_own(policy):
    """One player's overflow halves its own scale and skips its own update, nothing else."""
    policy("mixed_float16")
    gan = make("wgan_gp", discriminator_steps=1, ema_decay=None)
    gan.compile(
        keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1e-4), 2.0**40),
        keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1e-4), 8.0, 3),
        run_eagerly=True,
    )
    generator, discriminator = gan.generator_optimizer, gan.discriminator_optimizer
    before = [weight.numpy() for weight in gan.generator.trainable_variables]
    critic = [weight.numpy() for weight in gan.discriminator.trainable_variables]
    gan.train_on_batch(IMAGES[:8])
    assert float(generator.dynamic_scale) == 2.0**39, "halved, for 2^40 is beyond float16"
    assert float(discriminator.dynamic_scale) == 8.0
    after = [weight.numpy() for weight in gan.generator.trainable_variables]
    assert all(map(np.array_equal, before, after))
    after = [weight.numpy() for weight in gan.discriminator.trainable_variables]
    assert not all(map(np.array_equal, critic, after))
    for start in range(0, 24, 8):
        gan.train_on_batch(IMAGES[start : start + 8])
    assert float(discriminator.dynamic_scale) == 16.0, "doubled after three finite steps"
    assert float(generator.dynamic_scale) == 2.0**36


def test_a_model_from_a_file_has_a_loss_scale_when_it_is_compiled_anew(policy, tmp_path):
    policy("mixed_float16")
    make("r3gan").save(tmp_path / "half.keras")
    policy("float32")
    gan = keras.saving.load_model(tmp_path / "half.keras")
    gan.compile(1e-4, 1e-4)
    assert all(hasattr(optimizer, "dynamic_scale") for optimizer in gan.optimizers.values())


def test_a_penalty_that_overflows_does_not_stay_in_the_mean():
    found = finite({"r1": tf.constant(np.inf), "gradient_penalty": tf.constant(2.0)})
    assert [float(value) for value in found.values()] == [0.0, 2.0]


def test_gradients_are_accumulated():
    """Two batches of 4 with accumulation move the weights as one batch of 8 does."""

    def run(batch, accumulation):
        gan = kg.GAN(image_shape=(4, 4, 1), latent_dim=2, ema_decay=None, reuse_fakes=False)
        optimizers = [
            keras.optimizers.SGD(0.1, gradient_accumulation_steps=accumulation) for _ in range(2)
        ]
        gan.compile(*optimizers)
        latents = np.random.default_rng(1).normal(size=(8, 2)).astype("float32")
        images = np.random.default_rng(2).normal(size=(8, 4, 4, 1)).astype("float32")
        place = [0]

        def fed(count):
            start = place[0]
            return keras.ops.convert_to_tensor(latents[start : start + count])

        gan.latents = fed
        gan.run_eagerly = True
        for start in range(0, 8, batch):
            place[0] = start
            gan.train_on_batch(images[start : start + batch])
        return [w.numpy() for w in gan.discriminator.trainable_variables]

    for one, two in zip(run(8, None), run(4, 2), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)


def test_joined_steps_give_the_same():
    def run(steps_per_execution):
        gan = points_gan()
        gan.compile(steps_per_execution=steps_per_execution)
        data = kg.data.load("ring", count=64, batch_size=4)
        gan.fit(data, epochs=1, steps_per_epoch=8, verbose=0)
        return [w.numpy() for w in gan.generator.weights + gan.discriminator.weights]

    for plain, other in zip(run(1), run(4), strict=True):
        np.testing.assert_array_equal(plain, other)


def test_a_compiled_step_gives_the_same():
    """In a process of its own, since XLA does not work in the tests' deterministic mode."""
    script = """
import keras, numpy as np
import keras_gans as kg
from keras_gans.networks import dcgan
weights = []
for jit_compile in (False, True):
    generator = dcgan.generator((16, 16, 1), 8, filters=2, seed=0)
    gan = kg.R3GAN(generator, dcgan.discriminator((16, 16, 1), filters=2, seed=0))
    latents = np.random.default_rng(0).normal(size=(4, 8)).astype("float32")
    gan.latents = lambda count: keras.ops.convert_to_tensor(latents)  # XLA draws others.
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), jit_compile=jit_compile)
    gan.fit(kg.data.load("digits", image_size=16, batch_size=4), steps_per_epoch=4, verbose=0)
    assert gan.jit_compile == jit_compile
    weights.append([w.numpy() for w in gan.generator.weights + gan.discriminator.weights])
for plain, compiled in zip(*weights, strict=True):
    np.testing.assert_allclose(plain, compiled, atol=1e-4)
"""
    subprocess.run([sys.executable, "-W", "error::UserWarning", "-c", script], check=True)


def test_an_overflow_on_one_replica_skips_the_step_on_all(policy):
    policy("mixed_float16")
    strategy = two_replicas()
    with strategy.scope():
        gan = make("wgan_gp", discriminator_steps=1, ema_decay=None)
        gan.compile()
    variables = gan.generator.trainable_variables[:1]

    @tf.function
    def step():
        def one():
            number = tf.distribute.get_replica_context().replica_id_in_sync_group
            bad = tf.where(tf.equal(number, 1), np.inf, 1.0)
            minimize(
                gan.generator_optimizer,
                variables,
                lambda: tf.reduce_sum(tf.convert_to_tensor(variables[0].value)) * bad,
            )

        strategy.run(one)

    before = variables[0].numpy()
    step()
    np.testing.assert_array_equal(variables[0].numpy(), before)
    assert gan.generator_optimizer.dynamic_scale.numpy() == 2.0**14


@pytest.mark.parametrize(
    "options", [{"clipnorm": 1.0}, {"clipvalue": 1.0}, {"gradient_accumulation_steps": 2}]
)
def test_what_replicas_cannot_do_is_refused(options):
    with two_replicas().scope():
        gan = make("r3gan")
        with pytest.raises(InputError, match="share of the gradients.*Received: [a-z_]+"):
            gan.compile(generator_optimizer=keras.optimizers.Adam(1e-4, **options))


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_under_replicas(precision, policy):
    policy(precision)
    strategy = two_replicas()
    with strategy.scope():
        gan = points_gan()
        gan.compile()
    data = kg.data.load("ring", count=64, batch_size=8)
    before = [network.get_weights() for network in (gan.generator, gan.discriminator)]
    history = gan.fit(data, epochs=1, steps_per_epoch=3, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert gan.steps_done == 3
    for network, old in zip((gan.generator, gan.discriminator), before, strict=True):
        assert not np.array_equal(network.get_weights()[0], old[0]), "both players learn"
    for variable in gan.generator.trainable_variables + gan.discriminator.trainable_variables:
        first, second = strategy.experimental_local_results(variable.value)
        assert np.array_equal(first, second)
