"""The two sides of an evaluation, each made when a metric first asks for it."""

import functools

import numpy as np

from keras_gans.metrics.embedded import embed, embed_real
from keras_gans.metrics.features import check_features

SAMPLE = 2048
"""Images, at most, of each side for the metrics that compare images and not features."""


class Sides:
    """Generated and real images, and what an embedder makes of them.

    Args:
        fake: `GeneratedImages` or `StoredImages`.
        real: `StoredImages`.
        embedder: An `Embedder`, or None if no metric needs one.
        needs: Set of what the metrics need, see `Metric`: generated images are made only once, and
            all that is wanted of them is taken on the way.
        seed: Int, the seed of the metrics and of the samples.
        folder: `pathlib.Path` of a folder for temporary files.
        cache: Whether to keep the features of real images in the Keras cache, and to use kept
            ones. Default: True.
        verbose: Whether to show progress. Default: False.

    Attributes:
        smaller: Number of images of the side that has fewer.
        sample_size: Number of images in each sample.
    """

    def __init__(self, fake, real, embedder, needs, seed, folder, cache=True, verbose=False):
        self.fake, self.real, self.embedder = fake, real, embedder
        self.seed, self.verbose = seed, verbose
        self.smaller = min(real.count, fake.count)
        self.sample_size = min(SAMPLE, self.smaller)
        self._needs, self._folder, self._cache = needs, folder, cache

    @functools.cached_property
    def fakes(self):
        """`Embedded` generated images."""
        embeds = "features" in self._needs
        found = embed(
            self.fake,
            self.embedder if embeds else None,
            self._folder / "fake",
            ("features", "classes", "probabilities"),
            "Generated images" if self.verbose else None,
            np.sort(self._draw(self.fake)) if "pixels" in self._needs else (),
        )
        if embeds:
            check_features(found.features)
        return found

    @functools.cached_property
    def reals(self):
        """`Embedded` real images."""
        found = self.embed_real(self.real, "real")
        check_features(found.features)
        return found

    @property
    def features(self):
        """Features of the real images (N, d) and of the generated ones (M, d)."""
        fake, real = self.fakes.features, self.reals.features
        return real, fake

    @property
    def fake_sample(self):
        """Random generated images, uint8 (sample_size, H, W, C)."""
        return self.fakes.images

    @functools.cached_property
    def real_sample(self):
        """Random real images, uint8 (sample_size, H, W, C)."""
        return self.real.read(np.sort(self._draw(self.real)))

    def embed_real(self, images, name):
        """Returns the `Embedded` of real images, under a name of their own if not in the cache."""
        return embed_real(images, self.embedder, self._folder / name, self._cache, self.verbose)

    def _draw(self, images):
        random = np.random.default_rng(self.seed)
        return random.choice(images.count, self.sample_size, replace=False)
