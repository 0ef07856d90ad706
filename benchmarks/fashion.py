"""Quality after a few minutes on Fashion-MNIST: `make bench-fashion`.

`--methods` names what is trained, each for the same minutes after its step was compiled, one after
the other, on the training images: "example", the keras-io DCGAN example, and methods of
`keras-gans train`, at the command's defaults but for what `--words` say. `--before CHECKOUT` trains
the methods with another checkout first, `--png` once more on the same images as PNG files in a
folder for each class.

Protocol: features are the 128 of the last hidden layer of a small classifier that is trained first,
in this run, on the 60,000 training images; Fréchet distance, precision and recall (k = 3) between
10,000 generated images and the 10,000 test images. Beside it stands the distance on the classifier
that comes with the package, whose features are normalised and so differ less between bad images.
For a conditional method: the share of images that the classifier sees as the class that was asked
for, and MS-SSIM of 10,000 pairs within each class, the mean over classes. For a VAE: the mean
absolute error of the test images' reconstructions, as a share of the range.
"""

import argparse
import pathlib
import shlex
import tempfile

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import keras_gans as kg
from benchmarks import keras_io
from benchmarks.minutes import train
from keras_gans.methods import METHODS
from keras_gans.pictures import save_image

COUNT = 10_000
PAIRS = 10_000
"""Of images of a class; of 1,000 the mean differs by 0.002 from one draw to the next."""


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
    """Trains the keras-io example; returns it."""
    keras.utils.set_random_seed(0)
    gan = keras_io.ExampleGAN()
    gan.compile()
    data = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images), seed=0).repeat()
    data = data.batch(64).map(lambda batch: tf.cast(batch, "float32") / 255).prefetch(4)
    budget = kg.callbacks.Budget(minutes=minutes)
    gan.fit(data.take(1), verbose=0, shuffle=False)
    gan.fit(data, steps_per_epoch=10**6, verbose=0, shuffle=False, callbacks=[budget])
    print(f"  {budget.steps_done} steps")
    return gan


class Judge:
    """The classifiers, and what they make of the test images."""

    def __init__(self):
        images, labels = kg.data.load_arrays("fashion_mnist")
        self.test, self.labels = kg.data.load_arrays("fashion_mnist", split="test")
        self.model = classifier(images, labels)
        self.embed = keras.Model(self.model.inputs, self.model.get_layer("features").output)
        self.shipped = kg.metrics.ClassifierEmbedder("fashion_mnist")
        self.real, self.shipped_real = self.features(self.test), self.shipped(self.test)
        right = self.model.evaluate(self.test, self.labels, batch_size=500, verbose=0)[1]
        print(f"classifier: {right:.1%} of the test images right")

    def features(self, images):
        return self.embed.predict(images, batch_size=500, verbose=0)

    def score(self, model):
        """Prints the scores of a model; returns both distances."""
        fake = model.generate(COUNT)
        features = self.features(fake)
        distance = kg.metrics.frechet_distance(self.real, features)
        shipped = kg.metrics.frechet_distance(self.shipped_real, self.shipped(fake))
        precision, recall = kg.metrics.precision_recall(self.real, features)
        classes = self.model.predict(fake, batch_size=500, verbose=0).argmax(axis=1)
        shares = np.bincount(classes, minlength=10) / COUNT
        print(f"  Fréchet distance {distance:.1f}, on the classifier of the package {shipped:.1f}")
        print(f"  precision {precision:.3f}, recall {recall:.3f}")
        print(f"  shares of the classes {shares.round(3)}")
        if getattr(model, "num_classes", None):
            asked = np.arange(COUNT) % 10
            print(f"  as asked {(classes == asked).mean():.1%}")
            alike = [within_classes(*one) for one in ((fake, asked), (self.test, self.labels))]
            print("  MS-SSIM within classes {:.3f}, of the test images {:.3f}".format(*alike))
        if hasattr(model, "reconstruct"):
            error = np.abs(model.reconstruct(self.test).astype(int) - self.test).mean() / 255
            print(f"  mean absolute error of reconstructions {error:.3f} of the range")
        return distance, shipped


def write_files(folder):
    """Writes the training images as PNG files in a folder for each class; returns `folder`."""
    images, labels = kg.data.load_arrays("fashion_mnist")
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        save_image(folder / str(label) / f"{number:05}.png", image)
    return folder


def within_classes(images, labels):
    """Returns the mean over classes of MS-SSIM between pairs of one class."""
    return np.mean([kg.metrics.ms_ssim(images[labels == label], PAIRS) for label in range(10)])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--words", default="", help="more of `keras-gans train`, as one string")
    parser.add_argument("--output", help="folder to keep the runs in")
    parser.add_argument("--before", metavar="CHECKOUT", help="train with this checkout first")
    parser.add_argument("--png", action="store_true", help="train on a folder of files as well")
    names = ["example", *METHODS]
    parser.add_argument("--methods", nargs="+", default=["example", "dcgan"], choices=names)
    arguments = parser.parse_args()
    judge, distances, words = Judge(), {}, shlex.split(arguments.words)
    with tempfile.TemporaryDirectory() as folder:
        for method in arguments.methods:
            if method == "example":
                print(f"{method}, {arguments.minutes} minutes", flush=True)
                images, _ = kg.data.load_arrays("fashion_mnist")
                distances[method] = judge.score(train_example(images, arguments.minutes))
                continue
            runs = {"": ("fashion_mnist", None)}
            if arguments.before:
                runs = {" before": ("fashion_mnist", arguments.before), **runs}
            if arguments.png:
                runs[" png"] = (write_files(pathlib.Path(folder, "png")), None)
            for name, (data, checkout) in runs.items():
                print(f"{method}{name}, {arguments.minutes} minutes", flush=True)
                run = pathlib.Path(arguments.output or folder, method + name.replace(" ", "-"))
                options = ([data], arguments.minutes, 0, run, checkout)
                distances[method + name] = judge.score(train([method, *words], *options))
    if arguments.methods == ["example", "dcgan"]:
        pairs = zip(distances["dcgan"], distances["example"], strict=True)
        ratio, shipped = (ours / theirs for ours, theirs in pairs)
        print(f"ratio on the classifier of the package: {shipped:.3f}")
        print(f"ratio: {ratio:.3f}")


if __name__ == "__main__":
    main()
