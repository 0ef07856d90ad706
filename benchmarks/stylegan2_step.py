"""Speed of a StyleGAN2 step, side by side in one run: `python -m benchmarks.stylegan2_step`.

The same networks on the same batches, in alternating rounds: a hand-written `tf.function` of the
method's mathematics, both lazy regularisers included, and `kg.StyleGAN2` by `fit`, in float32 and
with all layers but those of 4x4 pixels in bfloat16. Before that the two forms of its modulated
convolution, forward and back: kernels for each image in one grouped convolution, and features that
are scaled before and after one convolution.
"""

import argparse
import functools
import statistics

import keras
import numpy as np
import tensorflow as tf

import keras_gans as kg
from benchmarks.turns import in_turns
from keras_gans.networks import stylegan2

EVERY = {"r1": 16, "path": 8}
ALL = 9


def networks(shape, arguments):
    """Returns the generator and the discriminator."""
    size = (arguments.filters, arguments.max_filters)
    options = {"half_sizes": ALL, "seed": 0}
    generator = stylegan2.generator(shape, arguments.latent_dim, *size, 2, **options)
    return generator, stylegan2.discriminator(shape, *size, **options)


def hand_written(shape, arguments):
    """Returns a function that takes a step, given how many were taken."""
    generator, judge = networks(shape, arguments)
    average, _ = networks(shape, arguments)
    mapping, synthesis = (generator.get_layer(name) for name in ("mapping", "synthesis"))
    layers, size = synthesis.input_shape[1:]
    mean, mean_path = tf.Variable(tf.zeros(size)), tf.Variable(0.0)
    makers, judges = generator.trainable_variables, judge.trainable_variables
    optimizers = [keras.optimizers.Adam(0.0025, 0.0, 0.99, epsilon=1e-8) for _ in range(2)]
    for optimizer, variables in zip(optimizers, (makers, judges), strict=True):
        optimizer.build(variables)

    def styles(count):
        own, other = (mapping(tf.random.normal((count, size)))[:, None] for _ in range(2))
        first = tf.random.uniform((count, 1, 1), 1, layers, "int32")
        mixed = tf.random.uniform((count, 1, 1)) < 0.9
        takes = mixed & (tf.range(layers)[None, :, None] >= first)
        return tf.where(takes, other, tf.repeat(own, layers, axis=1)), own[:, 0]

    def path(count):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            w, _ = styles(count)
            tape.watch(w)
            noise = tf.random.normal((count, *shape)) / np.sqrt(shape[0] * shape[1])
            product = tf.reduce_sum(synthesis(w, training=True) * noise)
        squares = tf.reduce_sum(tape.gradient(product, w) ** 2, axis=2)
        lengths = tf.sqrt(tf.reduce_mean(squares, axis=1))
        now = mean_path + 0.01 * (tf.reduce_mean(lengths) - mean_path)
        return 2 * tf.reduce_mean((lengths - now) ** 2), now

    def r1(real):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(real)
            logits = judge(real, training=True)
        squares = tf.reduce_sum(tape.gradient(logits, real) ** 2, axis=(1, 2, 3))
        return 0.0002 * shape[0] * shape[1] / 32 / 2 * tf.reduce_mean(squares)

    @tf.function
    def step(real):
        number = optimizers[0].iterations.value
        count = len(real)
        with tf.GradientTape(watch_accessed_variables=False) as makers_tape:
            makers_tape.watch([v.value for v in makers])
            w, own = styles(count)
            fakes = synthesis(w, training=True)
        mean.assign(0.995 * mean + 0.005 * tf.reduce_mean(own, axis=0))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in judges])
            loss = tf.reduce_mean(tf.nn.softplus(-judge(real, training=True)))
            loss += tf.reduce_mean(tf.nn.softplus(judge(fakes, training=True)))
            loss += 16 * tf.cond(number % EVERY["r1"] == 0, lambda: r1(real), lambda: 0.0)
        optimizers[1].apply(tape.gradient(loss, [v.value for v in judges]), judges)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([fakes, *(v.value for v in makers)])
            loss = tf.reduce_mean(tf.nn.softplus(-judge(fakes, training=True)))
            term, now = tf.cond(
                number % EVERY["path"] == 0, lambda: path(count // 2), lambda: (0.0, mean_path + 0)
            )
            loss += 8 * term
        at_fakes, *direct = tape.gradient(loss, [fakes, *(v.value for v in makers)])
        slopes = makers_tape.gradient(fakes, [v.value for v in makers], at_fakes)
        slopes = [a if b is None else a + b for a, b in zip(slopes, direct, strict=True)]
        optimizers[0].apply(slopes, makers)
        mean_path.assign(now)
        for old, new in zip(average.trainable_variables, makers, strict=True):
            old.assign(old + (1 - 0.5 ** (count / 10_000)) * (new - old))

    return step


def forward_and_back(layer, x, w):
    """Returns a function that computes a layer's outputs and gradients."""

    def run():
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(layer([x, w]))
        return tape.gradient(total, [x, layer.kernel.value])

    return tf.function(run)


def modulation(arguments, rounds=7):
    """Times both forms of the modulated convolution."""
    for side, depth in ((8, 128), (32, 32), (64, 16)):
        x = tf.random.normal((arguments.batch_size, side, side, depth))
        w = tf.random.normal((arguments.batch_size, arguments.latent_dim))
        layers = {
            name: kg.layers.ModulatedConv2D(depth, grouped=grouped)
            for name, grouped in (("scaled", False), ("grouped", True))
        }

        runs = {name: forward_and_back(layer, x, w) for name, layer in layers.items()}
        seconds = in_turns(runs, rounds)
        scaled, grouped = (1000 * statistics.median(seconds[name]) for name in runs)
        print(
            f"modulated convolution, {depth} maps of {side} pixels: scaled {scaled:.1f} ms, "
            f"grouped {grouped:.1f} ms",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in {
        "--image-size": 64, "--filters": 16, "--max-filters": 128, "--latent-dim": 128,
        "--batch-size": 32, "--rounds": 5, "--steps": 48,
    }.items():  # fmt: skip
        parser.add_argument(name, type=int, default=default)
    arguments = parser.parse_args()
    modulation(arguments)
    shape = (arguments.image_size, arguments.image_size, 3)
    count = arguments.batch_size * arguments.steps
    images = np.random.default_rng(0).uniform(-1, 1, (count, *shape)).astype("float32")
    gans = {}
    for name, policy in (("kg.StyleGAN2", "float32"), ("in bfloat16", "mixed_bfloat16")):
        keras.config.set_dtype_policy(policy)
        gans[name] = kg.StyleGAN2(*networks(shape, arguments), path_every=EVERY["path"])
        gans[name].compile()
    keras.config.set_dtype_policy("float32")
    step = hand_written(shape, arguments)
    batches = [tf.constant(batch) for batch in np.split(images, arguments.steps)]
    data = tf.data.Dataset.from_tensor_slices(images).batch(arguments.batch_size)
    runners = {"hand-written": lambda: [step(batch) for batch in batches]}
    runners |= {name: functools.partial(gan.fit, data, verbose=0) for name, gan in gans.items()}
    seconds = in_turns(runners, arguments.rounds)
    for name, values in seconds.items():
        ratios = [a / b for a, b in zip(seconds["hand-written"], values, strict=True)]
        print(
            f"{name:14}{1000 * statistics.median(values) / arguments.steps:6.0f} ms a step, "
            f"{statistics.median(ratios):.2f} times as fast as the hand-written one"
        )


if __name__ == "__main__":
    main()
