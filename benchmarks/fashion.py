"""Quality after minutes on Fashion-MNIST, compared with the keras-io example: `make bench-fashion`.

Protocol: features are the 128 of the last hidden layer of a small classifier that is trained first,
in this run, on the 60,000 training images; Fréchet distance between 10,000 generated images and the
10,000 test images. Both GANs get the same minutes, one after the other, on the training images.
Beside it stands the distance on the classifier that comes with the package, whose features are
normalised and so differ less between bad images.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import keras_gans as kg
from benchmarks import keras_io

COUNT = 10_000


def classifier(images, labels, epochs=4):
    """Returns a trained classifier of 28x28 uint8 images."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 127.5, -1),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu", name="features"),
            layers.Dropout(0.3),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(images, labels, batch_size=128, epochs=epochs, verbose=0)
    return model


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
    images, labels = kg.data.load_arrays("fashion_mnist")
    test, test_labels = kg.data.load_arrays("fashion_mnist", split="test")
    model = classifier(images, labels)
    embed = keras.Model(model.inputs, model.get_layer("features").output)
    accuracy = model.evaluate(test, test_labels, batch_size=500, verbose=0)[1]
    print(f"classifier: {accuracy:.1%} of the test images right")

    real = embed.predict(test, batch_size=500, verbose=0)
    shipped = kg.metrics.ClassifierEmbedder("fashion_mnist")
    shipped_real = shipped(test)
    distances = []
    for name, train in (
        ("keras-io DCGAN example", lambda: train_example(images, arguments.minutes)),
        ("keras-gans " + " ".join(arguments.words), lambda: train_command(**vars(arguments))),
    ):
        print(f"{name}, {arguments.minutes} minutes")
        fake = train()
        distance = kg.metrics.frechet_distance(real, embed.predict(fake, 500, verbose=0))
        classes = model.predict(fake, batch_size=500, verbose=0).argmax(axis=1)
        shares = np.bincount(classes, minlength=10) / COUNT
        other = kg.metrics.frechet_distance(shipped_real, shipped(fake))
        distances.append((distance, other))
        print(f"  Fréchet distance {distance:.1f}; shares of the classes {shares.round(3)}")
        print(f"  on the classifier of the package {other:.1f}")
    ratios = [ours / theirs for theirs, ours in zip(*distances, strict=True)]
    print(f"ratio on the classifier of the package: {ratios[1]:.3f}")
    print(f"ratio: {ratios[0]:.3f}")


if __name__ == "__main__":
    main()
