"""StyleGAN2: its formulas, its two networks in use, and its numbers of parameters."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import stylegan2

Z = np.random.default_rng(0).normal(size=(4, 8)).astype("float32")
TINY = {"image_shape": (16, 16, 1), "latent_dim": 8, "filters": 4, "max_filters": 8}


@pytest.fixture(scope="module")
def gan():
    gan = kg.StyleGAN2(**TINY, path_every=2)
    gan.compile(run_eagerly=True)
    images = np.random.default_rng(1).uniform(-1, 1, (8, 16, 16, 1)).astype("float32")
    gan.fit(images, batch_size=4, epochs=1, verbose=0)
    return gan


def linear_gan(w_dim=8, **options):
    """Returns a StyleGAN2 whose images are linear in the styles, and the kernel that makes them."""
    start = keras.initializers.GlorotUniform
    styles = keras.Input((3, w_dim))
    dense = keras.layers.Dense(16, use_bias=False, kernel_initializer=start(0))
    images = keras.layers.Reshape((4, 4, 1))(dense(keras.layers.Flatten()(styles)))
    synthesis = keras.Model(styles, images, name="synthesis")
    latents = keras.Input((8,))
    own = keras.layers.Dense(w_dim, kernel_initializer=start(1))(latents)
    mapping = keras.Model(latents, own, name="mapping")
    outputs = synthesis(keras.layers.RepeatVector(3)(mapping(latents)))
    discriminator = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    generator = keras.Model(latents, outputs)
    gan = kg.StyleGAN2(generator, discriminator, penalties=[], **options)
    return gan, dense.kernel


def trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def test_parameters_are_those_of_the_authors_networks():
    """Those that the authors' code prints for config F at 1024 pixels."""
    generator = stylegan2.generator((1024, 1024, 3))
    assert trainable(generator) == 30_370_060
    assert trainable(stylegan2.discriminator((1024, 1024, 3))) == 29_012_513


def test_images_are_of_unit_scale_at_first_and_shapes_are_free():
    generator = stylegan2.generator((24, 32, 4), 16, 8, 32, 2, seed=0)
    images = generator(np.random.default_rng(0).normal(size=(16, 16)).astype("float32"))
    assert images.shape == (16, 24, 32, 4)
    assert 0.3 < np.std(images) < 3
    logits = stylegan2.discriminator((24, 32, 4), 8, 32, seed=0)(images)
    assert logits.shape == (16, 1)
    assert 0.1 < np.sqrt(np.mean(np.square(logits))) < 3


def test_bounded_images_are_those_of_the_paper_through_a_tanh():
    options = {"image_shape": (16, 16, 1), "filters": 4, "max_filters": 8, "seed": 0}
    free, bounded = (stylegan2.generator(latent_dim=8, bounded=b, **options) for b in (False, True))
    np.testing.assert_allclose(bounded(Z), np.tanh(free(Z) / np.sqrt(3)), rtol=1e-5, atol=1e-6)


def test_only_the_largest_sizes_compute_in_half_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = stylegan2.generator((32, 32, 1), 8, 4, 8, 1, half_sizes=2)
        judges = [stylegan2.discriminator((32, 32, 1), 4, 8, half_sizes=k) for k in (2, 0)]
    finally:
        keras.config.set_dtype_policy("float32")
    layers = network.get_layer("synthesis").layers
    found = {(x.output.shape[1], x.compute_dtype) for x in layers if "modulated" in x.name}
    assert found == {(4, "float32"), (8, "float32"), (16, "bfloat16"), (32, "bfloat16")}
    assert network(Z).dtype == "float32"
    # One convolution of the image and three for each halving; two halvings are in half precision.
    for judge, halves in zip(judges, (7, 0), strict=True):
        layers = [x.layer for x in judge.layers if isinstance(x, kg.layers.Equalized)]
        half = [layer.compute_dtype == "bfloat16" for layer in layers]
        assert half == [True] * halves + [False] * (13 - halves)
        assert judge.output.dtype == "float32"


def test_two_networks_make_the_image(gan):
    styles = gan.map(Z)
    assert styles.shape == (4, gan.num_styles, 8)
    np.testing.assert_array_equal(gan.synthesize(styles), gan(Z))
    raw = np.asarray(gan.average_generator.get_layer("mapping")(Z))
    whole = np.broadcast_to(raw[:, None], styles.shape)
    np.testing.assert_allclose(gan.map(Z, truncation=1.0), whole, atol=1e-6)
    mean = np.broadcast_to(gan.mean_style.numpy(), styles.shape)
    np.testing.assert_allclose(gan.map(Z, truncation=0.0), mean, atol=1e-6)
    some = gan.map(Z, truncation=0.5, layers=2)
    np.testing.assert_allclose(some[:, :2], (styles + mean)[:, :2] / 2, atol=1e-6)
    np.testing.assert_allclose(some[:, 2:], styles[:, 2:], atol=1e-6)
    assert np.ptp(gan.generate(5, truncation=0.0), axis=0).max() == 0, "the mean image"


def test_noise_can_be_left_out(gan):
    for layer in gan.average_generator.get_layer("synthesis").layers:
        if isinstance(layer, kg.layers.NoiseInjection):
            layer.strength.assign(0.5)
    assert not np.allclose(gan(Z), gan(Z, noise=False))
    np.testing.assert_array_equal(gan(Z), gan(Z))


def test_mixing_takes_the_styles_of_a_part(gan):
    mixed = gan.mix(Z[:2], Z[2:], "fine")
    assert mixed.shape == (2, 2, 16, 16, 1)
    everything = gan.mix(Z[:2], Z[2:], slice(None))
    np.testing.assert_array_equal(everything[0], everything[1])
    nothing = gan.mix(Z[:2], Z[2:], slice(0, 0))
    np.testing.assert_array_equal(nothing[:, 0], nothing[:, 1])
    np.testing.assert_array_equal(nothing[:, 0], kg.training.export.to_uint8(gan(Z[:2])))
    with pytest.raises(InputError, match="`part` is one of coarse, middle, fine. Received: 'all'"):
        gan.mix(Z, Z, "all")


def test_each_part_is_a_third_of_the_layers_in_their_order(gan):
    of_rows, of_columns = (np.array(gan.map(z)) for z in (Z[:2], Z[2:]))
    tables = []
    for third, part in enumerate(("coarse", "middle", "fine")):
        layers = slice(2 * third, 2 * third + 2)
        tables.append(gan.mix(Z[:2], Z[2:], part))
        for row, images in zip(of_rows, tables[-1], strict=True):
            styles = np.stack([row, row])
            styles[:, layers] = of_columns[:, layers]
            np.testing.assert_array_equal(images, gan.images_of_styles(styles))
    assert all((tables[k] != tables[k - 1]).any() for k in range(3)), "no two parts are alike"


def test_styles_are_mixed_in_training_from_some_layer_on(gan):
    styles, own = (np.asarray(x) for x in gan.styles(np.repeat(Z, 50, axis=0)))
    np.testing.assert_array_equal(styles[:, 0], own)
    is_own = (styles == own[:, None]).all(axis=2)
    assert (np.diff(is_own.astype(int), axis=1) <= 0).all(), "first the own style, then another"
    assert is_own.all(axis=1).mean() == pytest.approx(0.1, abs=0.07)


def test_mean_style_follows_the_mapping():
    gan = kg.StyleGAN2(**TINY)
    for _ in range(3):
        before = gan.mean_style.numpy()
        _, fakes = gan.draw(np.zeros((6, 16, 16, 1), "float32"))
        own = gan.generator.get_layer("mapping")(fakes.latents)
        expected = 0.995 * before + 0.005 * np.mean(own, axis=0)
        np.testing.assert_allclose(gan.mean_style, expected, atol=1e-6)


def test_path_length_is_the_gradients_norm_and_differentiable():
    """For images that are linear in the styles the gradient can be written down."""
    gan, weights = linear_gan(mixing=0.0, path_weight=3.0)
    gan.compile()
    gan.mean_path.assign(0.7)
    fakes = kg.models.gan.Fakes(None, tf.zeros((4, 8)))
    state = gan.seed_generator.state.numpy()

    def term():
        gan.seed_generator.state.assign(state)
        return gan.path_length(fakes)

    value, mean = term()
    gan.seed_generator.state.assign(state)
    gan.latents(2)
    noise = keras.random.normal((2, 4, 4, 1), seed=gan.seed_generator) / 4
    gradient = np.reshape(noise, (2, 16)) @ weights.numpy().T
    lengths = np.sqrt((gradient.reshape(2, 3, 8) ** 2).sum(axis=2).mean(axis=1))
    assert float(mean) == pytest.approx(0.7 + 0.01 * (lengths.mean() - 0.7), rel=1e-5)
    assert float(value) == pytest.approx(3 * ((lengths - float(mean)) ** 2).mean(), rel=1e-4)

    with tf.GradientTape() as tape:
        value, _ = term()
    slope = tape.gradient(value, weights.value).numpy()
    direction = np.random.default_rng(0).normal(size=slope.shape).astype("float32")
    kernel, values = weights.numpy(), []
    for step in (2e-3, -2e-3):
        weights.assign(kernel + step * direction)
        values.append(float(term()[0]))
    expected = (values[0] - values[1]) / 4e-3
    assert float((slope * direction).sum()) == pytest.approx(expected, rel=0.01)


def test_path_length_comes_lazily_and_with_the_same_mean():
    gan = kg.StyleGAN2(**TINY, path_every=4)
    gan.compile()
    fakes = kg.models.gan.Fakes(None, tf.zeros((4, 8)))
    state, terms = gan.seed_generator.state.numpy(), []
    expected = float(gan.path_length(fakes)[0])
    for step in range(8):
        gan.seed_generator.state.assign(state)
        gan.mean_path.assign(0.0)
        gan.generator_optimizer.iterations.assign(step)
        terms.append(float(gan.generator_penalties(fakes)["path_length"]))
    assert terms == pytest.approx([4 * expected, 0, 0, 0] * 2)
    assert expected > 0


def test_lazy_path_length_moves_the_generator_as_far_as_that_of_every_step():
    moves = []
    for weight, every in ((0.0, 1), (3.0, 1), (3.0, 4)):
        gan, kernel = linear_gan(path_weight=weight, path_every=every)
        gan.compile(keras.optimizers.SGD(1e-4))
        before, state = kernel.numpy(), gan.seed_generator.state.numpy()
        for _ in range(4):
            gan.seed_generator.state.assign(state)
            gan.mean_path.assign(0.7)
            recording, fakes = gan.draw(tf.zeros((4, 4, 4, 1)))
            gan.update_generator(None, None, fakes, recording)
        moves.append(kernel.numpy() - before)
    eager, lazy = moves[1] - moves[0], moves[2] - moves[0]
    assert np.abs(eager).max() > 1e-5
    np.testing.assert_allclose(lazy, eager, atol=0.01 * np.abs(eager).max())


def test_gradients_that_are_not_finite_are_clamped_and_their_loss_is_shown():
    gan, kernel = linear_gan(path_weight=0.0)
    gradient = np.ones(kernel.shape, "float32")
    gradient[0, :4] = np.nan, np.inf, -np.inf, 1e6

    def terms(fake, real, fakes):
        made_up = keras.ops.sum(kernel * gradient)
        return {"generator_loss": made_up + 0.0 * keras.ops.sum(fake.logits)}

    gan.generator_terms = terms

    @tf.function
    def step():
        recording, fakes = gan.draw(tf.zeros((4, 4, 4, 1)))
        gan.update_generator(None, None, fakes, recording)

    before = kernel.numpy()
    gan.compile(keras.optimizers.SGD(1.0))
    step()
    expected = np.ones(kernel.shape, "float32")
    expected[0, :4] = 0, 1e5, -1e5, 1e6
    np.testing.assert_allclose(kernel.numpy(), before - expected, rtol=1e-6)
    assert np.isnan(gan.trackers["generator_loss"].result())
    kernel.assign(before)
    gan.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1.0)))
    step.python_function()
    np.testing.assert_array_equal(kernel.numpy(), before, "a loss scale leaves the step out")


def test_styles_of_another_size_than_the_latents_are_exported(tmp_path):
    gan, _ = linear_gan(w_dim=5)
    gan.export(tmp_path, verbose=False)
    synthesize = tf.saved_model.load(str(tmp_path)).signatures["synthesize"]
    styles = gan.map(Z)
    assert styles.shape == (4, 3, 5)
    images = next(iter(synthesize(styles=styles).values()))
    np.testing.assert_allclose(images, gan(Z), atol=1e-6)


def test_conditional():
    gan = kg.StyleGAN2(**TINY, num_classes=3)
    gan.compile(run_eagerly=True)
    images = np.random.default_rng(1).uniform(-1, 1, (8, 16, 16, 1)).astype("float32")
    gan.fit(images, np.arange(8) % 3, batch_size=4, verbose=0)
    zeros = np.zeros((3, 8), "float32")
    made = gan(zeros, labels=np.arange(3))
    assert not np.allclose(made[0], made[1])
    assert gan.generate(6).shape == (6, 16, 16, 1)
    of_rows, of_columns = (
        kg.training.export.to_uint8(gan(z, labels=labels))
        for z, labels in ((Z[:2], [0, 1]), (Z[2:], [2, 2]))
    )
    nothing, everything = (
        gan.mix(Z[:2], Z[2:], part, labels=[0, 1, 2, 2]) for part in (slice(0, 0), slice(None))
    )
    np.testing.assert_array_equal(nothing[:, 0], of_rows)
    np.testing.assert_array_equal(everything[0], of_columns)
    np.testing.assert_array_equal(gan.mix(Z[:2], Z[2:], slice(None), labels=2)[0], of_columns)
    with pytest.raises(InputError, match=r"one whole number, or 4, in 0\.\.2. Received: 3"):
        gan.mix(Z[:2], Z[2:], labels=3)


def test_styles_and_labels_are_checked():
    gan = kg.StyleGAN2(**TINY, num_classes=3)
    with pytest.raises(InputError, match=r"in 0\.\.2. Received: \[3, 0\]"):
        gan.map(Z[:2], labels=[3, 0])
    styles = gan.map(Z[:2], labels=[2, 0])
    np.testing.assert_array_equal(gan.map(Z[:2], labels=2)[0], styles[0])
    for wrong in (styles[:, 1:], styles[..., 1:], Z):
        with pytest.raises(InputError, match=r"the shape \(N, 6, 8\), as `map` makes them"):
            gan.synthesize(wrong)


def test_average_by_images_does_not_depend_on_the_size_of_a_batch():
    gan = kg.GAN(image_shape=(4, 4, 1), ema_images=100)
    gan.compile()
    gan.step.assign(10**6)  # The average's beginning is over.
    copy, network = gan.average_generator.weights[0], gan.generator.weights[0]
    copy.assign(network + 1.0)
    gan.end_step(50)
    np.testing.assert_allclose(copy - network, 0.5**0.5, atol=1e-5)
    gan.end_step(25)
    gan.end_step(25)
    np.testing.assert_allclose(copy - network, 0.5, atol=1e-5)


def test_networks_of_another_kind_are_refused():
    generator = keras.Sequential([keras.Input((8,)), keras.layers.Reshape((2, 2, 2))])
    discriminator = keras.Sequential([keras.Input((2, 2, 2)), keras.layers.Flatten()])
    with pytest.raises(InputError, match='"mapping" and "synthesis". Received: reshape'):
        kg.StyleGAN2(generator, discriminator)


def test_features_and_images_are_bounded_in_float16():
    keras.config.set_dtype_policy("mixed_float16")
    network = stylegan2.synthesis((16, 16, 1), 8, 4, 8, 4, False, iter(range(99)))
    keras.config.set_dtype_policy("float32")
    layers = [x for x in network.layers if isinstance(x, kg.layers.ModulatedConv2D)]
    layers = [layer for layer in layers if layer.compute_dtype == "float16"]
    ends = [layer for layer in layers if not layer.demodulate]
    assert len(ends) == 2, "at 8 and 16 pixels"
    styles = np.repeat(Z[:, None], 6, axis=1)
    for end in ends:
        end.bias.assign([1e4])
    # What is enlarged falls off at the border, and what is added at 4 pixels is not bounded.
    images = network(styles)[:, 4:-4, 4:-4]
    np.testing.assert_allclose(images, 2 * stylegan2.CLAMP, atol=20)
    for layer in layers:
        layer.bias.assign(np.full(layer.bias.shape, 1e4))
    features = keras.Model(network.input, [end.input[0] for end in ends])
    assert [float(np.max(x)) for x in features(styles)] == [stylegan2.CLAMP] * 2


def test_the_smallest_size_is_never_in_half_precision():
    keras.config.set_dtype_policy("mixed_float16")
    network = stylegan2.synthesis((32, 32, 1), 8, 4, 8, 4, False, iter(range(99)))
    keras.config.set_dtype_policy("float32")
    sizes = {
        layer.output.shape[1]: layer.compute_dtype
        for layer in network.layers
        if isinstance(layer, kg.layers.ModulatedConv2D)
    }
    assert sizes == {4: "float32", 8: "float16", 16: "float16", 32: "float16"}
