"""The sum of the terms of an objective."""

from keras import ops


def total(terms):
    """Returns the sum of scalars, the same bit for bit in every run.

    TensorFlow rewrites a chain of additions and products, and not alike in a run and in one that
    goes on from its checkpoint; a reduction keeps its order.

    Args:
        terms: Scalars, of which at least one is a tensor.
    """
    return ops.sum(ops.stack(list(terms)))
