"""Quality after a few minutes on Fashion-MNIST, beside the keras-io example: `make bench-fashion`.

Protocol: Fréchet distance between 10,000 generated images and the 10,000 test images, on the 64
features of the Fashion-MNIST classifier that comes with the package. Both GANs get the same
minutes, one after the other, on the training images.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import keras
import numpy as np
import tensorflow as tf

import keras_gans as kg
from benchmarks import keras_io

COUNT = 10_000


def train_example(images, minutes):
    """Trains the keras-io example; returns its generated images."""
    keras.utils.set_random_seed(0)
    gan = keras_io.ExampleGAN()
    gan.compile()
    data = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images), seed=0).repeat()
    data = data.batch(64).map(lambda batch: tf.cast(batch, "float32") / 255).prefetch(4)
    budget = kg.callbacks.Budget(minutes=minutes)
    gan.fit(data, steps_per_epoch=10**6, verbose=0, shuffle=False, callbacks=[budget])
    print(f"  {budget.steps_done} steps")
    return gan.generate(COUNT)


def train_command(minutes, words, output=None):
    """Trains with the command line; returns the generated images."""
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(output or folder, "run")
        command = pathlib.Path(sys.executable).with_name("keras-gans")
        words = [command, "train", *words, "--minutes", str(minutes), "--output", run]
        subprocess.run(list(map(str, words)), check=True)
        return keras.saving.load_model(run / "model.keras").generate(COUNT)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--output", help="folder to keep our run in")
    parser.add_argument(
        "words", nargs="*", default=["dcgan", "--data", "fashion_mnist"], help="of keras-gans train"
    )
    arguments = parser.parse_args()
    images, _ = kg.data.load_arrays("fashion_mnist")
    test, _ = kg.data.load_arrays("fashion_mnist", split="test")
    embed = kg.metrics.ClassifierEmbedder("fashion_mnist")
    print(f"classifier: {embed.accuracy:.1%} of the test images right")

    real = embed(test)
    distances = []
    for name, train in (
        ("keras-io DCGAN example", lambda: train_example(images, arguments.minutes)),
        ("keras-gans " + " ".join(arguments.words), lambda: train_command(**vars(arguments))),
    ):
        print(f"{name}, {arguments.minutes} minutes")
        outputs = embed.outputs(train())
        distance = kg.metrics.frechet_distance(real, outputs["features"])
        classes = outputs["logits"].argmax(axis=1)
        shares = np.bincount(classes, minlength=10) / COUNT
        distances.append(distance)
        print(f"  Fréchet distance {distance:.1f}; shares of the classes {shares.round(3)}")
    print(f"ratio: {distances[1] / distances[0]:.3f}")


if __name__ == "__main__":
    main()
