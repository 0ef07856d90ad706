"""Learning rates that callbacks and schedules can change."""

import keras

from keras_gans.errors import InputError


def learning_rate(model, player):
    """Returns the variable that holds the learning rate of a player.

    Args:
        model: The compiled model.
        player: Name of one of its players.

    Returns:
        A scalar `keras.Variable`.

    Raises:
        InputError: If the optimizer follows a Keras schedule, which nothing else can set.
    """
    rate = model.optimizers[player].learning_rate
    if not isinstance(rate, keras.Variable):
        raise InputError(
            f"The {player}'s optimizer must have a number as its learning rate, since nothing "
            f"else can change that of a Keras schedule. Received: {rate!r}."
        )
    return rate
