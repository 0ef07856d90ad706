"""Random streams and seeds: all of a model's, passes that change nothing else, equal runs."""

import contextlib

import keras
import numpy as np
import tensorflow as tf


def make_deterministic(seed=0):
    """Lets equal seeds give equal runs bit for bit, in other processes too, on one kind of machine.

    Call it before anything is computed; training is slower. TensorFlow's own deterministic mode,
    which is a part of it, leaves it to chance how sums of several terms are put in order, which
    differs from process to process.

    Args:
        seed: Int seed of Python, NumPy and TensorFlow, for whatever has none of its own. Default:
            0.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})


def derived_seed(seed, *numbers):
    """Returns an int seed that follows from a seed and whole numbers, and is like no other's."""
    return int(np.random.SeedSequence([seed, *numbers]).generate_state(1)[0] >> 1)


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
