"""A watch over training: numbers that blow up, and the two ways in which GANs commonly fail."""

import math
from numbers import Real

import keras
import numpy as np

from keras_gans.callbacks.rate_decay import RateDecay
from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.metrics.entries import MEANINGS
from keras_gans.training.rates import learning_rate

IMAGE_FLOOR = 2 / 255
"""Images whose mean pairwise distance is at most this share of the range look the same."""

SHARE_OF_HIGHEST = 0.1
"""Samples also count as the same if their distance fell to this share of the highest so far."""


JUMP = 20
"""A loss that rises above so many times its highest so far, or 1, has jumped."""


class DivergenceGuard(keras.callbacks.Callback):
    """Stops a training that diverges and restores its last good weights; warns of failing ones.

    Divergence: a log that is NaN or infinite, or such a number in the weights or in the state of
    an optimizer at an epoch's end. The weights and all optimizers are set back to the last epoch's
    end at which everything was finite, or to the beginning of training, and training stops, or with
    `retries` goes on at lower rates. The copy is kept in host memory. The logs of a batch are means
    over the epoch so far, so a NaN is still there when the next check comes. List this callback
    before others that use the model at an epoch's end, so that they find the restored weights.

    Three warnings, each printed once, that leave training alone:

    - A loss has jumped: a player's mean loss over an epoch was above 20 times the highest of the
      epochs before, or 20 if that was below 1. What was learned is often lost then. In the first
      epoch the loss is judged beside the model's `untrained_losses`, if it has one there.

    - The discriminator has won: all of the model's `accuracy_logs`, such as the accuracies on real
      and on generated images, exceeded `saturation` for `patience` epochs in a row. A model that
      has none gets no such warning, such as a Wasserstein GAN, whose critic should be as good as
      possible, or one whose loss pairs images: it is right of nearly all pairs when all is well.
    - The generator has collapsed: for `patience` epochs in a row, `samples` samples were nearly
      the same. Their mean pairwise distance (mean absolute difference) was at most 2 / 255 of
      the range of pixels, or at most a tenth of the highest seen in this training. Only samples
      that differ by nothing but their latents are compared, see the model's `alternatives`: in a
      conditional model those of the same class. A model without latents gets no such warning.

    Args:
        patience: Epochs in a row after which a warning is given, at least 1. Default 3.
        check_every: Batches from one look at the logs to the next, at least 1. Default 50.
        samples: Samples to compare, at least 2; 0 turns the collapse warning off. Default 64.
        seed: Seed of the latents of these samples, an integer of at least 0. Default 0.
        saturation: Accuracy in 0..1 above which the discriminator has won; None turns that warning
            off. Default 0.99.
        retries: How often training goes on from the last good state with lower learning rates
            before it stops, at least 0. Default 0.
        rate_factor: What all learning rates are multiplied by each time, above 0 and at most 1; a
            `LearningRateSchedule` sets its own rates at the next epoch. Default 0.5.

    Attributes:
        diverged: None, or what was found in this training: a dict of "log" (name of the log, or
            "weights"), "value" (the number that is not finite), "epoch" and "batch" (from 1; the
            batch is None if it was found at the epoch's end), and "restored" (in words).
        messages: List of everything that was printed in this training.

    Raises:
        InputError: If an argument is out of its range; when training begins, if the weights
            are not finite, or if there are `retries` and an optimizer's rate is a Keras schedule.

    Example:
        >>> guard = DivergenceGuard(patience=5)
        >>> model.fit(images, epochs=50, callbacks=[guard])
        >>> guard.diverged
    """

    def __init__(
        self,
        patience=3,
        check_every=50,
        samples=64,
        seed=0,
        saturation=0.99,
        retries=0,
        rate_factor=0.5,
    ):
        super().__init__()
        check_whole_numbers(least=0, retries=retries)
        if not (isinstance(rate_factor, Real) and 0 < rate_factor <= 1):
            raise InputError(
                f"`rate_factor` must be above 0 and at most 1. Received: {rate_factor!r}."
            )
        check_whole_numbers(least=1, patience=patience)
        check_whole_numbers(least=1, check_every=check_every)
        check_whole_numbers(least=0, samples=samples)
        check_whole_numbers(least=0, seed=seed)
        if samples == 1:
            raise InputError("`samples` must be 0 or at least 2. Received: 1.")
        if saturation is not None and not (isinstance(saturation, Real) and 0 <= saturation <= 1):
            raise InputError(f"`saturation` must be None or in 0..1. Received: {saturation!r}.")
        self.patience = patience
        self.check_every = check_every
        self.samples = samples
        self.seed = seed
        self.saturation = saturation
        self.retries, self.rate_factor = retries, rate_factor
        self.diverged = None
        self.messages = []
        self._decays = []

    def meet_callbacks(self, callbacks):
        """Notes what changes the rates, and so goes back with them."""
        self._decays = [callback for callback in callbacks if isinstance(callback, RateDecay)]

    def on_train_begin(self, logs=None):
        """Copies the weights that training begins with."""
        self.diverged = None
        self.messages = []
        self._restored = False
        self._retries_left, self._tried = self.retries, 0
        players = self.model.optimizers if self.retries else ()
        self._rates = [learning_rate(self.model, player) for player in players]
        self._highest, self._losses, self._has_jumped = 0.0, {}, False
        self._streaks = {"saturated": 0, "collapsed": 0}
        self._good, self._good_decays = self._state(), None
        self._good_name = "the beginning of training"
        bad = _first_bad(self._good)
        if bad is not None:
            raise InputError(
                f"The model's weights must be finite when training begins. Received: {bad}."
            )

    def get_state(self):
        """Returns what the warnings depend on."""
        return {
            "highest": self._highest,
            "losses": self._losses,
            "has_jumped": self._has_jumped,
            "streaks": self._streaks,
            "retries": self.retries,
            "retries_left": self._retries_left,
        }

    def set_state(self, state):
        """Goes on from what the warnings depend on."""
        self._highest, self._streaks = state["highest"], dict(state["streaks"])
        self._losses, self._has_jumped = dict(state["losses"]), state["has_jumped"]
        used = state["retries"] - state["retries_left"]
        self._retries_left = max(0, self.retries - used)

    def on_epoch_begin(self, epoch, logs=None):
        """Starts counting the epoch's batches."""
        self._epoch = epoch + 1
        self._checked = 0
        if self._good_decays is None:  # All have been given their states back by now.
            self._good_decays = [decay.get_state() for decay in self._decays]
        self._retry()

    def on_train_batch_begin(self, batch, logs=None):
        """Goes on from the good state, if training diverged and may be tried again."""
        if self.diverged is not None:
            self._restore()
            self._retry()
            self._checked = batch

    def on_train_batch_end(self, batch, logs=None):
        """Stops training if a log is not finite; looks every `check_every` batches."""
        # Several batches may pass between two calls (steps_per_execution).
        if batch + 1 - self._checked >= self.check_every:
            self._checked = batch + 1
            self._look(logs, batch + 1)

    def on_test_begin(self, logs=None):
        """Restores the good weights before they are validated."""
        self._restore()

    def on_epoch_end(self, epoch, logs=None):
        """Restores the good weights or copies the new ones, and warns."""
        self._look(logs, None)
        if self.diverged is None:
            state = self._state()
            bad = _first_bad(state)
            if bad is None:
                self._good, self._tried = state, 0
                self._good_decays = [decay.get_state() for decay in self._decays]
                self._good_name = f"the end of epoch {self._epoch}"
                self._warn(logs or {})
            else:
                self._stop("weights", bad, None)
        self._restore()

    def _look(self, logs, batch):
        """Stops training if a log is not finite."""
        for name, value in (logs or {}).items():
            # Scores may be infinite.
            if self.diverged is None and name not in MEANINGS and not math.isfinite(float(value)):
                self._stop(name, float(value), batch)

    def _stop(self, log, value, batch):
        self.diverged = {
            "log": log,
            "value": value,
            "epoch": self._epoch,
            "batch": batch,
            "restored": f"the weights and optimizers of {self._good_name}",
        }
        # Within an epoch Keras' loop would end it before the next batch could begin anew.
        if self._retries_left == 0:
            self.model.stop_training = True

    def _retry(self):
        """Lowers the rates and forgets the divergence, after the good state was restored."""
        if self.diverged is None or self._retries_left == 0:
            return
        self._retries_left -= 1
        self._tried += 1  # From this good state, whose own rates were restored.
        for rate in self._rates:
            rate.assign(rate.numpy() * self.rate_factor**self._tried)
        self.diverged, self._restored = None, False

    def _restore(self):
        """Sets the model back to its last good state, once, if it has diverged."""
        if self.diverged is None or self._restored:
            return
        self._restored = True
        good = {id(variable): value for variable, value in self._good}
        for variable in self._variables():
            if id(variable) in good:
                variable.assign(good[id(variable)])
            elif variable.shape:
                # A moment of an optimizer that was built after the copy; they start from zero.
                variable.assign(np.zeros(variable.shape))
        self.model.state_was_set()
        self.model.reset_metrics()  # A mean that is not finite stays so, and none is saved.
        for decay, state in zip(self._decays, self._good_decays, strict=True):
            decay.set_state(state)
        found, goes_on = self.diverged, self._retries_left > 0
        outcome = "training goes on with lower learning rates" if goes_on else "training stops"
        batch = "at the end of" if found["batch"] is None else f"at batch {found['batch']} of"
        self._say(
            f"Training diverged: {found['log']} was {found['value']} {batch} epoch "
            f"{found['epoch']}, so {outcome} and {found['restored']} were restored."
        )

    def _variables(self):
        """Returns all that makes up the state of training but the place in the data."""
        optimizers = self.model.optimizers.values()
        weights = [v for v in self.model.weights if v is not self.model.batches_done]
        return [*weights, *(v for optimizer in optimizers for v in optimizer.variables)]

    def _state(self):
        return [(v, v.numpy()) for v in self._variables()]

    def _warn(self, logs):
        """Warns of a loss that jumped, and once a network has looked as if it had failed."""
        for name in (f"{player}_loss" for player in self.model.players()):
            if name not in logs:
                continue
            loss, when = float(logs[name]), "at most {:.3g} before"
            highest = self._losses.get(name)
            if highest is None:
                highest = self.model.untrained_losses.get(name, math.inf)
                when = "{:.3g} before anything is learned"
            if loss > JUMP * max(1.0, highest) and not self._has_jumped:
                self._has_jumped = True
                self._say(
                    f"Warning: {name} has jumped: its mean over the epoch was {loss:.3g}, and "
                    f"{when.format(highest)}, so what was learned may be lost. Try lower "
                    "learning rates, gradient penalties, or an earlier checkpoint."
                )
            self._losses[name] = max(loss, self._losses.get(name, loss))
        names = self.model.accuracy_logs
        if self.saturation is not None and names and all(name in logs for name in names):
            saturated = min(float(logs[name]) for name in names) > self.saturation
            if self._lasted("saturated", saturated):
                self._say(
                    f"Warning: the discriminator has won: for {self.patience} epochs it got over "
                    f"{100 * self.saturation:g} % of the real and of the generated samples right, "
                    "so the generator gets almost no useful gradient. Try a lower learning rate "
                    "or fewer steps for the discriminator, a gradient penalty such as R1, "
                    "augmentation of what it sees, or a Wasserstein or hinge loss."
                )
        groups = self.model.alternatives(self.samples, self.seed) if self.samples else ()
        if groups:
            distance, floor = _distance(groups)
            self._highest = max(self._highest, distance)
            collapsed = distance <= max(floor, SHARE_OF_HIGHEST * self._highest)
            if self._lasted("collapsed", collapsed):
                self._say(
                    f"Warning: the generator has collapsed: for {self.patience} epochs "
                    f"{self.samples} samples were nearly the same, whatever the latent (mean "
                    f"pairwise distance {distance:.3g}, highest so far {self._highest:.3g}). Try "
                    "an earlier checkpoint with lower learning rates or a larger batch; against a "
                    "discriminator, also minibatch standard deviation in it, or a Wasserstein loss "
                    "with a gradient penalty."
                )

    def _lasted(self, name, holds):
        """Returns whether a condition has just held for `patience` epochs for the first time."""
        streak = self._streaks[name]
        if streak < self.patience:
            self._streaks[name] = streak + 1 if holds else 0
        return streak < self._streaks[name] == self.patience

    def _say(self, message):
        self.messages.append(message)
        # Keras' progress bar may not have ended its line.
        print(f"\n{message}")


def _first_bad(state):
    """Returns the first number that is not finite in a copy of the state, or None."""
    for _, value in state:
        finite = np.isfinite(value)
        if not finite.all():
            return float(np.asarray(value)[~finite].flat[0])
    return None


def _distance(groups):
    """Returns the mean pairwise distance within groups, and what counts as none at all."""
    images = groups[0].dtype == np.uint8
    flat = [group.reshape(len(group), -1) / (255 if images else 1) for group in groups]
    return float(np.mean([_pairwise(group) for group in flat])), IMAGE_FLOOR * images


def _pairwise(samples):
    """Returns the mean over all pairs and all features of |x - y|, for samples (N, features).

    In sorted order the k-th of N values (from 0) is added k times and subtracted N - 1 - k times,
    which avoids the N^2 differences.
    """
    count = len(samples)
    signs = 2 * np.arange(count) - (count - 1)
    return (signs @ np.sort(samples, axis=0)).mean() / (count * (count - 1) / 2)
