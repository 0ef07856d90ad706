"""Random streams: all of a model's, and passes that change nothing else."""

import contextlib

import keras


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
