"""Multi-scale structural similarity between generated images: how alike samples look."""

import numpy as np
import tensorflow as tf

from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import check_images
from keras_gans.errors import InputError

WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
"""Exponents of the five scales, the finest first (Wang et al., section 3.2)."""

WINDOW = 11
"""Side of the Gaussian window in pixels; its standard deviation is 1.5 pixels."""

BLOCK = 64
"""Pairs that are compared at once."""


def ms_ssim(images, num_pairs=1000, seed=0):
    """Returns the mean multi-scale structural similarity of random pairs of images.

    1 means that all images are the same; the lower, the more diverse. It measures diversity only:
    noise scores low as well, so compare with the value of real images. AC-GAN takes it within a
    class: pass the images of one class to get its value.

    A scale halves the image and needs 11 pixels a side. Five scales need images of at least 161
    pixels; smaller ones use as many of the finer scales as fit (64 pixels: 3, 28 pixels: 2, under
    21: 1, which is plain SSIM), with the weights scaled to a sum of 1. Values of images of
    different sizes are therefore not comparable. Negative terms count as 0.

    Args:
        images: uint8 array of shape (N, H, W, 1 or 3), N at least 2, H and W at least 11.
        num_pairs: Number of pairs, at least 1. The two images of a pair differ in their place in
            `images`. Default: 1000.
        seed: Integer that draws the pairs. Default: 0.

    Returns:
        The mean similarity, a float from 0 to 1.

    Raises:
        InputError: If the array does not hold images, they are too few or too small, or `num_pairs`
            is out of its range.

    Reference: Odena et al., "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017,
    section 4.2, with the measure of Wang et al., "Multi-Scale Structural Similarity for Image
    Quality Assessment", 2003, equation 7.
    """
    images = check_images(np.asarray(images))
    check_whole_numbers(num_pairs=num_pairs)
    check_whole_numbers(least=0, seed=seed)
    count, side = len(images), min(images.shape[1:3])
    if count < 2 or side < WINDOW:
        raise InputError(
            f"MS-SSIM needs at least 2 images of at least {WINDOW} pixels a side. "
            f"Received: shape {images.shape}."
        )
    scales = [scale for scale in range(len(WEIGHTS)) if -(-side // 2**scale) >= WINDOW]
    weights = WEIGHTS[scales] / WEIGHTS[scales].sum()
    random = np.random.default_rng(seed)
    first = random.integers(count, size=num_pairs)
    second = (first + random.integers(1, count, size=num_pairs)) % count
    total = 0.0
    for start in range(0, num_pairs, BLOCK):
        pair = [images[index[start : start + BLOCK]] for index in (first, second)]
        values = tf.image.ssim_multiscale(*pair, 255, weights, WINDOW)
        total += values.numpy().sum(dtype="float64")
    return float(total / num_pairs)
