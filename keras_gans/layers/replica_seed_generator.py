"""Random streams that differ from replica to replica."""

import keras
import tensorflow as tf


class ReplicaSeedGenerator(keras.random.SeedGenerator):
    """A `keras.random.SeedGenerator` whose replicas draw different numbers.

    The state of a seed generator is mirrored: without this every replica of a strategy would draw
    the same latents. One replica alone draws what `keras.random.SeedGenerator` would draw.
    """

    def next(self, ordered=True):
        """Returns a new seed, an integer tensor of shape (2,)."""
        seed = super().next(ordered)
        context = tf.distribute.get_replica_context()
        if context is None or context.num_replicas_in_sync == 1:
            return seed
        replica = tf.cast(context.replica_id_in_sync_group, seed.dtype)
        return seed + tf.stack([replica * 1_000_003, tf.zeros_like(replica)])
