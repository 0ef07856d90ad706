"""The other half of the methods, in a file of its own so that two processes share the work."""

import pytest

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.methods import METHODS
from tests.models.test_contract import check_method


@pytest.mark.parametrize("name", [*METHODS][1::2])
def test_method(name, tmp_path):
    check_method(name, tmp_path)


def test_a_projection_gan_takes_no_points():
    points = kg.data.load("ring", count=64, labels=True)
    with pytest.raises(InputError, match="ProjectionGAN trains on images. Received: points of 2"):
        kg.ProjectionGAN.from_data(points)
