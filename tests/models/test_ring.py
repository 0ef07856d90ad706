"""Training on points with known modes: about 40 s each."""

import pytest

from benchmarks.ring import train


@pytest.mark.parametrize("name", ["wgan_gp", "r3gan", "dragan"])
def test_covers_all_modes_of_the_ring(name):
    shares, quality, _ = train(name, seconds=40)
    assert (shares >= 0.02).all(), f"every mode has at least 2 % of the samples: {shares}"
    assert quality >= 0.8, f"samples within 3 standard deviations of a mode: {quality:.1%}"
