"""The logs of all epochs as a table in a file."""

import csv
import io
from pathlib import Path

import keras

from keras_gans.callbacks.writing import steps_of, warn_if_not_written
from keras_gans.files import whole_file, writable_folder
from keras_gans.training.strategy import is_chief


class HistoryLog(keras.callbacks.Callback):
    """Writes the logs of all epochs to a CSV file, anew after every epoch.

    One row for each epoch, from 1, with the model's steps so far and a column for each log; where
    an epoch lacks a log, the cell is empty. Unlike that of `keras.callbacks.CSVLogger`, the file is
    never half-written, and a run that `Checkpoint` resumes leaves no epoch out and writes none
    twice. If the file cannot be written, as on a full disk, a warning is printed and training goes
    on.

    Args:
        path: The CSV file, a string or path; its folder is created if needed.

    Raises:
        InputError: If the folder cannot be written.

    Example:
        >>> gan.fit(data, epochs=50, callbacks=[HistoryLog("runs/dcgan/history.csv")])
    """

    def __init__(self, path):
        super().__init__()
        self.path = Path(path)
        writable_folder(self.path.parent)
        self._rows = []

    def on_epoch_end(self, epoch, logs=None):
        """Adds a row and writes the file."""
        self._rows.append({"epoch": epoch + 1, **steps_of(self.model), **(logs or {})})
        if not is_chief(self.model):
            return
        names = dict.fromkeys(name for row in self._rows for name in row)
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, list(names))
        table.writeheader()
        table.writerows(self._rows)
        with warn_if_not_written(self.path), whole_file(self.path) as file:
            file.write(text.getvalue().encode())

    def get_state(self):
        """Returns the rows so far."""
        return {"rows": self._rows}

    def set_state(self, state):
        """Goes on from the rows of earlier epochs."""
        self._rows = list(state["rows"])
