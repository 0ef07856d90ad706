"""Batches of a `tf.data.Dataset` joined into larger ones."""

import keras
import tensorflow as tf


def join_batches(dataset, count):
    """Returns a data set whose every batch holds `count` batches of the given one.

    Args:
        dataset: Batched `tf.data.Dataset`.
        count: How many batches to join; what is left over at the end is dropped.
    """
    size = len(keras.tree.flatten(next(iter(dataset.take(1))))[0])
    joined = dataset.rebatch(size * count, drop_remainder=True)
    batches = dataset.cardinality()
    if batches > 0:
        # `rebatch` does not know its own length, and `fit` shows it.
        joined = joined.apply(tf.data.experimental.assert_cardinality(batches // count))
    return joined
