"""Directions: fitted to labels, kept apart, found in weights and in samples."""

import functools

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.latent import Direction, edit, fit_direction, ganspace, sample, sefa, strip

RANDOM = np.random.default_rng(0)
E1, E2 = np.eye(6)[:2]


def linear_gan(slopes):
    """A GAN of images of 1 x P pixels that are linear in z."""
    size, pixels = slopes.shape
    generator = kg.networks.mlp.generator((1, pixels, 1), size, (), None, seed=0)
    gan = kg.GAN(generator, kg.networks.mlp.discriminator((1, pixels, 1)), ema_decay=None)
    for layer in gan.generator.layers:
        if layer.weights:
            layer.kernel.assign(slopes)
            layer.bias.assign(np.zeros(pixels))
    return gan


def test_a_direction_has_length_one_and_moves_by_deviations():
    direction = Direction(3 * E1, "x", deviation=2.0)
    np.testing.assert_array_equal(direction.vector, E1.astype("float32"))
    latents = RANDOM.normal(size=(3, 6)).astype("float32")
    moved = direction.move(latents, [0, 1, -0.5])
    np.testing.assert_allclose(moved - latents, np.outer([0, 2, -1], E1), atol=1e-6)
    styles = np.repeat(latents[:, None], 4, axis=1)
    moved = direction.move(styles, 1.0, layers=slice(1, 3))
    np.testing.assert_allclose((moved - styles)[:, :, 0], [[0, 2, 2, 0]] * 3, atol=1e-6)


def test_what_others_move_is_taken_away():
    beard = Direction(E1 + E2, "beard")
    kept = beard.keeping([Direction(E2, "hair"), Direction(E2 + 0.1 * np.eye(6)[2], "hat")])
    assert abs(kept.vector @ E2) < 1e-6
    assert np.linalg.norm(kept.vector) == pytest.approx(1)
    np.testing.assert_allclose(kept.vector, E1, atol=1e-6)
    assert beard.keeping([]) is beard
    twice = beard.keeping([Direction(E2, "hair"), Direction(E2, "hair")])
    np.testing.assert_allclose(twice.vector, E1, atol=1e-6)
    with pytest.raises(InputError, match="is made of those .* Received: x, y"):
        beard.keeping([Direction(E1, "x"), Direction(E2, "y")])


@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_a_fitted_direction_is_the_normal_of_the_plane(scale):
    latents = RANDOM.normal(size=(4000, 6)) * [1, 2, 1, 1, 1, 1] * scale
    truth = np.array([1, 0.5, 0, 0, 0, 0])
    labels = latents @ truth > 0.8 * scale  # A third has it.
    direction = fit_direction(latents, labels, "glasses", "w")
    assert direction.vector @ truth / np.linalg.norm(truth) > 0.99
    along = (latents @ direction.vector).std()
    assert direction.deviation == pytest.approx(along, rel=1e-5)
    assert (direction.name, direction.space) == ("glasses", "w")


def test_directions_are_saved_and_loaded(tmp_path):
    direction = Direction(RANDOM.normal(size=6), "smile", "w", 0.3)
    direction.save(tmp_path / "smile.npz")
    loaded = Direction.load(tmp_path / "smile.npz")
    np.testing.assert_array_equal(loaded.vector, direction.vector)
    assert (loaded.name, loaded.space, loaded.deviation) == ("smile", "w", 0.3)
    (tmp_path / "bad.npz").write_bytes(b"PK")
    for name in ("bad.npz", "none.npz"):
        with pytest.raises(InputError, match=f"that `Direction.save` wrote. Received: .*{name}"):
            Direction.load(tmp_path / name)


@pytest.mark.parametrize("find", [sefa, ganspace])
def test_the_strongest_direction_of_a_linear_generator_is_found(find):
    left, _ = np.linalg.qr(RANDOM.normal(size=(3, 3)))
    right, _ = np.linalg.qr(RANDOM.normal(size=(20, 3)))
    gan = linear_gan((left * [0.5, 0.3, 0.1]) @ right.T)
    for found, truth in zip(find(gan, 2), left.T, strict=False):
        assert abs(found.vector @ truth) > 0.98
        assert found.space == "z"
        assert found.deviation == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("make", [kg.DCGAN, functools.partial(kg.ConditionalGAN, num_classes=3)])
def test_sefa_takes_all_layers_that_see_the_latent(make):
    """Those that modulate the stages are nearer to the output than the projection."""
    gan = make(image_shape=(48, 48, 1), latent_dim=5, filters=[2, 2, 2])
    networks = [gan.average_generator, *gan.average_generator.layers]
    network = [x for x in networks if isinstance(x, keras.Model)][-1]
    kernels = [
        np.asarray(x.kernel) for x in network.layers if x.input is network.inputs[0] and x.weights
    ]
    assert len(kernels) == 4, "the projection and three modulated stages"
    columns = np.concatenate([k / np.linalg.norm(k, axis=0) for k in kernels], axis=1)[:5]
    first = sefa(gan, 1)[0]
    assert first.vector.shape == (5,)
    found = np.linalg.norm(first.vector @ columns)
    assert found == pytest.approx(np.linalg.norm(columns, 2), rel=1e-4)


def test_sefa_sees_what_is_at_work_of_a_style_gan_that_grows():
    gan = kg.StyleGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, max_filters=4)
    first = sefa(gan, 1)[0].vector
    affine = [
        x.affine.layer for x in gan.average_generator._flatten_layers() if hasattr(x, "affine")
    ]
    affine[-1].kernel.assign(1e3 * np.eye(4)[2][:, None] + affine[-1].kernel)
    np.testing.assert_array_equal(sefa(gan, 1)[0].vector, first)
    gan.grow_up()
    assert abs(sefa(gan, 1)[0].vector[2]) > 0.5


def test_sefa_of_a_network_that_grows():
    gan = kg.ProgressiveGAN(image_shape=(16, 16, 1), latent_dim=5, filters=2, max_filters=4)
    assert [direction.vector.shape for direction in sefa(gan, 2)] == [(5,), (5,)]


def test_codes_that_depend_on_each_other_have_components():
    gan = kg.InfoGAN(image_shape=(16, 16, 1), noise_dim=2, filters=2, categories=(3,), continuous=1)
    first, *_ = ganspace(gan, 2, samples=200)
    assert abs(first.vector[2:5].sum()) < 1e-3, "a kind is not more or less of all kinds"


def test_of_styles_they_are_in_w(style_gan):
    assert sample(style_gan, 5, "w").shape == (5, 4)
    for find in (sefa, ganspace):
        first, second = find(style_gan, 2)
        assert first.space == "w"
        assert abs(first.vector @ second.vector) < 1e-5
    components = ganspace(style_gan, 4)
    spread = [direction.deviation for direction in components]
    assert spread == sorted(spread, reverse=True)


def test_edits_in_z_and_in_w(style_gan):
    latents, known = sample(style_gan, 3), style_gan.generate(3)
    styles = np.asarray(style_gan.map(latents))
    for space, original in (("z", latents), ("w", latents), ("w", styles)):
        direction = Direction(np.eye(4)[0], "x", space)
        np.testing.assert_array_equal(edit(style_gan, original, direction, 0.0), known)
    moved = edit(style_gan, latents, direction, 2.0, slice(2))
    synthesized = np.asarray(style_gan.synthesize(direction.move(styles, 2.0, slice(2))))
    expected = np.clip(np.rint((synthesized + 1) * 127.5), 0, 255)
    np.testing.assert_allclose(moved.astype(int), expected, atol=1)
    images = strip(style_gan, latents, direction, (-1, 0, 1))
    assert images.shape == (3, 3, 16, 16, 1)
    np.testing.assert_array_equal(images[:, 1], known)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Direction(np.zeros(3), "x"), "that are not all 0. Received: shape"),
        (lambda: Direction(E1, "x", "v"), 'in "z" or "w". Received: \'v\''),
        (lambda: Direction(E1, "x").move(np.ones((2, 5)), 1), r"\(N, 6\). Received: .*\(2, 5\)"),
        (lambda: Direction(E1, "x").move(np.ones((3, 6)), [1, 2]), r"each of 3 .*: shape \(2,\)"),
        (lambda: strip(linear_gan(np.ones((2, 4))), np.ones((1, 2)), None, ()), "at least one"),
        (lambda: ganspace(linear_gan(np.ones((2, 4))), samples=3), "`samples` must be an integer"),
        (lambda: Direction(E1, "x").keeping([Direction(E1, "y", "w")]), "'x' in z and 'y' in w"),
        (lambda: fit_direction(np.ones((3, 2)), [1, 1, 1], "hat"), "a share of 100.0% with it"),
        (lambda: fit_direction(np.ones((3, 2)), [0, 1], "hat"), r"\(3, 2\) and \(2,\)"),
        (
            lambda: edit(linear_gan(np.ones((2, 4))), np.ones((1, 2)), Direction(E1, "x", "w"), 1),
            "The space of a GAN is here \"z\". Received: 'w'",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()
