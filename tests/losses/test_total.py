import numpy as np
from keras import ops

from keras_gans.losses import total


def test_it_is_the_sum_of_tensors_and_numbers():
    terms = (ops.convert_to_tensor(x, "float32") for x in (1.5, -0.25))
    assert np.asarray(total([*terms, 0.0])) == 1.25
