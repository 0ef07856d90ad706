"""Learning rates that change from epoch to epoch, for both optimizers at once."""

import math
from numbers import Real

import keras

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError


def linear_decay(start_epoch, total_epochs):
    """Makes a schedule that is constant at first, then falls linearly to zero.

    The rate of epoch e (from 0) is initial * min(1, (T - e) / (T - S)) with S the start and T the
    total. It is the full rate up to and including epoch S, and the last epoch, T - 1, still learns
    at 1 / (T - S) of it. CycleGAN trains with S = 100 and T = 200.

    Args:
        start_epoch: S, the epochs at the full rate, an integer of at least 0.
        total_epochs: T, the epochs until the rate is zero, an integer greater than S.

    Returns:
        A schedule for `LearningRateSchedule`: (epoch, initial_learning_rate) -> rate.

    Raises:
        InputError: If an argument is out of its range.

    Example:
        >>> schedule = linear_decay(100, 200)
        >>> schedule(150, 2e-4)
        0.0001
    """
    check_whole_numbers(least=0, start_epoch=start_epoch)
    check_whole_numbers(least=start_epoch + 1, total_epochs=total_epochs)

    def schedule(epoch, initial_learning_rate):
        left = max(0, total_epochs - epoch) / (total_epochs - start_epoch)
        return initial_learning_rate * min(1.0, left)

    return schedule


class LearningRateSchedule(keras.callbacks.Callback):
    """Sets the learning rates of the generator and the discriminator when an epoch begins.

    Each optimizer keeps its own initial rate, so that two-time-scale rates stay in proportion.
    The logs get "generator_learning_rate" and "discriminator_learning_rate".

    The initial rates are those of the optimizers when this callback first sees them, and hold
    for later calls of `fit` with the same callback. A training that goes on from a saved model
    finds rates that have fallen already: give the initial rates as numbers then. `Checkpoint` keeps
    them.

    Args:
        schedule: Function (epoch, initial_learning_rate) -> rate, with epoch from 0 and rate a
            finite number of at least 0.
        generator: The generator's initial rate, a number greater than 0; True (default) for that
            of its optimizer; False to leave its rate alone.
        discriminator: The same for the discriminator. Default True.

    Raises:
        InputError: If `schedule` cannot be called or an initial rate is no such number; when
            training begins, if an optimizer's rate is a keras schedule, which cannot be set; when
            an epoch begins, if the schedule returns no such rate.

    Example:
        >>> decay = LearningRateSchedule(linear_decay(100, 200))
        >>> model.fit(images, epochs=200, callbacks=[decay])
    """

    def __init__(self, schedule, generator=True, discriminator=True):
        super().__init__()
        if not callable(schedule):
            raise InputError(
                "`schedule` must be a function (epoch, initial_learning_rate) -> rate. "
                f"Received: {schedule!r}."
            )
        self._initial = {}
        for name, initial in (("generator", generator), ("discriminator", discriminator)):
            if not isinstance(initial, bool) and not (_is_rate(initial) and initial > 0):
                raise InputError(
                    f"`{name}` must be True, False or an initial rate greater than 0. "
                    f"Received: {initial!r}."
                )
            if initial is not False:
                self._initial[name] = initial
        self.schedule = schedule

    def on_train_begin(self, logs=None):
        """Finds the initial rates."""
        for name, initial in self._initial.items():
            rate = self._optimizer(name).learning_rate
            if not isinstance(rate, keras.Variable):
                raise InputError(
                    f"The {name}'s optimizer must have a number as its learning rate, for a keras "
                    f"schedule cannot be set by this callback. Received: {rate!r}."
                )
            if initial is True:
                self._initial[name] = float(rate.numpy())

    def get_state(self):
        """Returns the initial rates."""
        return {"initial": self._initial}

    def set_state(self, state):
        """Sets the initial rates, from which those of the model have gone."""
        self._initial = dict(state["initial"])

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the rates of the epoch."""
        for name, initial in self._initial.items():
            rate = self.schedule(epoch, initial)
            if not _is_rate(rate):
                raise InputError(
                    "A schedule must return a finite number of at least 0. "
                    f"Received: {rate!r} for epoch {epoch}."
                )
            self._optimizer(name).learning_rate = rate

    def on_epoch_end(self, epoch, logs=None):
        """Adds the rates to the logs."""
        if logs is not None:
            for name in self._initial:
                logs[f"{name}_learning_rate"] = float(self._optimizer(name).learning_rate.numpy())

    def _optimizer(self, name):
        return getattr(self.model, f"{name}_optimizer")


def _is_rate(value):
    return isinstance(value, Real) and math.isfinite(value) and value >= 0
