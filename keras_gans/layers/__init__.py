"""Layers that the networks are made of, one per file."""

from keras_gans.layers.batch_normalization import synchronize_batch_normalization
from keras_gans.layers.label_planes import LabelPlanes
from keras_gans.layers.minibatch_std import MinibatchStd
from keras_gans.layers.spectral_normalization import SpectralNormalization
from keras_gans.layers.upsampling_conv2d import UpsamplingConv2D

__all__ = [
    "LabelPlanes",
    "MinibatchStd",
    "SpectralNormalization",
    "UpsamplingConv2D",
    "synchronize_batch_normalization",
]
