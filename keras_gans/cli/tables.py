"""Tables of scores, and the line that says how they were made."""

import math

from keras_gans.metrics.entries import METRIC_OF

OF_FEATURES = ("features", "weights_sha256", "resize")
PROTOCOL = (*OF_FEATURES, "data_sha256", "num_generated", "image_shape")
PROTOCOL += ("inputs_sha256", "segmenter_sha256", "classes")
"""Entries of the protocol that must be equal for scores to be compared. The seed is not one of
them: another one only draws other samples."""


def protocol_line(protocol, score=None):
    """Returns the protocol in one line.

    Args:
        protocol: Dict that `evaluate` returned.
        score: Name of the score that the line is for. None (default): all of them.
    """
    split = f" ({protocol['split']})" if protocol["split"] else ""
    metric = METRIC_OF.get(score)
    of_pixels = protocol["features"] == "pixels" or (metric and metric.of_pixels)
    as_papers = protocol["comparable_with_papers"] and (not metric or metric.in_papers)
    return (
        f"{protocol['num_generated']:,} generated against {protocol['num_real']:,} real images of "
        f"{protocol['data']}{split}; "
        + ("pixels" if of_pixels else "features of {features}, resize {resize}".format(**protocol))
        + f"; seed {protocol['seed']}; "
        + ("the features of papers." if as_papers else "not comparable with papers.")
    )


def format_number(value):
    """Returns a number with four significant digits; in scores.json, None is infinite."""
    return f"{value:.4g}" if value is not None and math.isfinite(value) else "infinite"


def print_table(lines):
    """Prints rows of cells in columns."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(f"{cell:{w}}" for cell, w in zip(line, widths, strict=True)).rstrip())
