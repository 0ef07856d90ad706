"""What every trainable generator shares: its average, its optimizers, sampling, export, saving."""

import keras
import numpy as np
from keras import ops

from keras_gans.checks import check_labels
from keras_gans.errors import InputError
from keras_gans.training import average, export
from keras_gans.training.seed import ReplicaSeedGenerator
from keras_gans.training.strategy import replica_mean


class GenerativeModel(keras.Model):
    """Base class of models that train a generator against a discriminator.

    A subclass gives `train_step`, and the networks and trackers that it needs.

    Args:
        generator: Built Keras model from latents (N, latent_dim) to images (N, ...), or from
            [latents, labels] if conditional.
        discriminator: Built Keras model from what the generator makes to logits.
        num_classes: Number of labels of a conditional model, or None.
        ema_decay: Decay of the generator's moving average, 0..1, or None for no average.
        seed: Int seed of latents and noise.
        trackers: Names of the means that are shown while training.
    """

    def __init__(self, generator, discriminator, num_classes, ema_decay, seed, trackers, **kwargs):
        super().__init__(**kwargs)
        self.generator, self.discriminator = generator, discriminator
        self.num_classes = num_classes
        self.ema_decay = ema_decay
        self.seed = seed
        self.average_generator = average.clone(generator) if ema_decay else generator
        self.seed_generator = ReplicaSeedGenerator(seed)
        self.step = self.add_weight(
            name="step",
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )
        self._batches_to_skip = 0
        self.trackers = {name: keras.metrics.Mean(name) for name in trackers}
        self.built = True

    @property
    def image_shape(self):
        """Shape of what the generator makes: (height, width, channels) for images."""
        return tuple(self.generator.output_shape[1:])

    @property
    def latent_dim(self):
        """Size of a latent."""
        shape = self.generator.input_shape
        return shape[0][-1] if self.num_classes else shape[-1]

    @property
    def makes_images(self):
        """Whether the generator makes images, rather than points."""
        return len(self.image_shape) == 3

    @property
    def steps_done(self):
        """Generator updates so far, an int."""
        return int(self.step.numpy())

    @property
    def metrics(self):
        """The mean trackers that are shown while training."""
        return list(self.trackers.values())

    def _track(self, **values):
        # Of all replicas, so that each knows the means.
        for name, value in replica_mean(values).items():
            self.trackers[name].update_state(value)

    def make_train_function(self, force=False):
        """Makes the function that `fit` calls for each batch; see `keras.Model`.

        The batches of an epoch that a resumed training has behind it are passed over.
        """
        before = self.train_function
        super().make_train_function(force)
        if self.train_function is before:
            return
        take_step = self.train_function

        def function(iterator):
            if self._batches_to_skip > 0:
                self._batches_to_skip -= self.steps_per_execution
                return {}
            return take_step(iterator)

        self.train_function = function

    def _latents(self, count):
        return keras.random.normal((count, self.latent_dim), seed=self.seed_generator)

    def _inputs(self, x, labels):
        return [x, labels] if self.num_classes else x

    def _update_average(self):
        if self.ema_decay:
            decay = average.decay_at(self.step, self.ema_decay)
            average.update(self.average_generator, self.generator, decay)
        self.step.assign_add(1)

    def default_optimizers(self):
        """Returns the paper's optimizers, (generator's, discriminator's)."""
        return keras.optimizers.Adam(2e-4, 0.5), keras.optimizers.Adam(2e-4, 0.5)

    def compile(
        self,
        generator_optimizer="auto",
        discriminator_optimizer="auto",
        jit_compile=False,
        **kwargs,
    ):
        """Sets the optimizers and builds them.

        With networks that compute in float16 each player's optimizer gets a loss scale of its own.

        Args:
            generator_optimizer: "auto" for the paper's, a float for the paper's at that learning
                rate (two-time-scale rates are two floats), or a `keras.optimizers.Optimizer`.
            discriminator_optimizer: The same for the discriminator.
            jit_compile: Whether to compile the step with XLA, which draws other random numbers and
                is not to be had in TensorFlow's deterministic mode. Default: False, which is faster
                on CPUs.
            **kwargs: `run_eagerly`, `steps_per_execution` of `keras.Model.compile`.
        """
        super().compile(optimizer=None, jit_compile=jit_compile, **kwargs)
        given = (generator_optimizer, discriminator_optimizer)
        optimizers = list(self.default_optimizers())
        for player, choice in enumerate(given):
            if isinstance(choice, int | float):
                optimizers[player].learning_rate = choice
            elif choice != "auto":
                optimizers[player] = keras.optimizers.get(choice)
        if self.generator.compute_dtype == "float16":
            scaled = keras.optimizers.LossScaleOptimizer
            optimizers = [o if isinstance(o, scaled) else scaled(o) for o in optimizers]
        self.generator_optimizer, self.discriminator_optimizer = optimizers
        # Under a strategy both must be built in its scope, before `fit` traces the step.
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)

    def call(self, latents, labels=None, training=False):
        """Returns the averaged generator's images.

        Args:
            latents: Float (N, latent_dim), standard normal.
            labels: Integer (N,), for conditional models.
            training: Whether batch normalisation uses the batch's statistics. Default: False.

        Returns:
            Float32 (N, ...) in [-1, 1], differentiable with respect to the latents.
        """
        images = self.average_generator(self._inputs(latents, labels), training=training)
        return ops.cast(images, "float32")

    def generate(self, count, seed=0, labels=None, batch_size=256):
        """Makes images from a seed.

        Args:
            count: Number of images, int of at least 1.
            seed: Int; the same seed gives the same latents. Default: 0.
            labels: One class for all, or `count` of them; only for conditional models. Default:
                every class in turn.
            batch_size: Images that are made at a time. Default: 256.

        Returns:
            NumPy uint8 (count, height, width, channels); float32 for data that is no image.

        Raises:
            InputError: If `count` or `labels` is out of range.
        """
        if count < 1:
            raise InputError(f"`count` must be at least 1. Received: {count}.")
        labels = check_labels(count, labels, self.num_classes)
        latents = export.latents(count, self.latent_dim, seed)
        batches = []
        for start in range(0, count, batch_size):
            part = slice(start, start + batch_size)
            images = self(latents[part], labels=None if labels is None else labels[part])
            batches.append(np.asarray(export.to_uint8(images) if self.makes_images else images))
        return np.concatenate(batches)

    def export(self, filepath, format="tf_saved_model", verbose=None, **kwargs):
        """Writes the averaged generator for inference.

        Args:
            filepath: Folder of the SavedModel, or file of another format.
            format: "tf_saved_model", with the signatures `serving_default` (latents -> images in
                [-1, 1]) and `generate` (count and seed -> uint8 images), both with labels where the
                model is conditional; or another format of `keras.Model.export`, which takes
                latents, as "litert" one at a time. Default: "tf_saved_model".
            verbose: Whether to print what was written. Default: Keras' own.
            **kwargs: Passed to `keras.Model.export` for other formats.
        """
        if format == "tf_saved_model":
            export.savedmodel(self, filepath, verbose)
        else:
            # LiteRT's own operations need whole shapes: one image at a time.
            count = 1 if format == "litert" else None
            inputs = keras.tree.map_structure(
                lambda x: keras.KerasTensor((count, *x.shape[1:]), x.dtype, name=x.name),
                self.average_generator.input,
            )
            kwargs = {"input_signature": [inputs], **kwargs}
            self.average_generator.export(filepath, format=format, verbose=verbose, **kwargs)

    def get_compile_config(self):
        """Returns both optimizers, for `keras.saving`."""
        if not self.compiled:
            return {}
        return {
            "generator_optimizer": keras.saving.serialize_keras_object(self.generator_optimizer),
            "discriminator_optimizer": keras.saving.serialize_keras_object(
                self.discriminator_optimizer
            ),
        }

    def compile_from_config(self, config):
        """Compiles with the optimizers of `get_compile_config`, whose state can then be loaded."""
        self.compile(**keras.saving.deserialize_keras_object(config))

    def _seed_states(self):
        return [v for v in self.variables if v.name == "seed_generator_state"]

    def save_own_variables(self, store):
        """Saves the step and the place of every random stream; networks save themselves."""
        store["step"] = self.step.numpy()
        for index, state in enumerate(self._seed_states()):
            store[f"seed_{index}"] = state.numpy()

    def load_own_variables(self, store):
        """Loads what `save_own_variables` saved."""
        self.step.assign(store["step"][()])
        for index, state in enumerate(self._seed_states()):
            state.assign(store[f"seed_{index}"][()])
