"""Directions of named attributes, and how far each moves all others."""

import dataclasses
import functools

import keras
import numpy as np
from scipy.stats.contingency import association, chi2_contingency, crosstab

from keras_gans.checks import check_labels, check_numbers, check_whole_numbers
from keras_gans.data.prepare import prepare_all
from keras_gans.latent.classifier import check_size, kinds_of
from keras_gans.latent.directions import BATCH, Direction, edit, fit_direction
from keras_gans.latent.names import attribute_and_kind, check_kind, own
from keras_gans.latent.spaces import sample, space_of

APART = 0.5
"""Standard deviations between the means of kinds that are told apart along a direction."""

AXIS = 0.2
"""Share of the largest singular value from which on directions of kinds have another axis."""

MUCH = 0.15
"""Share of images from which on an attribute is said to change too."""

TIED, CHANCE = 0.15, 0.01
"""Cramér's V from which on two attributes are said to depend on each other, and the most that so
much dependence may be likely by chance."""

REASONS = {
    "tied": ", as they depend on each other in images that nobody moved (correlated features)",
    "entangled": ", which the latents do not tell apart from it (entangled)",
    "unknown": "",
}
"""Why other attributes change, in the words of the report."""


def labels_of(classifier, batch_size=256):
    """Returns a function from images to the attributes that a classifier sees.

    Args:
        classifier: Keras model from images (N, height, width, C) from 0 to 255 to a dict of logits
            (N, kinds) by attribute, or (N, 1), which are positive where there is the attribute.
            Where it sees no transparency, images are laid on white for it.
        batch_size: Images at a time. Default: 256.

    Returns:
        A function from uint8 images to {attribute: int (N,)}.

    Raises:
        InputError: If the classifier has no outputs with names.
    """
    kinds_of(classifier)

    def classify(images):
        if images.shape[-1] == 4 and classifier.input_shape[-1] == 3:
            images = prepare_all(images, channels=3)
        check_size(classifier, images.shape[1:])
        found = classifier.predict(images, batch_size=batch_size, verbose=0)
        return {name: _kinds(np.asarray(logits)) for name, logits in found.items()}

    return classify


def _kinds(logits):
    if logits.ndim == 1 or logits.shape[1] == 1:
        return (logits.reshape(len(logits)) > 0).astype(int)
    return logits.argmax(axis=1)


def find_direction(gan, classify, name, keep=(), space=None, count=5000, seed=0, labels=None):
    """Returns the direction along which a model's images get an attribute.

    Args:
        gan: A model with latents.
        classify: Function from uint8 images to {attribute: int (N,)}, which gets 256 images at a
            time, or a classifier that `labels_of` takes.
        name: The attribute, such as "glasses"; "hair_colour=2" for one of several kinds.
        keep: Attributes that are to stay, so named too, or "hair_colour" for all of its kinds; see
            `Direction.keeping`; what all samples have, or none, stays without. Default: none.
        space: "z" or "w". Default: None, w where there is one.
        count: Number of samples to label. Default: 5,000.
        seed: Int seed of the samples. Default: 0.
        labels: Of a conditional model, see `generate`. Default: every class in turn.

    Returns:
        A `Direction`.

    Raises:
        InputError: If there is no such attribute, or one of several kinds is not named, or all
            samples have it, or none, or the model makes no images from latents.
    """
    check_whole_numbers(2, count=count)
    space, known = space_of(gan, space), None
    if isinstance(classify, keras.Model):
        known = kinds_of(classify)
        for word in (name, *keep):
            attribute_and_kind(word, known)
    labels = check_labels(count, labels, gan.num_classes)
    seen = _seen(_function(classify), gan.images_of, sample(gan, count, "z", seed), labels)
    latents = sample(gan, count, space, seed, labels)
    kinds = known or {key: max(2, values.max() + 1) for key, values in seen.items()}
    if "=" not in name:  # Samples need not have all kinds.
        check_kind(name, kinds)

    def fit(word):
        return fit_direction(latents, has(seen, word), word, space)

    kept = []
    for word in keep:
        attribute, _ = attribute_and_kind(word, dict.fromkeys(seen))
        kinds = np.unique(seen[attribute])
        if "=" in word or len(kinds) < 2 or max(kinds) < 2:
            kept += [fit(word)] if len(np.unique(has(seen, word))) == 2 else []
            continue
        # A kind between others lies along no line, and opposite ones along one: what was fitted
        # to the first, or is left between the others, is chance.
        found = [fit(f"{attribute}={kind}") for kind in kinds]
        found = [one.vector for one in found if _tells(one, latents, has(seen, one.name))]
        if found:
            _, sizes, axes = np.linalg.svd(np.stack(found), full_matrices=False)
            axes = axes[sizes > AXIS * sizes[0]]
            kept += [Direction(axis, attribute, space) for axis in axes]
    return fit(name).keeping(kept, latents)


def _tells(direction, latents, there):
    """Returns whether images with and without an attribute lie apart along its direction."""
    along = latents @ direction.vector
    return abs(along[there].mean() - along[~there].mean()) > APART * along.std()


def _function(classify):
    return labels_of(classify) if isinstance(classify, keras.Model) else classify


def _seen(classify, make, latents, labels):
    """Returns what is seen in the images that are made of latents, {attribute: int (N,)}.

    They are made and seen in parts, as all of them may not fit into memory.
    """
    ends = range(BATCH, len(latents), BATCH)
    labels = [None] * (len(ends) + 1) if labels is None else np.split(labels, ends)
    pairs = zip(np.split(latents, ends), labels, strict=True)
    parts = [classify(make(part, labels=own_labels)) for part, own_labels in pairs]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def has(seen, name):
    """Returns which images have an attribute, bool (N,).

    Args:
        seen: {attribute: int (N,)}.
        name: "glasses", or "hair_colour=2" for one of several kinds.

    Raises:
        InputError: If there is no such attribute; the message has those that there are.
    """
    attribute, kind = attribute_and_kind(name, dict.fromkeys(seen))
    return np.asarray(seen[attribute]) == kind


def least_strengths(
    gan, latents, direction, classify, largest=6.0, tries=12, layers=None, labels=None
):
    """Returns how far each latent has to move along a direction before its attribute is seen.

    To go no further than that leaves other attributes as they are more often than to move all
    latents alike.

    Args:
        gan: A model with latents.
        latents: See `edit`.
        direction: A `Direction` that is named after an attribute.
        classify: See `find_direction`.
        largest: At least 0: the strength of latents that never get there. Default: 6.
        tries: Strengths from 0 on that are tried, evenly spaced. Default: 12.
        layers: See `Direction.move`. Default: None.
        labels: Of a conditional model, see `generate`. Default: every class in turn.

    Returns:
        float32 (N,), for `edit(strength=...)`.

    Raises:
        InputError: If there is no such attribute, or an argument is out of range.
    """
    check_numbers(0, largest=largest)
    check_whole_numbers(tries=tries)
    classify, latents = _function(classify), np.asarray(latents)
    labels = check_labels(len(latents), labels, gan.num_classes)
    found, left = np.full(len(latents), largest, "float32"), np.arange(len(latents))
    for strength in np.linspace(0, largest, tries, endpoint=False):
        of_left = None if labels is None else labels[left]
        move = functools.partial(edit, gan, direction=direction, strength=strength, layers=layers)
        there = has(_seen(classify, move, latents[left], of_left), direction.name)
        found[left[there]] = strength
        left = left[~there]
        if not len(left):
            break
    return found


@dataclasses.dataclass(frozen=True, eq=False)
class Entanglement:
    """How often each direction changes each attribute.

    Attributes:
        directions: Names (D,).
        attributes: Names (A,).
        changed: Share of images in which an attribute is another one after the move, (D, A); NaN
            for directions that moved none, as all samples have what they are named after.
        reached: Share of images that have what the direction is named after, of those that had it
            not before, (D,); NaN for directions of other names, or if there were none.
        ties: How far each attribute depends on what a direction is named after in images that
            nobody moved, Cramér's V in 0..1, and 0 if it may be chance, (D, A); NaN for directions
            of other names.
        strength: How far all were moved.
        count: Number of samples.
    """

    directions: list
    attributes: list
    changed: np.ndarray
    reached: np.ndarray
    ties: np.ndarray
    strength: float
    count: int

    def __str__(self):
        """The table: a row for each direction."""
        width = max(map(len, [*self.directions, "direction"])) + 2
        head = "direction".ljust(width) + "".join(f"{a:>14}" for a in ("reached", *self.attributes))
        rows = [
            name.ljust(width) + "".join(f"{value:>13.0%} " for value in (reached, *changed))
            for name, reached, changed in zip(
                self.directions, self.reached, self.changed, strict=True
            )
        ]
        return "\n".join([head, *(row.rstrip().replace("nan%", "   -") for row in rows)])

    def sentences(self):
        """Returns what the table says, a sentence for each direction."""
        lines = []
        for name, shares, ties in zip(self.directions, self.changed, self.ties, strict=True):
            if np.isnan(shares).all():
                lines.append(f"{name}: every one of {self.count:,} samples has it.")
                continue
            found = {why: [] for why in REASONS}
            for attribute, share, tie in zip(self.attributes, shares, ties, strict=True):
                if attribute != own(name) and share > MUCH:
                    why = "unknown" if np.isnan(tie) else "tied" if tie > TIED else "entangled"
                    found[why].append(f"{attribute} in {share:.0%}")
            parts = [
                f"also changes {', '.join(words)} of the images{REASONS[why]}"
                for why, words in found.items()
                if words
            ]
            nothing = f"changes no other attribute in more than {MUCH:.0%} of the images"
            lines.append(f"{name}: {'; '.join(parts) or nothing}.")
        return lines

    def figure(self):
        """Returns the table as a Matplotlib figure, with `savefig`."""
        from matplotlib.figure import Figure

        count = len(self.directions)
        figure = Figure((2 + 0.9 * len(self.attributes), 1.2 + 0.5 * count), layout="constrained")
        axes = figure.add_subplot()
        axes.imshow(self.changed, vmin=0, vmax=1, cmap="Blues", aspect="auto")
        axes.set_xticks(range(len(self.attributes)), self.attributes, rotation=30, ha="right")
        axes.set_yticks(range(count), self.directions)
        axes.set_title(f"share of images that change, strength {self.strength:g}")
        for (row, column), share in np.ndenumerate(self.changed):
            colour, word = "white" if share > 0.5 else "black", f"{share:.0%}".replace("nan%", "")
            axes.text(column, row, word, ha="center", va="center", color=colour)
        return figure


def entanglement(
    gan, directions, classify, strength=2.0, count=500, seed=1, layers=None, labels=None
):
    """Measures how often each direction changes each attribute.

    A direction that is named after an attribute moves images that do not have it, any other moves
    all images. Where all samples have the attribute, nothing is measured of its direction.

    Args:
        gan: A model with latents.
        directions: A list of `Direction`.
        classify: See `find_direction`.
        strength: How far to move, in standard deviations. Default: 2.
        count: Number of samples. Default: 500.
        seed: Int seed of the samples, another one than that of `find_direction`. Default: 1.
        layers: See `Direction.move`. Default: None.
        labels: Of a conditional model, see `generate`. Default: every class in turn.

    Returns:
        An `Entanglement`.

    Raises:
        InputError: If a direction does not fit the model, or `labels` are out of range.
    """
    classify, latents = _function(classify), sample(gan, count, "z", seed)
    labels = check_labels(count, labels, gan.num_classes)
    before = _seen(classify, gan.images_of, latents, labels)
    changed, reached, ties = [], [], []
    for direction in directions:
        is_named = own(direction.name) in before
        chosen = ~has(before, direction.name) if is_named else np.ones(count, bool)
        ties.append([_tie(~chosen, before[name]) if is_named else np.nan for name in before])
        if not chosen.any():
            changed.append([np.nan] * len(before))
            reached.append(np.nan)
            continue
        of_chosen = None if labels is None else labels[chosen]
        move = functools.partial(edit, gan, direction=direction, strength=strength, layers=layers)
        after = _seen(classify, move, latents[chosen], of_chosen)
        changed.append([np.mean(after[name] != before[name][chosen]) for name in before])
        reached.append(has(after, direction.name).mean() if is_named else np.nan)
    names, numbers = [direction.name for direction in directions], (changed, reached, ties)
    return Entanglement(names, list(before), *map(np.array, numbers), strength, count)


def _tie(first, second):
    """Returns how far two attributes depend on each other, Cramér's V in 0..1."""
    table = crosstab(first, second).count
    if min(table.shape) < 2 or chi2_contingency(table).pvalue > CHANCE:
        return 0.0
    return association(table)
