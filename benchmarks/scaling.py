"""What dependable training costs, and what more workers and packed images bring: `make bench`.

(a) Seconds of one checkpoint of a DCGAN while it trains, as a share of the time between two at the
    default, every five minutes.
(b) Images per second of one worker, and of two that share this machine, on the same global batch.
(c) Images per second read from a folder of small PNG files and from a pack of the same images,
    neither kept in memory, in alternating rounds.
"""

import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BATCH, WARM_UP, STEPS = 64, 10, 40
DEFAULT_SECONDS = 300


def dcgan(strategy=None):
    """Returns a compiled DCGAN and its data."""
    import contextlib

    import keras_gans as kg

    with strategy.scope() if strategy else contextlib.nullcontext():
        gan = kg.DCGAN(image_shape=(32, 32, 1))
        gan.compile()
    return gan, kg.data.load("digits", image_size=32, batch_size=BATCH)


def checkpoints(folder, rounds):
    """Returns the seconds that training waits for each checkpoint, and their megabytes."""
    from keras_gans.callbacks import Checkpoint

    seconds = []

    class Timed(Checkpoint):
        def on_train_batch_begin(self, batch, logs=None):
            saved, started = self._saved_step, time.perf_counter()
            super().on_train_batch_begin(batch, logs)
            if self._saved_step != saved:
                seconds.append(time.perf_counter() - started)

    gan, data = dcgan()
    saving = Timed(folder, every_steps=STEPS)
    gan.fit(data, epochs=1, steps_per_epoch=STEPS * rounds + 1, verbose=0, callbacks=[saving])
    size = max(path.stat().st_size for path in pathlib.Path(folder).glob("*.npz"))
    return seconds, size / 1e6


def worker():
    """Trains and prints the images per second after the first steps."""
    import keras

    from keras_gans.training.strategy import make_strategy

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch + 1 == WARM_UP:
                self.started = time.perf_counter()

        def on_train_end(self, logs=None):
            print(STEPS * BATCH / (time.perf_counter() - self.started))

    gan, data = dcgan(make_strategy("multi_worker" if "TF_CONFIG" in os.environ else "none"))
    gan.fit(data, epochs=1, steps_per_epoch=WARM_UP + STEPS, verbose=0, callbacks=[Clock()])


def workers(count):
    """Returns the images per second of `count` workers together."""
    environments = [{}]
    if count > 1:
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        addresses = [f"127.0.0.1:{s.getsockname()[1]}" for s in sockets]
        for s in sockets:
            s.close()
        tasks = [
            {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            for index in range(count)
        ]
        environments = [{"TF_CONFIG": json.dumps(task)} for task in tasks]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.scaling", "--worker"],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for environment in environments
    ]
    outputs = [process.communicate()[0] for process in processes]
    return min(float(output.splitlines()[-1]) for output in outputs)


def reading(folder, images, rounds):
    """Returns {source: images per second of each round}."""
    import numpy as np
    from PIL import Image

    import keras_gans as kg
    from keras_gans.data.folder import read_folder
    from keras_gans.data.packed import pack

    pictures, _ = kg.data.load_arrays("shapes", count=images)
    files = pathlib.Path(folder, "files")
    files.mkdir()
    for index, picture in enumerate(pictures):
        Image.fromarray(np.squeeze(picture)).save(files / f"{index:06}.png")
    pack(read_folder(files, cache=False), pathlib.Path(folder, "pack"))
    sources = {
        name: kg.data.load(pathlib.Path(folder, name), batch_size=BATCH, cache=False)
        for name in ("files", "pack")
    }
    speeds = {name: [] for name in sources}
    for _ in range(rounds):
        for name, data in sources.items():
            started = time.perf_counter()
            batches = sum(1 for _ in data)
            speeds[name].append(batches * BATCH / (time.perf_counter() - started))
    return speeds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=5000, help="images of (c)")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        worker()
        return

    with tempfile.TemporaryDirectory() as folder:
        seconds, size = checkpoints(folder, arguments.rounds)
    median = statistics.median(seconds)
    print(
        f"(a) a checkpoint of {size:.0f} MB takes {median:.2f} s (median of {len(seconds)}, "
        f"slowest {max(seconds):.2f} s), every 5 minutes {median / DEFAULT_SECONDS:.2%} of the time"
    )

    speeds = {1: [], 2: []}
    for _ in range(max(1, arguments.rounds // 2)):
        for count, values in speeds.items():
            values.append(workers(count))
    one, two = (statistics.median(values) for values in speeds.values())
    print(
        f"(b) one worker {one:.0f} images per second, two on the same {os.cpu_count()} cores "
        f"{two:.0f}: {two / one:.2f} times"
    )

    with tempfile.TemporaryDirectory() as folder:
        speeds = reading(folder, arguments.images, arguments.rounds)
    files, packed = (statistics.median(values) for values in speeds.values())
    ratios = [b / a for a, b in zip(*speeds.values(), strict=True)]
    print(
        f"(c) {arguments.images:,} PNG files of 32x32 {files:,.0f} images per second, packed "
        f"{packed:,.0f}: {statistics.median(ratios):.1f} times"
    )


if __name__ == "__main__":
    main()
