"""A two-sample test for memorisation: are samples closer to the training set than new images?"""

from typing import NamedTuple

import numpy as np
import scipy.stats

from keras_gans.errors import InputError
from keras_gans.metrics.features import check_features
from keras_gans.metrics.nearest import nearest_neighbors

FEWEST = 20
"""Rows that each set needs, for the statistic to be close to a normal distribution."""


class Memorization(NamedTuple):
    """What `memorization` found.

    Attributes:
        z: Standard score of the Mann-Whitney statistic: near 0 where samples are as far from the
            training set as held-out images are, below where they are closer, above where they are
            farther, as samples of poor quality are.
        p_value: Chance of so low a statistic if samples were as far as held-out images.
        share_closer: Share of the pairs of a sample and a held-out image in which the sample is
            closer to the training set; 0.5 by chance, ties count half.
        copied: Whether the p-value is below the level of significance.
    """

    z: float
    p_value: float
    share_closer: float
    copied: bool

    @property
    def summary(self):
        """The finding in plain words."""
        verdict = (
            "Samples are closer to the training images than held-out images are, as copies would be"
            if self.copied
            else "No sign that samples copy training images"
        )
        return (
            f"{verdict} (a sample is the closer one in {100 * self.share_closer:.0f} % of pairs, "
            f"z = {self.z:.1f}, p = {self.p_value:.2g})."
        )


def memorization(train_features, held_out_features, fake_features, significance=0.001):
    """Tests whether samples sit closer to the training set than held-out images do.

    Each sample and each held-out image has a distance to its nearest training image. The
    Mann-Whitney test asks whether those of the samples are the smaller ones:
    z = (U - m n / 2) / sqrt(m n (m + n + 1) / 12), where U counts the pairs in which the sample is
    farther. This is the paper's test on the whole space as one cell. If a generator copies
    some regions and misses others, the two can cancel out; one that only keeps to the data's dense
    regions is closer as well. So look at the nearest neighbours before judging.

    Args:
        train_features: NumPy (N, d), features of the images that the model was trained on.
        held_out_features: NumPy (n, d), of images from the same source that it never saw, n at
            least 20.
        fake_features: NumPy (m, d), of generated images, m at least 20.
        significance: p-value below which samples count as copied, in (0, 1). Default: 0.001.

    Returns:
        A `Memorization`; its `summary` is a sentence.

    Raises:
        InputError: If the shapes do not fit, a set is too small, a value is not finite, or
            `significance` is out of its range.

    Reference: Meehan et al., "A Non-Parametric Test to Detect Data-Copying in Generative Models",
    2020, section 3.
    """
    held_out_features, fake_features = check_features(
        held_out_features, fake_features, rows=FEWEST, reason="of held-out and generated images"
    )
    if not 0 < significance < 1:
        raise InputError(f"`significance` must be between 0 and 1. Received: {significance!r}.")
    held_out, fake = (
        nearest_neighbors(train_features, features, k=1)[1][:, 0]
        for features in (held_out_features, fake_features)
    )
    test = scipy.stats.mannwhitneyu(fake, held_out, alternative="less", method="asymptotic")
    pairs = len(fake) * len(held_out)
    z = (test.statistic - pairs / 2) / np.sqrt(pairs * (len(fake) + len(held_out) + 1) / 12)
    return Memorization(
        z=float(z),
        p_value=float(test.pvalue),
        share_closer=float(1 - test.statistic / pairs),
        copied=bool(test.pvalue < significance),
    )
