import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import correlate1d

from keras_gans.errors import InputError
from keras_gans.metrics.ms_ssim import ms_ssim


def random_images(count, side, channels=1):
    size = (count, side, side, channels)
    return np.random.default_rng(0).integers(256, size=size).astype("uint8")


def ssim_and_contrast(x, y):
    """SSIM and its contrast-structure term by the formulas, of two grey images (H, W)."""
    window = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(a):
        return correlate1d(correlate1d(a, window, axis=0), window, axis=1)[5:-5, 5:-5]

    mx, my, c1, c2 = mean(x), mean(y), (0.01 * 255) ** 2, (0.03 * 255) ** 2
    contrast = (2 * (mean(x * y) - mx * my) + c2) / (mean(x**2) + mean(y**2) - mx**2 - my**2 + c2)
    luminance = (2 * mx * my + c1) / (mx**2 + my**2 + c1)
    return (luminance * contrast).mean(), contrast.mean()


def smooth_pair(side):
    rows, columns = np.mgrid[:side, :side]
    waves = [np.sin(rows / 5 + columns / 9), np.sin(rows / 5 + columns / 9 + 0.4) * 0.8]
    return np.round(120 + 100 * np.stack(waves)).astype("uint8")[..., None]


def test_one_scale_is_ssim():
    pair = smooth_pair(20)
    expected, _ = ssim_and_contrast(*pair[..., 0].astype("float64"))
    assert 0.2 < expected < 0.95
    assert ms_ssim(pair, num_pairs=3) == pytest.approx(expected, abs=1e-4)


def test_two_scales_with_weights_of_sum_one():
    pair = smooth_pair(28)
    x, y = pair[..., 0].astype("float64")
    half_x, half_y = (a.reshape(14, 2, 14, 2).mean(axis=(1, 3)) for a in (x, y))
    _, contrast = ssim_and_contrast(x, y)
    coarse, _ = ssim_and_contrast(half_x, half_y)
    weight = 0.0448 / (0.0448 + 0.2856)
    expected = contrast**weight * coarse ** (1 - weight)
    assert ms_ssim(pair, num_pairs=2) == pytest.approx(expected, abs=1e-4)


def test_large_images_use_the_paper_s_five_scales():
    pair = smooth_pair(161)
    with_tensorflow = tf.image.ssim_multiscale(pair[:1].repeat(2, 0), pair[1:].repeat(2, 0), 255)
    # The paper's weights add up to 1.0001.
    assert ms_ssim(pair, num_pairs=1) == pytest.approx(with_tensorflow.numpy()[0], abs=1e-4)


def test_same_images_are_1_and_noise_is_near_0():
    assert ms_ssim(random_images(1, 28, 3).repeat(4, axis=0), 20) == pytest.approx(1, abs=1e-6)
    assert ms_ssim(random_images(6, 28), 70) < 0.1  # more pairs than go in one block


def test_an_image_is_never_its_own_partner():
    # Two opposite images: a pair of one with itself would add 1.
    ramp = np.tile(np.arange(16, dtype="uint8") * 17, (16, 1))
    assert ms_ssim(np.stack([ramp, 255 - ramp]), num_pairs=50) < 0.05


def test_equal_seeds_draw_equal_pairs():
    images = np.concatenate([smooth_pair(16), random_images(3, 16)])
    assert ms_ssim(images, 7, seed=1) == ms_ssim(images, 7, seed=1) != ms_ssim(images, 7, seed=2)


def test_bad_input():
    with pytest.raises(InputError, match="at least 2 images"):
        ms_ssim(random_images(1, 16))
    with pytest.raises(InputError, match="11 pixels"):
        ms_ssim(random_images(2, 10))
    with pytest.raises(InputError, match="uint8"):
        ms_ssim(random_images(2, 16) / 255)
    with pytest.raises(InputError, match="`num_pairs`"):
        ms_ssim(random_images(2, 16), num_pairs=0)
    with pytest.raises(InputError, match="`seed`"):
        ms_ssim(random_images(2, 16), seed=-1)
