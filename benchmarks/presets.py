"""What the presets cost, and whether `keras-gans describe` knows: `python -m benchmarks.presets`.

Protocol: for each method and size `keras-gans describe` says first what a step takes and how much
memory. Then another process trains as the command would on random images, and shows first,
as the command does, that a large step fits, which leaves memory taken. The time is the mean of
`--steps` steps after the first one, which compiles, lazy penalties included; the memory is the most
that the process ever had. Networks that grow are measured at their full size. Beyond 256 pixels
`describe` only estimates, and nothing is measured; nor where it says that nothing fits.
"""

import argparse
import re
import subprocess
import sys
import time

from keras_gans import methods

PRESETS = (
    "dcgan 64",
    "dcgan 128",
    "wgan_gp 64",
    "progressive_gan 64",
    "stylegan 64",
    "stylegan2 32",
    "stylegan2 64",
    "stylegan2 128",
    "stylegan2 256",
    "r3gan 32",
    "r3gan 64",
    "dcgan 256",
    "progressive_gan 256",
    "stylegan 256",
    "r3gan 256",
    "r3gan 32 preset=cifar10",
    "r3gan 64 preset=ffhq64",
    "r3gan 256 preset=ffhq256",
    "stylegan2 512",
    "stylegan2 1024",
)
CALL = "from keras_gans.cli import main; raise SystemExit(main())"
UNITS = {"MiB": 1, "GiB": 1024}


def words_of(*arguments, check=True):
    """Returns what a Python process prints, or without `check` what it prints as its error."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, check=check, text=True, capture_output=True)
    return done.stderr if done.returncode else done.stdout


def measure(method, size, batch_size, precision, words, steps):
    """Trains, and prints the milliseconds of a step and the MiB of the process."""
    from keras_gans.cli.environment import quiet_and_quick

    with quiet_and_quick():
        import keras
    import tensorflow as tf

    import keras_gans as kg
    from keras_gans.cli import memory
    from keras_gans.cli.model_options import parse_options
    from keras_gans.cli.train import MUCH, compile_model

    times = []
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: times.append(time.perf_counter())
    )
    keras.config.set_dtype_policy(precision)
    settings = methods.get(method).settings(size)
    model_class = getattr(kg, methods.get(method).class_name)
    options = settings.options | parse_options(words)
    make = model_class.published if "preset" in options else model_class
    model = make(image_shape=(size, size, 3), **options)
    compile_model(model, settings, None)
    model.grow_up()
    batch = tf.random.uniform((batch_size, size, size, 3), -1, 1)
    data = tf.data.Dataset.from_tensors(batch).repeat()  # `fit` joins those of a step.
    if batch_size * size**2 >= MUCH:
        memory.check_fits(model, data.element_spec, batch_size)
    options = {"steps_per_epoch": 4, "verbose": 0, "callbacks": [watch]}
    model.fit(data, epochs=-(-(steps + 1) // 4), **options)
    with open("/proc/self/status", encoding="ascii") as lines:
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    print(1000 * (times[-1] - times[0]) / (len(times) - 1), peak / 1024)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presets", nargs="+", default=PRESETS, help="such as 'dcgan 64'")
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--batch-size", type=int, help="default: the command's of each method")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        method, size, batch_size, precision, *words = arguments.measure
        measure(method, int(size), int(batch_size), precision, words, arguments.steps)
        return
    for preset in arguments.presets:
        method, size, *words = preset.split()
        options = [part for word in words for part in ("--set", word)]
        default = methods.get(method).settings(int(size)).batch_size
        batch_size = arguments.batch_size or default
        options += ["--batch-size", batch_size]
        asked = ("describe", method, "--image-size", size, *options)
        said = words_of("-c", CALL, *asked, check=False)
        found = re.search(
            r"a step on \d+ images in (\w+): ([\d,]+) ms .* second, ([\d.]+) (MiB|GiB);", said
        )
        if int(size) > 256 or not found:
            print(f"{preset}: {said.splitlines()[-1]}", flush=True)
            continue
        precision, step, memory, unit = found.groups()
        step, memory = float(step.replace(",", "")), float(memory) * UNITS[unit]
        given = ("--steps", arguments.steps, "--measure", method, size, batch_size, precision)
        found = words_of("-m", "benchmarks.presets", *given, *words)
        true_step, true_memory = map(float, found.split())
        print(
            f"{preset}, {precision}, batches of {batch_size}: {true_step:,.0f} ms a step, "
            f"{true_memory:,.0f} MiB; `describe` says {step / true_step:.2f} and "
            f"{memory / true_memory:.2f} times as much",
            flush=True,
        )


if __name__ == "__main__":
    main()
