import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError

RANDOM = np.random.default_rng(0)


def tiny(**options):
    networks = {
        "filters": 2,
        "hidden": 4,
        "doublings": 2,
        "blocks": 1,
        "patch_depth": 1,
        "latent_dim": 3,
    }
    return kg.GauGAN(image_shape=(16, 16, 3), labels=4, **networks | options)


def scenes(count=4):
    maps = RANDOM.integers(0, 4, (count, 16, 16, 1)).astype("uint8")
    images = RANDOM.uniform(-1, 1, (count, 16, 16, 3)).astype("float32")
    return maps, maps / np.float32(127.5) - 1, images


def test_the_objective_has_the_terms_of_pix2pix_and_the_kl_term():
    _, maps, images = scenes()
    gan = tiny(kl=0.3, feature_matching=0.0, l1=2.0, adversarial=0.0)
    maps, images = tf.constant(maps), tf.constant(images)
    recording = gan.draw(maps, images)
    made, mean, log_variance = (np.asarray(x, "float64") for x in recording.outputs)
    kl = (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1).mean() / 2
    expected = 2.0 * np.abs(made - images).mean() + 0.3 * kl
    found = gan.generator_objective(maps, images, recording.outputs)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def linear(inputs, factor, channels=1):
    """Returns a factor times the sum of the inputs' channels."""
    kernel = keras.initializers.Constant(factor)
    layer = keras.layers.Conv2D(channels, 1, use_bias=False, kernel_initializer=kernel)
    return layer(inputs)


def test_the_objectives_equal_a_computation_by_hand():
    maps, latents = keras.Input((None, None, 1)), keras.Input((1,))
    made = linear(maps, 0.5) + keras.layers.Reshape((1, 1, 1))(latents)
    images, pairs = keras.Input((16, 16, 1)), keras.Input((None, None, 2))
    mean = keras.layers.GlobalAveragePooling2D()(images)
    judged = []
    for x, factor in ((pairs, 2.0), (keras.layers.AveragePooling2D(2)(pairs), -3.0)):
        feature = linear(x, factor)
        judged.append([feature, linear(feature, 0.7)])
    gan = kg.GauGAN(
        keras.Model([maps, latents], made),
        keras.Model(pairs, judged),
        keras.Model(images, [mean, -2.0 * mean]),
        image_shape=(16, 16, 1),
        labels=4,
        feature_matching=5.0,
        kl=0.3,
    )
    _, a, b = scenes()
    b = b[..., :1]
    mean = b.mean(axis=(1, 2))
    style = mean  # Of a noise of 0.
    fake = 0.5 * a + style[:, :, None, None]

    def halved(x):
        return x.reshape(4, 8, 2, 8, 2, 1).mean(axis=(2, 4))

    features = [[2.0 * (a + x), -3.0 * halved(a + x)] for x in (b, fake)]
    judged = [
        np.maximum(0, 1 - 0.7 * real).mean() + np.maximum(0, 1 + 0.7 * fake).mean()
        for real, fake in zip(*features, strict=True)
    ]
    adversarial = np.mean([-0.7 * each.mean() for each in features[1]])
    matching = np.mean([np.abs(r - f).mean() for r, f in zip(*features, strict=True)])
    kl = (mean**2 + np.exp(-2 * mean) - 1 + 2 * mean).sum(axis=1).mean() / 2
    made = [gan.generator([a, mean]), mean, -2.0 * mean]
    np.testing.assert_allclose(gan.discriminator_objective(a, b, made), np.mean(judged), rtol=1e-5)
    expected = adversarial + 5.0 * matching + 0.3 * kl
    np.testing.assert_allclose(gan.generator_objective(a, b, made), expected, rtol=1e-5)


def test_the_encoder_learns_with_the_generator():
    _, maps, images = scenes()
    gan = tiny()
    gan.compile(1e-2, 1e-2, run_eagerly=True)
    before = [v.numpy() for v in gan.encoder.trainable_variables]
    gan.train_on_batch(maps, images)
    moved = [
        np.abs(v.numpy() - old).max()
        for v, old in zip(gan.encoder.trainable_variables, before, strict=True)
    ]
    assert min(moved) > 0


def test_styles_come_from_a_seed_or_an_image_here_and_in_a_saved_model(tmp_path):
    maps, _, images = scenes(2)
    gan = tiny(doublings=1, blocks=0)
    for variable in gan.generator.trainable_variables:
        variable.assign(3.0 * variable)  # So that styles are seen in the result.
    style = np.round((images[0] + 1) * 127.5).astype("uint8")
    mean, one, two = (gan.translate(maps, seed=seed) for seed in (None, 1, 2))
    np.testing.assert_array_equal(one, gan.translate(maps, seed=1))
    assert not np.array_equal(one, two)
    assert not np.array_equal(one, mean)
    assert mean.shape == (2, 16, 16, 3)
    styled = gan.translate(maps, style=style)
    gan.export(tmp_path / "saved", verbose=False)
    signatures = tf.saved_model.load(str(tmp_path / "saved")).signatures
    (made,) = signatures["to_b_from_seed"](images=maps, seed=tf.constant(1)).values()
    np.testing.assert_allclose(np.asarray(made, int), one.astype(int), atol=1)
    (latents,) = signatures["encode"](images=style[None]).values()
    np.testing.assert_allclose(latents, gan.encode(style[None]), atol=1e-5)
    (made,) = signatures["to_b_from_latents"](images=maps, latents=latents).values()
    np.testing.assert_allclose(np.asarray(made, int), styled.astype(int), atol=1)


def test_large_arrays_are_translated_in_tiles():
    gan, maps = tiny(), scenes(1)[0].repeat(2, axis=1)
    tiled = gan.translate(maps, tile=16)
    assert tiled.shape == (1, 32, 16, 3)
    np.testing.assert_array_equal(tiled[0], gan.translate([maps[0]], tile=16)[0])


def test_the_sizes_that_the_command_keeps_are_those_of_default_networks():
    sizes = kg.GauGAN.image_sizes
    assert {8, 10, 96, 160, 192, 320, 384, 1024} < set(sizes)
    assert list(sizes) == [
        side for side in range(8, 1025) if side % 2 ** (side.bit_length() - 3) == 0
    ]
    options = dict(labels=2, filters=1, hidden=1, blocks=0, latent_dim=1)
    assert kg.GauGAN(image_shape=(10, 10, 1), **options).size_step == 2


def test_maps_of_other_sizes():
    gan = tiny()
    maps = RANDOM.integers(0, 4, (21, 30, 1)).astype("uint8")
    assert gan.translate([maps])[0].shape == (21, 30, 3)


def test_previews_show_maps_that_can_be_told_apart():
    maps, coded, images = scenes()
    gan = tiny()
    gan.compile(run_eagerly=True)
    gan.fit(coded, images, batch_size=4, shuffle=False, verbose=0)
    pictures, columns = gan.preview(12)
    assert columns == 4
    np.testing.assert_array_equal(pictures[:4], np.repeat(85 * maps, 3, axis=-1))


def test_bad_labels():
    gan = tiny()
    gan.compile()
    _, coded, images = scenes()
    with pytest.raises(InputError, match="values 0 to 3, one for each label. Received: 4"):
        gan.fit(coded + np.float32(1 / 127.5) * (coded == coded.max()), images, batch_size=4)
    with pytest.raises(InputError, match="values 0 to 3"):
        gan.translate(np.full((1, 16, 16, 1), 9, "uint8"))
    with pytest.raises(InputError, match=r"The images must be of shape \(16, 16, 3\)"):
        gan.translate(np.zeros((1, 16, 16, 1), "uint8"), style=np.zeros((8, 8, 3), "uint8"))
    with pytest.raises(InputError, match="`labels`"):
        kg.GauGAN(image_shape=(16, 16, 3), labels=0)


def test_default_rates_are_of_two_time_scales():
    gan = tiny()
    gan.compile()
    rates = {name: float(o.learning_rate) for name, o in gan.optimizers.items()}
    assert rates == pytest.approx({"generator": 1e-4, "discriminator": 4e-4})
    assert isinstance(gan.generator_optimizer, keras.optimizers.Adam)


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_a_litert_file_takes_maps_and_latents(tmp_path):
    gan = tiny(doublings=1, blocks=0)
    gan.export(tmp_path / "gan.tflite", format="litert", verbose=False)
    lite = tf.lite.Interpreter(str(tmp_path / "gan.tflite"))
    lite.allocate_tensors()
    _, coded, _ = scenes()
    inputs = {4: coded[:1], 2: np.ones((1, gan.latent_dim), "float32")}
    for detail in lite.get_input_details():
        lite.set_tensor(detail["index"], inputs[len(detail["shape"])])
    lite.invoke()
    made = lite.get_tensor(lite.get_output_details()[0]["index"])
    expected = gan.translators["b"]([inputs[4], inputs[2]])
    np.testing.assert_allclose(made, expected, atol=1e-5)
