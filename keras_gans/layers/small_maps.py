"""Convolutions of which steps in bfloat16 are quicker where maps are small.

The gradient of a kernel K sums over the places p of the smaller maps y, of the patch of the larger
maps x that the kernel meets there, and of the gradient of y,

    dL/dK = sum over p of patch(x, p)' dL/dy(p)

and alike in a transposed convolution, whose output is the larger. Where there are few places CPUs
take several times as long for it in bfloat16 as for the convolution. Here the patches are gathered
and one product of matrices sums them: the same but for rounding. What it brings stands in
benchmarks/README.md, as measured by `python -m benchmarks.layers`.
"""

import functools
import warnings

import numpy as np
import tensorflow as tf
from keras import ops

_conv = functools.partial(ops.conv, data_format="channels_last")
_conv_transpose = functools.partial(ops.conv_transpose, data_format="channels_last")

SMALL = 8
"""The largest height and width of y; beyond it the gathering costs what the product saves."""


def conv(inputs, kernel, strides=1, padding="valid"):
    """Returns what `keras.ops.conv` does.

    Args:
        inputs: Features (N, height, width, C).
        kernel: (height, width, C, filters).
        strides: Int, or one for each axis. Default: 1.
        padding: "valid" or "same". Default: "valid".

    Returns:
        Features (N, height', width', filters).
    """
    # Of a variable Keras' function gives the variable, which has no gradient below.
    inputs, kernel = tf.convert_to_tensor(inputs), tf.convert_to_tensor(kernel)
    step, sides, sizes = _step(strides), inputs.shape[1:3], kernel.shape[:2]
    if step and None not in sides and inputs.shape[-1] == kernel.shape[2]:
        cut = (0, 0) if padding == "same" else [size - step for size in sizes]
        places = [(side - less) / step for side, less in zip(sides, cut, strict=True)]
        if _is_quick(inputs.dtype, places, sizes, step):
            return _convolve(inputs, kernel, [int(side) for side in places], step, padding)
    in_groups = inputs.shape[-1] != kernel.shape[2]
    if in_groups and (dtype := _dtype_of_groups(inputs.dtype)):
        x, kernel = tf.cast(inputs, dtype), tf.cast(kernel, dtype)
        return tf.cast(tf.nn.conv2d(x, kernel, strides, padding.upper()), inputs.dtype)
    return _conv(inputs, kernel, strides, padding)


def conv_transpose(inputs, kernel, strides=1, padding="valid"):
    """Returns what `keras.ops.conv_transpose` does.

    Args:
        inputs: Features (N, height, width, C).
        kernel: (height, width, filters, C).
        strides: Int, or one for each axis. Default: 1.
        padding: "valid" or "same". Default: "valid".

    Returns:
        Features (N, height', width', filters).
    """
    inputs, kernel = tf.convert_to_tensor(inputs), tf.convert_to_tensor(kernel)
    step, sides = _step(strides), inputs.shape[1:3]
    if step and _is_quick(inputs.dtype, sides, kernel.shape[:2], step):
        return _spread(inputs, kernel, sides, step, padding)
    return _conv_transpose(inputs, kernel, strides, padding)


def with_bias(outputs, layer):
    """Returns features with the bias and the activation of a layer.

    The bias is added by broadcasting: the gradient of TensorFlow's `bias_add`, which Keras takes,
    is added up in bfloat16 unless it is joined with the kernel's, with errors of some per cent.
    """
    outputs = outputs + tf.convert_to_tensor(layer.bias) if layer.use_bias else outputs
    return outputs if layer.activation is None else layer.activation(outputs)


def _step(strides):
    """Returns the stride of both axes, or None if they differ."""
    rows, columns = (strides, strides) if isinstance(strides, int) else strides
    return rows if rows == columns else None


def _is_quick(dtype, places, sizes, step):
    """Returns whether products are quicker, for these sides of the smaller maps."""
    few = all(side in range(1, SMALL + 1) for side in places)
    return dtype == "bfloat16" and few and min(sizes) >= step and _on_cpu()


def _dtype_of_groups(dtype):
    """Returns the type to compute convolutions in groups of channels in, or None for Keras' way.

    Keras has XLA compile them, which takes many times as long on CPUs. CPUs that emulate bfloat16
    have them in float32 alone.
    """
    found = next((x for x in (dtype, tf.float32) if _has_groups(x)), None)
    if found is None:
        warnings.warn(
            "Convolutions in groups take many times as long where TensorFlow runs without oneDNN, "
            "as it does here. It is turned on by `import keras_gans` before Keras and TensorFlow, "
            "or by TF_ENABLE_ONEDNN_OPTS=1 in the environment.",
            stacklevel=2,
        )
    return found


@functools.cache
def _has_groups(dtype):
    """Returns whether TensorFlow's own gradients know groups: on GPUs and, by oneDNN, on CPUs."""
    with tf.init_scope():
        images, kernel = tf.ones((1, 2, 2, 2), dtype), tf.ones((2, 2, 1, 2), dtype)
        try:
            tf.raw_ops.Conv2DBackpropInput(
                input_sizes=images.shape,
                filter=kernel,
                out_backprop=images,
                strides=(1, 1, 1, 1),
                padding="SAME",
            )
        except tf.errors.OpError:
            return False
    return True


@functools.cache
def _on_cpu():
    return all(device.device_type == "CPU" for device in tf.config.list_logical_devices())


def _convolve(x, kernel, places, step, padding):
    @tf.custom_gradient
    def convolve(x, kernel):
        def gradient(dy):
            dx = _spread(dy, kernel, places, step, padding)
            return dx, _product(x, dy, kernel.shape, places, step, padding)

        return _conv(x, kernel, step, padding), gradient

    return convolve(x, kernel)


def _spread(y, kernel, places, step, padding):
    @tf.custom_gradient
    def spread(y, kernel):
        def gradient(dx):
            dy = _convolve(dx, kernel, places, step, padding)
            return dy, _product(dx, y, kernel.shape, places, step, padding)

        return _conv_transpose(y, kernel, step, padding), gradient

    return spread(y, kernel)


def _product(x, y, shape, places, step, padding):
    """Returns the kernel's gradient (height, width, maps of x, maps of y).

    It goes by `places`, the sides of y, as gradients that arrive may have no static sides.
    """
    *sizes, inputs, outputs = shape
    if padding == "same":
        missing = [(size - step) // 2 for size in sizes], [(size - step + 1) // 2 for size in sizes]
        x = ops.pad(x, [(0, 0), *zip(*missing, strict=True), (0, 0)])
    rows, columns = (
        np.arange(count)[:, None] * step + np.arange(size)
        for count, size in zip(places, sizes, strict=True)
    )
    height, width = rows[-1, -1] + 1, columns[-1, -1] + 1
    # Places first, then the kernel.
    at = rows[:, None, :, None] * width + columns[None, :, None, :]
    patches = ops.take(ops.reshape(x, (-1, height * width, inputs)), at.flatten(), axis=1)
    patches = ops.reshape(patches, (-1, sizes[0] * sizes[1] * inputs))
    product = ops.matmul(ops.transpose(patches), ops.reshape(y, (-1, outputs)))
    return ops.reshape(product, shape)
