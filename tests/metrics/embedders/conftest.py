import keras
import numpy as np
import pytest

from keras_gans.metrics import embedders
from keras_gans.metrics.embedders.inception_network import inception_network
from tests.metrics.embedders import random_weights


@pytest.fixture(scope="session")
def state():
    convolutions = {
        layer.name: (*layer.kernel.shape[:1:-1], *layer.kernel.shape[:2])
        for layer in inception_network().layers
        if isinstance(layer, keras.layers.Conv2D)
    }
    return random_weights.random_state(convolutions)


@pytest.fixture(scope="session")
def weights(state, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    random_weights.write_pth(path, state)
    return path


@pytest.fixture(scope="session")
def embed(weights):
    return embedders.InceptionV3FID(weights, batch_size=2)


@pytest.fixture(scope="session")
def peers():
    with np.load(__file__.replace("conftest.py", "peers.npz")) as file:
        return dict(file)
