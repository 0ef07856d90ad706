"""The Fréchet distance as a Keras metric, for training loops of one's own."""

import keras
import numpy as np

from keras_gans.errors import InputError
from keras_gans.metrics.features import moments
from keras_gans.metrics.frechet import frechet_from_moments


class FrechetDistance(keras.metrics.Metric):
    """Fréchet distance of all images since the last `reset_state`.

    Keeps the number, mean and scatter of the features of both sides in float64, whatever the
    number of images. It works eagerly: in a loop of one's own, not inside a compiled step.

    Args:
        embedder: An `Embedder`.
        name: Name of the metric. Default: "fid".

    Example:
        >>> fid = FrechetDistance(embedder)
        >>> fid.update_state(real_images, gan.generate(len(real_images)))
        >>> fid.result()

    Reference: Chan et al., "Updating Formulae and a Pairwise Algorithm for Computing Sample
    Variances", 1979, equation 2.1, for the moments of two batches together.
    """

    def __init__(self, embedder, name="fid"):
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
            real: Real images, uint8 array (N, H, W, 1 or 3), N at least 2.
            fake: Generated images, uint8 array (M, H, W, 1 or 3), M at least 2.

        Raises:
            InputError: If they are no such images.
        """
        features = [self.embedder(np.asarray(images)) for images in (real, fake)]
        if min(map(len, features)) < 2:
            raise InputError(
                "A batch must have at least 2 images of each side. "
                f"Received: {len(features[0])} and {len(features[1])}."
            )
        for state, rows in zip(self._sides, features, strict=True):
            count, mean, scatter = (keras.ops.convert_to_numpy(variable) for variable in state)
            new_mean, covariance = moments(rows)
            new, step = len(rows), new_mean - mean
            both = count + new
            scatter = scatter + covariance * (new - 1) + np.outer(step, step) * count * new / both
            for variable, value in zip(
                state, (both, mean + step * new / both, scatter), strict=True
            ):
                variable.assign(value)

    def result(self):
        """Returns the distance, a float.

        Raises:
            InputError: If there are no images yet.
        """
        sides = [[keras.ops.convert_to_numpy(v) for v in state] for state in self._sides]
        if not sides[0][0]:
            raise InputError("The Fréchet distance needs images of both sides. Received: none.")
        (n, mean, scatter), (m, fake_mean, fake_scatter) = sides
        return frechet_from_moments(mean, scatter / (n - 1), fake_mean, fake_scatter / (m - 1))
