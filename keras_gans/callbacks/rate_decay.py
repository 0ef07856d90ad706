"""Learning rates that fall towards the end of a budget."""

import keras

from keras_gans.callbacks.learning_rate_schedule import LearningRateSchedule
from keras_gans.errors import InputError
from keras_gans.training.rates import learning_rate


class RateDecay(keras.callbacks.Callback):
    """Keeps all learning rates for half of a budget, then lets them fall to a thousandth.

    The last images are then those of settled networks, whenever the budget ends. When training ends
    the rates are whole again, for a training that follows.

    Args:
        budget: The `Budget` callback, listed before this one.

    Raises:
        InputError: When training begins, if an optimizer's rate is a Keras schedule, or a
            `LearningRateSchedule` sets it.

    Example:
        >>> budget = keras_gans.callbacks.Budget(minutes=4)
        >>> decay = keras_gans.callbacks.RateDecay(budget)
        >>> gan.fit(data, epochs=10**6, callbacks=[budget, decay])
    """

    EVERY = 20
    """Batches from one change of the rates to the next."""

    LEAST = 1e-3
    """The share of the rates that is left at the end."""

    def __init__(self, budget):
        super().__init__()
        self.budget = budget
        self._share = 1.0

    def meet_callbacks(self, callbacks):
        """Refuses another callback that sets the rates."""
        if any(isinstance(each, LearningRateSchedule) for each in callbacks):
            raise InputError(
                "Rates follow a RateDecay or a LearningRateSchedule. Received: both of them."
            )

    def on_train_begin(self, logs=None):
        """Begins with the whole rates."""
        self._rates = [learning_rate(self.model, player) for player in self.model.optimizers]
        self._share = 1.0

    def get_state(self):
        """Returns the share of the rates that is left."""
        return {"share": self._share}

    def set_state(self, state):
        """Goes on from the share of the rates that is left."""
        self._share = state["share"]

    def on_train_batch_begin(self, batch, logs=None):
        """Lowers the rates, but not for batches that were done before a run was resumed."""
        if self.model.is_passing:
            return
        if batch % self.EVERY < self.model.steps_per_execution:
            share = max(self.LEAST, min(1.0, 2 * (1 - self.budget.spent())))
            if share != self._share:
                # By a factor, so that other changes of the rates are kept.
                for rate in self._rates:
                    rate.assign(rate.numpy() * (share / self._share))
                self._share = share

    def on_train_end(self, logs=None):
        """Gives the rates back."""
        for rate in self._rates:
            rate.assign(rate.numpy() / self._share)
        self._share = 1.0
