"""An end to training after so many steps or minutes."""

import time

import keras

from keras_gans.errors import InputError


class Budget(keras.callbacks.Callback):
    """Stops training once a number of steps or minutes is spent, also within an epoch.

    The epoch that is cut short ends as any other: its callbacks run.

    Args:
        steps: Generator updates, at least 1, or None for no limit. Default: None.
        minutes: Minutes since training began, above 0, or None for no limit. Default: None.

    Attributes:
        steps_done: Steps since training began.

    Raises:
        InputError: If a limit is out of range.

    Example:
        >>> gan.fit(data, epochs=10**6, callbacks=[keras_gans.callbacks.Budget(minutes=4)])
    """

    # Keras may call the batch hook from another thread: training need not wait for its logs.
    async_safe = True

    def __init__(self, steps=None, minutes=None):
        super().__init__()
        if steps is not None and steps < 1:
            raise InputError(f"`steps` must be at least 1. Received: {steps}.")
        if minutes is not None and minutes <= 0:
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

    def on_train_batch_end(self, batch, logs=None):
        """Counts the steps and looks at the clock."""
        # Several batches may pass between two calls (steps_per_execution).
        self.steps_done = self._earlier + batch + 1
        if self.spent() >= 1:
            self.model.stop_training = True

    def spent(self):
        """Returns the share of the budget that is spent, 0 to 1 and a little beyond."""
        return self._share(self.steps_done, time.monotonic() - self.started)

    def _share(self, steps, seconds):
        shares = [0.0]
        if self.steps:
            shares.append(steps / self.steps)
        if self.minutes:
            shares.append(seconds / (60 * self.minutes))
        return max(shares)

    def get_state(self):
        """Returns what is spent, without the steps of an epoch that has only begun."""
        return {"steps": self._earlier, "seconds": time.monotonic() - self.started}

    def set_state(self, state):
        """Goes on from what was spent."""
        self.steps_done = self._earlier = state["steps"]
        self.started = time.monotonic() - state["seconds"]

    def is_over(self, state):
        """Returns whether a state leaves nothing to spend."""
        return self._share(**state) >= 1
