"""Metrics that compare the images themselves."""

from keras_gans.metrics.entries.base import Meaning, Metric


class SlicedWasserstein(Metric):
    """Sliced Wasserstein distance between patches: "swd".

    Of at most 2,048 random images of each side. See
    `keras_gans.metrics.sliced_wasserstein_distance`.
    """

    name = "swd"
    meanings = (
        Meaning(
            "swd",
            "Sliced Wasserstein",
            "low",
            "How much small patches differ from those of real images, from fine texture to coarse "
            "layout; 0 is the same.",
        ),
    )
    needs = frozenset({"pixels"})
    in_papers = False

    def check(self, fake, real, embedder):
        """See `Metric`."""
        from keras_gans.metrics.sliced_wasserstein import PATCH

        super().check(fake, real, embedder, side=PATCH)

    def compute(self, sides):
        """See `Metric`."""
        from keras_gans.metrics.sliced_wasserstein import sliced_wasserstein_distance

        mean, _ = sliced_wasserstein_distance(sides.real_sample, sides.fake_sample, seed=sides.seed)
        return {"swd": mean}

    def settings(self, sides):
        """See `Metric`."""
        return f"pixels of {sides.sample_size} images of each side"


class Similarity(Metric):
    """Multi-scale structural similarity of pairs: "ms_ssim", and "ms_ssim_real" of real images.

    Pairs among at most 2,048 random images. See `keras_gans.metrics.ms_ssim`.
    """

    name = "ms_ssim"
    meanings = (
        Meaning(
            "ms_ssim",
            "MS-SSIM",
            "none",
            "How alike pairs of generated images look; 1 means that all are the same, and a value "
            "far above that of the real images means little variety. Noise has a low value too.",
        ),
        Meaning(
            "ms_ssim_real",
            "MS-SSIM of real images",
            "none",
            "How alike pairs of real images look, to compare with.",
        ),
    )
    needs = frozenset({"pixels"})
    in_papers = False

    def check(self, fake, real, embedder):
        """See `Metric`."""
        from keras_gans.metrics.ms_ssim import WINDOW

        super().check(fake, real, embedder, side=WINDOW)

    def compute(self, sides):
        """See `Metric`."""
        from keras_gans.metrics.ms_ssim import ms_ssim

        return {
            "ms_ssim": ms_ssim(sides.fake_sample, seed=sides.seed),
            "ms_ssim_real": ms_ssim(sides.real_sample, seed=sides.seed),
        }

    def settings(self, sides):
        """See `Metric`."""
        return f"pixels of pairs among {sides.sample_size} images of each side"
