"""Learning rates that fall to zero towards the end of a budget."""

import keras


class RateDecay(keras.callbacks.Callback):
    """Keeps both learning rates for the first half of a budget, then lets them fall to zero.

    The last images then are those of settled networks, whenever the budget ends.

    Args:
        budget: The `Budget` callback, listed before this one.

    Example:
        >>> budget = keras_gans.callbacks.Budget(minutes=4)
        >>> decay = keras_gans.callbacks.RateDecay(budget)
        >>> gan.fit(data, epochs=10**6, callbacks=[budget, decay])
    """

    EVERY = 20

    def __init__(self, budget):
        super().__init__()
        self.budget = budget

    def on_train_begin(self, logs=None):
        """Notes the rates to start from."""
        optimizers = (self.model.generator_optimizer, self.model.discriminator_optimizer)
        self.rates = [(o.learning_rate, float(o.learning_rate.numpy())) for o in optimizers]

    def get_state(self):
        """Returns the rates to start from."""
        return {"rates": [initial for _, initial in self.rates]}

    def set_state(self, state):
        """Sets the rates to start from, which have fallen since."""
        rates = zip(self.rates, state["rates"], strict=True)
        self.rates = [(rate, initial) for (rate, _), initial in rates]

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the rates."""
        if batch % self.EVERY < self.model.steps_per_execution:
            share = max(0.0, min(1.0, 2 * (1 - self.budget.spent())))
            for rate, initial in self.rates:
                rate.assign(share * initial)
