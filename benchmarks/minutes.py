"""Quality after ten minutes at 64 pixels with no tuning: `python -m benchmarks.minutes`.

Three sets that differ: faces (drawn, colour, independent attributes), emoji (few, colour) and
Fashion-MNIST enlarged to 64 pixels (grey), or to 32 (`--sets fashion32`). On each a run is trained
with `keras-gans train dcgan` and nothing that is tuned to the set, or with what `--words` say.
`--before CHECKOUT` trains `dcgan` of another checkout first, or what `--before-words` say.

Protocol: a small classifier is trained first, in this run, on the set's real training images: of
the faces' seven attributes; of the emoji's style (A or B) and Unicode block; of the ten classes of
clothes. Features are the 64 of its last hidden layer. Fréchet distance, KID (subsets of 1,000),
precision and recall (k = 3) stand between as many generated images as there are real ones to
compare with, at most 5,000 and for the two distances always so many, and held-out images; the 148
held-out emoji are too few, so emoji are compared with the training images of the style. First come
the distances of real training images (of emoji these are the same, so it is none), and of those
blurred (a Gaussian with a standard deviation of half a pixel). "Checkerboard" is the spectrum's
energy at the highest frequencies of rows and columns as a multiple of the real images'. A grid of
all runs of a set is kept as a picture in `--output`. The faces and the emoji lie in `--data`:
faces-train.npz and faces-test.npz with `images`, `attributes` (N, A) and `attribute_names`; emoji/
with the folders trainA, trainB, testA and testB, whose files are named by code points.
"""

import argparse
import functools
import pathlib
import shlex
import subprocess
import sys

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

import keras_gans as kg
from keras_gans.pictures import image_grid, save_image

COUNT = 5_000
BLOCKS = ((0x1F300, 0x1F600), (0x1F600, 0x1F650), (0x1F680, 0x1F700), (0x1F900, 0x1FB00))
"""Unicode blocks of most emoji; the others are symbols of several."""
CERTAIN = 4_000
"""Training steps of a classifier that counts attributes: one of 640 mistakes skins of faces."""


def block_of(name):
    """Returns the number of the Unicode block of an emoji's file."""
    first = int(name.split("-")[0].removesuffix(".png"), 16)
    return next((k for k, (low, high) in enumerate(BLOCKS) if low <= first < high), len(BLOCKS))


def load_faces(folder):
    """Returns where the faces are, then images and attributes of the training and the test set."""
    train, test = (np.load(folder / f"faces-{split}.npz") for split in ("train", "test"))
    labels = [
        {str(name): part["attributes"][:, k] for k, name in enumerate(part["attribute_names"])}
        for part in (train, test)
    ]
    words = [str(folder / "faces-train.npz")]
    return words, (train["images"], labels[0]), (test["images"], labels[1])


def load_emoji(folder):
    """Returns where style B is, then images, styles and blocks of both styles."""
    parts = []
    for split in ("train", "test"):
        images, style, block = [], [], []
        for number, letter in enumerate("AB"):
            path = folder / "emoji" / f"{split}{letter}"
            images.append(kg.data.load_arrays(path, image_size=64)[0])
            names = sorted(file.name for file in path.iterdir())
            style += [number] * len(names)
            block += map(block_of, names)
        labels = {"style": np.array(style), "block": np.array(block)}
        parts.append((np.concatenate(images), labels))
    return [str(folder / "emoji" / "trainB")], *parts


def load_fashion(_, size=64):
    """Returns the name of the set, then its images and classes."""
    parts = []
    for split in ("train", "test"):
        images, labels = kg.data.load_arrays("fashion_mnist", split=split, image_size=size)
        parts.append((images, {"class": labels}))
    return ["fashion_mnist", "--image-size", str(size)], *parts


SETS = {
    "faces": load_faces,
    "emoji": load_emoji,
    "fashion": load_fashion,
    "fashion32": functools.partial(load_fashion, size=32),
}


class Judge:
    """A set's classifier, and what it makes of real images."""

    def __init__(self, name, folder):
        self.words, (images, labels), (test, test_labels) = SETS[name](folder)
        self.model = kg.latent.train_attributes(images, labels)
        self.embed = keras.Model(self.model.inputs, self.model.get_layer("features").output)
        self.labels = test_labels
        right = {key: f"{(k == test_labels[key]).mean():.1%}" for key, k in self.see(test).items()}
        if name == "emoji":
            of_style = [part[labels["style"] == 1] for part in (images, labels["block"])]
            images, test = of_style[0], of_style[0]
            self.labels = {"block": of_style[1]}
        self.test = test
        self.real = self.features(test)
        print(f"{name}: the classifier gets of held-out images right {right}")
        pick = np.random.default_rng(0).permutation(len(images))[:COUNT]
        print(f"  real training images: {self.distances(images[pick])}")
        blurred = gaussian_filter(images[pick], (0, 0.5, 0.5, 0))
        print(f"  blurred by half a pixel: {self.distances(blurred)}", flush=True)

    def features(self, images):
        return self.embed.predict(images, batch_size=250, verbose=0)

    def see(self, images):
        """Returns the label that the classifier sees, {kind: (N,)}."""
        logits = self.model.predict(images, batch_size=250, verbose=0)
        return {key: value.argmax(axis=1) for key, value in logits.items()}

    def distances(self, images):
        fake = self.features(images)
        frechet = kg.metrics.frechet_distance(self.real, fake)
        size = min(1000, len(self.real), len(fake))
        kernel, _ = kg.metrics.kernel_distance(self.real, fake, subset_size=size)
        paired = fake[: len(self.real)]
        precision, recall = kg.metrics.precision_recall(self.real[: len(paired)], paired)
        return (
            f"FD {frechet:.1f}, KID {kernel:.3g}, precision {precision:.2f}, recall {recall:.2f}, "
            f"checkerboard {highest(images) / highest(self.test):.2f}"
        )

    def shares(self, images):
        """Returns the share of every label, of two only the second, beside the real images'."""
        words = []
        for key, seen in self.see(images).items():
            if key in self.labels:
                count = int(self.labels[key].max()) + 1
                both = [np.bincount(k, minlength=count) / len(k) for k in (seen, self.labels[key])]
                first = 1 if count == 2 else 0
                pairs = zip(*both, strict=False)
                words.append(f"{key} " + " ".join(f"{a:.2f}/{b:.2f}" for a, b in [*pairs][first:]))
        return ", ".join(words)


def highest(images):
    """Returns the energy of images at the highest frequency of rows and of columns."""
    grey = images[:COUNT].astype("float32").mean(axis=-1)
    grey -= grey.mean(axis=(1, 2), keepdims=True)
    energy = (np.abs(np.fft.fft2(grey)) ** 2).mean(axis=0)
    middle = len(energy) // 2
    near = slice(middle - 1, middle + 2)
    return energy[near].mean() + energy[:, near].mean()


CALL = """
import sys
from keras_gans.cli import main
sys.argv[0] = "keras-gans"
code = main()
# What `resource` knows as the most memory begins with that of the process that started this one.
print(*[line for line in open("/proc/self/status") if line.startswith("VmHWM")])
exit(code)
"""


def train(words, data, minutes, seed, output, checkout=None):
    """Trains with the command line of a checkout, of this one by default; returns the model.

    Without `minutes` the words say how long.
    """
    output = output.absolute()
    options = ["--data", *data, "--seed", seed, "--output", output]
    options += [] if minutes is None else ["--minutes", minutes]
    command = [sys.executable, "-c", CALL, "train", *words, *map(str, options)]
    # Python looks for the package in the folder where it is started first.
    done = subprocess.run(command, cwd=checkout, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return keras.saving.load_model(output / "model.keras")


def add_data(parser):
    """Adds the option that says where the faces and the emoji lie."""
    parser.add_argument("--data", type=lambda path: pathlib.Path(path).absolute(), default="data")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--sets", nargs="+", default=["faces", "emoji", "fashion"], choices=SETS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--before", metavar="CHECKOUT", help="train with this checkout first")
    words = dict(nargs="+", help="of `keras-gans train`, such as 'dcgan --flip'")
    parser.add_argument("--before-words", default=["dcgan"], **words)
    parser.add_argument("--words", default=["dcgan"], **words)
    add_data(parser)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/minutes"))
    arguments = parser.parse_args()
    runs = [(words, arguments.before) for words in arguments.before_words if arguments.before]
    runs += [(words, None) for words in arguments.words]
    for name in arguments.sets:  # Better known before anything is trained.
        if taken := [*arguments.output.glob(f"{name}-*")]:
            raise SystemExit(f"`--output` must have no runs of {name}. Received: {taken[0]}.")
    for name in arguments.sets:
        judge, grids = Judge(name, arguments.data), []
        for number, (words, checkout) in enumerate(runs):
            for seed in arguments.seeds:
                output = arguments.output / f"{name}-{number}-{seed}"
                title = f"{name}, seed {seed}: train {words}" + (" (before)" if checkout else "")
                print(title, flush=True)
                options = (arguments.minutes, seed, output, checkout)
                model = train(shlex.split(words), judge.words, *options)
                images = model.generate(COUNT, seed=1)
                print(f"  {model.steps_done:,} steps: {judge.distances(images)}")
                print(f"  seen / real: {judge.shares(images)}", flush=True)
                grids.append(image_grid(images[:64], 8))
        real = judge.test[np.random.default_rng(0).permutation(len(judge.test))[:64]]
        grids.append(image_grid(real, 8))
        save_image(arguments.output / f"{name}.png", np.concatenate(grids, axis=1))


if __name__ == "__main__":
    main()
