"""What latents are drawn from, in training and in use."""

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

import keras_gans as kg
from keras_gans import cli
from keras_gans.errors import InputError
from keras_gans.training import priors
from tests.cli.commands import refused

Z = np.random.default_rng(0).normal(size=(400, 25)).astype("float32")
TINY = {"image_shape": (16, 16, 1), "latent_dim": 4, "filters": 2}


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("normal", scipy.stats.norm()),
        ("uniform", scipy.stats.uniform(-1, 2)),
        ("truncated_normal", scipy.stats.truncnorm(-2, 2)),
    ],
)
def test_values_have_their_distribution(name, distribution):
    values = np.asarray(priors.get(name)(Z))
    assert scipy.stats.kstest(values.ravel(), distribution.cdf).pvalue > 0.01


def test_a_sphere_has_one_length_and_all_directions():
    latents = np.asarray(priors.get("hypersphere")(Z))
    np.testing.assert_allclose(np.linalg.norm(latents, axis=1), 5, rtol=1e-5)
    np.testing.assert_allclose(latents / Z, (latents / Z)[:, :1].repeat(25, axis=1), rtol=1e-4)


@pytest.mark.parametrize("threshold", [0.5, 1.5])
def test_a_threshold_is_drawing_anew(threshold):
    values = np.asarray(priors.truncated_normal(Z, threshold)).ravel()
    expected = scipy.stats.truncnorm(-threshold, threshold)
    assert scipy.stats.kstest(values, expected.cdf).pvalue > 0.01
    assert np.abs(values).max() <= threshold * (1 + 1e-5)


def test_a_large_threshold_changes_nothing():
    np.testing.assert_allclose(priors.truncated_normal(Z, 7.0), Z, atol=2e-3)


def test_rare_values_stay_finite():
    values = np.asarray(priors.truncated_normal(np.float32([-10, -6, 0, 6, 10]), 6.0))
    assert np.abs(values).max() <= 6
    assert values[-1] == pytest.approx(-values[0], rel=1e-4)
    assert values[-1] > 5
    assert values[2] == 0


@pytest.mark.parametrize("prior", priors.PRIORS)
def test_training_use_and_export_draw_from_one_prior(prior, tmp_path):
    gan = kg.DCGAN(**TINY, prior=prior)
    drawn = {"training": gan.latents(500), "use": gan.latents_of(500, 3)}
    for latents in drawn.values():
        largest = float(np.abs(latents).max())
        limit = {"normal": 9, "uniform": 1, "truncated_normal": 2.001, "hypersphere": 2.001}
        assert 0.9 < largest <= limit[prior]
    loaded = keras.saving.load_model(_saved(gan, tmp_path / "gan.keras"))
    assert loaded.prior == prior
    images = gan.generate(4, seed=3)
    np.testing.assert_array_equal(loaded.generate(4, seed=3), images)
    gan.export(tmp_path / "saved", verbose=False)
    saved = tf.saved_model.load(tmp_path / "saved")  # Its functions do not keep it.
    served = np.asarray(saved.generate(count=4, seed=3))
    np.testing.assert_allclose(served.astype(int), images, atol=1)


def _saved(gan, path):
    gan.save(path)
    return path


def test_generate_with_a_threshold():
    gan = kg.DCGAN(**TINY)
    np.testing.assert_array_equal(
        gan.generate(3, seed=1, threshold=0.5),
        np.asarray(
            tf.cast(tf.round((gan(gan.latents_of(3, 1, threshold=0.5)) + 1) * 127.5), "uint8")
        ),
    )
    assert np.any(gan.generate(3, seed=1, threshold=0.5) != gan.generate(3, seed=1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kg.DCGAN(**TINY, prior="gauss"), "`prior` is one of normal, uniform, .*'gauss'"),
        (lambda: kg.DCGAN(**TINY).generate(2, threshold=0), "above 0, .* Received: 0 for normal"),
        (lambda: kg.DCGAN(**TINY).generate(2, threshold=-1), "`threshold` must be a number of"),
        (
            lambda: kg.DCGAN(**TINY, prior="uniform").generate(2, threshold=1),
            "normal prior. Received: 1 for uniform",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_the_command(tmp_path, capsys):
    gan = kg.DCGAN(**TINY)
    path = str(_saved(gan, tmp_path / "gan.keras"))
    words = ["sample", path, "-n", "2", "-o", str(tmp_path / "x.npz"), "--threshold"]
    assert cli.main([*words, "0.5"]) == 0
    with np.load(tmp_path / "x.npz") as file:
        np.testing.assert_array_equal(file["images"], gan.generate(2, threshold=0.5))
    assert "must be a number above 0" in refused([*words, "0"], capsys)
