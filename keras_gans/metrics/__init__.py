"""Scores of generated images, as functions on features."""

from keras_gans.metrics.frechet import frechet_distance
from keras_gans.metrics.modes import mode_coverage

__all__ = ["frechet_distance", "mode_coverage"]
