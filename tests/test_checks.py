import pytest

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError


@pytest.mark.parametrize("bad", [0, 2.0, True])
def test_whole_numbers(bad):
    with pytest.raises(InputError, match=f"`k` must be an integer of at least 1. Received: {bad}"):
        check_whole_numbers(k=bad)
