"""Ways through the space of latents."""

import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.latent import grid, interpolate, lerp, slerp

KEYS = np.random.default_rng(0).normal(size=(4, 16)).astype("float32")


def test_slerp_moves_along_the_arc_at_constant_speed():
    begin, end = np.array([[2.0, 0.0, 0.0]]), np.array([[1.0, np.sqrt(3), 0.0]])  # 60 degrees
    np.testing.assert_allclose(slerp(begin, end, np.array([[0.0]])), begin, atol=1e-15)
    np.testing.assert_allclose(slerp(begin, end, np.array([[1.0]])), end, atol=1e-15)
    middle = slerp(begin, end, np.array([[0.5]]))
    np.testing.assert_allclose(middle, [[np.sqrt(3), 1, 0]], atol=1e-15)
    for time in (0.0, 0.3, 0.9):
        step = slerp(begin, end, np.array([[time + 0.1]])) - slerp(begin, end, np.array([[time]]))
        chord = 2 * 2 * np.sin(0.1 * np.pi / 3 / 2)
        assert np.linalg.norm(step) == pytest.approx(chord, rel=1e-12)


def test_lerp():
    begin, end = np.array([[0.0, 2.0]]), np.array([[4.0, 2.0]])
    np.testing.assert_array_equal(lerp(begin, end, np.array([[0.25]])), [[1.0, 2.0]])


def test_vectors_on_one_line_are_joined_by_it():
    begin = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    end = np.array([[3.0, 0.0], [-1.0, 0.0], [0.0, 2.0]])
    expected = [[2.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    np.testing.assert_allclose(slerp(begin, end, 0.5), expected, atol=1e-12)


@pytest.mark.parametrize("way", ["slerp", "lerp"])
def test_a_path_has_its_keys_exactly_and_each_once(way):
    path = interpolate(*KEYS, steps=5, way=way)
    assert path.shape == (13, 16)
    assert path.dtype == np.float32
    np.testing.assert_array_equal(path[::4], KEYS)
    loop = interpolate(*KEYS, steps=5, way=way, closed=True)
    assert loop.shape == (16, 16)
    np.testing.assert_array_equal(loop[:13], path)
    np.testing.assert_array_equal(loop[13:], interpolate(KEYS[3], KEYS[0], steps=5, way=way)[1:4])


def test_an_arc_keeps_the_length_and_a_line_does_not():
    ends = 3 * KEYS[:2] / np.linalg.norm(KEYS[:2], axis=1, keepdims=True)
    np.testing.assert_allclose(np.linalg.norm(interpolate(*ends), axis=1), 3, rtol=1e-6)
    assert np.linalg.norm(interpolate(*ends, steps=3, way="lerp")[1]) < 2.8


def test_styles_of_a_layer_each():
    path = interpolate(KEYS[:2], KEYS[2:], steps=3, way="lerp")
    assert path.shape == (3, 2, 16)
    np.testing.assert_allclose(path[1], (KEYS[:2] + KEYS[2:]) / 2, rtol=1e-6)


def test_a_grid_has_its_corners():
    surface = grid(KEYS, 3, 5)
    assert surface.shape == (3, 5, 16)
    np.testing.assert_array_equal(surface[[0, 0, -1, -1], [0, -1, 0, -1]], KEYS)
    np.testing.assert_array_equal(surface[:, 0], interpolate(KEYS[0], KEYS[2], steps=3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: interpolate(KEYS[0]), "two latents .* Received: 1 of the shapes"),
        (lambda: interpolate(), "Received: 0 of the shapes none"),
        (lambda: interpolate(KEYS[0], KEYS[0, :3]), r"\(16,\), \(3,\)"),
        (lambda: interpolate(*KEYS, steps=1), "`steps` must be an integer of at least 2"),
        (lambda: interpolate(*KEYS, way="arc"), '`way` is "slerp" or "lerp". Received: '),
        (lambda: interpolate(KEYS, KEYS), "straight lines"),
        (lambda: grid(KEYS[:3], 2, 2), "four corners. Received: 3"),
        (lambda: grid(KEYS, 1, 2), "`rows` must be"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()
