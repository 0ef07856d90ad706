"""Where a step at 64 pixels goes, layer by layer: `python -m benchmarks.layers`.

`--precision mixed_bfloat16` is what the command trains in where that is quicker. Each layer and the
step are also timed with Keras' own gradients of kernels, from which ours differ in bfloat16 where
maps are small.

The machine's own convolution speed is the best that 3x3 convolutions of 64 to 256 feature maps at
16 and 32 pixels reach, forward and both gradients, in this run. Each layer of the networks that the
command makes for DCGAN is then timed alone, with the gradients that training needs, and at last the
whole step, without its lazy penalties. Work is counted in multiply-adds; shown are the medians of
several rounds, in which all take turns.
"""

import argparse
import math
from functools import partial

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import keras_gans as kg
from benchmarks.turns import in_turns
from keras_gans import methods
from keras_gans.layers import small_maps

ROUNDS = 7


def multiply_adds(layer, size):
    """Returns the multiply-adds of one image's forward pass through a layer with a kernel."""
    taps = math.prod(layer.kernel.shape)
    if isinstance(layer, layers.Dense):
        return taps
    # A transposed convolution touches its kernel once for each pixel of its input.
    if isinstance(layer, kg.layers.UpsamplingConv2D):
        taps = taps * 16 // 9  # It works with a kernel of 4x4.
    transposed = isinstance(layer, layers.Conv2DTranspose | kg.layers.UpsamplingConv2D)
    sides = layer.input.shape if transposed else size
    return taps * sides[1] * sides[2]


def alone(layer, batch, with_input_gradient=True):
    """Returns a function that runs a layer forward and back on a batch."""
    inputs = tf.random.normal((batch, *layer.input.shape[1:]), dtype=layer.compute_dtype)

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = layer(inputs)
        targets = [v.value for v in layer.trainable_variables]
        return tape.gradient(output, [inputs] * with_input_gradient + targets)

    return run


def traced(function, small):
    """Returns a compiled function, which has ours for maps of up to `small` pixels a side."""
    usual, small_maps.SMALL = small_maps.SMALL, small
    function()
    small_maps.SMALL = usual
    return function


def reference(side, depth):
    """Returns a plain 3x3 convolution."""
    inputs = keras.Input((side, side, depth))
    layer = kg.layers.Conv2D(depth, 3, padding="same", use_bias=False)
    layer(inputs)
    return layer


def seconds(functions):
    """Returns the median seconds of each function, {name: seconds}; they take turns."""
    return {name: float(np.median(times)) for name, times in in_turns(functions, ROUNDS).items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--precision", default="float32")
    arguments = parser.parse_args()
    keras.config.set_dtype_policy(arguments.precision)
    shape = (arguments.image_size, arguments.image_size, 3)
    settings = methods.get("dcgan").settings(arguments.image_size)
    batch = settings.batch_size
    model = kg.DCGAN(image_shape=shape, penalties=[], **settings.options)
    model.compile()

    functions, work, rows = {}, {}, []
    for side in (16, 32):
        for depth in (64, 128, 256):
            name = f"reference {side}x{side}, {depth} maps"
            layer = reference(side, depth)
            functions[name] = alone(layer, batch)
            work[name] = 3 * batch * multiply_adds(layer, layer.output.shape)
    best_of = list(functions)
    total = 0
    for player, networks in model.players().items():
        for network in networks:
            first = True
            for layer in network.layers:
                if not isinstance(layer, layers.Conv2D | layers.Conv2DTranspose | layers.Dense):
                    continue
                name = f"{player} {layer.name}"
                once = batch * multiply_adds(layer, layer.output.shape)
                passes = 2 if first else 3
                make = partial(alone, layer, batch, not first)
                functions[name], work[name] = traced(make(), small_maps.SMALL), passes * once
                functions[name, "Keras"] = traced(make(), 0)
                rows.append((name, layer))
                # The discriminator sees real images and fakes, and for the generator's update the
                # fakes once more, where the loss pairs them also the real images.
                again = 2 + model.loss_function.paired
                total += once * (passes if player == "generator" else 2 * passes + again)
                first = False
    images = tf.random.uniform((batch, *shape), -1, 1)

    def step():
        return partial(tf.function(model.train_step), images)

    functions["step"], work["step"] = traced(step(), small_maps.SMALL), total
    functions["step", "Keras"] = traced(step(), 0)
    taken = seconds(functions)
    speed = {name: work[name] / taken[name] / 1e9 for name in work}
    best = max(speed[name] for name in best_of)
    for name in best_of:
        print(f"{name:40s} {speed[name]:6.1f} G multiply-adds/s")
    for name, layer in rows:
        shapes = f"{tuple(layer.input.shape[1:])} -> {tuple(layer.output.shape[1:])}"
        print(
            f"{name:34s} {shapes:36s} {work[name] / batch / 1e6:7.1f} M an image "
            f"{1e3 * taken[name]:6.1f} ms {speed[name] / best:5.0%} of the best, "
            f"{taken[name, 'Keras'] / taken[name]:.2f} times as fast as Keras' own"
        )
    print(
        f"step of {batch}: {1e3 * taken['step']:.0f} ms, {speed['step']:.1f} G multiply-adds/s, "
        f"{speed['step'] / best:.0%} of the machine's best ({best:.1f}), "
        f"{taken['step', 'Keras'] / taken['step']:.2f} times as fast as Keras' own"
    )


if __name__ == "__main__":
    main()
