import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import mlp


def points_gan(**options):
    return kg.GAN(
        mlp.generator((2,), 3, (8,), None, seed=0), mlp.discriminator((2,), (8,), seed=0), **options
    )


def test_only_the_paired_players_must_fit():
    with pytest.raises(InputError, match=r"images of \(2,\) and a discriminator for \(3,\)"):
        kg.GAN(mlp.generator((2,), 3, (8,)), mlp.discriminator((3,), (8,)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"discriminator_steps": 0}, "`discriminator_steps` must be an int >= 1"),
        ({"label_smoothing": 1.0}, "`label_smoothing` is in"),
        ({"label_smoothing": 0.1, "loss": "hinge"}, "needs a loss with labels"),
        ({"ema_decay": 1.5}, "`ema_decay` is None or in"),
        ({"loss": "hing"}, "Did you mean 'hinge'"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(InputError, match=message):
        points_gan(**options)


def test_networks_need_an_image_shape():
    with pytest.raises(InputError, match="needs `image_shape`"):
        kg.GAN()
    with pytest.raises(InputError, match="needs `image_shape`"):
        kg.DCGAN()


def test_optimizers_of_two_time_scales():
    gan = points_gan()
    gan.compile(1e-4, 4e-4)
    rates = [gan.generator_optimizer.learning_rate, gan.discriminator_optimizer.learning_rate]
    np.testing.assert_allclose([float(rate) for rate in rates], [1e-4, 4e-4])
    assert float(gan.generator_optimizer.beta_1) == 0.5, "the paper's Adam at another rate"
    gan.compile(keras.optimizers.SGD(0.1), "rmsprop")
    assert isinstance(gan.generator_optimizer, keras.optimizers.SGD)
    assert isinstance(gan.discriminator_optimizer, keras.optimizers.RMSprop)


def test_fit_joins_batches_for_the_critic_steps():
    gan = points_gan(discriminator_steps=3)
    gan.compile()
    seen = []
    original = gan._update_discriminator
    gan._update_discriminator = lambda real, *rest: (
        seen.append(real.shape[0]),
        original(real, *rest),
    )
    data = tf.data.Dataset.from_tensor_slices(tf.zeros((28, 2))).batch(4)  # 7 batches
    gan.fit(data, epochs=1, verbose=0)
    assert seen == [4, 4, 4], "each critic update sees one batch"
    assert int(gan.step) == 2
    assert int(gan.discriminator_optimizer.iterations) == 6
    gan.fit(np.zeros((24, 2), "float32"), batch_size=4, verbose=0)
    assert int(gan.step) == 4


def test_a_single_callback_needs_no_list():
    gan = points_gan()
    gan.compile()
    budget = kg.callbacks.Budget(steps=2)
    gan.fit(np.zeros((24, 2), "float32"), batch_size=4, verbose=0, callbacks=budget)
    assert gan.steps_done == budget.steps_done == 2


def test_a_batch_that_cannot_be_sliced_is_refused():
    gan = points_gan(discriminator_steps=3)
    gan.compile()
    with pytest.raises(InputError, match="a multiple of `discriminator_steps` = 3"):
        gan.train_on_batch(np.zeros((4, 2), "float32"))


def test_critic_slices_are_fresh():
    gan = points_gan(discriminator_steps=2)
    slices = gan._slices(tf.constant([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]]))
    np.testing.assert_array_equal(tf.concat(slices, 0)[:, 0], [1, 3, 2, 4])


def test_generator_step_through_shared_images_equals_a_plain_step():
    """The recording gives the gradient of the plain loss L(D(G(z)))."""
    gan = points_gan(ema_decay=None)
    rate = 0.5
    gan.compile(keras.optimizers.SGD(rate), keras.optimizers.SGD(0.0))
    real = tf.zeros((5, 2))
    recording = gan._record(real, None)
    gan.seed_generator.state.assign([0, 0])
    latents = gan._latents(5)
    before = [variable.numpy() for variable in gan.generator.trainable_variables]
    with tf.GradientTape() as tape:
        logits = gan.discriminator(gan.generator(latents, training=True), training=True)
        loss = gan.loss_function.generator_loss(logits)
    gradients = tape.gradient(loss, gan.generator.trainable_variables)
    gan._update_generator(recording, real)
    for variable, old, gradient in zip(
        gan.generator.trainable_variables, before, gradients, strict=True
    ):
        np.testing.assert_allclose(variable.numpy(), old - rate * gradient, atol=1e-6)


def test_lazy_penalty_is_taken_at_every_nth_update_times_n():
    gan = points_gan(penalties=[kg.penalties.R1(1.0, every=4)])
    gan.compile(run_eagerly=True)
    values = []
    for _ in range(8):
        gan.reset_metrics()
        gan.train_on_batch(np.ones((4, 2), "float32"))
        values.append(float(gan.trackers["r1"].result()))
    assert [value > 0 for value in values] == [True, False, False, False] * 2


def test_clipping_holds_after_every_critic_step():
    generator, critic = mlp.generator((2,), 3, (8,), None), mlp.discriminator((2,), (8,))
    gan = kg.WGAN(generator, critic, clip=0.01, discriminator_steps=3)
    gan.compile(run_eagerly=True)
    largest = []
    original = gan._update_discriminator

    def spy(*arguments):
        original(*arguments)
        weights = gan.discriminator.trainable_variables
        largest.append(max(abs(weight.numpy()).max() for weight in weights))

    gan._update_discriminator = spy
    gan.train_on_batch(np.ones((12, 2), "float32"))
    assert len(largest) == 3
    assert all(value <= np.float32(0.01) for value in largest)
    assert max(largest) == np.float32(0.01)


def test_average_follows_the_closed_form():
    gan = points_gan(ema_decay=0.5)
    gan.compile()
    expected = [weight.numpy() for weight in gan.generator.weights]
    for step in range(5):
        gan.train_on_batch(np.ones((4, 2), "float32"))
        decay = min(0.5, (1 + step) / (10 + step))
        new = [weight.numpy() for weight in gan.generator.weights]
        expected = [decay * a + (1 - decay) * w for a, w in zip(expected, new, strict=True)]
    for weight, value in zip(gan.average_generator.weights, expected, strict=True):
        np.testing.assert_allclose(weight.numpy(), value, rtol=1e-5, atol=1e-7)


def test_no_average_means_the_generator_itself():
    gan = points_gan(ema_decay=None)
    assert gan.average_generator is gan.generator


def test_instance_noise_follows_its_schedule():
    schedule = keras.optimizers.schedules.PolynomialDecay(1.0, 10, end_learning_rate=0.0)
    gan = points_gan(instance_noise=schedule)
    x = tf.zeros((2000, 2))
    assert np.std(gan._noisy(x)) == pytest.approx(1.0, rel=0.1)
    gan.step.assign(5)
    assert np.std(gan._noisy(x)) == pytest.approx(0.5, rel=0.1)


def test_images_are_differentiable_in_the_latents():
    gan = points_gan()
    latents = tf.Variable(tf.zeros((1, 3)))
    with tf.GradientTape() as tape:
        points = gan(latents)
    assert np.abs(tape.gradient(points, latents)).max() > 0
    assert points.dtype == "float32"


def test_generate_does_not_depend_on_the_batch_size():
    gan = kg.GAN(image_shape=(4, 4, 1), latent_dim=3)
    images = gan.generate(10, seed=1)
    apart = gan.generate(10, seed=1, batch_size=3)
    assert np.abs(images.astype(int) - apart).max() <= 1


def test_labels_are_checked():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=3, filters=4)
    assert gan.generate(4).shape == (4, 16, 16, 1)
    assert gan.generate(4, labels=2).shape == (4, 16, 16, 1)
    for labels in (3, -1, [0, 1], [0.5, 1.0, 0.0, 0.0]):
        with pytest.raises(InputError, match=r"one whole number, or 4, in 0\.\.2"):
            gan.generate(4, labels=labels)
    with pytest.raises(InputError, match="Only conditional models take `labels`"):
        points_gan().generate(4, labels=1)
    with pytest.raises(InputError, match="`count` must be at least 1"):
        points_gan().generate(0)


def test_a_conditional_model_refuses_data_without_labels():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=3, filters=4)
    gan.compile(run_eagerly=True)
    with pytest.raises(InputError, match=r"trains on \(images, labels\)"):
        gan.train_on_batch(np.zeros((4, 16, 16, 1), "float32"))


def test_the_label_changes_the_image():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=3, filters=4)
    latents = tf.zeros((1, gan.latent_dim))
    first, second = gan(latents, labels=tf.constant([0])), gan(latents, labels=tf.constant([1]))
    assert np.abs(first - second).max() > 0
