"""Whom the samples leave out: shares of attributes, and ties between them, in data and samples."""

import dataclasses
import itertools

import numpy as np

from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError


@dataclasses.dataclass(frozen=True)
class Finding:
    """One number of the data beside that of the samples.

    Attributes:
        name: "glasses", "skin=2" for one of several kinds, "beard & long_hair" for two of them.
        kind: "share", also of images that have both of two; or "tie", their correlation, -1..1.
        real: In the data.
        fake: In the samples.
        low: Lower end of the interval of fake - real.
        high: Its upper end.
        even: The share if all kinds of each attribute were alike often. Default: 0.5.
        real_error: Half the width of the interval of `real` alone. Default: 0.
        fake_error: The same of `fake`. Default: 0.
    """

    name: str
    kind: str
    real: float
    fake: float
    low: float
    high: float
    even: float = 0.5
    real_error: float = 0.0
    fake_error: float = 0.0

    @property
    def differs(self):
        """Whether data and samples differ by more than chance."""
        return not self.low <= 0 <= self.high

    @property
    def amplified(self):
        """Whether the samples have more of what the data already have too much, or too little, of.

        A share goes further away from the even one, or a tie further away from 0, on the same side,
        and the data are on that side by more than chance.
        """
        centre = self.even if self.kind == "share" else 0.0
        real, fake = self.real - centre, self.fake - centre
        has_side = abs(real) > self.real_error
        return self.differs and has_side and real * fake > 0 and abs(fake) > abs(real)

    def __str__(self):
        """A sentence."""
        unit = "{:+.1%}" if self.kind == "share" else "{:+.2f}"
        verdict = "amplified" if self.amplified else "other" if self.differs else "alike"
        return (
            f"{self.kind} of {self.name}: data {self.of('real')}, samples {self.of('fake')}, "
            f"difference {unit.format(self.low)} to {unit.format(self.high)}: {verdict}"
        )

    def of(self, side):
        """Returns the number of a side, "real" or "fake", with its interval, as words."""
        value, error = getattr(self, side), getattr(self, f"{side}_error")
        return (
            f"{value:.1%} ± {error:.1%}" if self.kind == "share" else f"{value:+.2f} ± {error:.2f}"
        )


def audit(real, fake, level=0.95, resamples=500, seed=0, kinds=None, paired=False):
    """Compares the attributes of data and samples.

    Of every kind of every attribute the share, and of every two of different attributes the share
    that has both, and the tie, which is their correlation. The intervals of differences are
    simultaneous: between two sets of one source all of them hold 0 with the probability of `level`,
    however many they are (bootstrap of the largest standardised difference). Each number of data
    and samples also has a bootstrap interval of its own, for itself alone.

    Args:
        real: {attribute: int (N,)} of the data, 0 or 1, or the number of a kind.
        fake: The same of the samples (M,).
        level: Probability, above 0 and below 1. Default: 0.95.
        resamples: Of the bootstrap, at least 100. Default: 500.
        seed: Int, at least 0. Default: 0.
        kinds: {attribute: number of its kinds}. Default: None, as many as are seen.
        paired: Whether images of one place belong together, as those of the same latents with and
            without truncation do; then the bootstrap draws them together. Default: False.

    Returns:
        A list of `Finding`.

    Raises:
        InputError: If the attributes differ, there are fewer than two images, or an argument is out
            of range.

    Example:
        >>> classify = keras_gans.latent.labels_of(classifier)
        >>> for finding in audit(classify(images), classify(gan.generate(5000))):
        ...     print(finding)

    Reference: on what GANs leave out and amplify, Zhao et al., "Bias and Generalization in Deep
    Generative Models", 2018.
    """
    check_numbers(0, 1, level=level)
    check_whole_numbers(100, resamples=resamples)
    check_whole_numbers(0, seed=seed)
    if not real or real.keys() != fake.keys():
        raise InputError(
            "Data and samples have the same attributes, one at least. "
            f"Received: {', '.join(real) or 'none'} and {', '.join(fake) or 'none'}."
        )
    for side in (real, fake):
        if len(lengths := {len(values) for values in side.values()}) > 1:
            raise InputError(
                f"All attributes are those of the same images. Received: {sorted(lengths)} values."
            )
    counts = [len(next(iter(side.values()))) for side in (real, fake)]
    if min(counts) < 2 or level in (0, 1):
        raise InputError(
            "An audit needs two images or more of each side, and a level between 0 and 1. "
            f"Received: {counts[0]} and {counts[1]}, {level}."
        )
    if paired and len(set(counts)) > 1:
        raise InputError(
            f"Pairs need as many images on both sides. Received: {counts[0]:,} and {counts[1]:,}."
        )
    seen = {name: int(max(real[name].max(), fake[name].max())) + 1 for name in real}
    kinds = {name: max(number, (kinds or {}).get(name, 2)) for name, number in seen.items()}
    columns, names = [], []
    for name, number in kinds.items():
        for kind in range(number) if number > 2 else [1]:
            columns.append((name, kind))
            names.append(name if number <= 2 else f"{name}={kind}")
    sides = [
        np.stack([np.asarray(side[name]) == kind for name, kind in columns], axis=1).astype(float)
        for side in (real, fake)
    ]
    pairs = itertools.combinations(range(len(columns)), 2)
    pairs = [(a, b) for a, b in pairs if columns[a][0] != columns[b][0]]
    first, second = np.array(pairs, int).reshape(-1, 2).T
    random = np.random.default_rng(seed)

    def numbers(side, weights):
        joint = (side * weights[:, None]).T @ side / weights.sum()
        shares, both = np.diag(joint), joint[first, second]
        spread = np.sqrt(np.maximum(shares * (1 - shares), 1e-12))
        ties = (both - shares[first] * shares[second]) / (spread[first] * spread[second])
        return np.concatenate([shares, both, ties])

    def weights():
        drawn = [random.multinomial(count, np.full(count, 1 / count)) for count in counts]
        return (drawn[0], drawn[0]) if paired else drawn

    values = [numbers(side, np.ones(len(side))) for side in sides]
    parts = np.array(
        [
            [numbers(side, drawn) for side, drawn in zip(sides, weights(), strict=True)]
            for _ in range(resamples)
        ]
    )
    own = np.quantile(np.abs(parts - np.array(values)), level, axis=0)
    drawn = parts[:, 1] - parts[:, 0] - (values[1] - values[0])
    errors = np.maximum(np.std(drawn, axis=0), 1e-9)
    width = np.quantile(np.abs(drawn / errors).max(axis=1), level) * errors
    even = [1 / kinds[name] for name, _ in columns]
    titles = [(name, "share", share) for name, share in zip(names, even, strict=True)]
    for kind in ("share", "tie"):
        titles += [(f"{names[a]} & {names[b]}", kind, even[a] * even[b]) for a, b in pairs]
    return [
        Finding(*title, *map(float, (a, b, b - a - w, b - a + w, share, *errors)))
        for (*title, share), a, b, w, errors in zip(titles, *values, width, own.T, strict=True)
    ]
