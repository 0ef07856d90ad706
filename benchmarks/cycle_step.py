"""Speed of a CycleGAN step, side by side in one run: `python -m benchmarks.cycle_step`.

The same mathematics of networks with the same batches, in alternating rounds:

- a hand-written `tf.function` of the method's mathematics, pools included;
- the order of calls of the keras-io example: everything is passed forward under one persistent
  tape, then four gradients are taken from it for four optimizers; without pools, so that each
  discriminator sees the same fakes in both updates;
- the same of Keras' own convolutions and normalisation, as the example has them;
- `kg.CycleGAN` by `fit`.
"""

import argparse
import functools
import statistics
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

import keras_gans as kg
from benchmarks.turns import in_turns
from keras_gans.networks import patch_gan, residual


def networks(filters, blocks):
    """Returns G_ab, G_ba, D_a, D_b."""
    generators = [residual.generator(3, filters, blocks, seed=0, stream=k) for k in (0, 2)]
    return *generators, *(patch_gan.discriminator(3, filters, seed=0, stream=k) for k in (1, 3))


def adam(variables):
    optimizer = keras.optimizers.Adam(2e-4, 0.5)
    optimizer.build(variables)
    return optimizer


def error(x, y):
    return tf.reduce_mean(tf.abs(x - y))


def squared(logits, label):
    return tf.reduce_mean((logits - label) ** 2)


class Pool:
    """50 past images; see `keras_gans.layers.ImagePool`. It begins full."""

    def __init__(self, shape):
        self.images = tf.Variable(tf.zeros((50, *shape)))

    def query(self, fakes):
        places = tf.random.shuffle(tf.range(50))[: len(fakes)]
        swaps = (tf.random.uniform((len(fakes),)) < 0.5)[:, None, None, None]
        past = tf.gather(self.images, places)
        self.images.scatter_nd_update(places[:, None], tf.where(swaps, fakes, past))
        return tf.where(swaps, past, fakes)


def hand_written(shape, *size):
    """Returns a step that does what `kg.CycleGAN` does, and no more."""
    to_b, to_a, judge_a, judge_b = networks(*size)
    generators = to_b.trainable_variables + to_a.trainable_variables
    judges = judge_a.trainable_variables + judge_b.trainable_variables
    optimizers, pools = (adam(generators), adam(judges)), (Pool(shape), Pool(shape))

    @tf.function
    def step(a, b):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in generators])
            fake_a, fake_b = to_a(b, training=True), to_b(a, training=True)
            loss = squared(judge_a(fake_a, training=True), 1.0)
            loss += squared(judge_b(fake_b, training=True), 1.0)
            loss += 10 * error(to_a(fake_b, training=True), a)
            loss += 10 * error(to_b(fake_a, training=True), b)
            loss += 5 * error(to_a(a, training=True), a) + 5 * error(to_b(b, training=True), b)
        optimizers[0].apply(tape.gradient(loss, [v.value for v in generators]), generators)
        past_a, past_b = pools[0].query(fake_a), pools[1].query(fake_b)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in judges])
            loss = squared(judge_a(a, training=True), 1.0) / 2
            loss += squared(judge_a(past_a, training=True), 0.0) / 2
            loss += squared(judge_b(b, training=True), 1.0) / 2
            loss += squared(judge_b(past_b, training=True), 0.0) / 2
        optimizers[1].apply(tape.gradient(loss, [v.value for v in judges]), judges)

    return step


def networks_of_keras(*size):
    """Returns the same networks of Keras' own layers."""
    normalize = functools.partial(keras.layers.GroupNormalization, groups=-1, epsilon=1e-5)
    own = {"Conv2D": keras.layers.Conv2D, "InstanceNormalization": normalize}
    with (
        mock.patch.multiple(residual, **own),
        mock.patch.multiple(patch_gan, Conv2D=keras.layers.Conv2D),
        mock.patch.dict(patch_gan.NORMALIZATIONS, instance=normalize),
    ):
        return networks(*size)


def in_example_order(models):
    """Returns a step in the order of the keras-io example, of such networks."""
    to_b, to_a, judge_a, judge_b = models
    optimizers = [adam(model.trainable_variables) for model in models]

    @tf.function
    def step(a, b):
        with tf.GradientTape(persistent=True) as tape:
            fake_b, fake_a = to_b(a, training=True), to_a(b, training=True)
            cycled_a, cycled_b = to_a(fake_b, training=True), to_b(fake_a, training=True)
            same_a, same_b = to_a(a, training=True), to_b(b, training=True)
            real_a, logits_a = judge_a(a, training=True), judge_a(fake_a, training=True)
            real_b, logits_b = judge_b(b, training=True), judge_b(fake_b, training=True)
            losses = [
                squared(logits_b, 1.0) + 10 * error(b, cycled_b) + 5 * error(b, same_b),
                squared(logits_a, 1.0) + 10 * error(a, cycled_a) + 5 * error(a, same_a),
                (squared(real_a, 1.0) + squared(logits_a, 0.0)) / 2,
                (squared(real_b, 1.0) + squared(logits_b, 0.0)) / 2,
            ]
        weights = [model.trainable_variables for model in models]
        slopes = [
            tape.gradient(loss, [v.value for v in each])
            for loss, each in zip(losses, weights, strict=True)
        ]
        for optimizer, slope, each in zip(optimizers, slopes, weights, strict=True):
            optimizer.apply(slope, each)

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--filters", type=int, default=32)
    parser.add_argument("--blocks", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=24)
    arguments = parser.parse_args()
    shape = (arguments.image_size, arguments.image_size, 3)
    size = (arguments.filters, arguments.blocks)
    count = arguments.batch_size * arguments.steps
    images = np.random.default_rng(0).integers(0, 256, (2, count, *shape)).astype("uint8")
    data = kg.data.unpaired(*images, batch_size=arguments.batch_size)
    gan = kg.CycleGAN(*networks(*size), image_shape=shape)
    gan.compile()

    def loop(step):
        return lambda: [step(a, b) for a, b in data]

    runners = {
        "hand-written tf.function": loop(hand_written(shape, *size)),
        "the order of the keras-io example": loop(in_example_order(networks(*size))),
        "the same of Keras' own layers": loop(in_example_order(networks_of_keras(*size))),
        "kg.CycleGAN": lambda: gan.fit(data, verbose=0),
    }
    seconds = in_turns(runners, arguments.rounds)
    for name, values in seconds.items():
        ratios = [a / b for a, b in zip(values, seconds["kg.CycleGAN"], strict=True)]
        low, middle, high = statistics.quantiles(ratios)
        step = 1000 * statistics.median(values) / arguments.steps
        print(
            f"{name:34} {step:6.0f} ms a step    kg.CycleGAN is "
            f"{middle:.2f} times as fast (middle half of the rounds: {low:.2f} to {high:.2f})"
        )


if __name__ == "__main__":
    main()
