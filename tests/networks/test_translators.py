import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gans.errors import InputError
from keras_gans.layers import NoiseDropout, SpectralNormalization
from keras_gans.networks import patch_gan, residual, spade, unet


def test_the_papers_generators_have_their_parameters():
    # 9 and 6 blocks: 11.378 and 7.837 million with the biases that instance normalisation removes.
    removed = 64 + 128 + 256 + 128 + 64
    assert residual.generator(3, 64, 9).count_params() == 11_378_179 - removed - 9 * 2 * 256
    assert residual.generator(3, 64, 6).count_params() == 7_837_699 - removed - 6 * 2 * 256


def test_the_papers_discriminator_has_its_parameters():
    assert patch_gan.discriminator(3, 64, 3).count_params() == 2_764_737 - (128 + 256 + 512)


@pytest.mark.parametrize(("depth", "side"), [(0, 1), (1, 16), (2, 34), (3, 70), (5, 286)])
def test_receptive_field(depth, side):
    assert patch_gan.receptive_field(depth) == side


@pytest.mark.parametrize(("depth", "scales", "side"), [(3, 1, 24), (2, 2, 23), (0, 1, 1)])
def test_the_smallest_images_leave_a_logit(depth, scales, side):
    assert patch_gan.least_side(depth, scales) == side
    judged = patch_gan.multi_scale(3, 2, depth, scales)(np.zeros((1, side, side, 3), "float32"))
    assert (judged[-1][-1] if scales > 1 else judged[-1]).shape == (1, 1, 1, 1)
    assert patch_gan.fitting_depth((side, 40, 3), None, 4, scales) == depth
    assert patch_gan.fitting_depth((512, 512, 3), None, 4, scales) == 4
    with pytest.raises(InputError, match=r"at least 48 pixels. Received: \(47, 64, 3\); fewer"):
        patch_gan.fitting_depth((47, 64, 3), 4, 3)


def test_a_logit_sees_70_pixels_and_no_more():
    network = patch_gan.discriminator(1, 2, 3, normalization=None, seed=0)
    images = tf.random.stateless_normal((1, 128, 128, 1), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(images)
        logit = network(images)[0, 7, 7, 0]
    seen = np.argwhere(np.asarray(tape.gradient(logit, images))[0, ..., 0])
    assert np.ptp(seen, axis=0).tolist() == [69, 69]


def test_a_patch_gan_of_256_pixels_gives_30_logits_a_side():
    assert patch_gan.discriminator(3, 1, 3)(np.zeros((1, 256, 256, 3))).shape == (1, 30, 30, 1)


def test_a_pixel_gan_judges_each_pixel_for_itself():
    network = patch_gan.discriminator(3, 4, 0, seed=0)
    assert network(np.zeros((1, 5, 7, 3))).shape == (1, 5, 7, 1)


@pytest.mark.parametrize("upsampling", ["transpose", "resize"])
def test_the_generator_keeps_any_size_that_is_a_multiple_of_4(upsampling):
    network = residual.generator(1, 2, 1, upsampling, seed=0)
    for height, width in ((8, 12), (20, 8)):
        made = network(np.zeros((2, height, width, 1), "float32"))
        assert made.shape == (2, height, width, 1)
        assert np.abs(made).max() <= 1.0


def test_seeds_and_streams_tell_networks_apart():
    def kernel(**options):
        return np.asarray(residual.generator(1, 2, 0, **options).weights[0])

    np.testing.assert_array_equal(kernel(seed=1), kernel(seed=1))
    assert not np.array_equal(kernel(seed=1), kernel(seed=2))
    assert not np.array_equal(kernel(seed=1), kernel(seed=1, stream=2))


def test_the_border_is_a_reflection():
    x = np.arange(6.0).reshape(1, 2, 3, 1)
    expected = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    np.testing.assert_array_equal(residual.reflect(keras.ops.array(x), 1), expected)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: residual.generator(upsampling="bilinear"), '"transpose" or "resize"'),
        (lambda: residual.generator(blocks=-1), "`blocks`"),
        (
            lambda: patch_gan.discriminator(normalization="layer"),
            '"instance", "spectral", "batch" or None',
        ),
        (lambda: patch_gan.discriminator(depth=-1), "`depth`"),
    ],
)
def test_bad_arguments(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_the_papers_unets_have_their_parameters():
    # Of the authors' networks with batch normalisation, whose two vectors for each map go.
    for depth, count in ((8, 54_413_955), (7, 41_828_995)):
        maps = [64 * min(2**level, 8) for level in range(depth)]
        normalized = 2 * (sum(maps[1:-1]) + sum(maps[:-1]))
        assert unet.generator(3, 3, 64, depth).count_params() == count - normalized


@pytest.mark.parametrize(
    ("depth", "noisy"), [(8, 3), (7, 2), (6, 1), (5, 1), (4, 1), (3, 1), (2, 0)]
)
def test_dropout_is_in_the_inner_layers_on_the_way_up(depth, noisy):
    network = unet.generator(1, 1, 1, depth)
    layers = [layer for layer in network.layers if isinstance(layer, NoiseDropout)]
    assert [layer.number for layer in layers] == list(range(1, noisy + 1))


def test_a_unet_keeps_sizes_and_may_change_channels():
    network = unet.generator(3, 1, 2, 3)
    made = network(np.zeros((2, 8, 24, 3), "float32"))
    assert made.shape == (2, 8, 24, 1)


def test_every_level_of_a_unet_reaches_the_output():
    network = unet.generator(1, 1, 2, 4, seed=0)
    images = tf.random.stateless_normal((1, 16, 16, 1), (0, 0))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(network(images) ** 2)
    for gradient in tape.gradient(total, [v.value for v in network.trainable_variables]):
        assert np.abs(gradient).max() > 0


def kernels(network):
    """Returns the shapes of all kernels, and of those that are spectrally normalised."""
    layers = [layer for layer in network._flatten_layers() if hasattr(layer, "kernel")]
    wrapped = [x.layer for x in network._flatten_layers() if isinstance(x, SpectralNormalization)]
    return [sorted(tuple(x.kernel.shape) for x in each) for each in (layers, wrapped)]


def test_spectral_normalisation_is_where_the_authors_of_gaugan_have_it():
    network = spade.generator(3, 1, 2, filters=2, doublings=2, blocks=1, hidden=4)
    _, wrapped = kernels(network)
    # All convolutions of a block but those of its SPADE, where the depth changes a shortcut too.
    block = [(3, 3, 8, 8), (3, 3, 8, 8)]
    halving = [[(1, 1, 2 * n, n), (3, 3, 2 * n, n), (3, 3, n, n)] for n in (4, 2)]
    assert wrapped == sorted([*block, *halving[0], *halving[1]])

    found, wrapped = kernels(spade.encoder((32, 32, 3), 2, filters=2))
    assert wrapped == [(3, 3, 2, 4), (3, 3, 3, 2), (3, 3, 4, 8)]
    assert found == sorted([*wrapped, (4 * 4 * 8, 2), (4 * 4 * 8, 2)])

    found, wrapped = kernels(spade.discriminator(3, 1, filters=2, depth=2, scales=2))
    assert wrapped == sorted(2 * [(4, 4, 2, 4), (4, 4, 4, 8)]), "all but the first and the last"
    assert found == sorted([*wrapped, *2 * [(4, 4, 4, 2), (4, 4, 8, 1)]])


def test_several_sizes_are_judged_with_all_their_features():
    network = patch_gan.multi_scale(2, 4, 3, scales=2, seed=0)
    judged = network(np.zeros((1, 64, 64, 2), "float32"))
    shapes = [[tuple(x.shape[1:]) for x in size] for size in judged]
    assert shapes[0] == [(32, 32, 4), (16, 16, 8), (8, 8, 16), (7, 7, 32), (6, 6, 1)]
    assert shapes[1][-1] == (2, 2, 1)
