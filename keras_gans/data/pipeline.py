"""From samples in memory (or read on demand) to batches for training."""

import numpy as np
import tensorflow as tf

from keras_gans.data.fingerprint import fingerprint


def to_dataset(samples, *, batch_size, labels, flip, shuffle, seed, drop_remainder):
    """Makes the batches that `keras_gans.data.load` describes.

    Args:
        samples: `Samples`.
        batch_size: See `keras_gans.data.load`.
        labels: See `keras_gans.data.load`.
        flip: See `keras_gans.data.load`.
        shuffle: See `keras_gans.data.load`.
        seed: See `keras_gans.data.load`.
        drop_remainder: See `keras_gans.data.load`.

    Returns:
        A `tf.data.Dataset` of one epoch, with the attributes and the method `stream` that `load`
        describes. Images and points that are `float32` already are taken as they are.
    """
    count = samples.images.shape[0]
    used = count - count % batch_size if drop_remainder else count
    fetch = fetcher(samples.images)
    with tf.device("CPU"):
        all_labels = tf.constant(samples.labels) if labels else None

    def order(epoch):
        # Shuffling indices instead of images spares a second copy of the data. Order and flips are
        # functions of seed and epoch alone, so that training can go on from any place.
        indices = tf.range(count, dtype="int64")
        if shuffle:
            indices = tf.random.experimental.stateless_shuffle(indices, (seed, epoch))
        flips = tf.zeros([count], "bool")
        if flip:
            flips = tf.random.stateless_uniform([count], (seed, -1 - epoch)) < 0.5
        return tf.data.Dataset.from_tensor_slices((indices[:used], flips[:used]))

    def make_batch(indices, flips):
        batch = fetch(indices)
        if flip:
            batch = tf.where(flips[:, None, None, None], tf.reverse(batch, axis=[2]), batch)
        if batch.dtype == tf.uint8:
            batch = tf.cast(batch, tf.float32) / 127.5 - 1.0
        return (batch, tf.gather(all_labels, indices)) if labels else batch

    dataset = by_epochs(order, make_batch, used, batch_size, seed, drop_remainder)
    dataset.name, dataset.num_images = samples.name, count
    dataset.image_shape = tuple(samples.images.shape[1:])
    dataset.class_names, dataset.num_skipped = samples.class_names, samples.num_skipped
    dataset.config = {
        "name": samples.name,
        "num_images": count,
        "image_shape": list(dataset.image_shape),
        "content": fingerprint(samples, labels),
        "batch_size": batch_size,
        "labels": labels,
        "flip": flip,
        "shuffle": shuffle,
        "seed": seed,
        "drop_remainder": drop_remainder,
    }
    return dataset


def by_epochs(order, make_batch, count, batch_size, seed, drop_remainder=True):
    """Makes batches that can go on from any place.

    Args:
        order: Function from the number of an epoch to a data set of `count` places.
        make_batch: Function from a batch of places to a batch of images.
        count: Places in an epoch.
        batch_size: Images in a batch.
        seed: Of the order of plain iteration, which is another one each time.
        drop_remainder: Whether to leave out a last, smaller batch. Default: True.

    Returns:
        A `tf.data.Dataset` of one epoch, with the attributes `batch_size` and `stream` that
        `keras_gans.data.load` describes.
    """

    def batches(places, size, drop_remainder):
        dataset = places.batch(size, drop_remainder).map(make_batch, tf.data.AUTOTUNE)
        options = tf.data.Options()
        options.deterministic = True
        # Autotuning looks at the pipeline ever more rarely, and an iterator that ends waits for its
        # next look: `fit` would return up to a minute late.
        options.autotune.enabled = False
        return dataset.prefetch(tf.data.AUTOTUNE).with_options(options)

    def stream(first=0, batches_joined=1):
        epochs = tf.data.Dataset.range(first // count, tf.int64.max)
        return batches(
            epochs.flat_map(order).skip(first % count), batch_size * batches_joined, True
        )

    # Another number, and so another order, at every iteration.
    epoch = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).take(1)
    dataset = batches(epoch.flat_map(order), batch_size, drop_remainder)
    length = tf.data.experimental.assert_cardinality(-(-count // batch_size))
    dataset = dataset.apply(length)
    dataset.batch_size, dataset.stream = batch_size, stream
    return dataset


def fetcher(images):
    """Returns a function from a tensor of indices to the tensor of those images."""
    if isinstance(images, np.ndarray):
        # The input pipeline runs on the CPU: a copy on a GPU would only travel back.
        with tf.device("CPU"):
            tensor = tf.constant(images)
        return lambda indices: tf.gather(tensor, indices)

    def fetch(indices):
        batch = tf.numpy_function(images.__getitem__, [indices], tf.uint8)
        return tf.ensure_shape(batch, (indices.shape[0], *images.shape[1:]))

    return fetch
