"""Speed of a training step, side by side in one run: `make bench`.

(a) Images per second on the keras-io DCGAN example's networks, batches of 64, in alternating
    rounds: the example's own loop, a hand-written `tf.function` of the engine's mathematics, and
    `kg.GAN`. Once by the clock, once by the processor time of all threads, which a machine that
    is shared or throttled does not distort.
(b) The share of the machine's own convolution speed that the engine's step reaches.
(c) Images per second of the input pipeline alone.
"""

import argparse
import math
import statistics
import time

import keras
import numpy as np
import tensorflow as tf

import keras_gans as kg
from benchmarks import keras_io

BATCH = 64
CLOCKS = {"clock": time.perf_counter, "processor time": time.process_time}


def hand_written():
    """Returns a step that does what `kg.GAN` does with these networks, and no more."""
    generator, discriminator = keras_io.generator(), keras_io.discriminator()
    average = [tf.Variable(weight) for weight in generator.trainable_weights]
    optimizers = [keras.optimizers.Adam(2e-4, 0.5) for _ in range(2)]
    optimizers[0].build(generator.trainable_variables)
    optimizers[1].build(discriminator.trainable_variables)

    def cross_entropy(label, logits):
        return tf.reduce_mean(tf.nn.softplus(logits) - label * logits)

    @tf.function
    def step(real):
        latents = tf.random.normal((tf.shape(real)[0], keras_io.LATENT_DIM))
        with tf.GradientTape() as generator_tape:
            fake = generator(latents)
        with tf.GradientTape() as tape:
            loss = cross_entropy(1.0, discriminator(real))
            loss += cross_entropy(0.0, discriminator(fake))
        weights = discriminator.trainable_weights
        optimizers[1].apply(tape.gradient(loss, weights), weights)
        with tf.GradientTape() as tape:
            tape.watch(fake)
            loss = cross_entropy(1.0, discriminator(fake))
        pulled_back = tape.gradient(loss, fake)
        weights = generator.trainable_weights
        optimizers[0].apply(generator_tape.gradient(fake, weights, pulled_back), weights)
        for old, new in zip(average, weights, strict=True):
            old.assign(0.999 * old + 0.001 * new)

    def run(data):
        for images in data:
            step(images)

    return run


def by_fit(gan):
    return lambda data: gan.fit(data, epochs=1, verbose=0, shuffle=False)


def multiplications(network):
    """Returns the multiplications of one image's forward pass through convolutions and dense."""
    total = 0
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2DTranspose):
            total += math.prod(layer.input.shape[1:3]) * math.prod(layer.kernel.shape)
        elif isinstance(layer, keras.layers.Conv2D):
            total += math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
        elif isinstance(layer, keras.layers.Dense):
            total += math.prod(layer.kernel.shape)
    return total


def convolution_speed():
    """Returns the operations per second of a 3x3 convolution that suits the machine."""
    x = tf.random.normal((BATCH, 28, 28, 64))
    kernel = tf.random.normal((3, 3, 64, 64))
    convolve = tf.function(lambda: tf.nn.conv2d(x, kernel, 1, "SAME"))
    convolve()
    started = time.perf_counter()
    for _ in range(20):
        convolve()
    operations = 2 * BATCH * 28 * 28 * math.prod(kernel.shape)
    return 20 * operations / (time.perf_counter() - started)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=40, help="steps in a round, an epoch of `fit`")
    arguments = parser.parse_args()

    example = keras_io.ExampleGAN()
    example.compile()
    engine = kg.GAN(keras_io.generator(), keras_io.discriminator())
    engine.compile()
    runners = {
        "keras-io example": by_fit(example),
        "hand-written tf.function": hand_written(),
        "kg.GAN": by_fit(engine),
    }
    images = np.random.default_rng(0).uniform(-1, 1, (BATCH * arguments.steps, 28, 28, 1))
    data = tf.data.Dataset.from_tensor_slices(images.astype("float32"))
    data = data.batch(BATCH, drop_remainder=True).cache().prefetch(2)
    for run in runners.values():
        run(data)  # Traces.
    speeds = {(clock, name): [] for clock in CLOCKS for name in runners}
    peaks = []
    for _ in range(arguments.rounds):
        peaks.append(convolution_speed())
        for name, run in runners.items():
            started = {clock: read() for clock, read in CLOCKS.items()}
            run(data)
            for clock, read in CLOCKS.items():
                speeds[clock, name].append(len(images) / (read() - started[clock]))

    print(f"(a) images per second, median of {arguments.rounds} rounds, and ratio of each round")
    for (clock, name), values in speeds.items():
        ratios = [a / b for a, b in zip(speeds[clock, "kg.GAN"], values, strict=True)]
        low, middle, high = statistics.quantiles(ratios)
        print(
            f"    {clock:15} {name:26} {statistics.median(values):8.0f}    "
            f"kg.GAN / this: {middle:.2f} (middle half of the rounds: {low:.2f} to {high:.2f})"
        )

    # The generator: forward, and backward at twice the cost. The discriminator: the same on real
    # and on generated images, then forward and backward to the images alone.
    cost = 3 * multiplications(engine.generator) + 8 * multiplications(engine.discriminator)
    reached = 2 * cost * statistics.median(speeds["clock", "kg.GAN"])
    peak = statistics.median(peaks)
    print(
        f"(b) the step reaches {reached / 1e9:.0f} GFLOP/s of the machine's {peak / 1e9:.0f} in "
        f"a 3x3 convolution of 64 channels: {reached / peak:.0%}"
    )

    for name in ("digits", "fashion_mnist"):
        started = time.perf_counter()
        data = kg.data.load(name, image_size=32)
        loaded = time.perf_counter()
        batches = sum(1 for _ in data)
        seconds = time.perf_counter() - loaded
        print(
            f"(c) {name} at 32 pixels: loaded in {loaded - started:.1f} s, then "
            f"{batches * BATCH / seconds:,.0f} images per second"
        )


if __name__ == "__main__":
    main()
