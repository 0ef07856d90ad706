import numpy as np
import pytest

import keras_gans as kg


@pytest.fixture(scope="session")
def style_gan():
    """A tiny StyleGAN2, which no test may change."""
    gan = kg.StyleGAN2(image_shape=(16, 16, 1), latent_dim=4, filters=4, max_filters=4)
    before = [variable.numpy() for variable in gan.variables]
    yield gan
    assert all(map(np.array_equal, before, [variable.numpy() for variable in gan.variables]))
