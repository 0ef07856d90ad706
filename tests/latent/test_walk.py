"""Walks: the images of a path, in z and in w."""

import numpy as np
import pytest
from PIL import Image

import keras_gans as kg
from keras_gans import cli
from keras_gans.errors import InputError
from keras_gans.latent import interpolate, walk
from keras_gans.training import export


def images_of(gan, path, **options):
    return export.to_uint8(gan(path, **options)).numpy()


def test_in_z_it_passes_the_images_of_the_seed():
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2)
    frames = walk(gan, keys=3, steps=4, seed=5)
    assert frames.shape == (9, 16, 16, 1)
    np.testing.assert_array_equal(frames[::3], gan.generate(3, seed=5))
    keys = export.latents(3, 4, 5).numpy()
    np.testing.assert_array_equal(frames, images_of(gan, interpolate(*keys, steps=4, closed=True)))
    assert len(walk(gan, keys=3, steps=4, closed=False)) == 7


def test_it_stays_within_the_prior(monkeypatch):
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, prior="uniform")
    paths = []
    monkeypatch.setattr(gan, "images_of", lambda path, labels: paths.append(np.asarray(path)))
    walk(gan, keys=8, steps=9)
    (path,) = paths
    assert path.shape == (64, 4)
    np.testing.assert_allclose(path[::8], gan.latents_of(8, 0), atol=1e-6)
    assert 0.9 < np.abs(path).max() <= 1


def test_of_one_class():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, num_classes=3)
    frames = walk(gan, keys=2, steps=3, label=2, closed=False)
    np.testing.assert_array_equal(frames[::2], gan.generate(2, labels=2))
    np.testing.assert_array_equal(walk(gan, 2, 2), walk(gan, 2, 2, label=0))


def test_in_w_it_goes_straight_and_truncated(style_gan):
    frames = walk(style_gan, keys=2, steps=3, seed=1, truncation=0.5, closed=False)
    np.testing.assert_array_equal(frames[::2], style_gan.generate(2, seed=1, truncation=0.5))
    styles = np.asarray(style_gan.map(export.latents(2, 4, 1), truncation=0.5))
    middle = export.to_uint8(style_gan.synthesize(styles.mean(axis=0, keepdims=True))).numpy()
    np.testing.assert_allclose(frames[1:2].astype(int), middle, atol=1)
    arc = walk(style_gan, keys=2, steps=3, seed=1, space="z", closed=False)
    np.testing.assert_array_equal(arc[::2], style_gan.generate(2, seed=1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keys": 1}, "`keys` must be an integer of at least 2"),
        ({"space": "w"}, 'The space of a DCGAN is here "z". Received: .w.'),
        ({"truncation": 0.5}, "such as a StyleGAN2, truncates them. Received: DCGAN"),
        ({"label": 1}, "Only conditional models take `labels`"),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(InputError, match=message):
        walk(kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2), **options)


def test_the_command(style_gan, tmp_path, capsys):
    style_gan.save(tmp_path / "gan.keras")
    words = ["walk", str(tmp_path / "gan.keras"), "--keys", "2", "--steps", "3", "--seed", "1"]
    film = tmp_path / "walk.gif"
    assert cli.main([*words, "--truncation", "0.7", "-o", str(film)]) == 0
    assert f"Wrote 4 images to {film}." in capsys.readouterr().out
    with Image.open(film) as file:
        assert file.n_frames == 4
        assert file.size == (48, 48)
    assert cli.main([*words, "-o", str(tmp_path / "walk.png")]) == 2
    assert "ends in .gif, .mp4, .webm" in capsys.readouterr().err
