"""Class balance of samples against the data: what a generator misses and what it favours."""

from typing import NamedTuple

import numpy as np

from keras_gans.errors import InputError


class ClassBalance(NamedTuple):
    """How the classes of samples are distributed, against those of the data.

    Attributes:
        class_names: List of K names.
        real_shares: NumPy (K,), share of each class in the data, p.
        fake_shares: NumPy (K,), share of each class in the samples, q.
        ratios: NumPy (K,), q / p: 1 is balanced; infinite for a class that only samples have; NaN
            for one that neither has.
        missed: List of names whose ratio is below `missed_below`.
        over_represented: List of names whose ratio is above `over_above`.
        num_covered: Number of the data's classes that are not missed.
        total_variation: sum |p - q| / 2, from 0 (the same) to 1 (no class in common).
        kl_divergence: sum q log(q / p) in nats, of the samples from the data: a missed class leaves
            it finite; infinite if samples have a class that the data lack.
    """

    class_names: list
    real_shares: np.ndarray
    fake_shares: np.ndarray
    ratios: np.ndarray
    missed: list
    over_represented: list
    num_covered: int
    total_variation: float
    kl_divergence: float

    @property
    def summary(self):
        """The finding in plain words."""
        present = int((self.real_shares > 0).sum())
        return (
            f"Samples cover {self.num_covered} of {present} classes. "
            f"Missed: {', '.join(self.missed) or 'none'}. "
            f"Over-represented: {', '.join(self.over_represented) or 'none'}."
        )


def class_balance(real_classes, fake_classes, class_names=None, missed_below=0.1, over_above=1.5):
    """Compares how often each class occurs in the data and in samples.

    Classes are those that a classifier sees; have it predict the data as well, rather than take
    their labels, so that its errors fall on both sides. The same comparison audits a bias: samples
    should not favour a group more than the data do. Shares of few samples are uncertain: a ratio
    has a relative standard error of about 1 / sqrt(samples expected in the class).

    Args:
        real_classes: Integer array (N,), classes 0..K-1 of real images, N at least 1.
        fake_classes: Integer array (M,), classes of generated images, M at least 1.
        class_names: List of K names. None numbers the classes up to the highest that occurs.
        missed_below: A class of the data counts as missed if its share in the samples is below
            this multiple of its share in the data; above 0, since a classifier errs. Default: 0.1.
        over_above: A class is over-represented if its share in the samples is above this multiple
            of its share in the data. Default: 1.5.

    Returns:
        A `ClassBalance`; its `summary` names the classes in a sentence.

    Raises:
        InputError: If the arrays are not classes with those names.

    Reference: Srivastava et al., "VEEGAN", 2017, section 4, for the number of modes and the KL
    divergence.
    """
    sets = [np.asarray(classes) for classes in (real_classes, fake_classes)]
    if any(s.ndim != 1 or not s.size or not np.issubdtype(s.dtype, np.integer) for s in sets):
        raise InputError(
            "Classes must be integer arrays (N,) with at least one each. "
            f"Received: {', '.join(f'{s.dtype} of shape {s.shape}' for s in sets)}."
        )
    lowest, highest = min(s.min() for s in sets), max(s.max() for s in sets)
    names = range(highest + 1) if class_names is None else class_names
    names = [str(name) for name in names]
    if lowest < 0 or highest >= len(names):
        raise InputError(
            f"Classes must be from 0 to {len(names) - 1}. Received: {lowest} to {highest}."
        )
    real, fake = (np.bincount(s, minlength=len(names)) / len(s) for s in sets)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = fake / real
    missed = ratios < missed_below
    present = fake > 0
    return ClassBalance(
        class_names=names,
        real_shares=real,
        fake_shares=fake,
        ratios=ratios,
        missed=[names[k] for k in np.flatnonzero(missed)],
        over_represented=[names[k] for k in np.flatnonzero(ratios > over_above)],
        num_covered=int(((real > 0) & ~missed).sum()),
        total_variation=float(np.abs(real - fake).sum() / 2),
        kl_divergence=float((fake[present] * np.log(ratios[present])).sum()),
    )
