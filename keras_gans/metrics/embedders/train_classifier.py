"""Training of the small classifier whose features serve as an embedder."""

import keras
import numpy as np

from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import Samples
from keras_gans.data.loader import read_samples
from keras_gans.data.pipeline import to_dataset
from keras_gans.data.prepare import opaque
from keras_gans.errors import InputError, SplitError
from keras_gans.metrics.embedders.base import float32_policy, versions
from keras_gans.metrics.embedders.classifier import Classifier

BATCH_SIZE = 128
DEFAULT_STEPS = 4000
LEARNING_RATE = 2e-3
SHIFT = 0.05
"""Training images are shifted by up to this share of their side, by whole pixels."""


def train_classifier(
    source,
    *,
    image_size=None,
    channels=None,
    epochs=None,
    seed=0,
    data_dir=None,
    skip_bad_images=False,
    verbose=0,
):
    """Trains a classifier on a labelled data set and measures it on images it has not seen.

    Adam at 2e-3 that falls to 0 by a cosine, batches of 128, shifts of up to 5 % of the side. What
    is held out is the data set's split "test" or, where there is none, every fifth image of each
    class.

    Args:
        source: A labelled source as `kg.data.load` takes it.
        image_size: Side of the square images. Default: None, the images' own.
        channels: 1 or 3 converts grey and coloured images. Default: None, as they are.
        epochs: Passes over the training images, at least 1. Default: None, as many as make 4,000
            steps.
        seed: Int of at least 0; equal seeds give equal weights on the same machine. Default: 0.
        data_dir: See `kg.data.load`.
        skip_bad_images: See `kg.data.load`. Default: False.
        verbose: 1 shows a progress bar. Default: 0.

    Returns:
        The trained `Classifier`; its `save("file.keras")` makes the file for `ClassifierEmbedder`.
        Its `protocol` says what it was trained on, its accuracy on the held-out images (0..1),
        the seed and the versions.

    Raises:
        InputError: If the source cannot be read, has no labels, fewer than 2 classes or too few
            images, or an argument is out of its range.

    Example:
        >>> classifier = train_classifier("digits", image_size=16)
        >>> classifier.save("digits.keras")
    """
    if epochs is not None:
        check_whole_numbers(least=1, epochs=epochs)
    check_whole_numbers(least=0, seed=seed)
    options = dict(image_size=image_size, channels=channels)
    options |= dict(data_dir=data_dir, skip_bad_images=skip_bad_images)
    train, test, class_names, data_name, held_out = _read(source, options)
    image_shape = train[0].shape[1:]
    batch_size = min(BATCH_SIZE, len(train[0]))
    batches = _batches(train, batch_size, shuffle=True, seed=seed)
    steps = len(batches) * epochs if epochs else DEFAULT_STEPS

    model = Classifier(image_shape, class_names, seed=seed)
    trainer = _trainer(model, steps, seed)
    # As one epoch, so that there is one progress bar.
    trainer.fit(batches.repeat(), steps_per_epoch=steps, shuffle=False, verbose=verbose)

    held = _batches(test, 500, shuffle=False)
    accuracy = trainer.evaluate(held, verbose=0, return_dict=True)["accuracy"]
    protocol = {
        "data": data_name,
        "held_out": held_out,
        "accuracy": round(accuracy, 4),
        "num_train": len(train[0]),
        "num_held_out": len(test[0]),
        "steps": steps,
        "batch_size": batch_size,
        "seed": seed,
        "versions": versions(),
    }
    trained = Classifier(image_shape, class_names, protocol)
    trained.set_weights(model.get_weights())
    return trained


def _trainer(model, steps, seed):
    """Returns a compiled model from images to the classifier's logits, which shifts the images."""
    with float32_policy():
        images = keras.Input(model.image_shape)
        shift = keras.layers.RandomTranslation(
            SHIFT, SHIFT, fill_mode="nearest", interpolation="nearest", seed=seed
        )
        trainer = keras.Model(images, model(shift(images))["logits"])
    trainer.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return trainer


def _batches(data, batch_size, shuffle, seed=0):
    """Returns the batches of (images, labels), whole ones only if they are shuffled."""
    samples = Samples("arrays", *data)
    options = dict(labels=True, flip=False, shuffle=shuffle, seed=seed, drop_remainder=shuffle)
    return to_dataset(samples, batch_size=batch_size, **options)


def _read(source, options):
    """Returns (images, labels) to train on and held out, class names, name, what is held out."""
    data = read_samples(source, split="train", **options)
    images, labels = opaque(data.images), data.labels
    if labels is None or images.ndim != 4 or images.shape[1] != images.shape[2]:
        kind = "without labels" if labels is None else "with labels"
        raise InputError(
            "A classifier needs square images, which `image_size` can make, and labels: class "
            "sub-folders, labels in the .npz file or a tuple of arrays. "
            f"Received: {data.name} {kind}, of shape {images.shape}."
        )
    try:
        test = read_samples(source, split="test", **options)
    except SplitError:
        test = None
    if test is not None and test.labels is not None:
        train, test = (images, labels), (opaque(test.images), test.labels)
        held_out = "the split test"
    else:
        held = np.zeros(len(labels), bool)
        for label in np.unique(labels):
            held[np.flatnonzero(labels == label)[4::5]] = True
        train, test = (images[~held], labels[~held]), (images[held], labels[held])
        held_out = "every 5th image of each class"
    if len(np.unique(labels)) < 2 or not len(test[0]):
        raise InputError(
            "A classifier needs at least 2 classes and 5 images of one. "
            f"Received: {data.name} with {len(images)} images of {len(np.unique(labels))} classes."
        )
    return train, test, data.class_names, data.name, held_out
