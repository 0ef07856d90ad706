"""The Fréchet distance as a Keras metric, for custom training loops."""

import keras
import numpy as np

from keras_gans.errors import InputError
from keras_gans.metrics.embedders.base import Embedder
from keras_gans.metrics.features import check_features
from keras_gans.metrics.frechet import frechet_from_moments, warn_if_few


class FrechetDistance(keras.metrics.Metric):
    """Fréchet distance of all images since the last `reset_state`.

    Keeps the number, mean and scatter of the features of both sides in float64, whatever the
    number of images. It works eagerly: in a custom loop, not inside a compiled step.

    Args:
        embedder: An `Embedder`.
        name: Name of the metric. Default: "fid".

    Raises:
        InputError: If `embedder` is not an `Embedder`.

    Example:
        >>> fid = FrechetDistance(embedder)
        >>> fid.update_state(real_images, gan.generate(len(real_images)))
        >>> fid.result()

    Reference: Chan et al., "Updating Formulae and a Pairwise Algorithm for Computing Sample
    Variances", 1979, equation 2.1, for merging the moments of two batches.
    """

    def __init__(self, embedder, name="fid"):
        if not isinstance(embedder, Embedder):
            raise InputError(f"`embedder` must be an `Embedder`. Received: {embedder!r}.")
        super().__init__(name=name, dtype="float64")
        self.embedder = embedder
        dim = embedder.dim
        self._sides = [
            [
                self.add_variable(shape, "zeros", dtype="float64", name=f"{side}_{part}")
                for part, shape in (("count", ()), ("mean", (dim,)), ("scatter", (dim, dim)))
            ]
            for side in ("real", "fake")
        ]

    def update_state(self, real, fake):
        """Adds images.

        Args:
            real: Real images, uint8 array (N, H, W, 1 or 3).
            fake: Generated images, uint8 array (M, H, W, 1 or 3).

        Raises:
            InputError: If they are not such images, or a feature is not finite.
        """
        features = check_features(*(self.embedder(np.asarray(x)) for x in (real, fake)), rows=1)
        for state, rows in zip(self._sides, features, strict=True):
            count, mean, scatter = (keras.ops.convert_to_numpy(variable) for variable in state)
            rows = rows.astype("float64")
            new, new_mean = len(rows), rows.mean(axis=0)
            both, step, rows = count + new, new_mean - mean, rows - new_mean
            scatter = scatter + rows.T @ rows + np.outer(step, step) * count * new / both
            for variable, value in zip(
                state, (both, mean + step * new / both, scatter), strict=True
            ):
                variable.assign(value)

    def result(self):
        """Returns the distance, a float. Warns of too few images, see `warn_if_few`.

        Raises:
            InputError: If a side has had fewer than 2 images so far.
        """
        sides = [[keras.ops.convert_to_numpy(v) for v in state] for state in self._sides]
        (n, mean, scatter), (m, fake_mean, fake_scatter) = sides
        if min(n, m) < 2:
            raise InputError(
                "The Fréchet distance needs at least 2 images of each side. "
                f"Received: {n:.0f} and {m:.0f}."
            )
        warn_if_few(int(min(n, m)), self.embedder.dim)
        return frechet_from_moments(mean, scatter / (n - 1), fake_mean, fake_scatter / (m - 1))
