"""ProGAN: growth, what fading in means, and its numbers of parameters."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import progressive, stylegan
from keras_gans.training import snapshot
from keras_gans.training.batches import slices
from tests.contract import equal, two_replicas, weights_and_seeds

IMAGES = np.random.default_rng(0).uniform(-1, 1, (64, 32, 32, 1)).astype("float32")
Z = np.random.default_rng(1).normal(size=(3, 8)).astype("float32")
TINY = {"latent_dim": 8, "filters": 2, "max_filters": 4}
# Level, whether it is faded in, and how far, after each batch of 4 images of 16 pixels.
GROWTH = [(0, False, 1.0)] * 2 + [(1, True, 0.0), (1, True, 0.5)] + [(1, False, 1.0)] * 2
GROWTH += [(2, True, 0.0), (2, True, 0.5)] + [(2, False, 1.0)] * 2


def make(size=32, eagerly=True, **options):
    schedule = {"fade_images": 8, "stable_images": 8}
    gan = kg.ProgressiveGAN(image_shape=(size, size, 1), **TINY | schedule | options)
    gan.compile(run_eagerly=eagerly)
    return gan


def stages(gan):
    return gan.generator.level, gan.generator.fading


def watch(gan):
    """Returns a list, and a callback that adds what `GROWTH` has."""
    seen = []

    def note(batch, logs):
        seen.append((*stages(gan), round(float(gan.generator.fade.numpy()), 3)))

    return seen, keras.callbacks.LambdaCallback(on_train_batch_end=note)


@pytest.mark.parametrize(
    ("network", "count"),
    [
        (progressive.ProgressiveGenerator, 23_079_115),
        (progressive.ProgressiveDiscriminator, 23_087_249),
    ],
)
def test_parameters_are_those_that_the_authors_code_prints(network, count):
    weights = network((1024, 1024, 3)).trainable_variables
    assert sum(int(np.prod(v.shape)) for v in weights) == count


@pytest.mark.parametrize(
    "networks",
    [
        (progressive.ProgressiveGenerator, progressive.ProgressiveDiscriminator),
        (stylegan.StyleGenerator, stylegan.StyleDiscriminator),
    ],
)
def test_faded_in_by_0_it_is_the_smaller_network_and_by_1_the_larger(networks):
    generator, discriminator = (network((16, 16, 3), **TINY, seed=0) for network in networks)

    def at(network, x, level, fading=False, fade=1.0):
        network.level, network.fading = level, fading
        network.fade.assign(fade)
        return np.asarray(network(x))

    small, large = at(generator, Z, 1), at(generator, Z, 2)
    assert not np.allclose(small, large)
    np.testing.assert_array_equal(at(generator, Z, 2, True, 0.0), small)
    np.testing.assert_array_equal(at(generator, Z, 2, True, 1.0), large)
    half = at(generator, Z, 2, True, 0.5)
    np.testing.assert_allclose(half, (small + large) / 2, atol=1e-6)
    images = IMAGES[:4, ::2, ::2].repeat(3, axis=-1)
    smaller, larger = at(discriminator, images, 1), at(discriminator, images, 2)
    np.testing.assert_array_equal(at(discriminator, images, 2, True, 0.0), smaller)
    np.testing.assert_array_equal(at(discriminator, images, 2, True, 1.0), larger)


def test_the_discriminator_takes_images_of_its_own_or_of_the_full_size():
    discriminator = progressive.ProgressiveDiscriminator((16, 24, 1), **TINY, seed=0)
    discriminator.level = 1
    images = IMAGES[:4, :16, :24]
    small = progressive.shrink(images, 2)
    assert small.shape == (4, 8, 12, 1)
    np.testing.assert_allclose(small[0, 1, 2], images[0, 2:4, 4:6].mean(axis=(0, 1)), atol=1e-6)
    np.testing.assert_array_equal(discriminator(images), discriminator(small))


def test_grows_as_the_schedule_says():
    """As a graph, which is made anew with each phase; the whole growth is below."""
    gan = make(16, eagerly=False)
    seen, watching = watch(gan)
    gan.fit(IMAGES[:24, ::2, ::2], batch_size=4, epochs=1, verbose=0, callbacks=watching)
    assert seen == GROWTH[:6]
    assert int(gan.images_done) == 24


def test_a_fade_on_two_replicas_in_half_precision():
    strategy = two_replicas()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        with strategy.scope():
            gan = make(16, eagerly=False)
            gan.images_done.assign(12)
            gan.phase.assign(gan.due_phase())
            gan.state_was_set()
    finally:
        keras.config.set_dtype_policy("float32")
    ends = [end.trainable_variables[0] for end in gan.generator.ends]
    before = [kernel.numpy() for kernel in ends]
    data = tf.data.Dataset.from_tensor_slices(IMAGES[:4, ::2, ::2]).batch(4)
    history = gan.fit(data, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert stages(gan) == (1, True)
    moved = [not np.array_equal(now, old) for now, old in zip(ends, before, strict=True)]
    assert moved == [True, True, False], "the size below is at work too"
    for network in (gan.generator, gan.discriminator):
        assert float(network.fade.numpy()) == 0.5
        for variable in (network.fade, *network.at_work()):
            first, second = strategy.experimental_local_results(variable.value)
            assert np.isfinite(first).all()
            assert np.array_equal(first, second)


def test_only_layers_at_work_learn_and_optimizers_begin_anew():
    gan = make(16, rates=(1.0, 2.0, 3.0))
    first = [v.numpy() for v in gan.generator.blocks[2].trainable_variables]
    gan.fit(IMAGES[:16, ::2, ::2], batch_size=4, verbose=0)
    gan.fit(IMAGES[:4, ::2, ::2], batch_size=4, verbose=0)
    assert stages(gan) == (1, False)
    assert equal([v.numpy() for v in gan.generator.blocks[2].trainable_variables], first)
    assert int(gan.generator_optimizer.iterations) == 1, "since the last phase began"
    rate = float(gan.generator_optimizer.learning_rate.numpy())
    assert rate == pytest.approx(2e-3)


def test_the_first_size_has_its_rate_too():
    gan = make(16, rates=(0.5, 1.0))
    assert float(gan.generator_optimizer.learning_rate.numpy()) == pytest.approx(5e-4)


def test_a_batch_is_cut_into_updates():
    gan = make(16, updates=(1, 2), stable_images=16)
    gan.fit(IMAGES[:16, ::2, ::2], batch_size=16, verbose=0)
    gan.fit(IMAGES[:16, ::2, ::2], batch_size=8, steps_per_epoch=1, verbose=0)
    assert stages(gan) == (1, True)
    assert int(gan.generator_optimizer.iterations) == 2
    assert gan.steps_done == 2


def test_a_smaller_last_batch_is_filled_up_to_its_updates():
    """In a graph that does not know its size: 7 images are 4 and 3."""
    gan, sizes = make(16, eagerly=False, updates=(4,)), tf.Variable(tf.zeros(3, "int32"))
    gan.update_players = lambda images, _: sizes.scatter_nd_add([tf.shape(images)[:1]], [1])
    data = tf.data.Dataset.from_tensor_slices(IMAGES[:7, ::2, ::2]).batch(4)
    gan.fit(data, verbose=0)
    assert sizes.numpy().tolist() == [0, 8, 0], "no update without images"
    assert int(gan.images_done) == 7


def test_slices_of_a_size_that_the_graph_does_not_know():
    @tf.function(input_signature=[tf.TensorSpec((None, 1)), tf.TensorSpec((None,))])
    def cut(images, labels):
        return slices(4, images, labels)

    def found(count):
        parts = cut(np.arange(count)[:, None], np.arange(count))
        assert all(np.array_equal(images[:, 0], labels) for images, labels in parts)
        return [labels.numpy().tolist() for _, labels in parts]

    assert found(8) == [[0, 4], [1, 5], [2, 6], [3, 7]]
    assert found(6) == [[0, 4], [1, 5], [2, 0], [3, 1]]
    assert found(3) == [[0], [1], [2], [0]]


@pytest.mark.parametrize(
    ("model_class", "options", "decay"),
    [
        (kg.ProgressiveGAN, {"ema_decay": 0.9}, 0.9),
        (kg.StyleGAN, {"ema_images": 4, "growing": False}, 0.5 ** (2 / 4)),
    ],
)
def test_the_average_moves_after_each_update(model_class, options, decay):
    gan = model_class(image_shape=(16, 16, 1), updates=(4,), **TINY, **options)
    gan.compile(run_eagerly=True)
    gan.step.assign(10**6)  # The average's beginning is over.
    weight, average = (x.ends[-1].weights[0] for x in (gan.generator, gan.average_generator))
    expected = now = weight.numpy()
    gan.update_players = lambda *_: weight.assign_add(np.ones(weight.shape))
    gan.train_step(tf.convert_to_tensor(IMAGES[:8, ::2, ::2]))
    for _ in range(4):
        now = now + 1
        expected = decay * expected + (1 - decay) * now
    np.testing.assert_allclose(average.numpy(), expected, rtol=1e-5)
    assert int(gan.batches_done) == 1


def test_a_training_that_ends_before_the_full_size_is_warned_of():
    gan, images = make(16, fade_images=4, stable_images=4), IMAGES[:4, ::2, ::2]
    message = r"ends at image 8, before the full size at image 16: call `plan\(images\)`"
    with pytest.warns(UserWarning, match=message):
        gan.fit(images, batch_size=4, epochs=2, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        gan.fit(images, batch_size=4, epochs=2, verbose=0)  # Up to image 16.


def test_layers_are_frozen_after_the_growth_alone():
    gan, images = make(16, frozen_layers=2), IMAGES[:4, ::2, ::2]
    message = "Received: frozen_layers=2 at 4 by 4 pixels"
    with pytest.raises(InputError, match=message):
        gan.fit(images, batch_size=4, verbose=0)
    with pytest.raises(InputError, match=message):
        gan.check_start(4)
    gan.grow_up()
    gan.check_start(4)
    gan.fit(images, batch_size=4, verbose=0)
    assert gan.steps_done == 1


def test_resumes_bit_for_bit_in_a_fade(tmp_path):
    """One whole growth from 4 to 16 pixels, in one go and interrupted in two fades."""
    ends, images = [], IMAGES[:, ::2, ::2]
    for stops in ((10,), (3, 7, 10)):
        for steps in stops:
            gan = make(16)
            seen, watching = watch(gan)
            saving = kg.callbacks.Checkpoint(tmp_path / f"{len(stops)}", 1, resume=True)
            budget = kg.callbacks.Budget(steps=steps)
            callbacks = [budget, saving, watching]
            gan.fit(images, batch_size=4, epochs=9, verbose=0, callbacks=callbacks)
            if steps in (3, 7):
                assert gan.generator.fading
            if len(stops) == 1:
                assert seen == GROWTH
        assert stages(gan) == (2, False)
        ends.append(weights_and_seeds(gan))
    assert equal(*ends)


def test_a_half_grown_model_is_saved_exported_and_sampled(tmp_path):
    gan = make(32)
    gan.fit(IMAGES[:16], batch_size=4, verbose=0)
    assert (*stages(gan), float(gan.average_generator.fade)) == (1, True, 0.5)
    images = gan.generate(4, seed=1)
    assert images.shape == (4, 32, 32, 1)
    np.testing.assert_array_equal(images, np.repeat(images[:, ::4], 4, axis=1))
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert (*stages(loaded), float(loaded.generator.fade)) == (1, True, 0.5)
    np.testing.assert_array_equal(loaded.generate(4, seed=1), images)
    gan.export(tmp_path / "saved", verbose=False)
    exported = tf.saved_model.load(str(tmp_path / "saved")).signatures["generate"]
    made = exported(count=tf.constant(4), seed=tf.constant(1))
    np.testing.assert_array_equal(next(iter(made.values())), images)


def test_drift_is_a_term_of_the_critic():
    gan = make(16, drift=0.5)
    real, fake = (kg.models.gan.Judgement(tf.constant([[a], [b]])) for a, b in ((2.0, 4), (1.0, 0)))
    terms = gan.discriminator_terms(real, fake, None, None)
    assert float(terms["discriminator_loss"]) == pytest.approx(0.5 - 3 + 0.5 * (4 + 16) / 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"updates": ()}, "`updates` is a list of numbers above 0"),
        ({"updates": 2}, "`updates` is a list of numbers above 0"),
        (
            {"updates": (1, 1, 1, 2)},
            "at most one for each size, which are 4, 8, 16. Received",
        ),
        ({"rates": (1.0, 0.0)}, "`rates` is a list of numbers above 0"),
        ({"fade_images": 0}, "`fade_images` must be an integer of at least 1"),
        ({"image_shape": (30, 30, 1)}, "the nearest is 32 by 32"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(InputError, match=message):
        kg.ProgressiveGAN(**{"image_shape": (16, 16, 1)} | TINY | options)


def test_what_would_fail_at_a_growth_is_refused_before():
    gan = kg.ProgressiveGAN(image_shape=(16, 16, 1), updates=(1, 1, 4), **TINY)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    with pytest.raises(InputError, match="must have a number as its learning rate"):
        gan.compile(generator_optimizer=keras.optimizers.Adam(schedule))
    gan.compile()
    with pytest.raises(InputError, match="A step takes a multiple of 4 images. Received: 6"):
        gan.fit(IMAGES[:12, ::2, ::2], batch_size=6, verbose=0)


def test_what_a_batch_must_be_is_known_before_there_is_one():
    gan = kg.ProgressiveGAN(
        image_shape=(16, 16, 1), updates=(1, 2, 3), discriminator_steps=2, **TINY
    )
    gan.check_start(6)
    # A step takes two batches.
    with pytest.raises(InputError, match="A step takes a multiple of 6 images. Received: 8"):
        gan.check_start(4)
    with pytest.raises(InputError, match="A step takes a multiple of 4 images. Received: 6"):
        gan.check_start(3)


def test_a_state_that_is_set_sets_the_level_too():
    gan = make()
    before = snapshot.take(gan)
    gan.grow_up()
    assert stages(gan) == (3, False)
    snapshot.restore(gan, before)
    assert stages(gan) == (0, False)
    later = make()
    gan.grow_up()
    snapshot.restore(later, snapshot.take(gan))
    assert stages(later) == (3, False)


def test_networks_of_another_kind_are_refused():
    network = kg.networks.mlp.generator((16, 16, 1), 8)
    with pytest.raises(InputError, match="are those of `networks.progressive`. Received: "):
        kg.ProgressiveGAN(network, image_shape=(16, 16, 1))


def test_features_are_halved_before_they_are_activated():
    network = kg.ProgressiveGAN(image_shape=(16, 16, 1), filters=2, max_filters=4).discriminator
    features = np.array([[[[-4.0], [2.0]], [[1.0], [3.0]]]], "float32")
    halved = np.asarray(network.halve(keras.ops.convert_to_tensor(features), lambda x: x))
    # leaky ReLU of the mean 0.5 is 0.5; the mean of leaky ReLUs would be 1.3.
    np.testing.assert_allclose(halved, [[[[0.5]]]], rtol=1e-6)
