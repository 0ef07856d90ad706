"""How near images are to the very images that they should be."""

import numpy as np
import tensorflow as tf

from keras_gans.data.arrays import check_images
from keras_gans.errors import InputError
from keras_gans.metrics.ms_ssim import BLOCK, WINDOW
from keras_gans.metrics.pixel import pixel_distance


def psnr(images, targets):
    """Returns the peak signal-to-noise ratio of each image to its target.

    PSNR = 20 log10(255 / e)

    with e the root of the mean squared error; infinite for equal images.

    Args:
        images: uint8 array of shape (N, H, W, 1 or 3).
        targets: uint8 array of the same shape.

    Returns:
        NumPy float64 (N,), in decibels; the higher, the nearer.

    Raises:
        InputError: If the arrays are not images, or their shapes differ.
    """
    errors = pixel_distance(images, targets, norm=2)
    with np.errstate(divide="ignore"):
        return 20 * np.log10(255 / errors)


def ssim(images, targets):
    """Returns the structural similarity of each image to its target.

    Means, variances and the covariance are those of a Gaussian window of 11 pixels with a standard
    deviation of 1.5, at all places where it fits, of each channel on its own.

    Args:
        images: uint8 array of shape (N, H, W, 1 or 3), H and W at least 11.
        targets: uint8 array of the same shape.

    Returns:
        NumPy float64 (N,) of at most 1; 1 means equal.

    Raises:
        InputError: If the arrays are not images, too small, or their shapes differ.

    Reference: Wang et al., "Image Quality Assessment: From Error Visibility to Structural
    Similarity", 2004, equation 13 with K1 = 0.01 and K2 = 0.03. Equal to scikit-image's
    `structural_similarity` with `gaussian_weights=True` and `use_sample_covariance=False`.
    """
    images, targets = check_images(np.asarray(images)), check_images(np.asarray(targets))
    if images.shape != targets.shape or min(images.shape[1:3]) < WINDOW:
        raise InputError(
            f"SSIM compares images of one shape, of at least {WINDOW} pixels a side. "
            f"Received: {images.shape} and {targets.shape}."
        )
    parts = range(0, len(images), BLOCK)
    values = [tf.image.ssim(*(x[k : k + BLOCK] for x in (images, targets)), 255) for k in parts]
    return np.concatenate(values).astype("float64")
