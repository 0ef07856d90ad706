"""Random streams: one for each replica, all of a model's, and passes that change nothing else."""

import contextlib

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


def random_streams(model):
    """Returns the states of all seed generators of a model and its layers, a list of variables."""
    return [g.state for layer in model._flatten_layers() for g in layer._seed_generators]


@contextlib.contextmanager
def frozen(model):
    """Lets a pass leave a model's state as it is, such as batch normalisation's statistics.

    Random streams still advance; otherwise the next pass would draw the same noise again.

    Args:
        model: A Keras model; its networks are called within.
    """
    with keras.StatelessScope(initialize_variables=False) as scope:
        yield
    for state in random_streams(model):
        value = scope.get_current_value(state)
        if value is not None:
            state.assign(value)
