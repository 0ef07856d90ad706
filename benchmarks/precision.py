"""What half precision, XLA and joined steps bring on this machine: `make bench`.

A DCGAN at 32x32, batches of 64, alternating rounds in one run; ratios to plain float32 steps. The
defaults (float32, no XLA, one step at a time) follow from what this prints on CPUs.
"""

import argparse
import statistics
import time

import keras
import numpy as np
import tensorflow as tf

import keras_gans as kg

BATCH = 64
WAYS = {
    "float32": ("float32", {}),
    "mixed_bfloat16": ("mixed_bfloat16", {}),
    "mixed_float16": ("mixed_float16", {}),
    "float32, jit_compile": ("float32", {"jit_compile": True}),
    "float32, steps_per_execution=10": ("float32", {"steps_per_execution": 10}),
}


def make(precision, options):
    """Returns a compiled DCGAN of a precision."""
    keras.config.set_dtype_policy(precision)
    gan = kg.DCGAN(image_shape=(32, 32, 1))
    gan.compile(**options)
    keras.config.set_dtype_policy("float32")
    return gan


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20, help="steps in a round")
    arguments = parser.parse_args()
    images = np.random.default_rng(0).uniform(-1, 1, (BATCH * arguments.steps, 32, 32, 1))
    data = tf.data.Dataset.from_tensor_slices(images.astype("float32"))
    data = data.batch(BATCH, drop_remainder=True).cache()
    gans, seconds = {}, {}
    for name, way in WAYS.items():
        gans[name], seconds[name] = make(*way), []
        started = time.perf_counter()
        gans[name].fit(data, verbose=0)
        seconds[name].append(time.perf_counter() - started)
    for _ in range(arguments.rounds):
        for name, gan in gans.items():
            started = time.perf_counter()
            gan.fit(data, verbose=0)
            seconds[name].append(time.perf_counter() - started)
    print(f"{'':32} images per second   first round (traces)   against float32")
    for name, (first, *later) in seconds.items():
        ratios = [a / b for a, b in zip(seconds["float32"][1:], later, strict=True)]
        print(
            f"{name:32} {len(images) / statistics.median(later):17.0f} {first:20.1f} s "
            f"{statistics.median(ratios):17.2f}"
        )


if __name__ == "__main__":
    main()
