"""Files that are written while training, which must not end it."""

import contextlib

from keras_gans.errors import InputError


@contextlib.contextmanager
def warn_if_not_written(path):
    """Prints a warning where a file cannot be written, as on a full disk, and goes on.

    Hours of training are worth more than a picture of them.

    Args:
        path: The file that the block writes.

    Example:
        >>> with warn_if_not_written(path), whole_file(path) as file:
        ...     file.write(content)
    """
    try:
        yield
    except (OSError, InputError) as error:  # The latter of a folder that became read-only.
        # A `WriteError` states a rule; the system's own words are those of its cause.
        cause = error.__cause__ or error
        reason = getattr(cause, "strerror", None) or cause
        # Keras' progress bar may not have ended its line.
        print(f"\nWarning: {path} could not be written ({reason}); training goes on without it.")


def steps_of(model):
    """Returns {"step": the steps that a model has done}, or {} if it does not count them."""
    steps = getattr(model, "steps_done", None)
    return {} if steps is None else {"step": steps}
