"""Ends training after a number of steps or minutes."""

import time

import keras

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError


class Budget(keras.callbacks.Callback):
    """Stops training of any Keras model once a number of steps or minutes is spent.

    It does so within an epoch too, which then ends as any other does: its callbacks run.

    Args:
        steps: Training steps, an integer of at least 1, or None for no limit. Default: None.
        minutes: Minutes since training began, above 0, or None for no limit. Default: None.

    Attributes:
        steps_done: Steps since training began.

    Raises:
        InputError: If a limit is out of range.

    Example:
        >>> gan.fit(data, epochs=10**6, callbacks=[keras_gans.callbacks.Budget(minutes=4)])
    """

    def __init__(self, steps=None, minutes=None):
        super().__init__()
        if steps is not None:
            check_whole_numbers(least=1, steps=steps)
        if minutes is not None and not minutes > 0:
            raise InputError(f"`minutes` must be above 0. Received: {minutes}.")
        self.steps, self.minutes = steps, minutes
        self.steps_done = 0

    def on_train_begin(self, logs=None):
        """Starts the clock."""
        self.steps_done = self._earlier = 0
        self.started = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        """Notes the steps of the epochs so far."""
        self._earlier = self.steps_done

    def on_train_batch_begin(self, batch, logs=None):
        """Notes whether the batch was done before a run was resumed."""
        self._passes = getattr(self.model, "is_passing", False)

    def on_train_batch_end(self, batch, logs=None):
        """Counts the steps and looks at the clock."""
        # Several batches may pass between two calls (steps_per_execution).
        self.steps_done = self._earlier + batch + 1
        # An epoch without a step of its own has no losses.
        if self.spent() >= 1 and not self._passes:
            self.model.stop_training = True

    def spent(self):
        """Returns the share of the budget that is spent, 0 to 1 and a little beyond."""
        return self._share(self.steps_done, time.monotonic() - self.started)

    def _share(self, steps, seconds):
        return max(self._shares(steps, seconds).values(), default=0.0)

    def _shares(self, steps, seconds):
        """Returns the share that is spent of each limit, by its argument's name."""
        spent = {"steps": steps, "minutes": seconds / 60}
        limits = {"steps": self.steps, "minutes": self.minutes}
        return {name: spent[name] / limit for name, limit in limits.items() if limit}

    def get_state(self):
        """Returns what is spent; the steps within an epoch that has only begun stand apart."""
        return {
            "steps": self._earlier,
            "within": self.steps_done - self._earlier,
            "seconds": time.monotonic() - self.started,
        }

    def set_state(self, state):
        """Goes on from what was spent; batches that are passed over are counted again."""
        self.steps_done = self._earlier = state["steps"]
        self.started = time.monotonic() - state["seconds"]

    def is_over(self, state):
        """Returns whether a state of `get_state` leaves nothing to spend."""
        return self._share(_steps(state), state["seconds"]) >= 1

    def spent_message(self, state):
        """Returns the sentence that says what is spent and how to go on.

        Args:
            state: What `get_state` returned, of which `is_over` is true.

        Returns:
            Such as "The budget of 20 steps is spent already (20 steps): give more `steps` to go
            on."
        """
        steps = _steps(state)
        shares = self._shares(steps, state["seconds"])
        over = [name for name in shares if shares[name] >= 1]
        limits = " and ".join(_count(getattr(self, name), name) for name in over)
        spent = {"steps": steps, "minutes": round(state["seconds"] / 60, 1)}
        spent = " and ".join(_count(spent[name], name) for name in over)
        more = " and ".join(f"`{name}`" for name in over)
        return f"The budget of {limits} is spent already ({spent}): give more {more} to go on."


def _steps(state):
    """Returns all steps of a state."""
    return state["steps"] + state.get("within", 0)  # Earlier versions did not keep it.


def _count(number, units):
    return f"{number:,} {units if number != 1 else units.removesuffix('s')}"
