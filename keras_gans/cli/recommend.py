"""Which method to train where none was named."""

from pathlib import Path

import numpy as np

from keras_gans.errors import InputError

LEAST_OF_A_CLASS = 100
MOST_CLASSES = 100
SPLITS = {"train", "training", "val", "valid", "validation", "test", "testing"}
"""Names of folders that are no classes."""


def recommend(source, other=None, pairs=None, data_dir=None, maps=False):
    """Returns the name of the method that suits data, and why, in one sentence.

    Images in classes that are neither many nor small get a method that can be asked for a class.

    Args:
        source: What `--data` or `--data-a` names, or None.
        other: What `--data-b` names, or None.
        pairs: What `--pairs` names, or None.
        data_dir: Folder of a named set's files.
        maps: Whether the pairs' first images are label maps. Default: False.

    Raises:
        InputError: If there are no data, or as `keras_gans.data.load` does.
    """
    if pairs and maps:
        return "gaugan", "since the images are pairs with label maps"
    if pairs:
        return "pix2pix", "since the images are pairs"
    if other:
        return "cycle_gan", "since the images are of two domains"
    if not source:
        raise InputError(
            "`train` takes `--data`, or `--data-a` and `--data-b`, or `--pairs`. Received: none."
        )
    if (Path(source).expanduser() / "trainA").is_dir():
        return "cycle_gan", "since the folder has the domains trainA and trainB"
    labels, names = _labels(source, data_dir)
    count = len(names)
    if labels is None:
        return "dcgan", "since the images have no labels"
    if names and {name.lower() for name in names} <= SPLITS:
        return "dcgan", (
            "since the folders are parts of a data set, of which all are trained on, and not "
            f"classes: {', '.join(names)}"
        )
    filled, sizes = np.unique(labels, return_counts=True)
    if len(filled) == 1:
        return "dcgan", "since all images are of one class"
    # Of labels that leave numbers out, or folders without images, some classes are empty.
    smallest = sizes.min() if len(filled) == count else 0
    if count > MOST_CLASSES or smallest < LEAST_OF_A_CLASS:
        return "dcgan", (
            f"since {count:,} classes, the smallest of {smallest:,}, are too many or too small to "
            "learn each of them (`conditional_gan` tries)"
        )
    return "conditional_gan", (
        f"since the data have labels: {count} classes, each of which can then be asked for "
        "(`dcgan` leaves them aside)"
    )


def _labels(source, data_dir):
    """Returns the labels (N,) of data and the names of the classes; None and () without labels."""
    from keras_gans.data.listing import list_images
    from keras_gans.data.loader import is_image_folder, read_samples

    if is_image_folder(source):
        found = list_images(Path(source).expanduser())
        return found.labels, found.class_names or ()
    # Labels do not depend on the size, without which some sets cannot be read.
    size = {} if source in ("ring", "grid") else {"image_size": 16}
    samples = read_samples(source, data_dir=data_dir, cache=False, **size)
    return samples.labels, samples.class_names or ()
