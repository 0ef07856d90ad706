"""Embedders: networks that turn uint8 images into the features that scores are taken on."""

from keras_gans.metrics.embedders.base import Embedder
from keras_gans.metrics.embedders.inception_fid import InceptionV3FID
from keras_gans.metrics.embedders.keras_embedders import KerasInceptionV3, ModelEmbedder

__all__ = ["Embedder", "InceptionV3FID", "KerasInceptionV3", "ModelEmbedder"]
