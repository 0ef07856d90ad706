"""The `keras-gans` command: thin, it calls the library.

TensorFlow is imported by the sub-commands that work, not to show help or to find a typing error.
"""

import importlib
import os
import sys
import warnings

from keras_gans.cli.environment import quiet_and_quick
from keras_gans.cli.parser import make_parser
from keras_gans.errors import InputError


def main(argv=None):
    """Runs the command and returns its exit code: 0, 2 for input that cannot be used.

    Args:
        argv: List of words after `keras-gans`. Default: those of the process.
    """
    try:
        arguments = make_parser().parse_args(argv)
        module, _, function = arguments.run.partition(":")
        with quiet_and_quick(), warnings.catch_warnings():
            warnings.showwarning = _warn
            getattr(importlib.import_module(f"keras_gans.cli.{module}"), function)(arguments)
    except InputError as error:
        print(f"keras-gans: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # As of `keras-gans compare ... | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(
            f"keras-gans: Files and folders must be readable and writable. Received: {error}.",
            file=sys.stderr,
        )
        return 2
    except Exception as error:
        # TensorFlow's own, which is not imported to show help.
        if type(error).__name__ != "ResourceExhaustedError":
            raise
        print(
            "keras-gans: All must fit into the memory of the device, as smaller batches or images "
            f"may. Received: {str(error).partition(chr(10))[0]}.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt as stop:
        print("\nkeras-gans: stopped.", *stop.args, file=sys.stderr)
        return 130
    return 0


def _warn(message, *where):
    print(f"Warning: {message}", file=sys.stderr)
