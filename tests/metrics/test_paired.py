import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import keras_gans as kg
from keras_gans.errors import InputError
from tests.metrics.fixtures import sets
from tests.metrics.fixtures.peers import PEERS

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (3, 20, 17, 3)).astype("uint8")
NEAR = np.clip(IMAGES + RANDOM.normal(0, 20, IMAGES.shape), 0, 255).astype("uint8")


def similarity(x, y):
    """Returns SSIM of one channel by the formula, in float64."""
    x, y = x.astype("float64"), y.astype("float64")

    def mean(values):
        return gaussian_filter(values, 1.5, truncate=3.5)[5:-5, 5:-5]

    mx, my = mean(x), mean(y)
    vx, vy, covariance = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    upper = (2 * mx * my + c1) * (2 * covariance + c2)
    return (upper / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean()


def test_ssim_equals_its_formula():
    expected = [
        np.mean([similarity(x[..., k], y[..., k]) for k in range(3)])
        for x, y in zip(IMAGES, NEAR, strict=True)
    ]
    np.testing.assert_allclose(kg.metrics.ssim(IMAGES, NEAR), expected, atol=1e-5)
    np.testing.assert_allclose(kg.metrics.ssim(IMAGES, IMAGES), 1.0, atol=1e-6)


def test_both_equal_scikit_image():
    first, second = (picture[None] for picture in sets.pictures())
    assert kg.metrics.ssim(first, second) == pytest.approx(PEERS["paired"]["ssim"], abs=2e-5)
    assert kg.metrics.psnr(first, second) == pytest.approx(PEERS["paired"]["psnr"])


def test_psnr_equals_its_formula():
    square = ((IMAGES.astype(float) - NEAR) ** 2).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(kg.metrics.psnr(IMAGES, NEAR), 10 * np.log10(255**2 / square))
    assert np.isinf(kg.metrics.psnr(IMAGES, IMAGES)).all()


def test_evaluate_compares_each_image_with_its_target():
    scores = kg.metrics.evaluate(
        NEAR, IMAGES, ["paired"], num_images=3, batch_size=2, verbose=False
    )
    error = np.abs(NEAR.astype(float) - IMAGES).mean() / 255
    assert scores["l1"] == pytest.approx(error)
    assert scores["psnr"] == pytest.approx(kg.metrics.psnr(NEAR, IMAGES).mean())
    assert scores["ssim"] == pytest.approx(kg.metrics.ssim(NEAR, IMAGES).mean())
    assert scores["protocol"]["settings"]["paired"] == "means over 3 images and their targets"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kg.metrics.ssim(IMAGES, NEAR[:2]), "images of one shape"),
        (lambda: kg.metrics.ssim(IMAGES[:, :10], NEAR[:, :10]), "at least 11 pixels"),
        (lambda: kg.metrics.psnr(IMAGES, NEAR[..., :1]), "same shape"),
        (
            lambda: kg.metrics.evaluate(NEAR[:2], IMAGES, ["paired"], num_images=3, verbose=False),
            "as many and in the same order. Received: 2 of array and 3",
        ),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(InputError, match=words):
        call()
