"""Features per second of the 2015 Inception, side by side with torch-fidelity's.

    python -m benchmarks.inception_speed [--images 128] [--size 32] [--rounds 4] [--batches 64 32]

Both networks have the same random weights and get the same uint8 images, in alternating rounds and
in batches of each size of `--batches`: 64 is torch-fidelity's default, 32 ours. On few cores
TensorFlow gets the threads that `keras-gans evaluate` gives it. torch-fidelity lives in a process
of its own, since PyTorch and TensorFlow can fail when both are loaded in one.
"""

import argparse
import importlib.util
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np


def random_file(folder):
    """Writes random weights in PyTorch's format and returns their path."""
    import keras

    from keras_gans.metrics.embedders.inception_network import inception_network
    from tests.metrics.embedders.random_weights import random_state, write_pth

    convolutions = {
        layer.name: (*layer.kernel.shape[:1:-1], *layer.kernel.shape[:2])
        for layer in inception_network().layers
        if isinstance(layer, keras.layers.Conv2D)
    }
    path = pathlib.Path(folder, "random.pth")
    write_pth(path, random_state(convolutions))
    return path


def torch_fidelity(folder):
    """Embeds the folder's images in batches of each size that is input, and prints the seconds."""
    import torch
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    network = FeatureExtractorInceptionV3(
        "inception", ["2048"], feature_extractor_weights_path=str(folder / "random.pth")
    )
    images = np.load(folder / "images.npy")
    for line in sys.stdin:
        started = time.perf_counter()
        with torch.no_grad():
            batches = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).split(int(line))
            features = np.concatenate([network(images)[0].numpy() for images in batches])
        seconds = time.perf_counter() - started
        np.save(folder / "theirs.npy", features)
        print(seconds, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--batches", type=int, nargs="+", default=[64, 32])
    parser.add_argument("--peer", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        torch_fidelity(options.peer)
        return
    from keras_gans.cli.environment import quiet_and_quick

    # TensorFlow reads the threads at its first operation.
    with quiet_and_quick(), tempfile.TemporaryDirectory() as folder:
        compare(pathlib.Path(folder), options)


def compare(folder, options):
    from keras_gans.metrics.embedders import InceptionV3FID

    shape = (options.images, options.size, options.size, 3)
    images = np.random.default_rng(0).integers(0, 256, shape).astype("uint8")
    np.save(folder / "images.npy", images)
    weights = random_file(folder)
    embedders = {batch: InceptionV3FID(weights, batch_size=batch) for batch in options.batches}

    def ours(batch):
        started = time.perf_counter()
        np.save(folder / "ours.npy", embedders[batch](images))
        return time.perf_counter() - started

    tools = {"keras_gans": ours}
    if importlib.util.find_spec("torch_fidelity"):
        command = [sys.executable, "-m", "benchmarks.inception_speed", "--peer", str(folder)]
        pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        peer = subprocess.Popen(command, **pipes)

        def theirs(batch):
            print(batch, file=peer.stdin, flush=True)
            return float(peer.stdout.readline())

        tools["torch-fidelity"] = theirs
    else:
        print("torch-fidelity is left out, because it is not installed.")
    print(f"{options.images} images of {options.size}x{options.size}, {options.rounds} rounds:")
    for batch in options.batches:
        for run in tools.values():
            run(batch)  # Compiles.
        rounds = [[run(batch) for run in tools.values()] for _ in range(options.rounds)]
        speeds = [
            options.images / statistics.median(seconds) for seconds in zip(*rounds, strict=True)
        ]
        named = [f"{name} {speed:.1f}" for name, speed in zip(tools, speeds, strict=True)]
        ratio = statistics.median(seconds[-1] / seconds[0] for seconds in rounds)
        named += [f"ratio {ratio:.2f}"] * (len(tools) - 1)
        print(f"  batches of {batch:3}: features/s {', '.join(named)}")
    if len(tools) > 1:
        peer.stdin.close()
        peer.wait()
        ours, theirs = (np.load(folder / f"{name}.npy") for name in ("ours", "theirs"))
        errors = np.linalg.norm(ours - theirs, axis=1) / np.linalg.norm(theirs, axis=1)
        print(f"  largest relative difference of an image's features {errors.max():.1e}")


if __name__ == "__main__":
    main()
