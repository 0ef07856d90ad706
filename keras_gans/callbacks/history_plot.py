"""One picture of how losses and accuracies went."""

from pathlib import Path

import keras
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_gans.callbacks.writing import steps_of, warn_if_not_written
from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.files import whole_file, writable_folder
from keras_gans.training.strategy import is_chief


class HistoryPlot(keras.callbacks.Callback):
    """Draws losses and accuracies over the steps, and redraws the file after every epoch.

    The upper panel shows the losses and penalties, the next one every log whose name ends in
    "accuracy", if there is one. Logs that are not among the model's own metrics, such as those of
    `Score`, follow in a panel each, since they have other scales. Validation ("val_...") is dashed,
    in the colour of its training log. Learning rates are left out. An epoch that is run again, as
    when a training is resumed from an earlier one, replaces what was drawn for it and for later
    ones. If the file cannot be written, as on a full disk, a warning is printed and training goes
    on.

    Args:
        path: The PNG file, a string or path that ends in ".png". Its folder is created if needed.
        exclude: Names of logs that are not drawn, nor their validation. Default ().
        every: Epochs from one drawing to the next, at least 1; the last one is always drawn.
            Default 1.

    Raises:
        InputError: If the file cannot be written or does not end in ".png", or `every` is out of
            range.

    Example:
        >>> plot = HistoryPlot("runs/dcgan/history.png")
        >>> model.fit(images, epochs=50, callbacks=[plot])
    """

    def __init__(self, path, exclude=(), every=1):
        super().__init__()
        check_whole_numbers(least=1, every=every)
        self.path = Path(path)
        if self.path.suffix.lower() != ".png" or self.path.is_dir():
            raise InputError(f"`path` must be a file that ends in .png. Received: {str(path)!r}.")
        writable_folder(self.path.parent)
        self.exclude, self.every = frozenset(exclude), every
        self._drawn = None
        self._logs = {}

    def on_epoch_end(self, epoch, logs=None):
        """Adds the epoch's logs and rewrites the file."""
        number = epoch + 1
        self._logs = {earlier: kept for earlier, kept in self._logs.items() if earlier < number}
        self._logs[number] = {name: float(value) for name, value in (logs or {}).items()}
        self._logs[number] |= steps_of(self.model)
        self._drawn = None
        if number % self.every == 0:
            self._write(number)

    def on_train_end(self, logs=None):
        """Draws the last epoch if it was not its turn."""
        last = max(self._logs, default=None)
        if last != self._drawn:
            self._write(last)

    def _write(self, number):
        self._drawn = number
        if not is_chief(self.model):
            return
        with warn_if_not_written(self.path), whole_file(self.path) as file:
            self.figure().savefig(file, format="png", dpi=100)

    def get_state(self):
        """Returns the logs of the epochs so far."""
        return {"logs": list(self._logs.items())}

    def set_state(self, state):
        """Goes on from the logs of earlier epochs."""
        self._logs = dict(map(tuple, state["logs"]))

    def figure(self):
        """Draws the epochs so far.

        Returns:
            A `matplotlib.figure.Figure` with axes for the losses, for the accuracies if there are
            any, then for each score. It belongs to no window and no backend.

        Example:
            >>> plot.figure().savefig("history.pdf")
        """
        panels = self._panels()
        figure = Figure(figsize=(8, 4 * len(panels)), layout="constrained")
        all_axes = figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
        for axes, (panel, names) in zip(all_axes, panels.items(), strict=True):
            self._draw(axes, names)
            axes.set_ylabel(panel)
            if panel == "accuracy":
                axes.set_ylim(-0.03, 1.03)
                if getattr(self.model, "accuracy_logs", ()):
                    # At one half each the discriminator only guesses.
                    axes.axhline(0.5, color="grey", linewidth=0.8, linestyle=":")
                    axes.set_ylabel("discriminator's accuracy")
        all_axes[-1].set_xlabel("step" if self._has_steps() else "epoch")
        all_axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
        return figure

    def _panels(self):
        """Returns the names of the logs in each panel, by the panel's name and in their order."""
        names = dict.fromkeys(name for logs in self._logs.values() for name in logs)
        panels = {"loss": [], "accuracy": []}
        for name in names:
            if self._is_drawn(name):
                panels.setdefault(self._panel(name), []).append(name)
        found = {panel: drawn for panel, drawn in panels.items() if drawn}
        return found or {"loss": []}  # An empty panel is a picture too.

    def _panel(self, name):
        if name.endswith("accuracy"):
            return "accuracy"
        own = [metric.name for metric in self.model.metrics] if self.model else [_base(name)]
        return "loss" if _base(name) in own else _base(name).replace("_", " ")

    def _is_drawn(self, name):
        hidden = name == "step" or name.endswith("learning_rate")
        return _base(name) not in self.exclude and not hidden

    def _has_steps(self):
        return all("step" in logs for logs in self._logs.values())

    def _draw(self, axes, names):
        """Draws one line for each name on the axes."""
        axes.grid(alpha=0.3)
        colours = {base: f"C{i}" for i, base in enumerate(dict.fromkeys(map(_base, names)))}
        by_step = self._has_steps()
        for name in names:
            epochs = [epoch for epoch, logs in self._logs.items() if name in logs]
            validation = name.startswith("val_")
            axes.plot(
                [self._logs[epoch]["step"] if by_step else epoch for epoch in epochs],
                [self._logs[epoch][name] for epoch in epochs],
                color=colours[_base(name)],
                linestyle="--" if validation else "-",
                # A single epoch makes no line, only its marker is seen.
                marker=".",
                label=_base(name).replace("_", " ") + (" (validation)" if validation else ""),
            )
        if names:
            axes.legend()


def _base(name):
    """Returns the name of the training log that a validation log belongs to."""
    return name.removeprefix("val_")
