import numpy as np
import pytest
from scipy.special import gamma
from scipy.stats import wasserstein_distance

from keras_gans.errors import InputError
from keras_gans.metrics import sliced_wasserstein as module
from keras_gans.metrics.sliced_wasserstein import sliced_wasserstein_distance


def random_images(count, height, width=None, channels=1, seed=0):
    size = (count, height, width or height, channels)
    return np.random.default_rng(seed).integers(256, size=size).astype("uint8")


@pytest.mark.parametrize(
    ("shape", "levels"),
    [
        ((64, 64), [64, 32, 16]),
        ((28, 28), [28]),
        ((8, 8), [8]),
        ((37, 50), [37, 19]),
        ((16, 64), [16]),
    ],
)
def test_levels_and_their_mean(shape, levels):
    real, fake = random_images(3, *shape), random_images(3, *shape, seed=1)
    mean, values = sliced_wasserstein_distance(real, fake, num_projections=8)
    assert list(values) == levels
    assert min(values.values()) > 0
    assert mean == pytest.approx(np.mean(list(values.values())))


def test_a_set_against_itself_is_zero():
    images = random_images(4, 32, channels=3)
    assert sliced_wasserstein_distance(images, images, num_projections=8) == (0, {32: 0, 16: 0})


def test_brightness_and_contrast_alone_are_not_seen():
    dark = random_images(4, 32) // 4
    mean, _ = sliced_wasserstein_distance(dark, 3 * dark + 20, num_projections=8)
    assert mean == pytest.approx(0, abs=1e-2)


def test_equal_images_in_other_order_are_nearer_than_other_images():
    random = np.random.default_rng(0)
    smooth = random.integers(256, size=(70, 8, 8, 1)).astype("uint8").repeat(4, 1).repeat(4, 2)
    noise = random_images(70, 32)
    same, _ = sliced_wasserstein_distance(smooth, smooth[::-1], num_projections=32)
    other, levels = sliced_wasserstein_distance(smooth, noise, num_projections=32)
    assert 0 < same < other / 3
    assert levels[32] > 0


def test_constant_images():
    black = np.zeros((2, 32, 32, 3), "uint8")
    assert sliced_wasserstein_distance(black, black + 200, num_projections=4)[0] == 0


def test_the_distance_is_the_mean_of_one_dimensional_ones():
    random = np.random.default_rng(0)
    a, b = random.normal(size=(50, 6)), random.normal(0.5, 2.0, size=(50, 6))
    directions = np.random.default_rng(3).standard_normal((20, 6))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    expected = np.mean([wasserstein_distance(a @ d, b @ d) for d in directions])
    assert module._distance(a, b, 20, 3) == pytest.approx(expected, rel=1e-5)


def test_the_distance_of_a_shift():
    # A shift of length 2 projects on a unit vector of 5 dimensions with this mean length.
    a = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
    expected = 2 * gamma(5 / 2) / (np.sqrt(np.pi) * gamma(6 / 2))
    shift = np.array([2, 0, 0, 0, 0], "float32")
    assert module._distance(a, a + shift, 20_000, 0) == pytest.approx(expected, rel=0.02)


def test_halving_and_doubling_use_the_binomial_kernel():
    image = np.zeros((1, 9, 9, 1), "float32")
    image[0, 4, 4] = 256
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])
    np.testing.assert_allclose(module._halve(image)[0, 1:4, 1:4, 0], kernel[::2, ::2])
    point = np.zeros((1, 5, 5, 1), "float32")
    point[0, 2, 2] = 64
    np.testing.assert_allclose(module._double(point, (1, 9, 9, 1))[0, 2:7, 2:7, 0], kernel)
    flat = np.full((1, 9, 10, 1), 7, "float32")
    np.testing.assert_array_equal(module._double(module._halve(flat), flat.shape), flat)


def test_patches_are_normalised_and_come_from_the_band_pass_images():
    images = random_images(2, 32, channels=3)
    patches, half = module._level(images, is_last=False, seed=0)
    assert patches.shape == (2 * 128, 3 * 49)
    assert half.shape == (2, 16, 16, 3)
    by_channel = patches.reshape(-1, 3, 49)
    np.testing.assert_allclose(by_channel.mean(axis=(0, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(by_channel.std(axis=(0, 2)), 1, rtol=1e-5)
    # Images of one patch each: the patch is the image, 128 times.
    patches, half = module._level(images[:, :7, :7], is_last=True, seed=0)
    assert half is None
    small = images[:, :7, :7].astype("float64")
    small = (small - small.mean(axis=(0, 1, 2))) / small.std(axis=(0, 1, 2))
    expected = small.transpose(0, 3, 1, 2).reshape(2, -1).repeat(128, axis=0)
    np.testing.assert_allclose(patches, expected, atol=1e-5)


def test_blocks_do_not_change_the_value(monkeypatch):
    real, fake = random_images(5, 32), random_images(5, 32, seed=1)
    whole = sliced_wasserstein_distance(real, fake, num_projections=8)
    monkeypatch.setattr(module, "DIRECTIONS", 3)
    mean, _ = sliced_wasserstein_distance(real, fake, num_projections=8)
    assert mean == pytest.approx(whole[0], rel=1e-6)


def test_bad_input():
    images = random_images(2, 16)
    with pytest.raises(InputError, match="same shape"):
        sliced_wasserstein_distance(images, images[:1])
    with pytest.raises(InputError, match="at least 7 pixels"):
        sliced_wasserstein_distance(images[:, :6], images[:, :6])
    with pytest.raises(InputError, match="uint8"):
        sliced_wasserstein_distance(images / 255, images)
    with pytest.raises(InputError, match="`num_projections`"):
        sliced_wasserstein_distance(images, images, num_projections=0)
