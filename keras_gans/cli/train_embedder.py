"""`keras-gans train-embedder`: a classifier of one's own images, to score generated ones with."""

import pathlib
import zipfile

from keras_gans.cli.train_data import size_of_folder
from keras_gans.errors import InputError
from keras_gans.files import whole_path, writable_folder


def train_embedder(arguments):
    """Trains a classifier, writes it as one .keras file and says how to use it."""
    output = pathlib.Path(arguments.output)
    if output.suffix != ".keras" or output.exists():
        raise InputError(
            "The output must be a new file whose name ends in .keras. "
            f"Received: {arguments.output!r}."
        )
    names = _names(arguments.data)
    if "attributes" in names and not arguments.classes:
        _train_attributes(arguments, output, names)
        return
    from keras_gans.data.loader import is_image_folder
    from keras_gans.metrics.embedders.train_classifier import train_classifier

    image_size = arguments.image_size
    if image_size is None and is_image_folder(arguments.data):
        image_size, _ = size_of_folder(arguments.data)
    writable_folder(output.parent)  # Better refused now than after minutes.
    classifier = train_classifier(
        arguments.data,
        image_size=image_size,
        channels=arguments.channels,
        epochs=arguments.epochs,
        seed=arguments.seed,
        data_dir=arguments.data_dir,
        skip_bad_images=arguments.skip_bad_images,
        verbose=1,
    )
    with whole_path(output) as temporary:
        classifier.save(temporary)
    protocol = classifier.protocol
    print(
        f"Wrote {output}, which classifies {protocol['accuracy']:.1%} of "
        f"{protocol['num_held_out']:,} held-out images correctly ({protocol['held_out']}). "
        f"Use it with: keras-gans evaluate RUN --data {arguments.data} --embedder {output}, or "
        f"kg.metrics.ClassifierEmbedder({str(output)!r})."
    )


def _names(source):
    """Returns the names of the arrays of an .npz file, or none of another source."""
    path = pathlib.Path(source).expanduser()
    if path.suffix.lower() != ".npz" or not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as file:
        return [name.removesuffix(".npy") for name in file.namelist()]


def _train_attributes(arguments, output, names):
    """Trains a classifier of attributes, measured on every fifth image."""
    import numpy as np

    from keras_gans import latent
    from keras_gans.data.arrays import LABEL_KEYS
    from keras_gans.data.prepare import opaque

    if arguments.image_size or arguments.channels:
        raise InputError(
            "Attributes are learned from images as they are, without `--image-size` and "
            f"`--channels`. Received: {arguments.image_size} and {arguments.channels}."
        )
    if arguments.data_dir or arguments.skip_bad_images:
        raise InputError(
            "`--data-dir` and `--skip-bad-images` are not for attributes. Received: one of them."
        )
    images, labels = latent.read_attributes(pathlib.Path(arguments.data).expanduser())
    images = opaque(images)  # As samples are when they are audited.
    held = np.arange(len(images)) % 5 == 4
    if not held.any():
        raise InputError(f"A classifier needs at least 5 images. Received: {len(images)}.")
    writable_folder(output.parent)
    if aside := [key for key in LABEL_KEYS if key in names]:
        print(f"Learns the attributes, and leaves the classes in `{aside[0]}` to `--classes`.")
    train = {name: label[~held] for name, label in labels.items()}
    options = {"steps": 4000, "epochs": arguments.epochs, "seed": arguments.seed, "verbose": 2}
    model = latent.train_attributes(images[~held], train, **options)
    with whole_path(output) as temporary:
        model.save(temporary)
    seen = latent.labels_of(model)(images[held])
    right = {name: np.mean(seen[name] == labels[name][held]) for name in labels}
    print(
        f"Wrote {output}, right on {held.sum():,} held-out images (every 5th): "
        + ", ".join(f"{name} {share:.1%}" for name, share in right.items())
        + f". Use it with: keras-gans audit RUN --data {arguments.data} --classifier {output}"
        ", or better with images that it has not learned from."
    )
