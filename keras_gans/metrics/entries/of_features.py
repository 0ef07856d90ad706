"""Metrics that compare features of the images."""

from keras_gans.errors import InputError
from keras_gans.metrics.entries.base import Meaning, Metric


class FrechetDistance(Metric):
    """Fréchet distance: "fid".

    The covariances are over N - 1. See `keras_gans.metrics.frechet_distance`.
    """

    name = "fid"
    meanings = (
        Meaning(
            "fid",
            "FID",
            "low",
            "How far the generated images as a whole are from the real ones in quality and variety "
            "together; 0 is the same, and few images make it larger.",
        ),
    )

    def compute(self, sides):
        """See `Metric`."""
        from keras_gans.metrics.frechet import frechet_from_moments, warn_if_few

        warn_if_few(sides.smaller, sides.embedder.dim, stacklevel=4)
        fake, real = sides.fakes.moments(), sides.reals.moments()
        return {"fid": frechet_from_moments(*real, *fake)}

    def settings(self, sides):
        """See `Metric`."""
        return "covariance over N - 1"


class KernelDistance(Metric):
    """Kernel distance: "kid" and, over the subsets, its standard deviation "kid_std".

    100 subsets of 1,000 images. If a side has fewer than twice as many, a subset is half of it:
    subsets that share most images would hardly differ, however uncertain the distance is. See
    `keras_gans.metrics.kernel_distance`.
    """

    name = "kid"
    meanings = (
        Meaning(
            "kid",
            "KID",
            "low",
            "The same question as FID by another distance, which few images do not make larger; 0 "
            "is the same, and chance can bring it a little below.",
        ),
    )
    subset, subsets = 1000, 100

    def _size(self, sides):
        return min(self.subset, max(2, sides.smaller // 2))

    def compute(self, sides):
        """See `Metric`."""
        from keras_gans.metrics.kernel import kernel_distance

        mean, std = kernel_distance(*sides.features, self._size(sides), self.subsets, sides.seed)
        return {"kid": mean, "kid_std": std}

    def settings(self, sides):
        """See `Metric`."""
        return f"{self.subsets} subsets of {self._size(sides)}"


class InceptionScore(Metric):
    """Inception score: "is" and, over the parts, its standard deviation "is_std".

    10 parts in a random order. It needs an embedder that is a classifier. See
    `keras_gans.metrics.inception_score`.
    """

    name = "is"
    meanings = (
        Meaning(
            "is",
            "Inception score",
            "high",
            "Whether each image clearly shows one class and all classes occur, from 1 to the "
            "number of classes; it does not look at the real images.",
        ),
    )
    parts = 10

    def check(self, fake, real, embedder):
        """See `Metric`."""
        super().check(fake, real, embedder)
        self.check_classifier(embedder)

    def compute(self, sides):
        """See `Metric`."""
        from keras_gans.metrics.inception_score import inception_score

        parts = min(self.parts, sides.fake.count)
        mean, std = inception_score(sides.fakes.probabilities, parts, sides.seed)
        return {"is": mean, "is_std": std}

    def settings(self, sides):
        """See `Metric`."""
        return f"{min(self.parts, sides.fake.count)} parts in a random order"


class Manifold(Metric):
    """The scores "precision" and "recall" (k = 3), "density" and "coverage" (k = 5).

    See `keras_gans.metrics.prdc`.
    """

    name = "prdc"
    meanings = (
        Meaning(
            "precision",
            "Precision",
            "high",
            "The share of generated images that look like real ones.",
        ),
        Meaning(
            "recall",
            "Recall",
            "high",
            "The share of real images that the generator could have made: its variety.",
        ),
        Meaning(
            "density",
            "Density",
            "high",
            "How many real images a generated one is near to, about 1 for images as good as real "
            "ones; outliers affect it less than precision.",
        ),
        Meaning(
            "coverage",
            "Coverage",
            "high",
            "The share of real images with a generated one nearby; outliers affect it less than "
            "recall.",
        ),
    )
    precision_recall_k, density_coverage_k = 3, 5

    def check(self, fake, real, embedder):
        """See `Metric`."""
        least = max(self.precision_recall_k, self.density_coverage_k) + 1
        super().check(fake, real, embedder, least)

    def compute(self, sides):
        """See `Metric`."""
        from keras_gans.metrics.manifold import prdc

        return prdc(*sides.features, self.precision_recall_k, self.density_coverage_k)

    def settings(self, sides):
        """See `Metric`."""
        return (
            f"k = {self.precision_recall_k} for precision and recall, {self.density_coverage_k} "
            "for density and coverage"
        )


class ClassBalance(Metric):
    """How often each class occurs: "total_variation" and "class_kl_divergence".

    "class_balance" is a dict with the shares and the classes that are missed. It needs an embedder
    that is a classifier. See `keras_gans.metrics.class_balance`.
    """

    name = "class_balance"
    meanings = (
        Meaning(
            "total_variation",
            "Class imbalance",
            "low",
            "The share of generated images that would have to change their class to have the "
            "classes as often as the data have them.",
        ),
        Meaning(
            "class_kl_divergence",
            "Class KL divergence",
            "low",
            "Another measure of how far the classes are from their shares in the data, in nats; 0 "
            "is the same.",
        ),
    )

    def check(self, fake, real, embedder):
        """See `Metric`."""
        super().check(fake, real, embedder)
        self.check_classifier(embedder)

    def compute(self, sides):
        """See `Metric`."""
        from keras_gans.metrics.class_balance import class_balance

        names = getattr(sides.embedder, "class_names", None)
        names = range(sides.embedder.num_classes) if names is None else names
        fake, real = sides.fakes.classes, sides.reals.classes
        found = class_balance(real, fake, names)
        finding = {
            "summary": found.summary,
            "class_names": found.class_names,
            "real_shares": found.real_shares.tolist(),
            "fake_shares": found.fake_shares.tolist(),
            "missed": found.missed,
            "over_represented": found.over_represented,
        }
        return {
            "total_variation": found.total_variation,
            "class_kl_divergence": found.kl_divergence,
            "class_balance": finding,
        }


class Memorization(Metric):
    """Whether generated images copy the training set: "memorization_z".

    "memorization" is a dict with the whole finding. The data must have a split "test" to compare
    with, and be scored on their split "train". See `keras_gans.metrics.memorization`.
    """

    name = "memorization"
    meanings = (
        Meaning(
            "memorization_z",
            "Memorisation z",
            "none",
            "Far below 0 the generated images are closer to the training images than new real ones "
            "are, as copies would be; around 0 there is no sign of copying.",
        ),
    )

    def check(self, fake, real, embedder):
        """See `Metric`."""
        from keras_gans.metrics.memorization import FEWEST

        super().check(fake, real, embedder, FEWEST)
        if real.held_out is None or real.split != "train":
            raise InputError(
                '"memorization" needs the split "train" of a data set that has a split "test". '
                f"Received: {real.name} with the split {real.split!r}."
            )
        try:
            held_out = real.held_out()
        except InputError as error:
            raise InputError(
                '"memorization" compares with the split "test", which must exist. '
                f"Received: {error}"
            ) from error
        if held_out.count < FEWEST:
            raise InputError(
                f'"memorization" needs a split "test" of at least {FEWEST} images. '
                f"Received: {held_out.count}."
            )

    def compute(self, sides):
        """See `Metric`."""
        from keras_gans.metrics.memorization import memorization

        real, fake = sides.features
        held_out = sides.embed_real(sides.real.held_out(), "held_out").features
        found = memorization(real, held_out, fake)
        finding = {"summary": found.summary, **found._asdict()}
        return {"memorization_z": found.z, "memorization": finding}
