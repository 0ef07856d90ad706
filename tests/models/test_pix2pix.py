import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import unet

RANDOM = np.random.default_rng(0)
A, B = (RANDOM.uniform(-1, 1, (2, 8, 8, 1)).astype("float32") for _ in range(2))


def scale(factor, channels=1):
    """Returns a network that multiplies images, or the sum of their channels, by a factor."""
    images = keras.Input((None, None, channels))
    kernel = keras.initializers.Constant(factor)
    layer = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer=kernel)
    return keras.Model(images, layer(images))


def judge(*factors):
    """Returns a discriminator of one size: a feature, then logits."""
    pairs = keras.Input((None, None, 2))
    feature = scale(factors[0], 2)(pairs)
    return keras.Model(pairs, [feature, scale(factors[1])(feature)])


def by_hand(**options):
    return kg.Pix2Pix(scale(0.5), judge(0.8, -1.5), image_shape=(8, 8, 1), depth=2, **options)


def tiny(**options):
    options = {"filters": 2, "depth": 3, "patch_depth": 1, "noisy": 2} | options
    return kg.Pix2Pix(image_shape=(16, 16, 1), **options)


def softplus(x):
    return np.log1p(np.exp(x))


@pytest.mark.parametrize(
    ("l1", "matching", "loss"),
    [(100.0, 0.0, "non_saturating"), (3.0, 2.0, "non_saturating"), (1.0, 0.0, "relativistic")],
)
def test_the_objectives_equal_a_computation_by_hand(l1, matching, loss):
    gan = by_hand(l1=l1, feature_matching=matching, loss=loss)
    made = gan.generator(A)
    features = [0.8 * (A + x) for x in (B, 0.5 * A)]
    real, fake = (-1.5 * x for x in features)
    if loss == "relativistic":
        judged, adversarial = softplus(fake - real).mean(), softplus(real - fake).mean()
    else:
        judged = softplus(-real).mean() + softplus(fake).mean()
        adversarial = softplus(-fake).mean()
    expected = adversarial + l1 * np.abs(0.5 * A - B).mean()
    expected += matching * np.abs(features[1] - features[0]).mean()
    np.testing.assert_allclose(gan.generator_objective(A, B, made), expected, rtol=1e-5)
    np.testing.assert_allclose(gan.discriminator_objective(A, B, made), judged, rtol=1e-5)


def test_the_perceptual_term_is_the_mean_over_features_of_a_network_that_stays(tmp_path):
    images = keras.Input((None, None, 1))
    network = keras.Model(images, [scale(2.0)(images), scale(-4.0)(images)])
    gan = by_hand(l1=0.0, perceptual=network, perceptual_weight=3.0)
    without = by_hand(l1=0.0)
    made = gan.generator(A)
    expected = without.generator_objective(A, B, made) + 3.0 * 3 * np.abs(0.5 * A - B).mean()
    np.testing.assert_allclose(gan.generator_objective(A, B, made), expected, rtol=1e-5)
    gan.compile(run_eagerly=True)
    gan.train_on_batch(A, B)
    assert [float(weight.numpy().item()) for weight in network.weights] == [2.0, -4.0]
    assert "perceptual_loss" in gan.get_metrics_result()
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.perceptual_weight == 3.0
    np.testing.assert_array_equal(again.perceptual(A)[1], network(A)[1])


def test_features_count_alike_over_sizes_and_layers():
    pairs = keras.Input((None, None, 2))
    half = keras.layers.AveragePooling2D(2)(pairs)
    sizes = []
    for x, factors in ((pairs, (0.8, 2.0, -1.5)), (half, (-0.3, 4.0, 0.5))):
        feature = scale(factors[0], 2)(x)
        second = scale(factors[1])(feature)
        sizes.append([feature, second, scale(factors[2])(second)])
    options = dict(image_shape=(8, 8, 1), depth=2, l1=0.0, adversarial=0.0, feature_matching=3.0)
    gan = kg.Pix2Pix(scale(0.5), keras.Model(pairs, sizes), **options)
    error = 0.5 * A - B
    halved = error.reshape(2, 4, 2, 4, 2, 1).mean(axis=(2, 4))
    errors = [0.8 * error, 1.6 * error, 0.3 * halved, 1.2 * halved]
    expected = 3.0 * np.mean([np.abs(each).mean() for each in errors])
    found = gan.generator_objective(A, B, gan.generator(A))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_sizes_count_alike():
    gan = tiny(scales=2, patch_depth=1, feature_matching=1.0)
    x = RANDOM.uniform(-1, 1, (2, 16, 16, 1)).astype("float32")
    made = gan.generator(x)
    sizes = gan.judge(x, made)
    assert len(sizes) == 2
    expected = np.mean([softplus(-np.asarray(size[-1])).mean() for size in sizes])
    gan.feature_matching = gan.l1 = 0.0
    np.testing.assert_allclose(gan.generator_objective(x, x, made), expected, rtol=1e-5)


def test_the_discriminator_learns_first_and_the_generator_through_it():
    gan = by_hand()
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), run_eagerly=True)
    other = by_hand()
    other.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), run_eagerly=True)
    gan.train_on_batch(A, B)
    other.update_discriminator(A, B, other.generator(A))
    for one, two in zip(
        gan.trainable("discriminator"), other.trainable("discriminator"), strict=True
    ):
        np.testing.assert_allclose(one, two, rtol=1e-6)
    (weight,) = other.trainable("generator")
    with tf.GradientTape() as tape:
        tape.watch(weight.value)
        loss = other.generator_objective(A, B, other.generator(A))
    expected = weight - 0.1 * tape.gradient(loss, weight.value)
    np.testing.assert_allclose(gan.trainable("generator")[0], expected, rtol=1e-5)


def test_noise_is_a_function_of_the_seed_here_and_in_a_saved_model(tmp_path):
    gan = tiny()
    for variable in gan.generator.trainable_variables:
        variable.assign(4.0 * variable)  # So that noise is seen in the result.
    images = RANDOM.integers(0, 256, (2, 16, 24, 1)).astype("uint8")
    plain, one, two = (gan.translate(images, seed=seed) for seed in (None, 1, 2))
    np.testing.assert_array_equal(one, gan.translate(images, seed=1))
    assert not np.array_equal(one, plain)
    assert not np.array_equal(one, two)
    gan.export(tmp_path / "saved", verbose=False)
    signatures = tf.saved_model.load(str(tmp_path / "saved")).signatures
    (made,) = signatures["to_b_from_seed"](images=images, seed=tf.constant(1)).values()
    np.testing.assert_allclose(np.asarray(made, int), one.astype(int), atol=1)
    (made,) = signatures["to_b"](images=images).values()
    np.testing.assert_allclose(np.asarray(made, int), plain.astype(int), atol=1)


def test_it_learns_a_mapping():
    gan = kg.Pix2Pix(
        image_shape=(16, 16, 1), filters=8, depth=2, patch_depth=1, dropout=0.0, seed=1
    )
    gan.compile(2e-3, 2e-4)
    x = RANDOM.uniform(-1, 1, (16, 16, 16, 1)).astype("float32")
    history = gan.fit(x, -x, batch_size=4, epochs=50, verbose=0).history["l1_loss"]
    assert history[-1] < 0.4 * history[0]


def test_previews_show_what_was_wanted():
    gan = tiny()
    gan.compile(run_eagerly=True)
    x = RANDOM.uniform(-1, 1, (4, 16, 16, 1)).astype("float32")
    gan.fit(x, -x, batch_size=4, shuffle=False, verbose=0)
    images, columns = gan.preview(12)
    assert (len(images), columns) == (12, 4)
    rows = images.reshape(3, 4, 16, 16, 1)
    np.testing.assert_array_equal(rows[2], np.round((1 - x) * 127.5).astype("uint8"))
    np.testing.assert_array_equal(rows[1], gan.translate(rows[0]))
    # Of a batch of one there is one to show.
    gan.fit(tf.data.Dataset.from_tensor_slices((x, -x)).batch(1), steps_per_epoch=1, verbose=0)
    images, columns = gan.preview()
    assert columns == 1
    np.testing.assert_array_equal(
        images, np.stack([rows[0][0], *gan.translate(rows[0][:1]), rows[2][0]])
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image_shape": (24, 16, 1), "depth": 4}, "multiples of 16"),
        ({"image_shape": (16, 16, 1), "l1": -1}, "`l1`"),
        ({"image_shape": (75, 16, 3)}, "height and width are even. Received: 16x75 pixels"),
        ({"image_shape": (16, 16, 1), "scales": 0}, "`scales`"),
        ({"image_shape": (16, 16, 1), "dropout": 1.0}, "`dropout`"),
    ],
)
def test_bad_arguments(options, words):
    with pytest.raises(InputError, match=words):
        kg.Pix2Pix(filters=2, **options)


def test_default_networks_halve_as_often_as_whole_pixels_are_left():
    with pytest.warns(UserWarning, match="of 24x16 pixels can be halved 3 times.* such as 32x16"):
        gan = kg.Pix2Pix(image_shape=(16, 24, 1), filters=2)
    assert gan.size_step == 8
    assert gan.translate(np.zeros((1, 16, 24, 1), "uint8"), tile=2).shape == (1, 16, 24, 1)


def test_few_halvings_are_told_once(tmp_path):
    with pytest.warns(UserWarning, match="halved 2 times only.* of 16, such as 96x96") as warned:
        gan = kg.Pix2Pix(image_shape=(100, 100, 1), filters=1)
    assert len(warned) == 1
    gan.save(tmp_path / "gan.keras")
    keras.saving.load_model(tmp_path / "gan.keras")
    tiny()
    for side in (8, 16, 48):
        kg.Pix2Pix(image_shape=(side, side, 1), filters=1)


def test_the_sizes_that_the_command_keeps_are_halved_often_enough():
    sizes = kg.Pix2Pix.image_sizes
    assert {8, 64, 96, 160, 192, 320, 384, 1024} < set(sizes)
    for side in sizes:  # Without a warning.
        assert side % 2 ** unet.fitting_depth((side, side, 3)) == 0


@pytest.mark.parametrize("size", [(417, 300), (256, 258)])
def test_other_sizes_leave_no_seam_and_no_border(size):
    images = RANDOM.integers(0, 256, (1, *size, 1)).astype("uint8")
    assert tiny().translate(images).shape == images.shape
    gan = kg.Pix2Pix(scale(1.0), image_shape=(16, 16, 1), filters=2, depth=4)
    for tile in (512, 128):
        np.testing.assert_array_equal(gan.translate(images, tile=tile), images)


def test_label_maps_are_for_a_gaugan():
    maps = np.zeros((2, 16, 16, 1), "uint8")
    with pytest.raises(InputError, match="for a GauGAN. Received: Pix2Pix"):
        kg.Pix2Pix.from_data(kg.data.pairs(maps, maps, labels=2))


def test_a_discriminator_of_logits_alone_judges_each_image():
    pairs = keras.Input((None, None, 2))
    gan = kg.Pix2Pix(
        scale(0.5), keras.Model(pairs, scale(2.0, 2)(pairs)), image_shape=(8, 8, 1), depth=2
    )
    ((logits,),) = gan.judge(A, B)
    np.testing.assert_allclose(logits, 2.0 * (A + B), rtol=1e-5)


def test_there_is_no_way_back():
    with pytest.raises(InputError, match="`to` is one of b for a Pix2Pix"):
        tiny().translate(np.zeros((1, 16, 16, 1), "uint8"), to="a")
