"""How well a label map is found again."""

from typing import NamedTuple

import numpy as np

from keras_gans.errors import InputError


class LabelOverlap(NamedTuple):
    """Agreement of two label maps.

    Attributes:
        accuracy: Share of the pixels that have the same label.
        miou: Mean over labels of the intersection over the union.
    """

    accuracy: float
    miou: float


def label_overlap(found, wanted):
    """Returns how well label maps agree.

    mIoU = mean over labels k of |found = k and wanted = k| / |found = k or wanted = k|

    with all images taken together, over the labels that occur in either.

    Args:
        found: Integer array of any shape, such as (N, H, W).
        wanted: Integer array of the same shape.

    Returns:
        `LabelOverlap`.

    Raises:
        InputError: If the shapes differ, or the arrays are empty or not of whole numbers.

    Reference: Park et al., "Semantic Image Synthesis with Spatially-Adaptive Normalization", 2019,
    section 4: a segmenter on generated images.
    """
    found, wanted = np.asarray(found), np.asarray(wanted)
    if (
        found.shape != wanted.shape
        or found.size == 0
        or {found.dtype.kind, wanted.dtype.kind} - {*"ui"}
    ):
        raise InputError(
            "Label maps to compare are arrays of whole numbers and of one shape. "
            f"Received: {found.dtype} {found.shape} and {wanted.dtype} {wanted.shape}."
        )
    labels = np.union1d(found, wanted)
    found, wanted = (np.searchsorted(labels, maps) for maps in (found, wanted))
    return overlap_of(confusion(found, wanted, len(labels)))


def confusion(found, wanted, count):
    """Returns how many pixels of each wanted label have which label, int (count, count).

    Args:
        found: Integer array, labels 0..count - 1.
        wanted: Integer array of the same shape.
        count: Number of labels.
    """
    places = np.asarray(wanted, "int64").ravel() * count + np.asarray(found).ravel()
    return np.bincount(places, minlength=count**2).reshape(count, count)


def overlap_of(counts):
    """Returns the `LabelOverlap` of what `confusion` returns, or of a sum of such."""
    both = np.diag(counts)
    either = counts.sum(axis=0) + counts.sum(axis=1) - both
    shares = both[either > 0] / either[either > 0]
    return LabelOverlap(float(both.sum() / counts.sum()), float(shares.mean()))
