"""Checks of arguments that several callbacks share."""

from numbers import Integral

from keras_gans.errors import InputError


def check_whole_number(name, value, least):
    """Raises InputError unless `value` is an integer of at least `least`.

    Args:
        name: The argument's name, for the message.
        value: What was received.
        least: The smallest integer that is allowed.

    Raises:
        InputError: If `value` is no integer, is a bool, or is less than `least`.

    Example:
        >>> check_whole_number("every", 2, least=1)
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise InputError(f"`{name}` must be an integer of at least {least}. Received: {value!r}.")
