import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.layers import InstanceNormalization, NoiseDropout
from keras_gans.networks import unet

RANDOM = np.random.default_rng(0)
A, B = (RANDOM.uniform(-1, 1, (2, 8, 8, 1)).astype("float32") for _ in range(2))


def scale(factor):
    """Returns a network that multiplies images by a factor."""
    images = keras.Input((None, None, 1))
    kernel = keras.initializers.Constant(factor)
    layer = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer=kernel)
    return keras.Model(images, layer(images))


def by_hand(**options):
    networks = [scale(factor) for factor in (0.5, -0.8, 1.5, 0.7)]
    return kg.CycleGAN(*networks, image_shape=(8, 8, 1), **options)


def tiny(**options):
    return kg.CycleGAN(image_shape=(16, 16, 1), filters=2, blocks=1, depth=1, **options)


@pytest.fixture(scope="module")
def gan():
    """A tiny model that is not changed."""
    return tiny()


@pytest.mark.parametrize(
    "weights",
    [
        {},
        {"adversarial": 1.0, "cycle": 3.0, "identity": 0.0},
        {"loss": "hinge", "content": 2.0, "cycle": (3.0, 0.5)},
        {"loss": "relativistic", "identity": 0.5},
    ],
)
def test_the_objectives_equal_a_computation_by_hand(weights):
    gan = by_hand(**weights)
    loss, fake_a, fake_b = gan.generator_objective(A, B)
    np.testing.assert_allclose(fake_b, 0.5 * A, rtol=1e-6)
    np.testing.assert_allclose(fake_a, -0.8 * B, rtol=1e-6)
    logits_a, logits_b = 1.5 * -0.8 * B, 0.7 * 0.5 * A
    sides = [(1.5 * A, logits_a), (0.7 * B, logits_b)]
    if weights.get("loss") == "relativistic":
        adversarial = sum(np.log1p(np.exp(real - fake)).mean() for real, fake in sides)
        judged = sum(np.log1p(np.exp(fake - real)).mean() for real, fake in sides)
    elif "loss" in weights:
        adversarial = -logits_a.mean() - logits_b.mean()
        judged = sum(
            np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean() for real, fake in sides
        )
    else:
        adversarial = ((logits_a - 1) ** 2).mean() / 2 + ((logits_b - 1) ** 2).mean() / 2
        judged = ((1.5 * A - 1) ** 2).mean() / 2 + (logits_a**2).mean() / 2
        judged += ((0.7 * B - 1) ** 2).mean() / 2 + (logits_b**2).mean() / 2
    cycles = np.abs(-0.8 * 0.5 * A - A).mean(), np.abs(0.5 * -0.8 * B - B).mean()
    factors = weights.get("cycle", 10.0)
    factors = factors if isinstance(factors, tuple) else (factors, factors)
    identity = np.abs(-0.8 * A - A).mean() + np.abs(0.5 * B - B).mean()
    expected = weights.get("adversarial", 2.0) * adversarial
    expected += np.dot(factors, cycles) + weights.get("identity", 5.0) * identity
    content = np.abs(0.5 * A - A).mean() + np.abs(-0.8 * B - B).mean()
    expected += weights.get("content", 0.0) * content
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    np.testing.assert_allclose(gan.discriminator_objective(A, B, fake_a, fake_b), judged, rtol=1e-5)


def test_a_step_moves_the_generators_by_the_gradient_of_the_whole_objective():
    gan = by_hand()
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.0), run_eagerly=True)
    before = [float(v.numpy().squeeze()) for v in gan.trainable("generator")]

    def objective(ab, ba):
        other = kg.CycleGAN(scale(ab), scale(ba), scale(1.5), scale(0.7), image_shape=(8, 8, 1))
        return float(other.generator_objective(A, B)[0])

    gan.train_on_batch(A, B)
    after = [float(v.numpy().squeeze()) for v in gan.trainable("generator")]
    for place in range(2):
        shift = np.eye(2)[place] * 1e-3
        slope = (objective(*(before + shift)) - objective(*(before - shift))) / 2e-3
        np.testing.assert_allclose(before[place] - after[place], 0.1 * slope, rtol=2e-3)


def test_discriminators_see_past_images_and_the_generators_new_ones(monkeypatch):
    gan = tiny(pool_size=4)
    gan.compile(run_eagerly=True)
    seen = []
    whole = gan.discriminator_objective
    monkeypatch.setattr(
        gan, "discriminator_objective", lambda *images: (seen.append(images), whole(*images))[1]
    )
    x = RANDOM.uniform(-1, 1, (4, 16, 16, 1)).astype("float32")
    for _ in range(3):
        gan.train_on_batch(x, x)
    pools = np.asarray(gan.pool_a.images), np.asarray(gan.pool_b.images)
    assert all(pool.any() for pool in pools)
    first = [np.asarray(image) for image in seen[0][2]]
    last = [np.asarray(image) for image in seen[-1][2]]
    assert any(np.array_equal(image, past) for image in last for past in first)


def test_a_batch_has_room_in_the_pools():
    gan = by_hand(pool_size=2)
    gan.compile()
    gan.check_start(2)
    with pytest.raises(InputError, match="A pool of 2 images takes no more .* Received: 3"):
        gan.check_start(3)
    x = RANDOM.uniform(-1, 1, (3, 8, 8, 1)).astype("float32")
    with pytest.raises(InputError, match="A pool of 2 images takes no more .* Received: 3"):
        gan.fit(x, x, batch_size=3, verbose=0)


def test_default_networks_follow_the_paper():
    small, large = (kg.CycleGAN(image_shape=(side, side, 3), filters=1) for side in (128, 256))

    def blocks(gan):
        layers = gan.generator_ab.layers
        return (sum(isinstance(x, InstanceNormalization) for x in layers) - 5) / 2

    assert (blocks(small), blocks(large)) == (6, 9)
    gan = tiny()
    gan.compile()
    for optimizer in gan.optimizers.values():
        assert isinstance(optimizer, keras.optimizers.Adam)
        assert float(optimizer.learning_rate) == pytest.approx(2e-4)
        assert (optimizer.beta_1, optimizer.beta_2) == (0.5, 0.999)


def test_unets_translate_any_size_and_come_back(tmp_path):
    gan = kg.CycleGAN(image_shape=(32, 48, 1), architecture="unet", filters=2, depth=1)
    expected = unet.generator(1, filters=2, depth=4, dropout=0.0, seed=0, stream=2)
    for one, other in zip(gan.generator_ba.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not any(isinstance(layer, NoiseDropout) for layer in gan.generator_ab.layers)
    assert (gan.size_step, gan.least_side) == (16, 16)
    images = RANDOM.integers(0, 256, (1, 17, 30, 1)).astype("uint8")
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.size_step == 16
    np.testing.assert_array_equal(again.translate(images, "a"), gan.translate(images, "a"))


def test_a_translator_whose_step_is_larger_is_refused():
    networks = [unet.generator(1, filters=2, depth=depth, dropout=0.0) for depth in (2, 4)]
    kg.CycleGAN(*networks, image_shape=(32, 32, 1), size_step=16, filters=2)
    rule = r"2\^depth of a U-Net. Received: 4 and .* not keep the size of 36x36 pixels"
    with pytest.raises(InputError, match=rule):
        kg.CycleGAN(*networks, image_shape=(32, 32, 1), filters=2)
    one_size = keras.Input((32, 32, 1))
    networks[1] = keras.Model(one_size, networks[1](one_size))
    kg.CycleGAN(*networks, image_shape=(32, 32, 1), filters=2)


@pytest.mark.parametrize("size", [(17, 30), (8, 9), (417, 300), (256, 258)])
@pytest.mark.parametrize("to", ["a", "b"])
def test_images_of_any_size_keep_it(gan, size, to):
    images = RANDOM.integers(0, 256, (2, *size, 1)).astype("uint8")
    made = gan.translate(images, to=to)
    assert made.shape == images.shape
    assert made.dtype == np.uint8
    listed = gan.translate([images[0], images[1]], to=to)
    assert isinstance(listed, list)
    for one, other in zip(made, listed, strict=True):
        np.testing.assert_allclose(one.astype(int), other, atol=1)  # Sums in another order.


@pytest.mark.parametrize("size", [(417, 300), (256, 258)])
def test_other_sizes_leave_no_seam_and_no_border(size):
    networks = [scale(factor) for factor in (1.0, 1.0, 1.0, 1.0)]
    gan = kg.CycleGAN(*networks, image_shape=(16, 16, 1))
    images = RANDOM.integers(0, 256, (1, *size, 1)).astype("uint8")
    for tile in (512, 128):
        np.testing.assert_array_equal(gan.translate(images, tile=tile), images)


def test_a_large_image_is_translated_in_tiles_of_bounded_size(monkeypatch):
    gan = by_hand()
    image = RANDOM.integers(0, 256, (70, 90, 1)).astype("uint8")
    whole = gan.translate([image])[0]
    sizes = []
    call = kg.CycleGAN.call

    def watched(self, images, **options):
        sizes.append(images.shape[1:3])
        return call(self, images, **options)

    monkeypatch.setattr(kg.CycleGAN, "call", watched)
    tiled = gan.translate([image], tile=32)[0]
    assert max(map(max, sizes)) == 32
    assert np.abs(tiled.astype(int) - whole).max() <= 1


def test_large_images_are_translated_fewer_at_a_time(monkeypatch):
    gan = by_hand()
    images = RANDOM.integers(0, 256, (5, 8, 16, 1)).astype("uint8")
    counts = []
    call = kg.CycleGAN.call

    def watched(self, images, **options):
        counts.append(len(images))
        return call(self, images, **options)

    monkeypatch.setattr(kg.CycleGAN, "call", watched)
    expected = gan.translate(images)
    np.testing.assert_array_equal(gan.translate(images, tile=16), expected)
    assert counts == [5, 2, 2, 1]


def test_the_average_translates():
    gan = tiny(ema_decay=0.5)
    assert len(gan.averages()) == 2
    gan.compile(1e-2, 1e-2, run_eagerly=True)
    x = RANDOM.uniform(-1, 1, (2, 16, 16, 1)).astype("float32")
    gan.train_on_batch(x, -x)
    current, averaged = gan.generator_ab(x), gan(x)
    assert np.abs(np.asarray(current) - averaged).max() > 1e-4


def test_a_saved_model_translates_any_size_and_both_ways(gan, tmp_path):
    gan.export(tmp_path / "saved", verbose=False)
    signatures = tf.saved_model.load(str(tmp_path / "saved")).signatures
    images = RANDOM.integers(0, 256, (1, 19, 22, 1)).astype("uint8")
    for to in "ab":
        (made,) = signatures[f"to_{to}"](images=images).values()
        np.testing.assert_allclose(
            np.asarray(made, int), gan.translate(images, to=to).astype(int), atol=1
        )


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_a_litert_file_translates_images_of_the_trained_size(gan, tmp_path):
    gan.export(tmp_path / "gan.tflite", format="litert", verbose=False)
    lite = tf.lite.Interpreter(str(tmp_path / "gan.tflite"))
    lite.allocate_tensors()
    image = RANDOM.uniform(-1, 1, (1, 16, 16, 1)).astype("float32")
    lite.set_tensor(lite.get_input_details()[0]["index"], image)
    lite.invoke()
    made = lite.get_tensor(lite.get_output_details()[0]["index"])
    np.testing.assert_allclose(made, gan(image), atol=1e-5)


def test_previews_show_images_their_translations_and_the_way_back():
    gan = tiny()
    gan.compile(run_eagerly=True)
    x = RANDOM.uniform(-1, 1, (4, 16, 16, 1)).astype("float32")
    gan.fit(x, -x, batch_size=2, verbose=0)
    images, columns = gan.preview()
    assert (len(images), columns) == (24, 4), "as many as there are"
    rows = images.reshape(6, 4, 16, 16, 1)
    np.testing.assert_array_equal(rows[0], np.round((x + 1) * 127.5).astype("uint8"))
    np.testing.assert_array_equal(rows[1], gan.translate(rows[0], "b"))
    np.testing.assert_array_equal(rows[2], gan.translate(rows[1], "a"))
    np.testing.assert_array_equal(rows[4], gan.translate(rows[3], "a"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image_shape": (18, 16, 1)}, "multiples of 4"),
        ({"image_shape": (4, 4, 1)}, "at least 8"),
        ({"image_shape": (16, 16)}, "`image_shape`"),
        ({"image_shape": (16, 16, 1), "cycle": -1}, "`cycle`"),
        ({"image_shape": (16, 16, 1), "cycle": (1.0,)}, "one for each domain"),
        ({"image_shape": (16, 16, 1), "pool_size": 0}, "`pool_size`"),
        ({"image_shape": (16, 16, 1), "architecture": "vit"}, '"residual" or "unet"'),
        ({"image_shape": (15, 16, 1), "architecture": "unet"}, "even. Received: 16x15"),
        ({"image_shape": (32, 32, 1), "architecture": "unet", "size_step": 4}, r"2\^depth of a U"),
        ({"image_shape": (16, 16, 1), "loss": "squares"}, "`loss`"),
    ],
)
def test_bad_arguments(options, words):
    with pytest.raises(InputError, match=words):
        kg.CycleGAN(filters=2, blocks=0, depth=1, **options)


@pytest.mark.parametrize(
    ("images", "to", "words"),
    [
        (np.zeros((1, 16, 16, 1), "float32"), "b", "uint8"),
        ([np.zeros((16, 16, 3), "uint8")], "b", "height, width, 1"),
        ([np.zeros((7, 16, 1), "uint8")], "b", "at least 8 pixels on each side. Received: 16x7"),
        (np.zeros((1, 16, 16, 1), "uint8"), "c", "`to` is one of b, a"),
    ],
)
def test_bad_images_to_translate(gan, images, to, words):
    with pytest.raises(InputError, match=words):
        gan.translate(images, to=to)


def test_data_that_do_not_fit():
    gan = tiny()
    gan.compile()
    x = RANDOM.uniform(-1, 1, (4, 16, 16, 1)).astype("float32")
    with pytest.raises(InputError, match="images of a, images of b"):
        gan.fit(x, batch_size=2)
    with pytest.raises(InputError, match="of the model's shape"):
        gan.fit(x, x[:, :8, :8], batch_size=2)
    with pytest.raises(InputError, match="trains on unpaired"):
        kg.CycleGAN.from_data(kg.data.load("shapes", count=600))
