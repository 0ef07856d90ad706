import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import mlp
from keras_gans.training.batches import slices
from keras_gans.training.gradients import input_gradient


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
        ({"discriminator_steps": 0}, "`discriminator_steps` must be an integer of at least 1"),
        ({"label_smoothing": 1.0}, "`label_smoothing` is in"),
        ({"label_smoothing": 0.1, "loss": "hinge"}, "needs a loss with labels"),
        ({"ema_decay": 1.5}, "`ema_decay` is None or in"),
        ({"loss": "hing"}, "Did you mean 'hinge'"),
        ({"augmentation": "ada"}, "Only images are augmented. Received: points of 2 numbers"),
        ({"augmentation": "translation"}, "Only images are augmented"),
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


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("DCGAN", {"filters": 1}),
        ("VAE", {"filters": 1}),
        ("InfoGAN", {"filters": 1}),
        ("SNGAN", {"filters": 1, "architecture": "resnet"}),
        ("R3GAN", {"width": 1}),
    ],
)
def test_images_of_256_pixels(name, options):
    model = getattr(kg, name)(image_shape=(256, 256, 3), **options)
    assert model.generator.output_shape == (None, 256, 256, 3)
    other = model.encoder if name == "VAE" else model.discriminator
    assert other.inputs[0].shape == (None, 256, 256, 3)
    sides = {layer.output.shape[1] for layer in other.layers if len(layer.output.shape) == 4}
    assert sides >= {256, 128, 64, 32, 16, 8, 4}


def test_optimizers_of_two_time_scales():
    gan = points_gan()
    gan.compile(1e-4, 4e-4)
    rates = [gan.generator_optimizer.learning_rate, gan.discriminator_optimizer.learning_rate]
    np.testing.assert_allclose([float(rate) for rate in rates], [1e-4, 4e-4])
    assert float(gan.generator_optimizer.beta_1) == 0.5, "the paper's Adam at another rate"
    gan.compile(keras.optimizers.SGD(0.1), "rmsprop")
    assert isinstance(gan.generator_optimizer, keras.optimizers.SGD)
    assert isinstance(gan.discriminator_optimizer, keras.optimizers.RMSprop)


def test_a_single_callback_needs_no_list():
    gan = points_gan()
    gan.compile(run_eagerly=True)
    budget = kg.callbacks.Budget(steps=2)
    gan.fit(np.zeros((24, 2), "float32"), batch_size=4, verbose=0, callbacks=budget)
    assert gan.steps_done == budget.steps_done == 2


def test_a_batch_that_cannot_be_sliced_is_refused():
    gan = points_gan(discriminator_steps=3)
    gan.compile()
    with pytest.raises(InputError, match=r"a multiple of 3 images\. Received: 4"):
        gan.train_on_batch(np.zeros((4, 2), "float32"))


def test_critic_slices_are_fresh():
    images, labels = tf.constant([[1.0], [2.0], [3.0], [4.0]]), tf.constant([1, 2, 3, 4])
    (first, one), (second, two) = slices(2, images, labels)
    np.testing.assert_array_equal(tf.concat([first, second], 0)[:, 0], [1, 3, 2, 4])
    np.testing.assert_array_equal(tf.concat([one, two], 0), [1, 3, 2, 4])


def test_generator_step_through_shared_images_equals_a_plain_step():
    """The recording gives the gradient of the plain loss L(D(G(z)))."""
    gan = points_gan(ema_decay=None)
    rate = 0.5
    gan.compile(keras.optimizers.SGD(rate), keras.optimizers.SGD(0.0))
    real = tf.zeros((5, 2))
    recording, fakes = gan.draw(real)
    latents = fakes.latents
    before = [variable.numpy() for variable in gan.generator.trainable_variables]
    with tf.GradientTape() as tape:
        logits = gan.discriminator(gan.generator(latents, training=True), training=True)
        loss = gan.loss_function.generator_loss(logits)
    gradients = tape.gradient(loss, gan.generator.trainable_variables)
    gan.update_generator(real, None, fakes, recording)
    for variable, old, gradient in zip(
        gan.generator.trainable_variables, before, gradients, strict=True
    ):
        np.testing.assert_allclose(variable.numpy(), old - rate * gradient, atol=1e-6)


def test_optimizers_are_the_players():
    gan = points_gan()
    with pytest.raises(InputError, match="takes generator_optimizer and discriminator_optimizer"):
        gan.compile(optimizer="adam")
    with pytest.raises(InputError, match=r"Received: 3"):
        gan.compile(1e-3, 1e-3, 1e-3)
    gan.compile(1e-3, discriminator_optimizer=2e-3)
    rates = {name: float(o.learning_rate) for name, o in gan.optimizers.items()}
    assert rates == pytest.approx({"generator": 1e-3, "discriminator": 2e-3})


def test_wgan_divides_as_the_authors_rmsprop_does():
    """Gradients of 1e-5 move weights by the rate, g / sqrt(v), not 10 to 30 times less."""
    critic, generator = mlp.discriminator((2,), (8,)), mlp.generator((2,), 3, (8,), None)
    gan = kg.WGAN(generator, critic)
    for optimizer in gan.default_optimizers().values():
        weight, mean_square, value = keras.Variable([0.0]), 0.0, 0.0
        optimizer.build([weight])
        for gradient in (1e-5, -2e-5, 3e-5, 1e-5):
            mean_square = 0.99 * mean_square + 0.01 * gradient**2
            value -= 5e-5 * gradient / (np.sqrt(mean_square) + 1e-8)
            optimizer.apply([keras.ops.convert_to_tensor([gradient])], [weight])
        np.testing.assert_allclose(weight.numpy(), [value], rtol=0.01)


@pytest.mark.parametrize(
    ("name", "rate", "betas"),
    [
        ("DCGAN", 2e-4, (0.5, 0.999)),
        ("LSGAN", 2e-4, (0.5, 0.999)),
        ("SNGAN", 2e-4, (0.5, 0.999)),
        ("WGANGP", 1e-4, (0.0, 0.9)),
        ("DRAGAN", 1e-4, (0.5, 0.9)),
        ("R3GAN", 2e-4, (0.0, 0.99)),
    ],
)
def test_the_papers_adams(name, rate, betas):
    gan = getattr(kg, name)(mlp.generator((2,), 3, (8,), None), mlp.discriminator((2,), (8,)))
    for adam in gan.default_optimizers().values():
        assert float(adam.learning_rate) == pytest.approx(rate)
        assert (adam.beta_1, adam.beta_2, adam.epsilon) == (*betas, 1e-8)


@pytest.mark.parametrize(("name", "initializer"), [("WGANGP", "he"), ("DRAGAN", "glorot")])
def test_penalised_critics_hear_from_the_start(name, initializer):
    """The norm of the input gradient is not 0.016 as from N(0, 0.02), where it should be 1."""
    images = np.random.default_rng(0).uniform(-1, 1, (32, 28, 28, 1)).astype("float32")
    norms = {}
    for start in (initializer, "normal"):
        gan = getattr(kg, name)(image_shape=(28, 28, 1), initializer=start)
        gradient = input_gradient(gan.discriminator, images)
        norms[start] = np.sqrt((gradient.numpy() ** 2).sum(axis=(1, 2, 3))).mean()
    assert 0.1 < norms[initializer] < 3
    assert norms["normal"] < 0.03


def test_penalties_beside_batch_normalisation_are_warned_of():
    options = {"image_shape": (16, 16, 1), "filters": 2, "normalization": "batch"}
    assert kg.DCGAN(**options).penalties == []
    with pytest.warns(UserWarning, match="use one of the two"):
        kg.DCGAN(**options, penalties=[kg.penalties.R1()])


def test_accumulated_updates_are_one_step():
    gan = points_gan(ema_decay=0.5)
    gan.compile(*(keras.optimizers.SGD(0.1, gradient_accumulation_steps=3) for _ in range(2)))
    averages = []
    for _ in range(6):
        gan.train_on_batch(np.ones((4, 2), "float32"))
        averages.append((gan.steps_done, gan.average_generator.get_weights()[0]))
    assert [steps for steps, _ in averages] == [0, 0, 1, 1, 1, 2]
    assert int(gan.batches_done.numpy()) == 6
    assert np.array_equal(averages[2][1], averages[4][1])
    assert not np.array_equal(averages[4][1], averages[5][1])


def test_a_penalty_may_keep_state_in_the_model(tmp_path):
    gan = points_gan(penalties=[RunningR1()])
    gan.compile(run_eagerly=True)
    gan.train_on_batch(np.ones((4, 2), "float32"))
    assert gan.penalties[0].mean.numpy() > 0
    gan.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.penalties[0].mean.numpy() == gan.penalties[0].mean.numpy()


@keras.saving.register_keras_serializable("tests")
class RunningR1(kg.penalties.R1):
    """R1, and a running mean of it."""

    def build(self, model):
        super().build(model)
        self.mean = model.add_weight(shape=(), initializer="zeros", trainable=False, name="r1_mean")

    def value(self, critic, real, fake, seed=None):
        value = super().value(critic, real, fake, seed)
        self.mean.assign(0.9 * self.mean + 0.1 * value)
        return value


def test_a_generator_term_may_reach_its_weights_directly():
    """Weight decay as a term of the generator: it does not pass through the images."""

    class Decayed(kg.GAN):
        log_names = (*kg.GAN.log_names, "decay")

        def generator_terms(self, fake, real, fakes):
            squares = [keras.ops.sum(v**2) for v in self.generator.trainable_variables]
            return super().generator_terms(fake, real, fakes) | {"decay": 0.5 * sum(squares)}

    changes = []
    for kind in (kg.GAN, Decayed):
        gan = kind(
            mlp.generator((2,), 3, (8,), None, seed=0), mlp.discriminator((2,), (8,), seed=0)
        )
        gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.0), run_eagerly=True)
        before = gan.generator.get_weights()
        gan.train_on_batch(np.ones((4, 2), "float32"))
        changes.append([w - b for w, b in zip(gan.generator.get_weights(), before, strict=True)])
    for plain, decayed, weight in zip(*changes, before, strict=True):
        np.testing.assert_allclose(decayed, plain - 0.1 * weight, atol=1e-6)


def test_lazy_penalty_is_taken_at_every_nth_update_times_n():
    values = []
    for every in (4, 1):
        gan = points_gan(penalties=[kg.penalties.R1(1.0, every=every)])
        gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0), run_eagerly=True)
        for _ in range(8):
            gan.reset_metrics()
            gan.train_on_batch(np.ones((4, 2), "float32"))
            values.append(float(gan.trackers["r1"].result()))
    lazy, eager = values[:8], values[8:]
    assert lazy == pytest.approx([4 * eager[0], 0, 0, 0] * 2)
    assert np.mean(lazy) == pytest.approx(np.mean(eager))


def test_lazy_penalty_moves_the_weights_as_far_as_that_of_every_step():
    moves = []
    for penalties in ([], [kg.penalties.R1(10.0)], [kg.penalties.R1(10.0, every=4)]):
        gan = points_gan(penalties=penalties)
        gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(1e-4), run_eagerly=True)
        before = gan.discriminator.get_weights()
        for _ in range(4):
            gan.train_on_batch(np.ones((4, 2), "float32"))
        after = gan.discriminator.get_weights()
        moves.append(np.concatenate([np.ravel(a - b) for a, b in zip(after, before, strict=True)]))
    eager, lazy = moves[1] - moves[0], moves[2] - moves[0]
    assert np.abs(eager).max() > 1e-5
    np.testing.assert_allclose(lazy, eager, atol=0.01 * np.abs(eager).max())


def test_two_penalties_of_one_kind_both_count():
    values = []
    for penalties in ([kg.penalties.R1(1.0)], [kg.penalties.R1(1.0), kg.penalties.R1(2.0)]):
        gan = points_gan(penalties=penalties)
        gan.compile(run_eagerly=True)
        gan.train_on_batch(np.ones((4, 2), "float32"))
        values.append(float(gan.trackers["r1"].result()))
    assert values[1] == pytest.approx(3 * values[0])


def test_clipping_holds_after_every_critic_step():
    generator, critic = mlp.generator((2,), 3, (8,), None), mlp.discriminator((2,), (8,))
    gan = kg.WGAN(generator, critic, clip=0.01, discriminator_steps=3)
    gan.compile(run_eagerly=True)
    largest = []
    original = gan.update_discriminator

    def spy(*arguments):
        original(*arguments)
        weights = gan.discriminator.trainable_variables
        largest.append(max(abs(weight.numpy()).max() for weight in weights))

    gan.update_discriminator = spy
    gan.train_on_batch(np.ones((12, 2), "float32"))
    assert len(largest) == 3
    assert all(value <= np.float32(0.01) for value in largest)
    assert max(largest) == np.float32(0.01)


def test_average_follows_the_closed_form():
    gan = points_gan(ema_decay=0.5)
    gan.compile(run_eagerly=True)
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
    gan.discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Identity()])
    x = tf.zeros((2000, 2))
    assert np.std(gan.judge(x).logits) == pytest.approx(1.0, rel=0.1)
    gan.step.assign(5)
    assert np.std(gan.judge(x).logits) == pytest.approx(0.5, rel=0.1)
    assert np.std(gan.judge(x, training=False).logits) == 0
    first, second = gan.judge_frozen(x).logits, gan.judge_frozen(x).logits
    assert np.abs(first - second).max() > 0, "a frozen pass draws noise of its own, too"


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


def test_labels_and_classes_belong_together():
    sizes = {"image_shape": (16, 16, 1), "filters": 2, "latent_dim": 4}
    with pytest.raises(InputError, match="Received: one that takes none, and num_classes=3"):
        kg.DCGAN(num_classes=3, **sizes)
    generator = kg.ConditionalGAN(num_classes=3, **sizes).generator
    with pytest.raises(InputError, match="Received: one that takes labels, and num_classes=None"):
        kg.DCGAN(generator, **sizes)


def test_layers_of_a_conditional_discriminator_can_be_frozen():
    sizes = {"image_shape": (16, 16, 1), "filters": 2, "latent_dim": 4, "num_classes": 3}
    gan = kg.ConditionalGAN(frozen_layers=1, **sizes)
    free = kg.ConditionalGAN(**sizes)
    count = [len(model.trainable("discriminator")) for model in (gan, free)]
    assert count[0] == count[1] - 2, "a kernel and a bias"


def test_latents_are_checked():
    gan = kg.DCGAN(image_shape=(16, 16, 1), filters=2, latent_dim=4)
    with pytest.raises(InputError, match=r"here the shape \(N, 4\). Received: \(2, 5\)"):
        gan.images_of(np.zeros((2, 5), "float32"))
    conditional = kg.ConditionalGAN(image_shape=(16, 16, 1), filters=2, latent_dim=4, num_classes=3)
    with pytest.raises(InputError, match="takes `labels` .N,.. Received: none"):
        conditional(np.zeros((2, 4), "float32"))
    assert conditional.images_of(np.zeros((2, 4), "float32")).shape == (2, 16, 16, 1)
    with pytest.raises(InputError, match=r"here the shape \(N, 4\). Received: \(2, 5\)"):
        gan(np.zeros((2, 5), "float32"))
    for labels in (np.array([1, 99]), (1, 99), np.int64(99), 99):
        with pytest.raises(InputError, match=r"one whole number, or 2, in 0\.\.2. Received: .*99"):
            conditional(np.zeros((2, 4), "float32"), labels=labels)


def test_labels_are_checked():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=3, filters=4)
    assert gan.generate(4).shape == (4, 16, 16, 1)
    assert gan.generate(4, labels=2).shape == (4, 16, 16, 1)
    for labels in (3, -1, [0, 1], [0.5, 1.0, 0.0, 0.0]):
        with pytest.raises(InputError, match=r"one whole number, or 4, in 0\.\.2"):
            gan.generate(4, labels=labels)
    with pytest.raises(InputError, match="Only conditional models take `labels`"):
        points_gan().generate(4, labels=1)
    with pytest.raises(InputError, match="`count` must be an integer of at least 1"):
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


def test_labels_are_an_array_a_list_or_one_for_all():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=3, filters=2, latent_dim=4)
    latents = gan.latents_of(2, 0)
    for short, whole in (([0, 1], [0, 1]), (2, [2, 2])):
        images = gan(latents, labels=np.array(whole))
        np.testing.assert_array_equal(gan(latents, labels=short), images)
    with pytest.raises(InputError, match=r"in 0\.\.2. Received: 3"):
        gan(latents, labels=3)


def test_layers_that_are_thawed_later_are_clipped_too():
    gan = kg.WGAN(image_shape=(16, 16, 1), filters=2, frozen_layers=1)
    gan.discriminator.trainable = True
    for layer in gan.discriminator.layers:
        layer.trainable = True
    assert all(v.constraint is not None for v in gan.discriminator.trainable_variables)


@pytest.mark.parametrize(
    ("loss", "untrained"),
    [
        ("minimax", 2 * np.log(2)),
        ("non_saturating", 2 * np.log(2)),
        ("least_squares", 0.5),
        ("hinge", 2.0),
        ("relativistic", np.log(2)),
    ],
)
def test_losses_are_known_before_anything_is_learned(loss, untrained):
    gan = kg.GAN(image_shape=(4, 4, 1), latent_dim=2, loss=loss)
    assert gan.untrained_losses == {"discriminator_loss": pytest.approx(untrained)}


def test_a_critic_may_begin_anywhere():
    assert kg.GAN(image_shape=(4, 4, 1), latent_dim=2, loss="wasserstein").untrained_losses == {}
