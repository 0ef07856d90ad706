import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics import label_overlap


def test_it_equals_the_count_by_hand():
    found = np.array([[0, 0, 1], [1, 2, 2]])
    wanted = np.array([[0, 1, 1], [1, 2, 3]])
    accuracy, miou = label_overlap(found, wanted)
    assert accuracy == pytest.approx(4 / 6)
    assert miou == pytest.approx((1 / 2 + 2 / 3 + 1 / 2 + 0) / 4)
    assert label_overlap(wanted, wanted) == (1, 1)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (np.zeros((2, 3), int), np.zeros((2, 4), int)),
        (np.zeros((2, 3)), np.zeros((2, 3), int)),
        (np.zeros((0, 3), int), np.zeros((0, 3), int)),
    ],
)
def test_bad_input(found, wanted):
    with pytest.raises(InputError, match="whole numbers and of one shape"):
        label_overlap(found, wanted)
