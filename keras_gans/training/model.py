"""What every model of the zoo shares: players, their optimizers, training, export and saving."""

import keras
import numpy as np
from keras import ops

from keras_gans.checks import check_numbers
from keras_gans.data.arrays import check_images
from keras_gans.errors import InputError
from keras_gans.layers.replica_seed_generator import ReplicaSeedGenerator
from keras_gans.training import average, export
from keras_gans.training.resume import Resumable
from keras_gans.training.seed import random_streams
from keras_gans.training.strategy import replica_mean

PART = 256
"""Images that networks look at at once."""


class GenerativeModel(Resumable, keras.Model):
    """Base class of all models: players that learn, each moved by an optimizer of its own.

    A subclass gives `players` and `train_step`. Each player's objective is tracked as
    "<player>_loss", its optimizer is the attribute `<player>_optimizer`. Callbacks, checkpoints and
    the command know players, logs and optimizers only through this class.

    Args:
        seed: Int seed of all that is drawn while training.
        ema_decay: Decay of the moving averages, 0..1, or None for no average.
        logs: Names of the means that are shown while training.

    Attributes:
        batches_per_step: How many batches of the data one step takes.
        image_sizes: Sorted list of the image sides that default networks make, or None for any.
        accuracy_logs: Names of the logs that tell how often the discriminator is right; near 1 it
            has won. Empty where that has no meaning.
        num_classes: Number of labels of a conditional model, or None.
        ema_images: Half-life of the averages in images, in place of `ema_decay`, or None.
        growing: Whether its networks begin small and grow, by a `plan` of images.
        moves_rates: Whether it changes its learning rates itself while it trains.
        step: Updates of the first player so far, an integer variable.
    """

    batches_per_step = 1
    image_sizes = None
    accuracy_logs = ()
    num_classes = None
    ema_images = None
    growing = False
    moves_rates = False

    def __init__(self, seed, ema_decay, logs, **kwargs):
        # Of its own, not of the networks: what it is called with is not to be rounded.
        super().__init__(dtype="float32", **kwargs)
        check_numbers(0, ema_decay=ema_decay or 0)
        if (ema_decay or 0) >= 1:
            raise InputError(f"`ema_decay` is None or in [0, 1). Received: {ema_decay}.")
        self.seed, self.ema_decay = seed, ema_decay
        self.seed_generator = ReplicaSeedGenerator(seed)
        self.step, self.batches_done = self.add_counter("step"), self.add_counter("batches_done")
        self.trackers = {name: keras.metrics.Mean(name) for name in logs}
        self.built = True

    def players(self):
        """Returns {name: [networks]}: whose variables each optimizer moves."""
        raise NotImplementedError

    @property
    def untrained_losses(self):
        """{log: loss} of players whose loss is known before they have learned anything.

        One far above it says that training begins badly.
        """
        return {}

    def averages(self):
        """Returns [(average, network)] of the networks whose moving averages are kept."""
        return []

    def inference_networks(self):
        """Returns the networks that an exported model holds; the first is the model itself."""
        raise NotImplementedError

    def signatures(self):
        """Returns {name: (function, [input specs])}: what a SavedModel offers."""
        raise NotImplementedError

    def preview(self, count=None, seed=0, labels=None):
        """Returns (images, columns): what sample grids draw.

        Args:
            count: Number of samples. Default: None, a number that makes a good picture.
            seed: Int seed of what is drawn.
            labels: Classes to draw, of a conditional model.

        Returns:
            Images, uint8 (N, height, width, channels), or points, float32 (N, 2); and the number of
            images in a row, or None for a near-square.
        """
        raise NotImplementedError

    def alternatives(self, count, seed):
        """Returns a list of arrays (n, ...): groups of samples that differ only in latents."""
        return []

    @classmethod
    def from_data(cls, data, seed=0, **options):
        """Makes the model that fits what `keras_gans.data` loaded."""
        raise NotImplementedError

    def default_optimizers(self):
        """Returns the paper's optimizers, {player: optimizer}."""
        # Keras' own epsilon is 1e-7; the authors' tools have 1e-8.
        return {p: keras.optimizers.Adam(2e-4, 0.5, epsilon=1e-8) for p in self.players()}

    def trainable(self, player):
        """Returns the variables that a player's optimizer moves."""
        return [v for network in self.players()[player] for v in network.trainable_variables]

    @property
    def optimizers(self):
        """The optimizers of a compiled model, {player: optimizer}."""
        return {player: getattr(self, f"{player}_optimizer") for player in self.players()}

    @property
    def steps_done(self):
        """Updates of the first player so far, an int."""
        return int(self.step.numpy())

    @property
    def metrics(self):
        """The mean trackers that are shown while training."""
        return list(self.trackers.values())

    def compile(self, *optimizers, jit_compile=False, **options):
        """Sets the optimizers and builds them.

        A player whose networks compute in float16 gets a loss scale of its own.

        Args:
            *optimizers: One for each player, in the order of `players()`, or as keywords below:
                "auto" for the paper's (default), a float for the paper's at that learning rate
                (two-time-scale rates are two floats), or a `keras.optimizers.Optimizer`.
            jit_compile: Whether to compile the step with XLA, which draws other random numbers and
                does not work in TensorFlow's deterministic mode. Default: False, which is faster on
                CPUs.
            **options: `<player>_optimizer` for each player. Besides, `run_eagerly` and
                `steps_per_execution` of `keras.Model.compile`.

        Raises:
            InputError: If an optimizer is of no player.
        """
        names = {f"{player}_optimizer": player for player in self.players()}
        given = dict(zip(names, optimizers, strict=False))
        given |= {name: options.pop(name) for name in list(options) if name.endswith("optimizer")}
        if len(optimizers) > len(names) or not given.keys() <= names.keys():
            received = ", ".join(given) if len(optimizers) <= len(names) else len(optimizers)
            raise InputError(
                f"{type(self).__name__} takes {' and '.join(names)}. Received: {received}."
            )
        super().compile(optimizer=None, jit_compile=jit_compile, **options)
        chosen = self.default_optimizers()
        for name, choice in given.items():
            if isinstance(choice, int | float):
                chosen[names[name]].learning_rate = choice
            elif choice != "auto":
                chosen[names[name]] = keras.optimizers.get(choice)
        for player, networks in self.players().items():
            optimizer, scaled = chosen[player], keras.optimizers.LossScaleOptimizer
            # A network's own policy is not in its file, and that of its layers is.
            layers = [layer for network in networks for layer in network._flatten_layers()]
            in_half = any(layer.compute_dtype == "float16" for layer in layers)
            if in_half and not isinstance(optimizer, scaled):
                optimizer = scaled(optimizer)
            self._check_on_replicas(getattr(optimizer, "inner_optimizer", optimizer))
            # Under a strategy all must be built in its scope, before `fit` traces the step.
            optimizer.build([v for network in networks for v in network.trainable_variables])
            setattr(self, f"{player}_optimizer", optimizer)
        # The rates move later; what a run is known by, and begins anew with, does not.
        self.compiled_as = {
            f"{player}_optimizer": keras.saving.serialize_keras_object(optimizer)
            for player, optimizer in self.optimizers.items()
        }

    def _check_on_replicas(self, optimizer):
        """Raises InputError if an optimizer needs what it does not see on several replicas."""
        names = ("clipnorm", "global_clipnorm", "clipvalue", "gradient_accumulation_steps")
        given = [name for name in names if getattr(optimizer, name, None)]
        if given and self.distribute_strategy.num_replicas_in_sync > 1:
            raise InputError(
                "On several replicas each optimizer sees its own share of the gradients alone, "
                f"which can be neither clipped nor accumulated. Received: {', '.join(given)}."
            )

    def check_start(self, batch_size):
        """Raises InputError if training cannot begin so, before a batch shows it.

        Args:
            batch_size: Images of each batch, on each replica.
        """

    def grow_up(self):
        """Brings a model that grows to its full size, where a step costs most."""

    def state_was_set(self):
        """Lets a model know that its variables were set to those of another time."""

    def half_life(self):
        """Returns the averages' half-life in images, if it is given so."""
        return self.ema_images

    def begins_with_close_averages(self):
        """Returns whether averages follow the weights more closely at first; see `average`."""
        return True

    def add_counter(self, name):
        """Adds an integer variable that starts at 0 and is saved with the model."""
        return self.add_weight(
            name=name,
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    def track(self, **values):
        """Adds scalars to the means of their names."""
        # Of all replicas, so that each knows the means.
        for name, value in replica_mean(values).items():
            self.trackers[name].update_state(value)

    def end_step(self, images=None):
        """Counts the step and moves the averages.

        With gradient accumulation a step is done when the first player's weights have moved.

        Args:
            images: Images that this replica has seen in the step, for `ema_images`.
        """
        moved = self.move_averages(images)
        self.batches_done.assign_add(1)
        self.step.assign_add(ops.cast(moved, "int64"))

    def move_averages(self, images):
        """Moves the averages if this step moves the weights, and returns whether it does."""
        optimizer = next(iter(self.optimizers.values()))
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        every = optimizer.gradient_accumulation_steps or 1
        moved = (self.batches_done + 1) % every == 0
        if self.ema_decay:
            decay = self.ema_decay
            if self.ema_images:
                seen = every * self.distribute_strategy.num_replicas_in_sync * images
                decay = 0.5 ** (ops.cast(seen, "float32") / self.half_life())
            if self.begins_with_close_averages():
                decay = average.decay_at(self.step, decay)
            decay = ops.where(moved, decay, 1.0)
            for copy, network in self.averages():
                average.update(copy, network, decay)
        return moved

    def export(self, filepath, format="tf_saved_model", verbose=True, **kwargs):
        """Writes the model for inference, whole or not at all.

        Args:
            filepath: Folder of the SavedModel, which is replaced, or file of another format.
            format: "tf_saved_model", with the model's `signatures()`; or another format of
                `keras.Model.export`, which holds the first of `inference_networks()`, in "litert"
                for one input at a time. Default: "tf_saved_model".
            verbose: Whether to print what was written. Default: True.
            **kwargs: Passed to `keras.Model.export` for other formats.

        Raises:
            InputError: If the folder holds something else than a SavedModel.
        """
        if format == "tf_saved_model":
            export.savedmodel(self, filepath)
        else:
            export.network(self.inference_networks()[0], filepath, format, **kwargs)
        if verbose:
            print(f"Wrote {filepath}.")

    def in_parts(self, function, images):
        """Returns what a function makes of images, a part of them at a time.

        Args:
            function: From uint8 (n, height, width, channels) to an array (n, ...).
            images: uint8 (N, height, width, channels).

        Raises:
            InputError: If the images are not such as the model makes.
        """
        images = check_images(np.asarray(images))
        if images.shape[1:] != tuple(self.image_shape):
            raise InputError(
                f"The images must be of shape {self.image_shape}. Received: {images.shape[1:]}."
            )
        parts = range(0, len(images), PART)
        return np.concatenate([np.asarray(function(images[k : k + PART])) for k in parts])

    def get_config(self, **arguments):
        """Returns all that makes the same model, but for the weights.

        Args:
            **arguments: The constructor's, of a subclass; networks and other Keras objects among
                them are serialised.
        """
        own = {"ema_decay": self.ema_decay, "seed": self.seed, "name": self.name}
        return keras.saving.serialize_keras_object(arguments | own)

    @classmethod
    def from_config(cls, config):
        """Makes the model from `get_config`'s dict."""
        return cls(**keras.saving.deserialize_keras_object(config))

    def get_compile_config(self):
        """Returns all optimizers as they began, for `keras.saving`, which keeps their variables."""
        return self.compiled_as if self.compiled else {}

    def compile_from_config(self, config):
        """Compiles with the optimizers of `get_compile_config`, whose state can then be loaded."""
        self.compile(**keras.saving.deserialize_keras_object(config))

    def _own_state(self):
        """Returns the variables that no network, optimizer or metric saves, by name."""
        own = {v.name: v for v in self._trainable_variables + self._non_trainable_variables}
        return own | {f"seed_{index}": v for index, v in enumerate(random_streams(self))}

    def save_own_variables(self, store):
        """Saves counters, other state and random streams; networks save themselves."""
        for name, variable in self._own_state().items():
            store[name] = variable.numpy()

    def load_own_variables(self, store):
        """Loads what `save_own_variables` saved."""
        for name, variable in self._own_state().items():
            if name == "batches_done" and name not in store:
                name = "step"  # Files of version 0.1.0 do not count batches: they were the steps.
            if name != "images_done" or name in store:  # Nor do they count images.
                variable.assign(store[name][()])
