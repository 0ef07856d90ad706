"""Scores of a generator against data, each with the protocol that it must be read with."""

import pathlib
import tempfile

import numpy as np
import scipy

from keras_gans.checks import MAX_SEED, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.metrics.embedders import InceptionV3FID
from keras_gans.metrics.embedders.base import Embedder, hash_weights, versions
from keras_gans.metrics.embedders.classifier import ClassifierEmbedder
from keras_gans.metrics.entries import METRICS, check_metrics
from keras_gans.metrics.sides import Sides
from keras_gans.metrics.sources import GeneratedImages, open_data, open_source

PIXELS = {
    "features": "pixels",
    "resize": "none",
    "weights_sha256": None,
    "comparable_with_papers": False,
}
"""Protocol of metrics that need no embedder."""


def evaluate(
    source,
    data,
    metrics=("fid",),
    embedder=None,
    num_images=10_000,
    seed=0,
    batch_size=256,
    split=None,
    data_dir=None,
    cache=True,
    verbose=True,
    inputs=None,
    to="b",
    segmenter=None,
):
    """Scores generated images against real ones.

    Images pass a batch at a time, and features are kept in temporary files: the memory does not
    grow with the number of images. Features of real images are kept in the Keras cache (folder
    `keras_gans/features`), found again by the images' content and the embedder's protocol.

    Args:
        source: A GAN; the path of a run folder, a .keras file, a SavedModel, a folder of images or
            an .npz file; or a uint8 array (N, H, W, 1 or 3). A conditional model makes every class
            as often as the data have it, or in turn where they have no labels. A model that makes
            images from images takes `inputs`.
        data: The real images: what `keras_gans.data.load` takes or returns, or a finite
            `tf.data.Dataset` of batches of images, uint8 or floats in [-1, 1]. All images of the
            split are used, in the size and with the channels of the generated ones, converted as
            `load` does it.
        metrics: List of names (or one name): "fid", "kid", "is", "prdc", "swd", "ms_ssim",
            "paired", "cycle", "segmentation", "class_balance", "memorization", "ppl". What each
            returns and how it is computed stands in `help(keras_gans.metrics.METRICS["fid"])`.
            Default: "fid".
        embedder: An `Embedder`. None (default): the classifier that comes with the package if the
            data are "digits" or "fashion_mnist", otherwise `InceptionV3FID()`. Those
            that compare pixels need none: "swd", "ms_ssim", "paired", "cycle", "segmentation".
        num_images: Number of generated images, at least 2; of a folder or an array at most what
            it holds, and a random subset if it holds more. Default: 10,000.
        seed: Int from 0 to 2^32 - 1: the same seed gives the same images and scores. Default: 0.
        batch_size: Images that are made at a time, which seeds depend on. Default: 256.
        split: See `load`. None (default): that of a data set that `load` made, otherwise "train".
        data_dir: See `load`.
        cache: Whether to keep the features of the real images, and to use kept ones. Default: True.
        verbose: Whether to show progress. Default: True.
        inputs: What a model that makes images from images is to translate, what `load` takes; of
            more than `num_images` a random subset. They are brought to the model's size. For
            "paired" the `data` are their targets, in the same order. Default: None.
        to: Domain to translate to, "a" or "b". Default: "b".
        segmenter: For "segmentation" a Keras model from images (N, H, W, C) from 0 to 255 to
            logits (N, H, W, labels). Default: None.

    Returns:
        Dict of each metric's scores, floats under the names that its `help` gives, and
        "protocol", a dict: features, resize, numbers of images, split, seed, each metric's
        settings, versions. `json.dumps` takes it.

    Raises:
        InputError: If a name is unknown, the source or the data cannot be read, a metric does not
            apply to them, a side has only one image, or an argument is out of its range.

    Example:
        >>> scores = evaluate(gan, "fashion_mnist", metrics=["fid", "prdc"])
        >>> scores["fid"], scores["recall"], scores["protocol"]["features"]
    """
    names = check_metrics(metrics)
    check_whole_numbers(least=2, num_images=num_images)
    check_whole_numbers(least=0, most=MAX_SEED, seed=seed)
    check_whole_numbers(batch_size=batch_size)
    fake = open_source(source, num_images, seed, batch_size, inputs, to, segmenter)
    real = open_data(data, fake.shape, batch_size, split, data_dir)
    if isinstance(fake, GeneratedImages):
        fake.follow_classes(real)
    embedder = choose_embedder(names, embedder, real)
    check_applies(names, fake, real, embedder)
    chosen = [metric for name, metric in METRICS.items() if name in names]
    needs = frozenset().union(*(metric.needs for metric in chosen))
    scores = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sides = Sides(fake, real, embedder, needs, seed, folder, cache, verbose)
        for metric in chosen:
            scores |= metric.compute(sides)
    return scores | {"protocol": _protocol(sides, names)}


def choose_embedder(metrics, embedder, real):
    """Returns the embedder for the metrics: None if they need none, the given one, or the data's.

    Args:
        metrics: List of names.
        embedder: An `Embedder`, or None.
        real: `StoredImages`.
    """
    if all(METRICS[name].of_pixels for name in metrics):
        return None
    if embedder is not None:
        return embedder
    return ClassifierEmbedder(real.classifier) if real.classifier else InceptionV3FID()


def check_applies(metrics, fake, real, embedder):
    """Checks that each metric applies to what is to be scored.

    Args:
        metrics: List of names.
        fake: `GeneratedImages` or `StoredImages`.
        real: `StoredImages`.
        embedder: What `choose_embedder` returned.

    Raises:
        InputError: If a metric does not apply, or the embedder is not an `Embedder`.
    """
    if embedder is not None and not isinstance(embedder, Embedder):
        raise InputError(
            "`embedder` must be an `Embedder`, such as ClassifierEmbedder(...) or "
            f"ModelEmbedder(model). Received: {embedder!r}."
        )
    for name in metrics:
        METRICS[name].check(fake, real, embedder)


def _protocol(sides, names):
    embedder, fake, real = sides.embedder, sides.fake, sides.real
    protocol = embedder.protocol() if embedder else PIXELS | {"versions": versions()}
    settings = {name: METRICS[name].settings(sides) for name in names}
    if hasattr(fake, "inputs"):
        protocol |= {"inputs_sha256": fake.inputs.digest[:16]}
    if getattr(fake, "num_classes", None):
        protocol |= {"classes": fake.classes}
    if getattr(fake, "segmenter", None) is not None:
        protocol |= {"segmenter_sha256": hash_weights(fake.segmenter)[:16]}
    return protocol | {
        "metrics": names,
        "settings": {name: words for name, words in settings.items() if words},
        "source": fake.name,
        "data": real.name,
        "data_sha256": real.digest[:16],
        "split": real.split,
        "num_real": real.count,
        "num_generated": fake.count,
        "image_shape": list(fake.shape),
        "seed": sides.seed,
        "batch_size": fake.batch_size,
        "versions": protocol["versions"] | {"numpy": np.__version__, "scipy": scipy.__version__},
    }
