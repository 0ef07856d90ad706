"""Seeds for the initial weights of a network's layers."""

import itertools


def layer_seeds(seed, stream):
    """Returns an iterator of seeds, a different one for each layer.

    Args:
        seed: Int, or None for unseeded layers.
        stream: Int that tells networks of one model apart.
    """
    if seed is None:
        return itertools.repeat(None)
    return itertools.count(10_000 * seed + 1_000 * stream)
