import numpy as np
import pytest

import keras_gans as kg
from keras_gans.data import (
    COLOR_NAMES,
    MODE_STD,
    SCENE_LABELS,
    SHAPE_NAMES,
    gaussian_mixture,
    load,
    load_arrays,
    mode_centers,
    scenes,
    shapes,
)
from keras_gans.errors import InputError


def test_ring_centres():
    centers = mode_centers("ring")
    assert centers.shape == (8, 2)
    assert np.allclose(np.linalg.norm(centers, axis=1), 1)
    assert np.allclose(centers[[0, 2]], [[1, 0], [0, 1]], atol=1e-6)


def test_grid_centres():
    centers = mode_centers("grid")
    assert centers.tolist()[:2] == [[-1, -1], [-0.5, -1]]
    assert centers.tolist()[-1] == [1, 1]
    assert len(np.unique(centers, axis=0)) == 25


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_mixture_has_the_stated_spread_and_equal_modes(name):
    centers = mode_centers(name)
    points, labels = gaussian_mixture(name, 20_000, seed=3)
    assert points.dtype == np.float32
    assert labels.dtype == np.int32
    offsets = points - centers[labels]
    assert np.allclose(offsets.std(axis=0), MODE_STD[name], rtol=0.03)
    assert np.allclose(offsets.mean(axis=0), 0, atol=0.002)
    expected = 20_000 / len(centers)
    assert np.abs(np.bincount(labels) - expected).max() < 5 * np.sqrt(expected)
    nearest = np.linalg.norm(points[:, None] - centers, axis=-1).argmin(axis=1)
    assert (nearest == labels).mean() > 0.999


def test_seed():
    first, second = gaussian_mixture("ring", 5), gaussian_mixture("ring", 5, seed=1)
    assert np.array_equal(first[0], gaussian_mixture("ring", 5, seed=0)[0])
    assert not np.array_equal(first[0], second[0])
    assert np.array_equal(shapes(3, 8, seed=5)[0], shapes(3, 8, seed=5)[0])
    assert not np.array_equal(shapes(3, 8, seed=5)[0], shapes(3, 8, seed=6)[0])


def test_points_dataset():
    dataset = load("grid", labels=True, count=100, batch_size=40, drop_remainder=False)
    sizes = [(points.shape, labels.shape) for points, labels in dataset.as_numpy_iterator()]
    assert sizes == [((40, 2), (40,)), ((40, 2), (40,)), ((20, 2), (20,))]
    assert dataset.image_shape == (2,)
    assert dataset.class_names == [str(k) for k in range(25)]
    points, labels = load_arrays("grid", count=100)
    assert np.array_equal(points, gaussian_mixture("grid", 100)[0])
    assert labels.max() < 25
    assert load("ring").num_images == 10_000


def test_shapes_are_where_and_what_their_factors_say():
    size = 40
    images, factors = shapes(200, size, seed=1)
    assert images.shape == (200, size, size, 3)
    assert images.dtype == np.uint8
    rgb = {"red": 0b100, "green": 0b010, "blue": 0b001}
    rgb |= {"yellow": 0b110, "magenta": 0b101, "cyan": 0b011}
    # Areas of the shapes as parts of the square around their circle.
    areas = {"circle": np.pi / 4, "square": 0.5, "triangle": 3 * np.sqrt(3) / 16}
    for index, image in enumerate(images / 255):
        color = COLOR_NAMES[factors["color"][index]]
        has_channel = [bool(rgb[color] & bit) for bit in (0b100, 0b010, 0b001)]
        assert (image.max(axis=(0, 1)) > 0.99).tolist() == has_channel
        mask = image.max(axis=-1)
        rows, columns = np.indices(mask.shape) + 0.5
        x, y = (mask * columns).sum() / mask.sum(), (mask * rows).sum() / mask.sum()
        assert x == pytest.approx(factors["x"][index] * size, abs=0.3)
        assert y == pytest.approx(factors["y"][index] * size, abs=0.3)
        name = SHAPE_NAMES[factors["shape"][index]]
        diameter = 2 * factors["radius"][index] * size
        assert mask.sum() == pytest.approx(areas[name] * diameter**2, rel=0.12)


def test_shapes_are_antialiased_and_cover_all_factors():
    images, factors = shapes(300, 16)
    assert len(np.unique(images)) > 10
    assert set(factors["shape"]) == {0, 1, 2}
    assert set(factors["color"]) == set(range(6))
    assert {key: len(values) for key, values in factors.items()} == dict.fromkeys(factors, 300)


def test_stripes_are_white_and_all_else_is_as_without():
    plain, factors = shapes(50, 32, seed=1)
    striped, same = shapes(50, 32, seed=1, look="striped")
    for name, values in factors.items():
        np.testing.assert_array_equal(values, same[name])
    columns = np.arange(32) // 2 % 2 == 1
    inside = (plain.max(axis=-1) == 255) & columns
    assert (striped[inside] == 255).all()
    np.testing.assert_array_equal(striped[:, :, ~columns], plain[:, :, ~columns])
    np.testing.assert_array_equal(striped.any(axis=-1), plain.any(axis=-1))


def test_outlines_are_the_border_of_the_shapes():
    plain, _ = shapes(50, 32, seed=1)
    outlined, _ = shapes(50, 32, seed=1, look="outlined")
    assert (outlined[plain == 0] == 0).all()
    share = (outlined.max(axis=-1) > 127).sum(axis=(1, 2)) / (plain.max(axis=-1) > 127).sum(
        axis=(1, 2)
    )
    assert 0.2 < share.mean() < 0.7


def test_scenes_have_every_label_and_one_color_for_each_in_a_style():
    maps, images, styles = scenes(60, 32, seed=2)
    assert maps.shape == (60, 32, 32, 1)
    assert images.shape == (60, 32, 32, 3)
    assert images.dtype == maps.dtype == np.uint8
    assert set(styles) == {0, 1, 2}
    for number in range(len(SCENE_LABELS)):
        assert (maps == number).any(axis=(1, 2, 3)).mean() > 0.9
        for style in range(3):
            inside = (maps[..., 0] == number) & (styles == style)[:, None, None]
            colors = np.unique(images[inside], axis=0)
            assert len(colors) == (2 if SCENE_LABELS[number] == "meadow" else 1)
    again, _, _ = scenes(60, 32, seed=2)
    np.testing.assert_array_equal(maps, again)


def test_maps_and_scenes_are_pairs():
    data = kg.data.pairs("scene_maps", "scenes", batch_size=10)
    assert (data.input_shape, data.image_shape) == ((32, 32, 1), (32, 32, 3))
    assert load("scenes", count=600).num_images == 600


def test_shapes_dataset():
    dataset = load("shapes", image_size=16, count=20, batch_size=20, labels=True, shuffle=False)
    ((batch, labels),) = list(dataset.as_numpy_iterator())
    images, factors = shapes(20, 16)
    assert np.array_equal(batch, images.astype(np.float32) / 127.5 - 1)
    assert np.array_equal(labels, factors["shape"])
    assert dataset.class_names == ["circle", "square", "triangle"]
    assert load("shapes", count=64).image_shape == (32, 32, 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mode_centers("cross"),
        lambda: gaussian_mixture("ring", 0),
        lambda: gaussian_mixture("ring", 5, seed=-1),
        lambda: gaussian_mixture("ring", 2.5),
        lambda: shapes(3, image_size=0),
        lambda: shapes(3, look="dotted"),
        lambda: scenes(0),
        lambda: load("ring", image_size=8),
        lambda: load("ring", channels=1),
        lambda: load("ring", flip=True),
        lambda: load("ring", count=0),
        lambda: load("ring", split="test"),
        lambda: load("digits", count=10),
    ],
)
def test_bad_arguments(call):
    with pytest.raises(InputError, match="Received: "):
        call()
