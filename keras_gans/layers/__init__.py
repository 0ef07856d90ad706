"""Layers that the networks are made of, one per file."""

from keras_gans.layers.adain import AdaIN
from keras_gans.layers.basis import Basis
from keras_gans.layers.batch_normalization import synchronize_batch_normalization
from keras_gans.layers.conditional_batch_normalization import ConditionalBatchNormalization
from keras_gans.layers.constant_input import ConstantInput
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.conv2d_transpose import Conv2DTranspose
from keras_gans.layers.equalized import Equalized
from keras_gans.layers.image_pool import ImagePool
from keras_gans.layers.instance_normalization import InstanceNormalization
from keras_gans.layers.label_map import LabelMap
from keras_gans.layers.label_planes import LabelPlanes
from keras_gans.layers.minibatch_std import MinibatchStd
from keras_gans.layers.modulated_conv2d import ModulatedConv2D
from keras_gans.layers.noise_dropout import NoiseDropout
from keras_gans.layers.noise_injection import NoiseInjection
from keras_gans.layers.pixel_normalization import PixelNormalization
from keras_gans.layers.resampling import FIRFilter2D
from keras_gans.layers.self_attention import SelfAttention
from keras_gans.layers.spade import SPADE
from keras_gans.layers.spectral_normalization import SpectralNormalization
from keras_gans.layers.upsampling_conv2d import UpsamplingConv2D

__all__ = [
    "SPADE",
    "AdaIN",
    "Basis",
    "ConditionalBatchNormalization",
    "ConstantInput",
    "Conv2D",
    "Conv2DTranspose",
    "Equalized",
    "FIRFilter2D",
    "ImagePool",
    "InstanceNormalization",
    "LabelMap",
    "LabelPlanes",
    "MinibatchStd",
    "ModulatedConv2D",
    "NoiseDropout",
    "NoiseInjection",
    "PixelNormalization",
    "SelfAttention",
    "SpectralNormalization",
    "UpsamplingConv2D",
    "synchronize_batch_normalization",
]
