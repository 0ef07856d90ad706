"""The other half of the methods, in a file of its own so that two processes share the work."""

import pytest

from keras_gans.methods import METHODS
from tests.models.test_contract import check_method


@pytest.mark.parametrize("name", [*METHODS][1::2])
def test_method(name, tmp_path):
    check_method(name, tmp_path)
