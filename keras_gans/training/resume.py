"""How training goes on where it was left.

1. `fit` opens the data and gives the `Resuming` callback, `callbacks.Checkpoint`, the model, the
   other callbacks and the data. The callback restores the newest checkpoint and answers with a
   `Place`: the epoch, its batches that are done, and whether a budget is spent.
2. `fit` begins with that epoch. Data that know their own order go on with the very next batch,
   which follows from the number of batches that the model has taken.
3. But Keras always begins an epoch with its first batch. So the train function lets the batches
   that are done pass without touching model or data: what counts batches is right again.
"""

import contextlib
import dataclasses

import keras

from keras_gans.errors import InputError
from keras_gans.training.batches import open_data, whole_batches
from keras_gans.training.keras_callbacks import check_callbacks


@dataclasses.dataclass
class Place:
    """Where training begins.

    Attributes:
        epoch: Epoch, from 0.
        batch: Steps of this epoch that are done.
        is_over: Whether nothing is left to do.
    """

    epoch: int = 0
    batch: int = 0
    is_over: bool = False


class Resuming(keras.callbacks.Callback):
    """A callback that knows where training begins."""

    def at_work(self, model, callbacks, data, steps=None):
        """Returns a context manager in which `fit` trains, and which yields the `Place`.

        Args:
            model: The compiled model.
            callbacks: The other callbacks.
            data: The data, whose `config`, if they have one, tells them from others.
            steps: Steps of an epoch, if they are known. Default: None.
        """
        raise NotImplementedError


class Resumable:
    """The part of a model that trains and resumes; see the module.

    Attributes:
        images_to_meet: How many images `meet` would like to see.
    """

    images_to_meet = 1
    _steps_to_pass = 0

    @property
    def is_passing(self):
        """Whether `fit` still passes over what was done before a run was resumed."""
        return self._steps_to_pass > 0

    def meet(self, batch, in_range):
        """Looks at the first batch, or all of an array, before anything moves.

        Args:
            batch: Images, or (images, labels), as NumPy arrays.
            in_range: Whether the values are known to be right.

        Raises:
            InputError: If the model cannot train on it.
        """

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        *,
        shuffle=None,
        callbacks=None,
        validation_data=None,
        **kwargs,
    ):
        """Trains as `keras.Model.fit` does, on images in [-1, 1] or (images, labels).

        One step takes `batches_per_step` batches of `x`: batch size means what it does in the
        papers, the number of images in one update. What is left over at the end and makes no whole
        step is left out. Data of `keras_gans.data`, and arrays, go on where the model left
        them. With a `Checkpoint` among the callbacks that is to resume, training goes on from its
        newest checkpoint.

        Args:
            x: What `keras_gans.data` loads; another `tf.data.Dataset` of batches, a Python
                generator of batches or a `keras.utils.PyDataset`, whose batches are joined for
                models that take several in a step; or an array of images.
            y: Labels (N,) if `x` is an array.
            batch_size: Images in a batch if `x` is an array. Default: 32, or fewer if there are
                fewer.
            epochs: See `keras.Model.fit`. Default: 1.
            shuffle: Whether to shuffle an array in every epoch. Default: True.
            callbacks: One callback or a list.
            validation_data: See `keras.Model.fit`. On several replicas a last batch that is smaller
                than the others, of which one might get nothing, is filled up, as in a data set `x`.
            **kwargs: See `keras.Model.fit`.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            InputError: If the data or a callback do not fit the model.
        """
        if not self.compiled:
            raise InputError(
                "A model must be compiled before it is trained. Received: one that is not."
            )
        callbacks = keras.tree.flatten(callbacks or [])  # Keras takes a single one too.
        for callback in callbacks:
            if hasattr(callback, "meet_callbacks"):
                callback.meet_callbacks(callbacks)
        check_callbacks(callbacks)
        others = [c for c in callbacks if not isinstance(c, Resuming)]
        resuming = [c for c in callbacks if isinstance(c, Resuming)]
        if len(resuming) > 1:
            raise InputError(f"`fit` takes one `Checkpoint`. Received: {len(resuming)} of them.")
        for name in ("class_weight", "sample_weight"):
            if kwargs.get(name) is not None:
                raise InputError(f"All images weigh alike, without `{name}`. Received: some.")
        several = self.distribute_strategy.num_replicas_in_sync > 1
        options = (self.batches_per_step, self.seed, self.images_to_meet, several)
        data = open_data(x, y, batch_size, shuffle, *options)
        if several:
            size = kwargs.get("validation_batch_size") or batch_size
            validation_data = whole_batches(validation_data, size)
        kwargs |= {"epochs": epochs, "validation_data": validation_data}
        self._steps_to_pass = 0
        self.meet(data.first, data.in_range)
        steps = kwargs.get("steps_per_epoch") or data.steps_per_epoch
        if data.steps_per_epoch and not kwargs.get("steps_per_epoch"):
            # Keras would go on to the next multiple.
            at_once = self.steps_per_execution
            kwargs["steps_per_epoch"] = max(at_once, steps // at_once * at_once)
        with contextlib.ExitStack() as stack:
            if resuming:
                found = (others, data.source, steps)
                place = stack.enter_context(resuming[0].at_work(self, *found))
                kwargs["initial_epoch"] = max(place.epoch, kwargs.get("initial_epoch", 0))
                self._steps_to_pass = place.batch
                if place.is_over:
                    kwargs["epochs"] = kwargs["initial_epoch"]
            # What the others have become in a step belongs to its checkpoint: it comes last.
            kwargs["callbacks"] = others + resuming
            return super().fit(data.begin(int(self.batches_done.numpy())), shuffle=False, **kwargs)

    def make_train_function(self, force=False):
        """Makes the function that `fit` calls for each batch; see `keras.Model`."""
        before = self.train_function
        super().make_train_function(force)
        if self.train_function is before:
            return
        take_step = self.train_function

        def function(iterator):
            if self.is_passing:
                self._steps_to_pass -= self.steps_per_execution
                return {}
            return take_step(iterator)

        self.train_function = function
