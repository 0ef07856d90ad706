"""Metrics that compare the images themselves."""

from keras_gans.errors import InputError
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


class Paired(Metric):
    """Errors of images to the very images that they should be: "l1", "psnr", "ssim".

    Of translated images beside their targets, in the same order. See
    `keras_gans.metrics.pixel_distance`, `psnr` and `ssim`; "l1" is a share of the range.
    """

    name = "paired"
    meanings = (
        Meaning(
            "l1",
            "Mean absolute error",
            "low",
            "How far each value is from what it should be, as a share of the range from black to "
            "white; 0 is the same.",
        ),
        Meaning(
            "psnr",
            "PSNR",
            "high",
            "The same with large errors counting more, in decibels; from 30 on it is hard to see.",
        ),
        Meaning(
            "ssim",
            "SSIM",
            "high",
            "How far small windows have the light, the contrast and the structure that they should "
            "have; 1 is the same.",
        ),
    )
    needs = frozenset({"pixels"})
    in_papers = False

    def check(self, fake, real, embedder):
        """See `Metric`."""
        from keras_gans.metrics.ms_ssim import WINDOW

        super().check(fake, real, embedder, least=1, side=WINDOW)
        if not hasattr(fake, "read") or fake.count != real.count:
            raise InputError(
                f'"{self.name}" compares images with their targets, as many and in the same order. '
                f"Received: {fake.count} of {fake.name} and {real.count} of {real.name}."
            )

    def compute(self, sides):
        """See `Metric`."""
        import numpy as np

        from keras_gans.metrics.paired import psnr, ssim
        from keras_gans.metrics.pixel import pixel_distance

        scores = {"l1": [], "psnr": [], "ssim": []}
        for pair in zip(sides.fake.batches(), sides.real.batches(), strict=True):
            scores["l1"].append(pixel_distance(*pair) / 255)
            scores["psnr"].append(psnr(*pair))
            scores["ssim"].append(ssim(*pair))
        return {name: float(np.concatenate(values).mean()) for name, values in scores.items()}

    def settings(self, sides):
        """See `Metric`."""
        return f"means over {sides.fake.count} images and their targets"
