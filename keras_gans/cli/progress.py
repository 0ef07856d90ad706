"""A progress bar over a whole training, with the time left."""

import keras
import tqdm


class Progress(keras.callbacks.Callback):
    """Shows how much of a budget is spent, the time left, the step and every player's mean loss.

    Args:
        budget: The `Budget` callback, listed before this one.
    """

    def __init__(self, budget):
        super().__init__()
        self.budget = budget

    def on_train_begin(self, logs=None):
        """Opens the bar."""
        self.bar = tqdm.tqdm(
            total=100,
            bar_format="{l_bar}{bar:20}| {elapsed} gone, {remaining} left{postfix}",
            mininterval=0.5,
        )

    def on_train_batch_end(self, batch, logs=None):
        """Moves the bar."""
        self.bar.update(min(100.0, 100.0 * self.budget.spent()) - self.bar.n)

    def on_epoch_end(self, epoch, logs=None):
        """Shows the epoch's mean losses."""
        logs = logs or {}
        losses = {player: f"{player}_loss" for player in self.model.players()}
        shown = [f"{player} {logs[log]:.3f}" for player, log in losses.items() if log in logs]
        self.bar.set_postfix_str(f"step {self.budget.steps_done:,}: {', '.join(shown)}")

    def on_train_end(self, logs=None):
        """Closes the bar."""
        self.bar.close()
