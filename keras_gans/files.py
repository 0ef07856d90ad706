"""Folders that can be written, by one run at a time, and files that are never half-written."""

import fcntl
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path

from keras_gans.errors import InputError


class WriteError(InputError, OSError):
    """Raised when a file or folder cannot be written, as on a full disk.

    The cause, an `OSError`, has the system's own words.
    """


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


def check_new_folder(path):
    """Raises InputError unless a folder can be written whole: none is there, or an empty one.

    Args:
        path: The folder, a string or path.
    """
    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"The output folder must be new or empty. Received: {str(path)!r}.")
    if path.name in ("", ".."):
        raise InputError(f"The output folder must be given by its name. Received: {str(path)!r}.")


@contextmanager
def whole_path(path):
    """Gives a temporary name to write under, and moves what was written once it is complete.

    For what opens its file by itself, such as `model.save`, and for whole folders.

    Args:
        path: The file or folder to make, a string or path; an earlier one of that name is replaced,
            or what it links to.

    Yields:
        A `pathlib.Path` beside it, with the same suffix, of which nothing exists yet. If the block
        raises, nothing is left behind and an earlier file or folder is as it was.

    Raises:
        WriteError: If an `OSError` comes from the block or from the move.

    Example:
        >>> with whole_path("runs/model.keras") as temporary:
        ...     model.save(temporary)
    """
    given, path = Path(path), Path(os.path.realpath(path))
    if given.name in ("", ".."):
        raise InputError(f"What is written has a name of its own. Received: {str(given)!r}.")
    # In the same folder, because os.replace is atomic only within one file system. Of another name
    # each time: processes in containers may have one number, and leave their files when killed.
    temporary = path.with_name(f".tmp-{secrets.token_hex(4)}-{given.name}")
    try:
        yield temporary
        _flush(temporary)
        _move(temporary, path)
    except OSError as error:
        # Of a file in a folder that is written whole, the folder is what was asked for.
        cause = error.__cause__ if isinstance(error, WriteError) else error
        raise WriteError(
            "Writing needs room on the disk, a valid name and a folder that can be written to. "
            f"Received: {str(given)!r} ({cause.strerror or cause})."
        ) from cause
    finally:
        _remove(temporary)


@contextmanager
def whole_tf_path(path):
    """Does what `whole_path` does for what TensorFlow writes; yields a string."""
    import tensorflow as tf

    with whole_path(path) as temporary:
        try:
            yield str(temporary)
        except tf.errors.OpError as error:
            # What TensorFlow's own writer raises where Python's would raise OSError.
            reason = error.message.rpartition("; ")[2].partition(" [Op:")[0]
            raise OSError(reason) from error


@contextmanager
def whole_file(path):
    """Opens a file for writing bytes that takes its name only once it is complete.

    Args:
        path: The file, a string or path; an earlier file of that name is replaced.

    Yields:
        The binary file to write to. If the block raises, nothing is left behind.

    Raises:
        WriteError: If an `OSError` comes from the block or from the move.

    Example:
        >>> with whole_file("runs/note.txt") as file:
        ...     file.write(b"done")
    """
    with whole_path(path) as temporary, temporary.open("wb") as file:
        yield file


def _flush(path):
    """Waits until the disk has a file, or all files of a folder."""
    # A name that outlives a power cut before the content does would be a damaged file.
    for file in path.rglob("*") if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())


def _move(temporary, path):
    if not (temporary.is_dir() and path.is_dir()):
        os.replace(temporary, path)
        return
    # A folder cannot take the name of another that is not empty.
    earlier = path.with_name(f"{temporary.name}.old")
    os.replace(path, earlier)
    try:
        os.replace(temporary, path)
    except OSError:
        os.replace(earlier, path)
        raise
    _remove(earlier)


def _remove(path):
    if os.path.isdir(path):  # pathlib's raises for a name that is too long.
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


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
