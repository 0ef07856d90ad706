"""Classifiers of several attributes at once, and the files that hold them with images."""

import re

import keras
import numpy as np
from keras import layers

from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import NPZ_ERRORS, array_in, check_images
from keras_gans.errors import InputError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""Names that Keras and TensorFlow take for layers."""

DEPTHS = (16, 32, 64, 96)
"""Feature maps at each halving of the size."""


def read_attributes(path):
    """Reads images and their attributes from an .npz file.

    Args:
        path: The file, with `images` uint8 (N, height, width, C), `attributes` whole numbers (N, A)
            and `attribute_names` (A,).

    Returns:
        `(images, labels)`: the images and {name: int (N,)}.

    Raises:
        InputError: If the file cannot be read, or holds something else.
    """
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            images, values = array_in(file, "images"), array_in(file, "attributes")
            names = [str(name) for name in file["attribute_names"].astype(str)]
    except NPZ_ERRORS as error:
        raise InputError(
            "Attributes are read from an .npz file with `images`, `attributes` and "
            f"`attribute_names`. Received: {path} ({error})."
        ) from error
    images = check_images(images)
    whole = np.issubdtype(values.dtype, np.integer)
    if not whole or values.shape != (len(images), len(names)) or not names or values.min() < 0:
        raise InputError(
            f"`attributes` are whole numbers from 0 on, of shape ({len(images)}, {len(names)}). "
            f"Received: {values.dtype} of shape {values.shape}."
        )
    _check_names(names)
    return images, {name: values[:, k].astype(int) for k, name in enumerate(names)}


def _check_names(names):
    taken = [name for name in names if name in ("images", "features") or names.count(name) > 1]
    wrong = taken + [name for name in names if not NAME.fullmatch(name)]
    if wrong:
        raise InputError(
            "Attributes have names of letters, digits, _, . and -, each another one, and none is "
            f"called images or features. Received: {', '.join(map(repr, wrong))}."
        )


def kinds_of(classifier):
    """Returns the number of kinds of each attribute that a classifier tells, at least 2.

    Raises:
        InputError: If the classifier has no outputs with names.
    """
    outputs = getattr(classifier, "output", None)
    if not isinstance(outputs, dict):
        raise InputError(
            "A classifier of attributes gives a dict of logits by attribute. "
            f"Received: {type(classifier).__name__}."
        )
    return {name: max(2, *x.shape[1:]) if x.shape[1:] else 2 for name, x in outputs.items()}


def check_size(classifier, image_shape):
    """Raises InputError unless a classifier takes images of a shape (height, width, channels).

    What is transparent is laid on white for one that does not see it.
    """
    wanted = tuple(classifier.input_shape[1:])
    if wanted[-1] == 3 and image_shape[-1] == 4:
        image_shape = (*image_shape[:2], 3)
    pairs = zip(wanted, image_shape, strict=False)
    is_other = len(wanted) != len(image_shape)
    if is_other or any(side not in (None, given) for side, given in pairs):
        raise InputError(
            f"The classifier takes images of shape {wanted}. Received: {tuple(image_shape)}."
        )


def train_attributes(images, labels, steps=640, batch_size=64, seed=0, verbose=0, epochs=None):
    """Returns a classifier of several attributes, trained by Adam on whole passes over the images.

    Args:
        images: uint8 (N, height, width, C).
        labels: {attribute: int (N,)}, each 0 or 1, or the number of a kind.
        steps: Updates, about, unless there are `epochs`. Default: 640.
        batch_size: Images in each. Default: 64.
        seed: Int. Default: 0.
        verbose: See `keras.Model.fit`. Default: 0.
        epochs: Passes over the images. Default: None, as many as make the steps, at least one.

    Returns:
        A Keras model from images from 0 to 255 to {attribute: logits (N, kinds)}; its layer
        "features" gives 64 numbers of an image that its attributes follow from.

    Raises:
        InputError: If the images are of another type or the labels are not theirs.
    """
    images = check_images(np.asarray(images))
    check_whole_numbers(steps=steps, batch_size=batch_size)
    if not labels or any(np.shape(label) != (len(images),) for label in labels.values()):
        shapes = {name: np.shape(label) for name, label in labels.items()}
        raise InputError(
            f"Each attribute has a label for each image, ({len(images)},). Received: {shapes}."
        )
    _check_names([*labels])
    keras.utils.set_random_seed(seed)
    x = inputs = keras.Input(images.shape[1:], name="images")
    x = layers.Rescaling(1 / 127.5, -1)(x)
    for depth in DEPTHS:
        x = layers.Conv2D(depth, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D()(x) if min(x.shape[1:3]) > 1 else x
    x = layers.Dense(64, activation="relu", name="features")(layers.Flatten()(x))
    kinds = {name: max(2, int(np.max(k)) + 1) for name, k in labels.items()}
    outputs = {name: layers.Dense(number, name=name)(x) for name, number in kinds.items()}
    model = keras.Model(inputs, outputs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", dict.fromkeys(labels, loss))
    epochs = epochs or max(1, round(steps * batch_size / len(images)))
    model.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=verbose)
    return model
