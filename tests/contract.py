"""The contract that every method is held to: `run_gan_test`."""

import functools

import keras
import numpy as np
import tensorflow as tf

IMAGE_SHAPE = (16, 16, 1)


def batch(gan, size=4, seed=0):
    """Returns one batch of data as `train_step` takes it."""
    random = np.random.default_rng(seed)
    count = size * gan.discriminator_steps
    images = random.uniform(-1, 1, (count, *gan.image_shape)).astype("float32")
    if gan.num_classes:
        return images, (np.arange(count) % gan.num_classes).astype("int32")
    return images


def dataset(gan, size=4, batches=2):
    """Returns a data set of some batches."""
    count = size * batches
    random = np.random.default_rng(1)
    images = random.uniform(-1, 1, (count, *gan.image_shape)).astype("float32")
    if gan.num_classes:
        images = (images, (np.arange(count) % gan.num_classes).astype("int32"))
    return tf.data.Dataset.from_tensor_slices(images).batch(size, drop_remainder=True)


def state(model):
    """Returns copies of all variables of a model, with its seeds."""
    return [variable.numpy() for variable in model.variables]


def equal(first, second):
    """Tells whether two states are equal bit for bit."""
    return len(first) == len(second) and all(map(np.array_equal, first, second))


def run_gan_test(make, tmp_path):
    """Holds a method to the contract.

    Args:
        make: Function without arguments that returns the model, always the same, uncompiled.
        tmp_path: A folder to write to.
    """
    check_frozen_updates(make)
    check_fit_and_evaluate(make)
    check_seed(make)
    check_save_and_load(make, tmp_path)
    check_export(make, tmp_path)
    check_replicas(make)


def check_frozen_updates(make):
    gan = make()
    gan.compile()
    images, labels = gan._unpack(keras.tree.map_structure(tf.constant, batch(gan)))
    real, label = gan._slices(images)[0], gan._slices(labels)[0]
    recording = gan._record(real, label)

    before_generator, before_discriminator = state(gan.generator), state(gan.discriminator)
    gan._update_discriminator(real, recording.outputs, label)
    assert equal(state(gan.generator), before_generator), "the discriminator's update moved G"
    assert not equal(state(gan.discriminator), before_discriminator), "D did not move"

    before_discriminator = state(gan.discriminator)
    gan._update_generator(recording, real, label)
    assert equal(state(gan.discriminator), before_discriminator), "the generator's update moved D"
    assert not equal(state(gan.generator), before_generator), "G did not move"


def check_fit_and_evaluate(make):
    gan = make()
    gan.compile()
    data = dataset(gan, batches=2 * gan.discriminator_steps)
    history = gan.fit(data, epochs=2, validation_data=data.take(1), verbose=0).history
    expected = {"generator_loss", "discriminator_loss", "real_accuracy", "fake_accuracy"}
    assert expected <= set(history)
    assert all(f"val_{name}" in history for name in expected)
    assert all(np.isfinite(history[name]).all() for name in history)
    assert int(gan.step) == 4, "an epoch of 2 steps, twice"
    assert int(gan.discriminator_optimizer.iterations) == 4 * gan.discriminator_steps
    images = gan.generate(3, seed=1)
    assert images.shape == (3, *gan.image_shape)
    assert images.dtype == "uint8"


def check_seed(make):
    runs = []
    for _ in range(2):
        gan = make()
        gan.compile(run_eagerly=True)
        gan.train_on_batch(*as_arguments(batch(gan)))
        runs.append(state(gan))
    assert equal(*runs), "a fixed seed gives equal runs"
    assert np.array_equal(gan.generate(3, seed=5), gan.generate(3, seed=5))
    assert not np.array_equal(gan.generate(3, seed=5), gan.generate(3, seed=6))


def check_save_and_load(make, tmp_path):
    gan = make()
    gan.compile(1e-3, 2e-3)
    gan.train_on_batch(*as_arguments(batch(gan)))
    path = tmp_path / "model.keras"
    gan.save(path)
    loaded = keras.saving.load_model(path)
    assert type(loaded) is type(gan)
    assert equal(state(loaded.average_generator), state(gan.average_generator))
    assert int(loaded.step) == 1
    for name in ("generator_optimizer", "discriminator_optimizer"):
        old, new = getattr(gan, name), getattr(loaded, name)
        assert equal(state(new), state(old))
    for model in (gan, loaded):
        model.train_on_batch(*as_arguments(batch(gan, seed=1)))
    assert equal(weights_and_seeds(loaded), weights_and_seeds(gan)), "the next step is the same"
    assert np.array_equal(loaded.generate(4), gan.generate(4))


def check_export(make, tmp_path):
    gan = make()
    gan.compile(run_eagerly=True)
    gan.train_on_batch(*as_arguments(batch(gan)))
    path = str(tmp_path / "saved_model")
    gan.export(path, verbose=False)
    signatures = tf.saved_model.load(path).signatures
    labels = {}
    if gan.num_classes:
        labels = {"labels": tf.range(4, dtype="int32") % gan.num_classes}
    latents = tf.random.stateless_normal((4, gan.latent_dim), (0, 0))
    images = signatures["serving_default"](latents=latents, **labels)
    expected = gan(latents, **labels)
    np.testing.assert_allclose(next(iter(images.values())), expected, atol=1e-6)
    images = signatures["generate"](count=tf.constant(4), seed=tf.constant(7), **labels)
    assert np.array_equal(next(iter(images.values())), gan.generate(4, seed=7))


@functools.cache
def two_replicas():
    # One for all tests: TensorFlow mixes up the collectives of several in one process.
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def check_replicas(make):
    strategy = two_replicas()
    with strategy.scope():
        gan = make()
        gan.compile()
    data = dataset(gan, batches=2 * gan.discriminator_steps)
    history = gan.fit(data, epochs=1, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    for variable in gan.generator.trainable_variables + gan.discriminator.trainable_variables:
        first, second = strategy.experimental_local_results(variable.value)
        assert np.array_equal(first, second), f"replicas differ in {variable.path}"
    drawn = strategy.run(lambda: tf.convert_to_tensor(gan._latents(2)))
    first, second = strategy.experimental_local_results(drawn)
    assert not np.array_equal(first, second), "replicas must draw different latents"


def weights_and_seeds(gan):
    metrics = {id(variable) for metric in gan.metrics for variable in metric.variables}
    return [variable.numpy() for variable in gan.variables if id(variable) not in metrics]


def as_arguments(data):
    return data if isinstance(data, tuple) else (data,)
