"""Scores of the averaged generator while it trains."""

import keras

from keras_gans.checks import MAX_SEED, check_whole_numbers
from keras_gans.metrics.entries import MEANINGS
from keras_gans.metrics.evaluation import (
    check_applies,
    check_metrics,
    choose_embedder,
    evaluate,
)
from keras_gans.metrics.sources import open_data, open_source


class Score(keras.callbacks.Callback):
    """Scores the averaged generator and adds the numbers to the logs of the epoch.

    The names are those of `keras_gans.metrics.evaluate`, such as "fid" or "precision", so that
    `ModelCheckpoint("best.keras", monitor="fid", save_best_only=True)` and `EarlyStopping`, listed
    after this callback, work, as `CSVLogger` does. The `fit` of this package's models tells them
    which way is better; where neither is, as for "ms_ssim", they need a `mode`.

    Epochs that are not scored repeat the last numbers, so that every epoch has them; the first
    epoch is always scored. Note that the patience of `EarlyStopping` counts epochs, also those that
    repeat.

    Models that make images from images are not scored while they train: `evaluate` takes their
    `inputs`.

    Args:
        data: The real images, as `keras_gans.metrics.evaluate` takes them.
        metrics: List of names, see `evaluate`. Default: ["fid"].
        embedder: See `evaluate`. Default: None, the data's own.
        every: Epochs from one evaluation to the next, at least 1. Default: 1.
        num_images: Number of generated images, at least 2. Default: 2,048, the fewest for FID.
        seed: Int from 0 to 2^32 - 1. Default: 0.
        split: See `evaluate`. Default: None.

    Raises:
        InputError: If an argument is out of its range; when training begins, if the data cannot be
            read or a metric does not apply.

    Example:
        >>> score = Score("fashion_mnist", metrics=["fid", "prdc"], every=5)
        >>> gan.fit(data, epochs=50, callbacks=[score])
    """

    def __init__(
        self, data, metrics=("fid",), embedder=None, every=1, num_images=2048, seed=0, split=None
    ):
        super().__init__()
        check_whole_numbers(least=1, every=every)
        check_whole_numbers(least=2, num_images=num_images)
        check_whole_numbers(least=0, most=MAX_SEED, seed=seed)
        self.data, self.split = data, split
        self.metrics = check_metrics(metrics)
        self.embedder = embedder
        self.every, self.num_images, self.seed = every, num_images, seed

    def on_train_begin(self, logs=None):
        """Opens the data and makes the embedder, once."""
        self._values = None
        fake = open_source(self.model, self.num_images, self.seed, 256)
        self._real = open_data(self.data, fake.shape, 256, self.split)
        self.embedder = choose_embedder(self.metrics, self.embedder, self._real)
        check_applies(self.metrics, fake, self._real, self.embedder)

    def meet_callbacks(self, callbacks):
        """Sets the mode of callbacks that monitor a score and were given none.

        `fit` calls this before training begins.

        Args:
            callbacks: The flat list of all callbacks.
        """
        for callback in callbacks:
            meaning = MEANINGS.get(getattr(callback, "monitor", None))
            if meaning and meaning.best != "none" and getattr(callback, "mode", None) == "auto":
                callback.mode = {"low": "min", "high": "max"}[meaning.best]

    def get_state(self):
        """Returns the last numbers."""
        return {"values": self._values}

    def set_state(self, state):
        """Goes on from the last numbers."""
        self._values = state["values"]

    def on_epoch_end(self, epoch, logs=None):
        """Scores the generator if it is its turn, and adds the numbers to the logs."""
        if self._values is None or (epoch + 1) % self.every == 0:
            scores = evaluate(
                self.model,
                self._real,
                self.metrics,
                self.embedder,
                self.num_images,
                self.seed,
                verbose=False,
            )
            self._values = {k: v for k, v in scores.items() if isinstance(v, float)}
        if logs is not None:
            logs.update(self._values)
