import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics.kernel import kernel_distance, kernel_distances
from tests.metrics.fixtures import sets
from tests.metrics.fixtures.peers import PEERS


@pytest.mark.parametrize("case", sets.KERNEL)
def test_equals_torch_fidelity(case):
    *shape, subset_size, num_subsets, seed = sets.KERNEL[case]
    distance = kernel_distance(*sets.pair(*shape), subset_size, num_subsets, seed)
    assert distance == pytest.approx(PEERS["kernel"][case], rel=1e-9, abs=1e-12)


def test_by_hand():
    real, fake = np.array([[1.0], [2.0]]), np.array([[0.0], [-1.0]])
    # k = (x y + 1)^3: within real 3^3, within fake 1, between 1, 0, 1 and (-1)^3.
    expected = 27 + 1 - 2 * (1 + 0 + 1 - 1) / 4
    assert kernel_distance(real, fake, subset_size=2) == pytest.approx((expected, 0))


def test_two_halves_of_one_set():
    features = np.random.default_rng(0).normal(size=(8000, 16))
    # Subsets that hardly overlap, so that the error of their mean is known.
    values = kernel_distances(features[::2], features[1::2], subset_size=100, num_subsets=40)
    assert abs(values.mean()) < 2 * values.std() / np.sqrt(40)
    shifted = kernel_distances(features[::2], features[1::2] + 0.2, subset_size=100, num_subsets=40)
    assert shifted.mean() > 10 * shifted.std() / np.sqrt(40)


def test_seed_and_order():
    real, fake = sets.pair(50, 60, 4)
    first = kernel_distances(real, fake, subset_size=20, num_subsets=5, seed=1)
    np.testing.assert_array_equal(first, kernel_distances(real, fake, 20, 5, seed=1))
    assert (first != kernel_distances(real, fake, 20, 5, seed=2)).all()
    assert kernel_distance(real, fake, 20, 5, seed=1) == (first.mean(), first.std())


def test_reads_a_memmap(tmp_path):
    real, fake = sets.pair(50, 60, 4, "float32")
    np.save(tmp_path / "real.npy", real)
    mapped = np.load(tmp_path / "real.npy", mmap_mode="r")
    assert kernel_distance(mapped, fake, 20, 5) == kernel_distance(real, fake, 20, 5)


def test_bad_input():
    real, fake = np.zeros((1500, 2)), np.zeros((999, 2))
    with pytest.raises(InputError, match=r"at least 1000 rows \(`subset_size`\)"):
        kernel_distance(real, fake)
    with pytest.raises(InputError, match="`subset_size` must be an integer of at least 2"):
        kernel_distance(real, fake, subset_size=1)
    with pytest.raises(InputError, match="`num_subsets`"):
        kernel_distance(real, fake, num_subsets=0)
    with pytest.raises(InputError, match="`seed`"):
        kernel_distance(real, fake, seed=-1)
    with pytest.raises(InputError, match="must be finite"):
        kernel_distance(np.full((5, 2), np.nan), np.zeros((5, 2)), subset_size=5)
