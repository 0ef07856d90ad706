"""The one error that a caller can correct: what was given cannot be used."""


class InputError(ValueError):
    """Raised when an argument, a file or a folder cannot be used.

    The message is one sentence that states the rule, then what was received. The command line
    prints it without a traceback and exits with code 2.
    """


class SplitError(InputError):
    """Raised when a data set has no split of the wanted name."""
