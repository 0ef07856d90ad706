"""Learning rates that change from epoch to epoch, for all optimizers at once."""

import math
from numbers import Real

import keras

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.training.rates import learning_rate


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
    """Sets the learning rate of every player when an epoch begins.

    Each optimizer keeps its own initial rate, so that two-time-scale rates stay in proportion.
    The logs get "<player>_learning_rate" of each, such as "generator_learning_rate".

    The initial rates are those of the optimizers when this callback first sees them, and hold
    for later calls of `fit` with the same callback. A training that goes on from a saved model
    finds rates that have fallen already: give the initial rates as numbers then. `Checkpoint` keeps
    them.

    Args:
        schedule: Function (epoch, initial_learning_rate) -> rate, with epoch from 0 and rate a
            finite number of at least 0.
        **players: By the name of a player, such as `generator` or `discriminator`: its initial
            rate, a number greater than 0; True for that of its optimizer; False to leave its rate
            alone. Default: True for every player of the model.

    Raises:
        InputError: If `schedule` cannot be called or an initial rate is no such number; when
            training begins, if the model has no such player or changes its rates itself, or if an
            optimizer's rate is a Keras schedule, which cannot be set; when an epoch begins, if the
            schedule returns no such rate.

    Example:
        >>> decay = LearningRateSchedule(linear_decay(100, 200))
        >>> model.fit(images, epochs=200, callbacks=[decay])
    """

    def __init__(self, schedule, **players):
        super().__init__()
        if not callable(schedule):
            raise InputError(
                "`schedule` must be a function (epoch, initial_learning_rate) -> rate. "
                f"Received: {schedule!r}."
            )
        for name, initial in players.items():
            if not isinstance(initial, bool) and not (_is_rate(initial) and initial > 0):
                raise InputError(
                    f"`{name}` must be True, False or an initial rate greater than 0. "
                    f"Received: {initial!r}."
                )
        self.schedule = schedule
        self._given = players
        self._initial = {}

    def on_train_begin(self, logs=None):
        """Finds the players and their initial rates."""
        players = list(self.model.optimizers)
        unknown = [name for name in self._given if name not in players]
        if unknown:
            raise InputError(
                "A learning rate is set by the name of one of the model's players, "
                f"{', '.join(players)}. Received: {', '.join(unknown)}."
            )
        if getattr(self.model, "moves_rates", False):
            raise InputError(
                f"Rates follow a LearningRateSchedule, or the schedule of a "
                f"{type(self.model).__name__} in images. Received: both of them."
            )
        choices = dict.fromkeys(players, True) | self._given
        self._rates = {
            player: learning_rate(self.model, player)
            for player, initial in choices.items()
            if initial is not False
        }
        for player, rate in self._rates.items():
            given = choices[player]
            self._initial.setdefault(player, float(rate.numpy()) if given is True else given)

    def get_state(self):
        """Returns the initial rates."""
        return {"initial": self._initial}

    def set_state(self, state):
        """Sets the initial rates, from which those of the model have moved away."""
        self._initial = dict(state["initial"])

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the rates of the epoch."""
        for player, variable in self._rates.items():
            rate = self.schedule(epoch, self._initial[player])
            if not _is_rate(rate):
                raise InputError(
                    "A schedule must return a finite number of at least 0. "
                    f"Received: {rate!r} for epoch {epoch}."
                )
            variable.assign(rate)

    def on_epoch_end(self, epoch, logs=None):
        """Adds the rates to the logs."""
        if logs is not None:
            for player, variable in self._rates.items():
                logs[f"{player}_learning_rate"] = float(variable.numpy())


def _is_rate(value):
    return isinstance(value, Real) and math.isfinite(value) and value >= 0
