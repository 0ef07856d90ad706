"""Folders that can be written, by one run at a time, and files that are never half-written."""

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path

from keras_gans.errors import InputError


def keras_home():
    """Returns the folder of the Keras cache: the environment's KERAS_HOME, or `~/.keras`."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def writable_folder(path):
    """Creates a folder, with its parents, unless it is there already.

    Args:
        path: The folder, a string or path.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        InputError: If the folder cannot be created or cannot be written.

    Example:
        >>> folder = writable_folder("runs/dcgan")
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise InputError(
            "The output folder must be one that can be created and written. "
            f"Received: {str(path)!r}."
        )
    return folder


@contextmanager
def whole_file(path):
    """Opens a file for writing bytes that takes its name only once it is complete.

    Args:
        path: The file, a string or path; an earlier file of that name is replaced.

    Yields:
        The binary file to write to. If the block raises, nothing is left behind.

    Example:
        >>> with whole_file("runs/note.txt") as file:
        ...     file.write(b"done")
    """
    path = Path(path)
    # In the same folder, because os.replace is atomic only within one file system.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            # A name that outlives a power cut before the content does would be a damaged file.
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def locked(folder):
    """Keeps other processes from a folder while the block runs.

    The lock is the operating system's: it ends with the process, also if that is killed.

    Args:
        folder: The folder, which must exist.

    Raises:
        InputError: If another run holds the lock.

    Example:
        >>> with locked("runs/dcgan"):
        ...     train()
    """
    with Path(folder, ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"Only one run may write a folder at a time. Received: {str(folder)!r}, in which "
                "another run is at work."
            ) from None
        yield
