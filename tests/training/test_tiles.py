import tracemalloc

import numpy as np
import pytest

from keras_gans.training.tiles import map_tiles

IMAGE = np.random.default_rng(0).uniform(size=(50, 37, 3)).astype("float32")


@pytest.mark.parametrize("tile", [8, 11, 36, 37, 49, 50, 64])
def test_what_does_not_depend_on_the_tile_is_unchanged(tile):
    sizes = []

    def double(part):
        sizes.append(part.shape[:2])
        return 2 * part

    np.testing.assert_allclose(map_tiles(double, IMAGE, tile), 2 * IMAGE, rtol=1e-5)
    assert max(max(size) for size in sizes) <= tile
    assert len(sizes) == 1 or tile < 50


def test_tiles_that_differ_are_blended_without_seams():
    count = iter(range(100))
    made = map_tiles(
        lambda part: np.full((*part.shape[:2], 1), next(count)), np.zeros((8, 200, 1)), 64
    )
    steps = np.diff(made[4, :, 0])
    assert steps.min() >= 0.0, "from the first tile's value to the last one's"
    assert steps.max() < 0.2


def test_a_photograph_takes_little_more_memory_than_its_result():
    image = np.zeros((2000, 3000, 3), "uint8")
    tracemalloc.start()
    try:
        made = map_tiles(lambda part: part / np.float32(255), image, 512)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made.shape == image.shape
    # Sum, weights and quotient, and a few tiles.
    assert peak < 2.6 * made.nbytes
