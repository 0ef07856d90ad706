"""Scores of generated images: formulas on features, embedders, and the evaluation as a whole."""

from keras_gans import AS_COMMAND
from keras_gans.metrics.entries import METRICS

if not AS_COMMAND:
    from keras_gans.metrics.class_balance import class_balance
    from keras_gans.metrics.embedders import (
        Embedder,
        InceptionV3FID,
        KerasInceptionV3,
        ModelEmbedder,
    )
    from keras_gans.metrics.embedders.classifier import ClassifierEmbedder
    from keras_gans.metrics.embedders.train_classifier import train_classifier
    from keras_gans.metrics.evaluation import evaluate
    from keras_gans.metrics.frechet import frechet_distance, frechet_from_moments
    from keras_gans.metrics.frechet_metric import FrechetDistance
    from keras_gans.metrics.human import human_error_rate, hype_page
    from keras_gans.metrics.inception_score import inception_score
    from keras_gans.metrics.kernel import kernel_distance, kernel_distances
    from keras_gans.metrics.label_overlap import label_overlap
    from keras_gans.metrics.manifold import density_coverage, prdc, precision_recall
    from keras_gans.metrics.memorization import memorization
    from keras_gans.metrics.modes import mode_coverage
    from keras_gans.metrics.ms_ssim import ms_ssim
    from keras_gans.metrics.nearest import nearest_neighbors, neighbor_grid
    from keras_gans.metrics.paired import psnr, ssim
    from keras_gans.metrics.path_length import perceptual_path_length
    from keras_gans.metrics.pixel import pixel_distance
    from keras_gans.metrics.sliced_wasserstein import sliced_wasserstein_distance

__all__ = [
    "METRICS",
    "ClassifierEmbedder",
    "Embedder",
    "FrechetDistance",
    "InceptionV3FID",
    "KerasInceptionV3",
    "ModelEmbedder",
    "class_balance",
    "density_coverage",
    "evaluate",
    "frechet_distance",
    "frechet_from_moments",
    "human_error_rate",
    "hype_page",
    "inception_score",
    "kernel_distance",
    "kernel_distances",
    "label_overlap",
    "memorization",
    "mode_coverage",
    "ms_ssim",
    "nearest_neighbors",
    "neighbor_grid",
    "perceptual_path_length",
    "pixel_distance",
    "prdc",
    "precision_recall",
    "psnr",
    "sliced_wasserstein_distance",
    "ssim",
    "train_classifier",
]
