import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from keras import layers

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.models.acgan import class_loss
from keras_gans.networks import condition, heads, mlp

LABELS = np.int32([0, 1, 1])


def points_gan(**options):
    """An ACGAN of points in the plane with 2 classes, whose numbers can be worked out by hand."""
    generator = mlp.generator((2,), 4, (), None, seed=0)
    discriminator = mlp.discriminator((2,), (5,), seed=0)
    discriminator = heads.add_head(discriminator, 2, seed=0)
    options = {"num_classes": 2, "penalties": [], **options}
    return kg.ACGAN(condition(generator, 2), discriminator, **options)


def small_gan(**options):
    return kg.ACGAN(image_shape=(16, 16, 1), num_classes=3, latent_dim=4, filters=2, **options)


def judged(gan, points):
    """Returns a discriminator's outputs by NumPy."""
    hidden, offset, logit, logit_offset, head, head_offset = gan.discriminator.get_weights()
    features = points @ hidden + offset
    features = np.where(features > 0, features, 0.2 * features)
    return (features @ logit + logit_offset)[:, 0], features @ head + head_offset


def cross_entropy(class_logits, labels):
    return -np.mean(scipy.special.log_softmax(class_logits, axis=1)[np.arange(len(labels)), labels])


def test_class_loss_by_hand():
    logits = np.float32([[0, 0], [np.log(3), 0]])
    found = class_loss(logits, np.int32([0, 1]))
    assert float(found) == pytest.approx((np.log(2) + np.log(4)) / 2), "of shares of 1/2 and 1/4"


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_class_loss_takes_all_integers(dtype):
    logits = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    found = class_loss(logits, LABELS.astype(dtype))
    assert float(found) == pytest.approx(cross_entropy(logits, LABELS), rel=1e-5)


def test_both_players_minimise_the_papers_terms():
    gan = points_gan(ema_decay=None)
    gan.compile(*(keras.optimizers.SGD(0.0) for _ in range(2)), run_eagerly=True)
    random = np.random.default_rng(0)
    real, latents = random.normal(size=(2, 3, 2)).astype("float32")
    gan.latents = lambda count: tf.constant(latents)
    logs = gan.train_on_batch(real, LABELS, return_dict=True)

    kernel, offset = gan.generator.get_weights()
    fake = np.hstack([latents, np.eye(2)[LABELS]]) @ kernel + offset
    (real_logits, real_classes), (fake_logits, fake_classes) = judged(gan, real), judged(gan, fake)
    expected = {
        # -log s(D(x)) - log(1 - s(D(G(z)))) and -log s(D(G(z))), with s the sigmoid.
        "discriminator_loss": np.mean(np.logaddexp(0, -real_logits))
        + np.mean(np.logaddexp(0, fake_logits)),
        "generator_loss": np.mean(np.logaddexp(0, -fake_logits)),
        "real_class_loss": cross_entropy(real_classes, LABELS),
        "fake_class_loss": cross_entropy(fake_classes, LABELS),
        "generator_class_loss": cross_entropy(fake_classes, LABELS),
        "class_accuracy": np.mean(real_classes.argmax(1) == LABELS),
        "real_accuracy": np.mean(real_logits > 0),
        "fake_accuracy": np.mean(fake_logits < 0),
    }
    assert logs == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_step_is_down_the_gradient_of_the_sum_of_the_terms(player):
    gan = points_gan(ema_decay=None)
    real = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    rates = {
        f"{name}_optimizer": keras.optimizers.SGD(float(name == player)) for name in gan.players()
    }
    gan.compile(**rates, run_eagerly=True)
    _, fakes = gan.draw(tf.constant(real), tf.constant(LABELS))
    gan.latents = lambda count: fakes.latents

    with tf.GradientTape() as tape:
        images = gan.generator([fakes.latents, tf.constant(LABELS)])
        fake_logits, fake_classes = gan.discriminator(images)
        total = class_loss(fake_classes, LABELS)
        if player == "generator":
            total += gan.loss_function.generator_loss(fake_logits)
        else:
            real_logits, real_classes = gan.discriminator(real)
            total += class_loss(real_classes, LABELS)
            total += gan.loss_function.discriminator_loss(real_logits, fake_logits)
    variables = gan.trainable(player)
    expected = [
        v.numpy() - g for v, g in zip(variables, tape.gradient(total, variables), strict=True)
    ]
    gan.train_on_batch(real, LABELS)
    for variable, value in zip(variables, expected, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, atol=1e-6)


@pytest.mark.parametrize(
    ("silent", "moves"), [((), True), ((0,), True), ((1,), True), ((0, 1), False)]
)
def test_both_heads_train_the_body(silent, moves):
    """A head whose kernel is 0 passes nothing down: either one alone moves the body."""
    gan = points_gan()
    gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(1.0), run_eagerly=True)
    body, *heads = [layer for layer in gan.discriminator.layers if isinstance(layer, layers.Dense)]
    for index in silent:
        heads[index].kernel.assign(0 * heads[index].kernel)
    before = body.get_weights()[0]
    gan.train_on_batch(np.random.default_rng(0).normal(size=(3, 2)).astype("float32"), LABELS)
    assert (not np.array_equal(body.get_weights()[0], before)) == moves


def test_the_discriminator_does_not_see_the_label():
    gan = small_gan()
    assert [tuple(x.shape) for x in gan.discriminator.inputs] == [(None, 16, 16, 1)]
    assert [tuple(x.shape) for x in gan.discriminator.outputs] == [(None, 1), (None, 3)]
    assert [tuple(x.shape) for x in gan.generator.inputs] == [(None, 4), (None,)]
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 1)).astype("float32")
    first, second = (gan.judge(images, np.int32([label] * 2)) for label in (0, 2))
    np.testing.assert_array_equal(first.logits, second.logits)
    np.testing.assert_array_equal(first.extra, second.extra)


def test_spectral_normalisation_reaches_the_head():
    gan = small_gan(normalization="spectral")
    logit, head = gan.discriminator.layers[-2:]
    assert logit.layer.units == 1
    assert head.layer.units == 3
    assert isinstance(head, kg.layers.SpectralNormalization)
    features = np.eye(head.layer.kernel.shape[0], dtype="float32")
    effective = np.asarray(head(features))
    assert np.linalg.svd(effective)[1][0] == pytest.approx(1, rel=0.05)
    gan.compile(run_eagerly=True)
    before = head.u.numpy()
    images = np.random.default_rng(0).uniform(-1, 1, (3, 16, 16, 1)).astype("float32")
    gan.train_on_batch(images, LABELS)
    assert not np.array_equal(head.u.numpy(), before), "its vectors move with each update"
    plain = small_gan().discriminator.layers[-1]
    assert isinstance(plain, layers.Dense)


def test_heads_of_one_seed_are_alike():
    first, second, other = (
        heads.add_head(mlp.discriminator((2,), (5,), seed=0), 3, seed).get_weights()[-2]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_points_of_known_modes():
    data = kg.data.load("ring", count=256, batch_size=64, labels=True)
    gan = kg.ACGAN.from_data(data, penalties=[])
    gan.compile(1e-3, 1e-2)
    history = gan.fit(data, epochs=8, verbose=0).history
    assert history["class_accuracy"][-1] > 0.9 > history["class_accuracy"][0]
    points = gan.generate(16)
    assert points.shape == (16, 2)
    assert points.dtype == "float32"
    images, columns = gan.preview(16)
    assert (images.shape, columns) == ((16, 2), 2)


def test_labels_are_checked():
    images = np.zeros((3, 16, 16, 1), "float32") - 0.5
    gan = small_gan()
    gan.compile()
    for labels in ([0, 1, 3], [0, -1, 2], [0.0, 1.0, 2.0]):
        with pytest.raises(InputError, match=r"labels must be integers .* from 0 to 2"):
            gan.fit(images, np.array(labels), batch_size=3, verbose=0)
    with pytest.raises(InputError, match=r"trains on \(images, labels\)"):
        gan.fit(images, batch_size=3, verbose=0)
    with pytest.raises(InputError, match=r"one whole number, or 4, in 0\.\.2"):
        gan.generate(4, labels=3)
    with pytest.raises(InputError, match="ACGAN trains on images with labels"):
        kg.ACGAN.from_data(kg.data.load("ring", count=64))


def test_bad_arguments():
    with pytest.raises(InputError, match="`num_classes` must be an integer of at least 2"):
        kg.ACGAN(image_shape=(16, 16, 1), num_classes=1)
    with pytest.raises(InputError, match="needs `image_shape`"):
        kg.ACGAN()


@pytest.mark.parametrize("classes", [None, 3])
def test_the_discriminator_needs_a_head_for_these_classes(classes):
    discriminator = mlp.discriminator((2,), (5,))
    if classes:
        discriminator = heads.add_head(discriminator, classes)
    generator = condition(mlp.generator((2,), 4, (), None), 2)
    with pytest.raises(InputError, match=r"gives \[logits, class logits"):
        kg.ACGAN(generator, discriminator, num_classes=2)
