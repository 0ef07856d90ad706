import numpy as np
import pytest

from keras_gans.checks import check_labels, check_whole_numbers
from keras_gans.errors import InputError


@pytest.mark.parametrize("bad", [0, 2.0, True, None, "3"])
def test_whole_numbers(bad):
    with pytest.raises(
        InputError, match=f"`k` must be an integer of at least 1. Received: {bad!r}"
    ):
        check_whole_numbers(k=bad)


def test_whole_numbers_in_a_range():
    check_whole_numbers(least=0, most=3, k=0, n=np.int64(3))
    with pytest.raises(InputError, match="`n` must be an integer from 0 to 3. Received: 4"):
        check_whole_numbers(least=0, most=3, k=0, n=4)


def test_labels_of_images_to_make():
    assert check_labels(5, None, None) is None
    assert check_labels(5, None, 3).tolist() == [0, 1, 2, 0, 1]
    assert check_labels(2, 1, 3).tolist() == [1, 1]
    labels = check_labels(2, [2, 0], 3)
    assert labels.tolist() == [2, 0]
    assert labels.dtype == np.int32


@pytest.mark.parametrize("bad", [3, -1, [0], [0, 1, 2], [0.0, 1.0], [True, False], [[0, 1]]])
def test_labels_that_no_image_can_have(bad):
    with pytest.raises(InputError, match=r"one whole number, or 2, in 0\.\.2\. Received: "):
        check_labels(2, bad, 3)


def test_labels_for_an_unconditional_model():
    with pytest.raises(InputError, match=r"Only conditional models take `labels`\. Received: 1"):
        check_labels(2, 1, None)
