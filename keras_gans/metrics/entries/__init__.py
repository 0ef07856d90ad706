"""The metrics of `evaluate`: everything about one stands in its class.

A new metric is one more class, and its instance in `_ALL`. What is heavy is imported where it is
used, so that the command shows names and meanings without waiting for TensorFlow.
"""

import difflib

from keras_gans.errors import InputError
from keras_gans.metrics.entries.base import Meaning, Metric
from keras_gans.metrics.entries.of_features import (
    ClassBalance,
    FrechetDistance,
    InceptionScore,
    KernelDistance,
    Manifold,
    Memorization,
)
from keras_gans.metrics.entries.of_models import PathLength
from keras_gans.metrics.entries.of_pixels import Similarity, SlicedWasserstein
from keras_gans.metrics.entries.of_translations import Cycle, Paired, Segmentation

__all__ = ["MEANINGS", "METRICS", "METRIC_OF", "Meaning", "Metric", "check_metrics"]

_ALL = (
    FrechetDistance(),
    KernelDistance(),
    InceptionScore(),
    Manifold(),
    SlicedWasserstein(),
    Similarity(),
    Paired(),
    Cycle(),
    Segmentation(),
    ClassBalance(),
    Memorization(),
    PathLength(),
)

METRICS = {metric.name: metric for metric in _ALL}
"""Each `Metric` by its name, in the order in which they are computed and shown."""

METRIC_OF = {meaning.score: metric for metric in _ALL for meaning in metric.meanings}
"""The `Metric` that gives a score, by the score's name."""

MEANINGS = {meaning.score: meaning for metric in _ALL for meaning in metric.meanings}
"""The `Meaning` of a score, by the score's name."""


def check_metrics(metrics):
    """Returns the names of metrics as a list.

    Args:
        metrics: A name, or a list, tuple or set of names.

    Raises:
        InputError: If a name is unknown, with the nearest ones in the message, or there is none.
    """
    names = list(metrics) if isinstance(metrics, (list, tuple, set)) else [metrics]
    known = list(METRICS)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.4) or known
            raise InputError(f"A metric is one such as {', '.join(near)}. Received: {name!r}.")
    if not names:
        raise InputError(f"`metrics` must name at least one of {', '.join(known)}. Received: none.")
    return names
