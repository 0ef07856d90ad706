import itertools

import keras
import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.layers import MinibatchStd, SpectralNormalization
from keras_gans.networks import condition, dcgan, mlp, r3gan, sizes

UPSAMPLINGS = ("transpose", "resize", "subpixel")


@pytest.mark.parametrize(
    ("size", "channels", "upsampling"),
    [
        *itertools.product((16,), (1,), UPSAMPLINGS),
        *itertools.product((28,), (3,), UPSAMPLINGS),
        *itertools.product((48,), (1,), UPSAMPLINGS),
        (128, 3, "subpixel"),
    ],
)
def test_dcgan_makes_its_shape(size, channels, upsampling):
    shape = (size, size, channels)
    generator = dcgan.generator(shape, 8, filters=2, upsampling=upsampling)
    assert generator.output_shape == (None, *shape)
    discriminator = dcgan.discriminator(shape, filters=2)
    logits = discriminator(generator(np.zeros((2, 8), "float32")))
    assert logits.shape == (2, 1)


@pytest.mark.parametrize("size", [16, 28])
def test_r3gan_makes_its_shape_and_starts_near_unit_scale(size):
    generator = r3gan.generator((size, size, 3), 8, width=8, seed=0)
    images = generator(np.random.default_rng(0).normal(size=(64, 8)).astype("float32"))
    assert images.shape == (64, size, size, 3)
    assert 0.1 < np.std(images) < 3, "initial weights keep the variance"
    logits = r3gan.discriminator((size, size, 3), width=8, seed=0)(images)
    assert logits.shape == (64, 1)
    assert not any("normalization" in layer.name for layer in generator.layers)


def test_r3gan_with_grouped_convolutions():
    generator = r3gan.generator((16, 16, 1), 8, width=8, group_size=4)
    assert generator(np.zeros((2, 8), "float32")).shape == (2, 16, 16, 1)
    kernels = [layer.kernel.shape for layer in generator.layers if "conv" in layer.name]
    assert (3, 3, 4, 64) in kernels, "4 channels per group at the smallest size"
    for network, group_size in ((r3gan.generator, 32), (r3gan.discriminator, 5)):
        with pytest.raises(InputError, match=f"must divide the width .* Received: {group_size} fo"):
            network((16, 16, 1), width=8, group_size=group_size)


def test_r3gan_as_published():
    """The widths and blocks of the authors' networks for FFHQ at 64 pixels."""
    options = dict(width=384, blocks=2, group_size=16, max_width=768, fir=True)
    generator = r3gan.generator((64, 64, 3), 64, **options)
    discriminator = r3gan.discriminator((64, 64, 3), **options)
    # By hand, from the sizes of their layers.
    widths = [768, 768, 768, 768, 384]
    blocks = sum(2 * (2 * 2 * c * c + 2 * c * 16 * 9 + 2 * 2 * c) for c in widths)
    assert generator.count_params() == blocks + 64 * 768 + 768 * 16 + 768 * 384 + 384 * 3
    assert discriminator.count_params() == blocks + 768 * 16 + 768 + 768 * 384 + 384 * 3


def test_the_nearest_size_is_named_in_the_error():
    with pytest.raises(
        InputError, match=r"4 to 7 pixels, doubled, .* nearest is 32 by 32"
    ) as error:
        dcgan.generator((30, 30, 1))
    assert "Received: (30, 30, 1)" in str(error.value)
    with pytest.raises(InputError, match="nearest is 64 by 96"):
        dcgan.discriminator((64, 90, 3))
    with pytest.raises(InputError, match="nearest is 16 by 16"):
        sizes.stages((3, 7, 1))


def test_the_nearest_size_can_be_made():
    assert sizes.nearest((1280, 1280)) == (1024, 1024)
    assert sizes.nearest((1500, 1600)) == (1024, 1536)
    assert sizes.nearest((2100, 900)) == (2048, 896)
    for sides in itertools.product(range(1, 3000, 97), repeat=2):
        sizes.stages((*sizes.nearest(sides), 3))


@pytest.mark.parametrize("network", [dcgan, r3gan])
@pytest.mark.parametrize("shape", [(48, 32, 4), (16, 40, 2), (28, 56, 1)])
def test_images_need_not_be_square_nor_coloured(network, shape):
    options = {"filters": 2} if network is dcgan else {"width": 2}
    generator = network.generator(shape, 8, **options)
    images = generator(np.zeros((2, 8), "float32"))
    assert images.shape == (2, *shape)
    assert network.discriminator(shape, **options)(images).shape == (2, 1)


def test_stages():
    assert sizes.stages((28, 28, 1)) == (2, (7, 7))
    assert sizes.stages((64, 96, 3)) == (4, (4, 6))
    assert sizes.stages((1024, 1024, 3)) == (8, (4, 4))


def depths(network):
    """Returns the feature maps of all convolutions."""
    return [layer.kernel.shape[-1] for layer in network.layers if "conv" in layer.name]


def test_feature_maps_double_below_48_pixels_and_are_flatter_from_there_on():
    assert sizes.feature_maps((28, 28, 1)) == [32, 64]
    assert sizes.feature_maps((64, 64, 3)) == [48, 64, 128, 192]
    assert sizes.feature_maps((128, 128, 3)) == [24, 48, 64, 128, 192]
    assert sizes.feature_maps((64, 64, 3), 128) == [128, 256, 512, 512]
    assert depths(dcgan.discriminator((64, 64, 3))) == [32, 64, 128, 192, 192]
    options = dict(minibatch_std=False)
    assert depths(dcgan.discriminator((64, 64, 3), (2, 3, 4, 5), **options)) == [2, 3, 4, 5]
    assert depths(dcgan.generator((64, 64, 3), 8, (2, 3, 4, 5), "resize")) == [4, 3, 2, 3]


def test_feature_maps_are_one_for_each_halving():
    with pytest.raises(InputError, match=r"from 64 to 4 pixels 4 of them\. Received: \[8, 8\]"):
        dcgan.generator((64, 64, 3), filters=[8, 8])
    with pytest.raises(InputError, match="`filters` must be"):
        dcgan.discriminator((64, 64, 3), filters=(8, 8, 8, 0))


def test_subpixel_convolution_makes_four_pixels_of_each_position():
    """It is the paper's: the four maps of a position lie in a square, row by row."""
    generator = dcgan.generator((16, 16, 1), 8, filters=2, upsampling="subpixel", seed=0)
    last = [layer for layer in generator.layers if "conv" in layer.name][-1]
    before = keras.Model(generator.input, last.output)
    latents = np.random.default_rng(0).normal(size=(3, 8)).astype("float32")
    maps, images = (np.asarray(model(latents)) for model in (before, generator))
    assert maps.shape == (3, 8, 8, 4)
    squares = maps.reshape(3, 8, 8, 2, 2).transpose(0, 1, 3, 2, 4).reshape(3, 16, 16, 1)
    np.testing.assert_allclose(images, np.tanh(squares), atol=1e-6)


def test_minibatch_standard_deviation_goes_by_size():
    for size, given, expected in ((28, None, False), (28, True, True), (48, None, True)):
        network = dcgan.discriminator((size, size, 1), 2, "spectral", minibatch_std=given)
        assert any(isinstance(layer, MinibatchStd) for layer in network.layers) is expected
        assert network(np.zeros((3, size, size, 1), "float32")).shape == (3, 1)


def test_default_upsampling_goes_by_size():
    assert depths(dcgan.generator((28, 28, 1), 8))[-1] == 32, "a transposed convolution to 1 map"
    assert depths(dcgan.generator((48, 48, 1), 8))[-1] == 4, "the four pixels of a position"


def test_arguments_are_checked():
    with pytest.raises(InputError, match="`upsampling`"):
        dcgan.generator((16, 16, 1), upsampling="bicubic")
    for hidden in (128, (0,), "128"):
        with pytest.raises(InputError, match="`hidden` is a list of layers' units"):
            dcgan.generator((16, 16, 1), hidden=hidden)
    with pytest.raises(InputError, match="`normalization`"):
        dcgan.discriminator((16, 16, 1), normalization="layer")


def test_paper_layout_of_dcgan():
    """No batch normalisation on the generator's output or on the discriminator's input."""
    generator, discriminator = (
        dcgan.generator((32, 32, 3)),
        dcgan.discriminator((32, 32, 3), 64, "batch"),
    )
    names = [type(layer).__name__ for layer in generator.layers]
    assert names[-2:] == ["Conv2DTranspose", "Activation"]
    assert names.count("BatchNormalization") == 3
    names = [type(layer).__name__ for layer in discriminator.layers]
    assert names[1:3] == ["Conv2D", "LeakyReLU"]
    assert names.count("BatchNormalization") == 2
    assert np.std(discriminator.layers[1].kernel.numpy()) == pytest.approx(0.02, rel=0.1)


def test_hidden_layers_of_dcgan_come_before_the_projection():
    generator = dcgan.generator((16, 16, 1), 8, filters=2, hidden=(5, 3))
    dense = [layer.kernel.shape for layer in generator.layers if "dense" in layer.name]
    assert dense == [(8, 5), (5, 3), (3, 4 * 4 * 4)]
    names = [type(layer).__name__ for layer in generator.layers]
    assert names[1:4] == ["Dense", "BatchNormalization", "ReLU"]


def test_spectral_normalisation_of_every_layer():
    network = dcgan.discriminator((16, 16, 1), 4, "spectral")
    bare = [layer for layer in network.layers if layer.name.startswith(("conv", "dense"))]
    assert not bare
    assert sum(isinstance(layer, SpectralNormalization) for layer in network.layers) == 3


def test_seeds_fix_the_weights():
    first, second, other = (dcgan.generator((16, 16, 1), 4, 4, seed=seed) for seed in (1, 1, 2))
    for a, b, c in zip(
        first.trainable_weights, second.trainable_weights, other.trainable_weights, strict=True
    ):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
        if "kernel" in a.path:
            assert not np.array_equal(a.numpy(), c.numpy())
    layers = [w.numpy().ravel()[:8] for w in first.trainable_weights if "kernel" in w.path]
    assert not np.allclose(layers[0], layers[1]), "layers differ from one another"


def test_condition_takes_labels():
    network = condition(mlp.discriminator((5,), (8,)), num_classes=3)
    assert [tuple(x.shape) for x in network.inputs] == [(None, 2), (None,)]
    x = np.ones((2, 2), "float32")
    first, second = (network([x, np.full(2, label, "int32")]) for label in (0, 1))
    assert not np.allclose(first, second)


def test_the_latent_modulates_every_stage_of_large_images():
    """A stage is (1 + scale) times its normalised features, plus the shift."""
    for size, given, stages in ((28, None, 0), (28, True, 2), (48, None, 3), (48, False, 0)):
        generator = dcgan.generator((size, size, 1), 8, 2, self_modulation=given, seed=0)
        dense = [layer for layer in generator.layers if isinstance(layer, keras.layers.Dense)]
        assert len(dense) == 1 + 3 * stages
    generator = dcgan.generator((16, 16, 1), 8, 2, self_modulation=True, seed=0)
    plain = dcgan.generator((16, 16, 1), 8, 2, self_modulation=False, seed=0)
    dense = [layer for layer in generator.layers if isinstance(layer, keras.layers.Dense)]
    dense = [layer for layer in dense if layer.use_bias]
    for layer in dense:
        layer.kernel.assign(np.zeros(layer.kernel.shape))
        layer.bias.assign(np.zeros(layer.units))
    kept = [layer for layer in generator.layers if layer.weights and layer not in dense]
    copied = [layer for layer in plain.layers if layer.weights]
    for ours, theirs in zip(kept, copied, strict=True):
        theirs.set_weights(ours.get_weights())
    latents = np.random.default_rng(0).normal(size=(3, 8)).astype("float32")
    same = np.asarray(plain(latents))
    np.testing.assert_allclose(generator(latents), same, atol=1e-6)
    for layer in dense:
        layer.bias.assign(np.ones(layer.units))
    assert not np.allclose(generator(latents), same, atol=1e-3)
