"""StyleGAN: its numbers of parameters, its two networks while it grows, and without growth."""

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import stylegan

Z = np.random.default_rng(0).normal(size=(4, 8)).astype("float32")
IMAGES = np.random.default_rng(1).uniform(-1, 1, (8, 16, 16, 1)).astype("float32")
TINY = {"image_shape": (16, 16, 1), "latent_dim": 8, "filters": 4, "max_filters": 8}
TINY |= {"mapping_layers": 2, "fade_images": 4, "stable_images": 4}


def trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def test_parameters_are_those_of_the_authors_networks():
    """Those that the authors' code prints for 1024 pixels."""
    assert trainable(stylegan.StyleGenerator((1024, 1024, 3))) == 26_219_627
    assert trainable(stylegan.StyleDiscriminator((1024, 1024, 3))) == 23_087_249


@pytest.mark.parametrize("growing", [True, False])
def test_two_networks_make_the_image(growing):
    gan = kg.StyleGAN(**TINY, growing=growing)
    gan.compile(run_eagerly=True)
    gan.fit(IMAGES, batch_size=4, verbose=0)
    expected = (1, True) if growing else (2, False)
    assert (gan.generator.level, gan.generator.fading) == expected
    styles = gan.map(Z)
    assert styles.shape == (4, 6, 8)
    np.testing.assert_array_equal(gan.synthesize(styles), gan(Z))
    changed = np.array(styles)
    changed[:, 4:] += 1.0  # The styles of the largest size.
    assert np.allclose(gan.synthesize(changed), gan(Z)) == growing
    assert np.ptp(gan.generate(5, truncation=0.0), axis=0).max() == 0
    assert gan.mix(Z[:2], Z[2:], "middle").shape == (2, 2, 16, 16, 1)


@pytest.fixture(scope="module")
def faded():
    """A model at 8 of 16 pixels, half faded in."""
    gan = kg.StyleGAN(**TINY | {"stable_images": 1, "fade_images": 6})
    gan.compile(run_eagerly=True)
    gan.fit(IMAGES, batch_size=4, verbose=0)
    assert (gan.generator.level, gan.generator.fading) == (1, True)
    return gan


def test_saved_and_loaded_in_a_fade_it_makes_the_same_images(faded, tmp_path):
    faded.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for gan in (faded, loaded):
        fades = [x.fade.numpy() for x in (gan.generator, gan.average_generator, gan.discriminator)]
        assert fades == [0.5] * 3
    images = faded.generate(4, seed=1)
    np.testing.assert_array_equal(loaded.generate(4, seed=1), images)
    loaded.average_generator.fade.assign(0.0)
    assert (loaded.generate(4, seed=1) != images).any()


def test_parts_are_of_the_layers_at_work(faded):
    """Here 4 of 6."""
    none = faded.mix(Z[:2], Z[2:], slice(0, 0))
    for part, layers in (("coarse", slice(0, 2)), ("middle", slice(2, 3)), ("fine", slice(3, 4))):
        mixed = faded.mix(Z[:2], Z[2:], part)
        assert (mixed != none).any()
        np.testing.assert_array_equal(mixed, faded.mix(Z[:2], Z[2:], layers))
    np.testing.assert_array_equal(faded.mix(Z[:2], Z[2:], slice(4, 6)), none)


def test_styles_set_mean_and_deviation_of_every_map():
    """Whatever is below, the features of a layer have what its own style says."""
    gan = kg.StyleGAN(**TINY, growing=False)
    block = gan.generator.blocks[1]
    features = np.random.default_rng(0).normal(3, 9, (4, 4, 4, 8)).astype("float32")
    styles = np.repeat(Z[:, None], 2, axis=1)
    first, second = (np.asarray(block([scale * features, styles])) for scale in (1, 5))
    for statistic in (np.mean, np.std):
        found = [statistic(each, axis=(1, 2)) for each in (first, second)]
        np.testing.assert_allclose(*found, atol=1e-3)


def test_bad_options():
    with pytest.raises(InputError, match="`mixing` must be a number from 0 to 1"):
        kg.StyleGAN(**TINY, mixing=2)
