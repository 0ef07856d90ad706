"""Checkpoints while training, from which a run that was killed goes on as if it had not been."""

import contextlib
import copy
import inspect
import json
import numbers
import signal
import threading
import time

import numpy as np

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.files import locked, writable_folder
from keras_gans.training import snapshot
from keras_gans.training.resume import Place, Resuming
from keras_gans.training.strategy import is_chief, num_workers

SIGNALS = (signal.SIGTERM, signal.SIGINT)
FOUND = {"append_header"}
"""What Keras' callbacks find out when training begins: CSVLogger, of its file."""


class Checkpoint(Resuming):
    """Saves all that training needs to go on, and lets `fit` go on from there, mid-epoch too.

    A checkpoint holds the weights, all optimizers, the average, step, epoch and place in the data,
    random streams, the epoch's means so far, the logs of the epochs and the state of the other
    callbacks: what their `get_state()` returns and `set_state(state)` takes, or otherwise their
    public numbers. Arrays, and what `keras_gans.data` returns, go on with the very next batch;
    after `make_deterministic` the result is then bit for bit that of an uninterrupted run.
    Other data, and these after `.map`, `.take` or `.repeat`, begin anew; a note says so.

    Files are written to a temporary name, moved, and verified when they are read: if the last is
    damaged, the one before it is used. None is made of weights that are not finite. A checkpoint
    that cannot be written, as on a full disk, is reported, leaves the earlier ones alone, and is
    tried again when the next is due. SIGTERM and Ctrl-C save a checkpoint first: SIGTERM then ends
    the process with exit code 143, Ctrl-C raises KeyboardInterrupt.

    Args:
        directory: Folder of the checkpoints, a string or path; created if needed. One run at a
            time may write it.
        every_steps: Generator updates from one checkpoint to the next, at least 1, or None for no
            such limit. Default: None.
        every_minutes: Minutes from one checkpoint to the next, above 0, or None. Default: None,
            which means 5 if `every_steps` is None too. Several workers need `every_steps`.
        keep: Number of checkpoints that are kept, at least 1. Default: 3.
        resume: Whether to go on from the newest checkpoint, if there is one. Default: False, which
            needs a folder without checkpoints, so that no run is lost.
        config: Dict, writable as JSON, of what else must be the same when a run is resumed. The
            model, its optimizers and data from `load` are compared in any case. Default: none.

    Raises:
        InputError: If an argument is out of its range or the folder cannot be written; when
            training begins, if another run is at work in the folder, the checkpoints are another
            run's, or all are damaged, several workers have no `every_steps`, or an EarlyStopping
            of a run that is resumed is to restore weights.

    Example:
        >>> checkpoint = Checkpoint("runs/dcgan/checkpoints", every_steps=1000, resume=True)
        >>> gan.fit(data, epochs=50, callbacks=[checkpoint])
    """

    def __init__(
        self, directory, every_steps=None, every_minutes=None, keep=3, resume=False, config=None
    ):
        super().__init__()
        check_whole_numbers(least=1, keep=keep)
        if every_steps is not None:
            check_whole_numbers(least=1, every_steps=every_steps)
        if every_minutes is not None and not every_minutes > 0:
            raise InputError(f"`every_minutes` must be above 0. Received: {every_minutes!r}.")
        if every_steps is None and every_minutes is None:
            every_minutes = 5.0
        self.directory = writable_folder(directory)
        self.every_steps, self.every_minutes = every_steps, every_minutes
        self.keep, self.resume = keep, resume
        self.config = dict(config or {})

    @contextlib.contextmanager
    def at_work(self, model, callbacks, data, steps=None):
        """Restores the newest checkpoint and guards the run; see `training.resume`."""
        if num_workers(model) > 1 and self.every_minutes:
            raise InputError(
                "Several workers must save at the same step: use `every_steps`. "
                f"Received: every_minutes={self.every_minutes}."
            )
        if self.resume and any(getattr(each, "restore_best_weights", False) for each in callbacks):
            raise InputError(
                "A run that is resumed does not know EarlyStopping's best weights of before: use "
                "ModelCheckpoint with `save_best_only=True` beside it. "
                "Received: `restore_best_weights=True`."
            )
        self.set_model(model)
        self._others = {}
        for callback in callbacks:
            kind = type(callback).__name__
            number = sum(name.startswith(f"{kind} ") for name in self._others)
            self._others[f"{kind} {number}"] = callback
        # In JSON tuples become lists: what is compared is what was written.
        self._config = json.loads(json.dumps(self._configuration(data), default=str))
        with contextlib.ExitStack() as stack:
            if is_chief(model):
                stack.enter_context(locked(self.directory))
                for left in self.directory.glob(".tmp-*"):
                    left.unlink()  # By a process that was killed while it wrote.
            self._steps = steps
            self._restored = self._restore()
            self._signal = self._snapshot = self._epoch = None
            self._is_writing = False
            if threading.current_thread() is threading.main_thread():
                for number in SIGNALS:
                    stack.callback(signal.signal, number, signal.signal(number, self._stop))
            if self._config["data"] is None:
                print(
                    "Note: when this run is resumed its data begin anew. Only arrays and what "
                    "`keras_gans.data` returns, as it returns it, go on with the next batch."
                )
            if self._restored is None:
                yield Place()
            else:
                yield Place(self._restored["epoch"], self._restored["batch"], self._is_over())

    def _configuration(self, data):
        model = self.model
        return self.config | {
            "model": {"class": type(model).__name__, **model.get_config()},
            "optimizers": model.compiled_as,
            "data": getattr(data, "config", None),
        }

    def _restore(self):
        """Sets the model to the newest checkpoint; returns what else it holds, or None."""
        if not snapshot.listed(self.directory):
            return None
        if not self.resume:
            raise InputError(
                "Checkpoints of an earlier run must be resumed or be in another folder. "
                f"Received: {str(self.directory)!r}, which has some, and `resume=False`."
            )
        found, damaged = snapshot.newest(self.directory)
        for message in damaged:
            print(f"Warning: {message}; an earlier checkpoint is used if there is one.")
        if found is None:
            raise InputError(
                f"At least one checkpoint must be whole. Received: {str(self.directory)!r}, where "
                "all are damaged."
            )
        arrays, meta = found
        different = snapshot.differences(meta["config"], self._config)
        if different:
            named = "data.content (the images themselves)"
            different = [one.replace("data.content", named) for one in different]
            raise InputError(
                "A run is resumed with the configuration that it began with. Received other values "
                f"of {'; '.join(different[:5])}"
                + (f"; and {len(different) - 5} more." if different[5:] else ".")
            )
        steps = meta.get("steps_per_epoch")  # Earlier versions did not keep it.
        if meta["batch"] and None not in (steps, self._steps) and steps != self._steps:
            raise InputError(
                "A run that was stopped within an epoch goes on with the same `steps_per_epoch`. "
                f"Received: {self._steps}, and {steps} before."
            )
        snapshot.restore(self.model, arrays)
        self._means = [variable.numpy() for variable in self.model.metrics_variables]
        print(f"Going on from step {self.model.steps_done:,}, in epoch {meta['epoch'] + 1}.")
        return meta

    def _is_over(self):
        """Returns whether a budget is spent, and says so."""
        states = self._restored["callbacks"].items()
        known = [(self._others[name], state) for name, state in states if name in self._others]
        spent = [(c, s) for c, s in known if hasattr(c, "is_over") and c.is_over(s)]
        for callback, state in spent:
            print(callback.spent_message(state))
        return bool(spent)

    def on_train_begin(self, logs=None):
        """Gives the other callbacks their state back."""
        if self._restored:
            for name, state in self._restored["callbacks"].items():
                if name in self._others:
                    _set_state(self._others[name], state)
        self._saved_step, self._saved_at = self.model.steps_done, time.monotonic()
        self._traced = False

    def on_epoch_begin(self, epoch, logs=None):
        """Notes the epoch; restores the means of one that was begun, and the earlier logs."""
        self._epoch = epoch
        self._first = self._restored["batch"] if self._restored else 0
        self._give_back()

    def _give_back(self):
        """Restores what Keras resets when training or an epoch begins, once."""
        if self._restored:
            history = self.model.history
            history.epoch, history.history = self._restored["epochs"], self._restored["history"]
            if self._restored["batch"]:
                for variable, value in zip(self.model.metrics_variables, self._means, strict=True):
                    variable.assign(value)
            self._restored = None

    def on_train_batch_begin(self, batch, logs=None):
        """Saves if it is time, or if the process was told to stop."""
        if batch < self._first:
            return
        # What is saved if a signal comes while the first step is traced or in the epoch's end.
        if not self._traced or self._is_last(batch):
            self._snapshot = self._capture(batch)
        else:
            self._snapshot = None
        self._traced = True
        if self._signal is not None:
            self._end(self._capture(batch))
        step = self.model.steps_done
        self._saved_step = min(self._saved_step, step)  # The weights may be those of before.
        due = self.every_steps and step - self._saved_step >= self.every_steps
        if self.every_minutes:
            due = due or time.monotonic() - self._saved_at >= 60 * self.every_minutes
        if due:
            self._save(self._capture(batch))

    def on_train_end(self, logs=None):
        """Saves the end, so that a later run with more epochs can go on from it."""
        self._give_back()
        if self._epoch is not None:
            self._epoch += 1
            self._save(self._capture(0))
            if self._signal is not None:
                self._exit()

    def _is_last(self, batch):
        steps = self.params.get("steps")
        return steps is not None and batch + self.model.steps_per_execution >= steps

    def _capture(self, batch):
        """Returns a checkpoint's arrays and the rest, before a batch (from 0) of the epoch."""
        history = self.model.history
        states = {name: _state(callback) for name, callback in self._others.items()}
        states = copy.deepcopy(states)  # They go on changing.
        data = self._config["data"] or {}
        images = data.get("batch_size", 0) * self.model.batches_per_step
        return snapshot.take(self.model), {
            "step": self.model.steps_done,
            "images_seen": int(self.model.batches_done.numpy()) * images or None,
            "epoch": self._epoch,
            "batch": batch,
            "steps_per_epoch": self._steps,
            "epochs": list(history.epoch),
            "history": {name: list(values) for name, values in history.history.items()},
            "callbacks": states,
            "config": self._config,
        }

    def _save(self, captured):
        """Writes a checkpoint and removes those that are too many; returns its path, or None."""
        self._saved_step, self._saved_at = captured[1]["step"], time.monotonic()
        if not is_chief(self.model):
            return None
        if not all(np.isfinite(array).all() for array in captured[0].values()):
            print("\nWarning: no checkpoint is made of weights that are not finite.")
            return None
        path = snapshot.path_of(self.directory, captured[1]["step"])
        self._is_writing = True
        try:
            snapshot.write(path, *captured)
        except OSError as error:
            print(
                f"\nWarning: the checkpoint {path} could not be written ({error}). Earlier ones "
                "are as they were; training goes on and tries again when the next is due."
            )
            return None
        finally:
            self._is_writing = False
        # Later ones are of a way that was given up, as when training diverges.
        kept = [other for other in snapshot.listed(self.directory) if other <= path][-self.keep :]
        for other in snapshot.listed(self.directory):
            if other not in kept:
                other.unlink(missing_ok=True)
        return path

    def _stop(self, number, frame):
        self._signal = number
        # What is being written just now would be spoilt; what comes next sees the signal.
        if self._snapshot is not None and not self._is_writing:
            self._end(self._snapshot)

    def _end(self, captured):
        """Saves a checkpoint and ends the process."""
        path = self._save(captured)
        name = signal.Signals(self._signal).name
        saved = f"Saved {path}." if path else "Nothing was saved."
        print(f"\nStopped by {name} at step {captured[1]['step']:,}. {saved}")
        self._exit()

    def _exit(self):
        if self._signal == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + self._signal)


def _state(callback):
    """Returns what a callback must remember, as a dict that JSON can hold."""
    if hasattr(callback, "get_state"):
        return callback.get_state()
    return {
        name: value if isinstance(value, bool | int) else float(value)
        for name, value in vars(callback).items()
        if isinstance(value, numbers.Real)
        and not name.startswith("_")
        and name not in _given(callback)
        and name not in FOUND
    }


def _given(callback):
    """Returns the names of what a callback is made with, which the code that resumes it decides."""
    makers = [kind.__init__ for kind in type(callback).__mro__]
    return {name for make in makers for name in inspect.signature(make).parameters}


def _set_state(callback, state):
    if hasattr(callback, "set_state"):
        callback.set_state(state)
    else:
        given = _given(callback)
        vars(callback).update({name: x for name, x in state.items() if name not in given})
