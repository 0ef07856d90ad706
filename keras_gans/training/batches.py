"""Opens the data that `fit` is given: batches of whole steps, and the first batch to check."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from keras_gans.data.arrays import Samples
from keras_gans.data.pipeline import to_dataset
from keras_gans.errors import InputError


@dataclasses.dataclass
class Opened:
    """Data that are ready for training.

    Attributes:
        source: The data set; its `config`, if it has one, tells it from others.
        first: The first batch, or all of an array, a structure of NumPy arrays.
        begin: Function from the number of steps that are done to what Keras trains on.
        steps_per_epoch: Steps in an epoch, or None if the data end by themselves.
        in_range: Whether all values are known to be right, for `keras_gans.data` made them.
    """

    source: object
    first: object
    begin: Callable
    steps_per_epoch: int | None = None
    in_range: bool = False


def open_data(x, y, batch_size, shuffle, joined, seed, wanted=1, whole=False):
    """Opens what `fit` was given.

    Args:
        x: Data set, array, Python generator or `keras.utils.PyDataset`.
        y: Labels of an array.
        batch_size: Images in a batch of an array, or None.
        shuffle: Whether to shuffle an array, or None for yes.
        joined: Number of batches that one step takes.
        seed: Seed of an array's order.
        wanted: Images that the first batch should have, where the data can give more. Default: 1.
        whole: Whether a last batch of a data set that is smaller than the others, of which some
            replica might get nothing, is filled up by images of the first, or left out if their
            number is not known. Default: False.

    Returns:
        `Opened`.

    Raises:
        InputError: If there is not enough for one step, or `x` is none of these.
    """
    if isinstance(x, tuple | list):
        raise InputError(
            "`fit` takes images as `x` and labels as `y`, in arrays. "
            f"Received: a {type(x).__name__} as `x`."
        )
    arrays = None
    if hasattr(x, "shape"):
        arrays = tuple(np.asarray(part) for part in (x, y) if part is not None)
        x = _from_arrays(arrays, batch_size, shuffle is not False, joined, seed)
    elif y is not None or batch_size is not None:
        raise InputError(
            "`y` and `batch_size` belong to arrays; other data bring their own. "
            f"Received: {type(x).__name__} with one of them."
        )
    if hasattr(x, "stream"):
        steps, size = len(x) // joined, x.batch_size * joined
        _check_enough(steps, len(x), joined)
        parts = -(-wanted // x.batch_size)
        first = arrays or next(x.stream(0, parts).take(1).as_numpy_iterator())
        return Opened(x, first, lambda done: x.stream(done * size, joined), steps, not arrays)
    if isinstance(x, tf.data.Dataset):
        return _from_dataset(x, joined, whole)
    if isinstance(x, keras.utils.PyDataset):
        if x.num_batches is not None:  # None is of one that never ends.
            _check_enough(x.num_batches // joined, x.num_batches, joined)
        joined_set = x if joined == 1 else _JoinedDataset(x, joined)
        return Opened(x, _as_numpy(x[0]), lambda done: joined_set)
    if isinstance(x, Iterator):
        return _from_iterator(x, joined)
    raise InputError(
        "`fit` trains on what `keras_gans.data` loads, a `tf.data.Dataset`, an array, a Python "
        f"generator or a `keras.utils.PyDataset`. Received: {type(x).__name__}."
    )


def slices(count, images, labels):
    """Splits a batch into slices of equal size, one for each update.

    A batch whose size the graph does not know, and which may be the last and smaller than the
    others, is filled up with its own first images to a multiple of `count`.

    Args:
        count: Number of slices.
        images: Tensor (N, ...).
        labels: Tensor (N, ...), or None.

    Returns:
        List of `count` (images, labels).

    Raises:
        InputError: If N is known and no multiple of `count`.
    """
    size = images.shape[0]
    if size is not None and (size % count or not size):
        raise InputError(f"A step takes a multiple of {count} images. Received: {size}.")
    if size is None and count > 1:
        size = tf.shape(images)[0]
        places = tf.range(size + -size % count) % size
        images = tf.gather(images, places)
        labels = None if labels is None else tf.gather(labels, places)
    # In turn, so that the replicas' slices together are those of one device.
    return [
        (images[first::count], None if labels is None else labels[first::count])
        for first in range(count)
    ]


def _from_arrays(arrays, batch_size, shuffle, joined, seed):
    images, labels = (*arrays, None)[:2]
    if labels is not None and len(labels) != len(images):
        raise InputError(
            f"There must be one label for each image. Received: {len(labels)} labels for "
            f"{len(images)} images."
        )
    if batch_size is None:
        batch_size = max(1, min(32, len(images) // joined))
    if len(images) < batch_size * joined:
        raise InputError(
            f"A step takes {joined} x {batch_size} images (batches of one step x `batch_size`). "
            f"Received: {len(images)} images."
        )
    images = images.astype("float32") if images.dtype.kind == "f" else images
    return to_dataset(
        Samples("arrays", images, labels),
        batch_size=batch_size,
        labels=labels is not None,
        flip=False,
        shuffle=shuffle,
        seed=seed,
        drop_remainder=True,
    )


def whole_batches(data, batch_size):
    """Returns data of `validation_data` whose batches are all of one size; see `open_data`.

    Args:
        data: An array, arrays (x, y), or a data set; other data are returned as they are.
        batch_size: Images in a batch of arrays, or None.
    """
    parts = [data] if hasattr(data, "shape") else data
    if isinstance(parts, tuple | list):
        parts = tuple(part for part in parts if part is not None)
        if all(hasattr(part, "shape") for part in parts):
            size = min(batch_size or 32, len(parts[0]))
            data = tf.data.Dataset.from_tensor_slices(parts).batch(size)
    if isinstance(data, tf.data.Dataset):
        return _from_dataset(data, 1, True).begin(0)
    return data


def _from_dataset(dataset, joined, whole):
    first = next(dataset.take(1).as_numpy_iterator(), None)
    if first is None:
        raise InputError("A data set must have at least one batch. Received: an empty one.")
    batches = dataset.cardinality().numpy()
    if batches >= 0:
        _check_enough(batches // joined, batches, joined)
    if joined > 1:
        size = _size(first)
        together = dataset.rebatch(size * joined, drop_remainder=True)
        if batches > 0:
            # `rebatch` does not know its own length, and `fit` shows it. A last batch that is
            # smaller than the others may cost a step.
            if batches % joined == 0:
                last = next(dataset.skip(batches - 1).as_numpy_iterator())
                batches -= _size(last) < size
            certain = tf.data.experimental.assert_cardinality(batches // joined)
            together = together.apply(certain)
    elif whole and batches > 0:
        # As many batches as before, which is known without reading them.
        more = tf.data.Dataset.from_tensors(first).repeat()
        together = dataset.concatenate(more).rebatch(_size(first), drop_remainder=True)
        together = together.take(batches)
        together = together.apply(tf.data.experimental.assert_cardinality(batches))
    elif whole:
        together = dataset.rebatch(_size(first), drop_remainder=True)
    else:
        together = dataset
    return Opened(dataset, first, lambda done: together)


def _from_iterator(iterator, joined):
    first = next(iterator, None)
    if first is None:
        raise InputError("A generator must give at least one batch. Received: an empty one.")
    batches = itertools.chain([first], iterator)

    def steps():  # Keras takes no other iterators, and of generators only tuples.
        while len(group := list(itertools.islice(batches, joined))) == joined:
            together = _join(group) if joined > 1 else group[0]
            yield tuple(together) if isinstance(together, tuple | list) else (together,)

    return Opened(iterator, _as_numpy(first), lambda done: steps())


class _JoinedDataset(keras.utils.PyDataset):
    """The batches of a `PyDataset`, several at a time."""

    def __init__(self, dataset, joined):
        options = ("workers", "use_multiprocessing", "max_queue_size")
        super().__init__(**{name: getattr(dataset, name) for name in options})
        self._dataset, self._joined = dataset, joined

    @property
    def num_batches(self):
        batches = self._dataset.num_batches
        return None if batches is None else batches // self._joined

    def __getitem__(self, index):
        first = index * self._joined
        return _join([self._dataset[first + place] for place in range(self._joined)])

    def on_epoch_begin(self):
        self._dataset.on_epoch_begin()

    def on_epoch_end(self):
        self._dataset.on_epoch_end()


def _size(batch):
    """Returns the number of images in a batch, 1 of what has no axis."""
    return len(np.atleast_1d(keras.tree.flatten(batch)[0]))


def _join(batches):
    return keras.tree.map_structure(lambda *parts: np.concatenate(parts), *batches)


def _as_numpy(batch):
    return keras.tree.map_structure(lambda x: None if x is None else np.asarray(x), batch)


def _check_enough(steps, batches, joined):
    if steps < 1:
        raise InputError(
            f"A step takes {joined} batches (a critic's steps, each with a batch of its own). "
            f"Received: {batches} in the whole data set."
        )
