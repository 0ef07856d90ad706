"""What every metric of `evaluate` says of itself."""

from typing import NamedTuple

from keras_gans.errors import InputError


class Meaning(NamedTuple):
    """What one score means.

    Attributes:
        score: Its name in what `evaluate` returns.
        title: Its name in tables.
        best: "low" or "high", or "none" if neither is better as such.
        sentence: What it says, in plain words.
    """

    score: str
    title: str
    best: str
    sentence: str


class Metric:
    """Base class of the metrics; a subclass has all that there is to know of one.

    Attributes:
        name: What `evaluate` and the command call it.
        meanings: The `Meaning` of each of its scores, a tuple.
        needs: What it is computed from, a set of "features" (of both sides), "pixels" (a sample of
            the images of both sides) and "embedder" (the embedder itself).
        in_papers: Whether papers report it, on features of Inception.
    """

    name = ""
    meanings = ()
    needs = frozenset({"features"})
    in_papers = True

    @property
    def of_pixels(self):
        """Whether it compares images and needs no embedder."""
        return self.needs == {"pixels"}

    def check(self, fake, real, embedder, least=2, side=1):
        """Checks that the metric applies, before any work is done.

        Args:
            fake: `GeneratedImages` or `StoredImages`.
            real: `StoredImages`.
            embedder: An `Embedder`, or None.
            least: Images that each side must have. Default: 2.
            side: Pixels that each side of an image must have. Default: 1.

        Raises:
            InputError: If it does not apply.
        """
        if min(fake.count, real.count) < least:
            raise InputError(
                f'"{self.name}" needs at least {least} images of each side. '
                f"Received: {fake.count} generated and {real.count} real images."
            )
        if min(fake.shape[:2]) < side:
            raise InputError(
                f'"{self.name}" needs images of at least {side} pixels a side. '
                f"Received: {fake.shape}."
            )

    def check_classifier(self, embedder):
        """Raises InputError unless the embedder is a classifier."""
        if embedder.num_classes is None:
            raise InputError(
                f'"{self.name}" needs an embedder that is a classifier. Received: {embedder.name}.'
            )

    def compute(self, sides):
        """Returns the scores.

        Args:
            sides: The `Sides` to compare.

        Returns:
            Dict from the names in `meanings` to floats. The deviation of a score stands beside it,
            such as "kid_std"; what was found, under the metric's own name, is a dict with a
            "summary" in plain words.
        """
        raise NotImplementedError

    def settings(self, sides):
        """Returns the settings that the scores must be read with, in words, or None."""
        return None
