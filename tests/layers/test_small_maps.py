"""Products in place of the kernels' gradients are the same, to the second derivative."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import keras_gans as kg
from keras_gans.layers import small_maps

CASES = [  # height, width, size of the kernel, stride, padding
    (4, 4, 3, 1, "same"),
    (8, 4, 3, 2, "same"),
    (8, 8, 4, 2, "same"),
    (6, 6, 4, 2, "valid"),
    (5, 7, 3, 2, "valid"),
    (4, 4, 4, 1, "valid"),
    (3, 5, 1, 1, "same"),
]


@pytest.fixture
def in_float32(monkeypatch):
    """Takes the products in float32 too, whose rounding leaves differences to be seen."""
    quick = small_maps._is_quick
    monkeypatch.setattr(small_maps, "_is_quick", lambda _, *rest: quick("bfloat16", *rest))
    products = []
    product = small_maps._product

    def counted(*arguments):
        products.append(arguments)
        return product(*arguments)

    monkeypatch.setattr(small_maps, "_product", counted)
    return products


def derivatives(function, x, kernel):
    """Returns the output, the gradients of its sine and those of the input gradient's square."""
    with tf.GradientTape() as outer:
        outer.watch([x, kernel])
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            y = function(x, kernel)
            value = tf.reduce_sum(tf.sin(y))
        first = tape.gradient(value, [x, kernel])
        square = tf.reduce_sum(first[0] ** 2)
    return [y, *first, *outer.gradient(square, [x, kernel])]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("transposed", [False, True])
def test_equals_keras_to_the_second_derivative(case, transposed, in_float32):
    height, width, size, step, padding = case
    random = np.random.default_rng(0)
    large = random.normal(size=(2, height, width, 3)).astype("float32")
    kernel = tf.constant(random.normal(size=(size, size, 3, 5)).astype("float32"))
    ours, keras_own = small_maps.conv, ops.conv
    x = tf.constant(large)
    if transposed:
        ours, keras_own = small_maps.conv_transpose, ops.conv_transpose
        shape = ops.conv(x, kernel, step, padding).shape
        x = tf.constant(random.normal(size=shape).astype("float32"))
    got = derivatives(lambda x, w: ours(x, w, step, padding), x, kernel)
    assert in_float32
    expected = derivatives(lambda x, w: keras_own(x, w, step, padding), x, kernel)
    for mine, theirs in zip(got, expected, strict=True):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, atol=1e-4 * np.abs(theirs).max())


@pytest.mark.parametrize(
    ("shape", "step", "padding"),
    [
        ((2, 5, 5, 3), 2, "same"),  # Not a multiple of the stride.
        ((2, 6, 6, 3), 2, "valid"),  # Its last row is not met.
        ((2, 32, 32, 3), 2, "same"),  # Too many places.
        ((2, 8, 8, 3), 4, "same"),  # A stride beyond the kernel.
        ((2, 8, 8, 3), (1, 2), "same"),
        ((2, 8, 8, 6), 1, "same"),  # Groups.
    ],
)
def test_leaves_the_rest_to_keras(shape, step, padding, in_float32):
    kernel = tf.ones((3, 3, 3, 6))
    x = tf.ones(shape)
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        y = small_maps.conv(x, kernel, step, padding)
    assert y.shape == ops.conv(x, kernel, step, padding).shape
    assert tape.gradient(y, kernel).shape == kernel.shape
    assert not in_float32


def test_groups_without_onednn_are_warned_of(monkeypatch):
    def refuse(**_):
        raise tf.errors.UnimplementedError(None, None, "no groups")

    monkeypatch.setattr(tf.raw_ops, "Conv2DBackpropInput", refuse)
    monkeypatch.setattr(small_maps, "_has_groups", small_maps._has_groups.__wrapped__)
    with pytest.warns(UserWarning, match="in groups take .* TF_ENABLE_ONEDNN_OPTS=1"):
        assert small_maps._dtype_of_groups(tf.float32) is None


def test_groups_of_bfloat16_are_computed_in_float32_where_that_alone_has_them(monkeypatch):
    monkeypatch.setattr(small_maps, "_has_groups", lambda dtype: dtype == tf.float32)
    monkeypatch.delattr(small_maps, "_conv")  # Keras is not asked.
    random = np.random.default_rng(0)
    x, kernel = (
        tf.cast(random.normal(size=shape), tf.bfloat16) for shape in ((2, 4, 4, 6), (3, 3, 2, 9))
    )
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        y = small_maps.conv(x, kernel, 1, "same")
    assert y.dtype == tape.gradient(y, kernel).dtype == tf.bfloat16
    exact = tf.nn.conv2d(tf.cast(x, "float32"), tf.cast(kernel, "float32"), 1, "SAME")
    np.testing.assert_array_equal(
        tf.cast(y, "float32"), tf.cast(tf.cast(exact, y.dtype), "float32")
    )


@pytest.mark.filterwarnings("ignore:Convolutions in groups")
@pytest.mark.parametrize("natively", [False, True])
def test_groups_equal_those_of_keras_to_the_second_derivative(natively, monkeypatch):
    if natively:
        assert small_maps._has_groups(tf.float32), "CPUs have them by oneDNN"
        monkeypatch.delattr(small_maps, "_conv")  # Keras is not asked.
    else:
        monkeypatch.setattr(small_maps, "_has_groups", lambda dtype: False)
    random = np.random.default_rng(0)
    x, kernel = (
        tf.constant(random.normal(size=shape).astype("float32"))
        for shape in ((2, 8, 8, 6), (3, 3, 2, 9))
    )
    # In one graph, for Keras compiles its own anew at each eager call.
    got = tf.function(derivatives)(lambda x, w: small_maps.conv(x, w, 2, "same"), x, kernel)

    def by_parts(x, w):
        pairs = zip(tf.split(x, 3, -1), tf.split(w, 3, -1), strict=True)
        return tf.concat([ops.conv(part, kernels, 2, "same") for part, kernels in pairs], -1)

    expected = derivatives(by_parts, x, kernel)
    for mine, theirs in zip(got, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-4 * np.abs(theirs).max())


def test_gradients_without_static_sides_are_products_too(in_float32):
    x, kernel = tf.ones((2, 4, 4, 3)), tf.ones((3, 3, 3, 5))
    spec = tf.TensorSpec((None, None, None, 5))

    def gradient(upstream):
        with tf.GradientTape() as tape:
            tape.watch(kernel)
            y = small_maps.conv(x, kernel, 1, "same")
        return tape.gradient(y, kernel, upstream)

    upstream = tf.constant(np.random.default_rng(0).normal(size=(2, 4, 4, 5)), "float32")
    found = tf.function(gradient, input_signature=[spec])(upstream)
    assert in_float32
    np.testing.assert_allclose(found, gradient(upstream), atol=1e-5)


def test_bfloat16_alone_takes_products():
    assert small_maps._is_quick(tf.bfloat16, (8, 8), (3, 3), 1)
    assert not small_maps._is_quick(tf.float32, (8, 8), (3, 3), 1)
    assert not small_maps._is_quick(tf.bfloat16, (8, 9), (3, 3), 1)


@pytest.mark.parametrize("kind", ["Conv2D", "Conv2DTranspose"])
@pytest.mark.parametrize("in_graph", [False, True])
def test_layers_train_as_those_of_keras(kind, in_graph):
    """Those of float32, for bfloat16 sums roughly; eagerly too and whatever the size of a batch."""
    options = {"strides": 2, "padding": "same", "activation": "tanh"}
    ours = getattr(kg.layers, kind)(5, 4, dtype="mixed_bfloat16", **options)
    theirs = getattr(keras.layers, kind)(5, 4, bias_initializer="ones", **options)
    x = np.random.default_rng(0).normal(size=(3, 8, 8, 6)).astype("float32")
    values = []
    for layer in (theirs, ours):
        layer.build(x.shape)
        layer.set_weights(theirs.get_weights())

        def gradients(x, layer=layer):
            with tf.GradientTape() as tape:
                y = layer(x)
                loss = tf.reduce_sum(tf.cast(y, "float32") ** 2)
            return [y, *tape.gradient(loss, [v.value for v in layer.trainable_variables])]

        spec = tf.TensorSpec((None, 8, 8, 6))
        run = tf.function(gradients, input_signature=[spec]) if in_graph else gradients
        values.append(run(tf.constant(x)))
    for expected, found in zip(*values, strict=True):
        largest = np.abs(np.float32(expected)).max()
        np.testing.assert_allclose(np.float32(found), np.float32(expected), atol=0.02 * largest)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("Conv2D", {"dilation_rate": 2}),
        ("Conv2D", {"groups": 2}),
        ("Conv2DTranspose", {"strides": 2, "output_padding": 1}),
        ("Conv2DTranspose", {"dilation_rate": 2}),
    ],
)
def test_all_that_keras_layers_can_is_left(kind, options):
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 4)).astype("float32")
    ours, theirs = (getattr(module.layers, kind)(4, 3, **options) for module in (kg, keras))
    expected = theirs(x)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    # Groups are not computed by the same library.
    np.testing.assert_allclose(ours(x), expected, atol=1e-5)
    assert ours.from_config(ours.get_config()).get_config() == ours.get_config()


@pytest.mark.parametrize("kind", ["Conv2D", "Conv2DTranspose"])
def test_gradients_of_biases_are_added_up_in_float32(kind):
    random = np.random.default_rng(0)
    side = {"Conv2D": 16, "Conv2DTranspose": 4}[kind]
    x = tf.constant(random.normal(size=(32, side, side, 8)).astype("float32"))
    layer = getattr(kg.layers, kind)(16, 4, strides=2, padding="same", dtype="mixed_bfloat16")
    layer.build(x.shape)
    upstream = (random.normal(size=(32, 8, 8, 16)) + 0.2).astype("float32")

    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(tf.cast(layer(x), "float32") * upstream)
        return tape.gradient(total, layer.bias.value)

    expected = upstream.sum(axis=(0, 1, 2))
    assert np.linalg.norm(gradient(x) - expected) < 0.01 * np.linalg.norm(expected)
