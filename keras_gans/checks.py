"""Checks of arguments that many functions share."""

from numbers import Integral

from keras_gans.errors import InputError


def check_whole_numbers(least=1, **values):
    """Raises InputError unless each value, given by its argument's name, is an integer >= least."""
    for name, value in values.items():
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise InputError(
                f"`{name}` must be an integer of at least {least}. Received: {value!r}."
            )
