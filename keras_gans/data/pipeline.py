"""From samples in memory (or read on demand) to batches for training."""

import numpy as np
import tensorflow as tf


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
        A `tf.data.Dataset`, without the attributes that `load` adds.
    """
    count = samples.images.shape[0]
    fetch = _fetcher(samples.images)
    with tf.device("CPU"):
        all_labels = tf.constant(samples.labels) if labels else None

    def make_batch(indices, flip_seed=None):
        batch = fetch(indices)
        if flip_seed is not None:
            batch = _flip_half(batch, flip_seed)
        if batch.dtype == tf.uint8:
            batch = tf.cast(batch, tf.float32) / 127.5 - 1.0
        return (batch, tf.gather(all_labels, indices)) if labels else batch

    # Shuffling indices instead of images spares a second copy of the data.
    dataset = tf.data.Dataset.range(count)
    if shuffle:
        dataset = dataset.shuffle(count, seed=seed, reshuffle_each_iteration=True)
    dataset = dataset.batch(batch_size, drop_remainder=drop_remainder)
    if flip:
        # A random op inside `map` would start anew, and so flip alike, in every epoch.
        seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
        dataset = tf.data.Dataset.zip((dataset, seeds))
    dataset = dataset.map(make_batch, num_parallel_calls=tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.deterministic = True
    return dataset.prefetch(tf.data.AUTOTUNE).with_options(options)


def _fetcher(images):
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


def _flip_half(batch, seed):
    """Mirrors each image of a batch with probability 1/2."""
    draws = tf.random.stateless_uniform((tf.shape(batch)[0], 1, 1, 1), seed=(seed, 0))
    return tf.where(draws < 0.5, tf.reverse(batch, axis=[2]), batch)
