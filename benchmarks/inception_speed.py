"""Features per second of the 2015 Inception, side by side with torch-fidelity's.

    python -m benchmarks.inception_speed [--images 64] [--batch 32] [--size 32] [--rounds 5]

TF_NUM_INTEROP_THREADS=1 makes TensorFlow compute one convolution at a time on all cores, as
`keras-gans evaluate` does; `make bench` sets it.
Both networks have the same random weights and get the same uint8 images, in alternating rounds.
"""

import argparse
import pathlib
import statistics
import tempfile
import time

import keras
import numpy as np

from keras_gans.metrics.embedders import InceptionV3FID
from keras_gans.metrics.embedders.inception_network import inception_network
from tests.metrics.embedders.random_weights import random_state, write_pth


def random_file(folder):
    """Writes random weights in PyTorch's format and returns their path."""
    convolutions = {
        layer.name: (*layer.kernel.shape[:1:-1], *layer.kernel.shape[:2])
        for layer in inception_network().layers
        if isinstance(layer, keras.layers.Conv2D)
    }
    path = pathlib.Path(folder, "random.pth")
    write_pth(path, random_state(convolutions))
    return path


def torch_fidelity(path, batch):
    """Returns torch-fidelity's features as a function of images, or None if it is missing."""
    try:
        import torch
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError as error:
        print(f"torch-fidelity is left out, because {error.name} is not installed.")
        return None
    network = FeatureExtractorInceptionV3(
        "inception", ["2048"], feature_extractor_weights_path=path
    )

    def embed(images):
        with torch.no_grad():
            batches = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).split(batch)
            return np.concatenate([network(images)[0].numpy() for images in batches])

    return embed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    shape = (options.images, options.size, options.size, 3)
    images = np.random.default_rng(0).integers(0, 256, shape).astype("uint8")
    with tempfile.TemporaryDirectory() as folder:
        path = random_file(folder)
        tools = {"keras_gans": InceptionV3FID(path, batch_size=options.batch)}
        theirs = torch_fidelity(path, options.batch)
    if theirs is not None:
        tools["torch-fidelity"] = theirs
    features = {name: embed(images) for name, embed in tools.items()}
    seconds = {name: [] for name in tools}
    for _ in range(options.rounds):
        for name, embed in tools.items():
            start = time.perf_counter()
            embed(images)
            seconds[name].append(time.perf_counter() - start)
    speed = {name: options.images / statistics.median(s) for name, s in seconds.items()}
    print(f"{options.images} images of {options.size}x{options.size}, batches of {options.batch}:")
    for name, value in speed.items():
        print(f"  {name:15} {value:6.1f} features/s (median of {options.rounds} rounds)")
    if theirs is not None:
        print(f"  ratio           {speed['keras_gans'] / speed['torch-fidelity']:6.2f}")
        ours, theirs = features.values()
        errors = np.linalg.norm(ours - theirs, axis=1) / np.linalg.norm(theirs, axis=1)
        print(f"  largest relative difference of an image's features {errors.max():.1e}")


if __name__ == "__main__":
    main()
