"""Training on points with known modes; the steps are those of 30 to 45 s on two cores."""

import pytest

from benchmarks.ring import train
from keras_gans.callbacks import Budget


@pytest.mark.parametrize(("name", "steps"), [("wgan_gp", 8000), ("r3gan", 9000), ("dragan", 9000)])
def test_covers_all_modes_of_the_ring(name, steps):
    shares, quality, _ = train(name, Budget(steps=steps))
    print(f"{name}: rarest mode {shares.min():.1%}, within 3 standard deviations {quality:.1%}")
    assert (shares >= 0.02).all(), f"every mode has at least 2 % of the samples: {shares}"
    assert quality >= 0.8, f"samples within 3 standard deviations of a mode: {quality:.1%}"
