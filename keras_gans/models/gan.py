"""The engine that all methods share, and with its own networks the first GAN."""

import contextlib

import keras
from keras import ops

from keras_gans import losses
from keras_gans.callbacks.checkpoint import Checkpoint
from keras_gans.callbacks.score import Score
from keras_gans.errors import InputError
from keras_gans.layers.spectral_normalization import power_iteration
from keras_gans.networks import mlp
from keras_gans.training.batches import join_batches
from keras_gans.training.gradients import Recording, minimize
from keras_gans.training.model import GenerativeModel
from keras_gans.training.strategy import as_logs

deserialize = keras.saving.deserialize_keras_object
serialize = keras.saving.serialize_keras_object


@keras.saving.register_keras_serializable("keras_gans")
class GAN(GenerativeModel):
    """A generator and a discriminator that learn from each other.

    One training step, as in the papers:

        for each of the `discriminator_steps` slices of the batch:
            update the discriminator on (real slice, generated images)
        update the generator through the frozen discriminator
        update the moving average of the generator

    With `image_shape` and no networks this is the first GAN, made of fully connected layers. All
    other methods are this class with other networks, losses and penalties.

    Args:
        generator: Built Keras model from latents (N, latent_dim) to images (N, ...), or from
            [latents, labels] if conditional. Default: fully connected, for `image_shape`.
        discriminator: Built Keras model from images (N, ...) to logits (N, ...); if conditional,
            from [images, labels]. Default: fully connected, for `image_shape`.
        loss: An `AdversarialLoss` or its name. Default: "non_saturating".
        penalties: Gradient penalties, a list of `keras_gans.penalties.Penalty`. Default: none.
        image_shape: (height, width, channels) for networks that are not given.
        latent_dim: Size of the latent for a generator that is not given. Default: 64.
        num_classes: Number of labels of a conditional model. Default: None, unconditional.
        discriminator_steps: Discriminator updates per generator update. `fit` joins as many batches
            for one step, so that every update sees fresh real images. Default: 1.
        reuse_fakes: Whether the generator's update reuses the images of the discriminator's last
            update, which saves a forward pass, or draws new ones. Default: True.
        label_smoothing: One-sided: real images get the label 1 - label_smoothing. Default: 0.
        instance_noise: Standard deviation of Gaussian noise on all images that the discriminator
            sees, a float or a schedule of the step (Sønderby et al., 2017). Default: 0.
        ema_decay: Decay of the generator's moving average, which `generate`, `export` and calling
            the model use, 0..1; None for no average. Default: 0.999.
        seed: Seed of the initial weights of default networks, of latents and noise. Default: 0.

    Raises:
        InputError: If the networks do not fit each other or an argument is out of range.

    Example:
        >>> gan = keras_gans.GAN(image_shape=(28, 28, 1))
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("fashion_mnist"), epochs=10)
        >>> images = gan.generate(64, seed=0)

    Reference: Goodfellow et al., "Generative Adversarial Networks", 2014, algorithm 1. Matched: the
    two-player updates with fresh latents and one discriminator step. Ours: Adam, leaky ReLU and a
    tanh output in place of momentum, maxout and sigmoid.
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="non_saturating",
        penalties=(),
        *,
        image_shape=None,
        latent_dim=64,
        num_classes=None,
        discriminator_steps=1,
        reuse_fakes=True,
        label_smoothing=0.0,
        instance_noise=0.0,
        ema_decay=0.999,
        seed=0,
        **kwargs,
    ):
        if generator is None:
            generator = mlp.generator(image_shape, latent_dim, seed=seed)
        if discriminator is None:
            discriminator = mlp.discriminator(image_shape, seed=seed)
        trackers = ["generator_loss", "discriminator_loss", "real_accuracy", "fake_accuracy"]
        trackers += [penalty.name for penalty in penalties]
        super().__init__(generator, discriminator, num_classes, ema_decay, seed, trackers, **kwargs)
        self.loss_function = losses.get(loss)
        self.penalties = list(penalties)
        self.discriminator_steps = discriminator_steps
        self.reuse_fakes = reuse_fakes
        self.label_smoothing = label_smoothing
        self.instance_noise = instance_noise
        self._check()

    def _check(self):
        whole = isinstance(self.discriminator_steps, int) and self.discriminator_steps >= 1
        seen = self.discriminator.input_shape
        seen = tuple(seen[0] if self.num_classes else seen)[1:]
        rules = [
            (whole, "`discriminator_steps` must be an int >= 1", self.discriminator_steps),
            (0 <= self.label_smoothing < 1, "`label_smoothing` is in [0, 1)", self.label_smoothing),
            (0 <= (self.ema_decay or 0) < 1, "`ema_decay` is None or in [0, 1)", self.ema_decay),
            (
                not self.label_smoothing or self.loss_function.smoothable,
                "`label_smoothing` needs a loss with labels, such as non_saturating",
                self.loss_function.name,
            ),
            (
                seen == self.image_shape,
                "The discriminator must take what the generator makes",
                f"images of {self.image_shape} and a discriminator for {seen}",
            ),
        ]
        for holds, rule, received in rules:
            if not holds:
                raise InputError(f"{rule}. Received: {received}.")

    def fit(self, x=None, y=None, batch_size=None, shuffle=None, callbacks=None, **kwargs):
        """Trains as `keras.Model.fit` does, on images in [-1, 1] or (images, labels).

        One step takes `discriminator_steps` batches of `x`: batch size means what it does in the
        papers, the number of images in one update. Data of `keras_gans.data.load` go on where the
        model's steps have come to. With a `Checkpoint` among the callbacks that is to resume,
        training goes on from its newest checkpoint.
        """
        steps = self.discriminator_steps
        callbacks = keras.tree.flatten(callbacks or [])  # Keras takes a single one too.
        others = [c for c in callbacks if not isinstance(c, Checkpoint)]
        guards = [c for c in callbacks if isinstance(c, Checkpoint)]
        if any(isinstance(c, Score) for c in callbacks):
            Score.tell_directions(callbacks)
        with contextlib.ExitStack() as stack:
            for guard in guards[:1]:
                epoch, self._batches_to_skip, over = stack.enter_context(
                    guard.at_work(self, others, x)
                )
                kwargs["initial_epoch"] = max(epoch, kwargs.get("initial_epoch", 0))
                if over:
                    kwargs["epochs"] = kwargs["initial_epoch"]
            if hasattr(x, "stream"):
                kwargs["steps_per_epoch"] = kwargs.get("steps_per_epoch") or max(1, len(x) // steps)
                x = x.stream(self.steps_done * steps * x.batch_size, steps)
            elif hasattr(x, "rebatch"):
                x = join_batches(x, steps) if steps > 1 else x
            else:
                batch_size = (batch_size or 32) * steps
            # A data set's own order holds.
            shuffle = not hasattr(x, "rebatch") if shuffle is None else shuffle
            # A checkpoint is of what the others have come to.
            kwargs["callbacks"] = others + guards[:1]
            return super().fit(x, y, batch_size=batch_size, shuffle=shuffle, **kwargs)

    def train_step(self, data):
        """Takes one step of both players on a batch of images, or of (images, labels)."""
        images, labels = self._unpack(data)
        for real, label in zip(self._slices(images), self._slices(labels), strict=True):
            recording = self._record(real, label)
            self._update_discriminator(real, recording.outputs, label)
        if not self.reuse_fakes:
            recording = self._record(real, label)
        self._update_generator(recording, real, label)
        self._update_average()
        return as_logs(self.get_metrics_result())

    def _record(self, real, label):
        # As many generated images as real ones, and of their classes.
        latents = self._latents(ops.shape(real)[0])
        return Recording(self.generator, self._inputs(latents, label))

    def _update_discriminator(self, real, fake, label=None):
        power_iteration(self.discriminator)
        real, fake = self._noisy(real), self._noisy(fake)

        def objective():
            real_logits = self._judge(real, label)
            fake_logits = self._judge(fake, label)
            loss = self.loss_function.discriminator_loss(
                real_logits, fake_logits, 1.0 - self.label_smoothing
            )
            self._track_players(real_logits, fake_logits, discriminator_loss=loss)
            for penalty in self.penalties:
                loss += self._penalize(penalty, real, fake, label)
            return loss

        minimize(self.discriminator_optimizer, self.discriminator.trainable_variables, objective)

    def _penalize(self, penalty, real, fake, label):
        def critic(images):
            return self._judge_frozen(images, label)

        def value():
            return penalty.every * penalty(critic, real, fake, seed=self.seed_generator)

        if penalty.every > 1:
            due = self.discriminator_optimizer.iterations % penalty.every == 0
            # Only the value is conditional: an update inside a condition fails under strategies.
            value = ops.cond(due, value, lambda: ops.zeros(()))
        else:
            value = value()
        self._track(**{penalty.name: value})
        return value

    def _update_generator(self, recording, real, label=None):
        def objective(fake):
            fake_logits = self._judge_frozen(self._noisy(fake), label)
            paired = self.loss_function.paired
            real_logits = self._judge_frozen(self._noisy(real), label) if paired else None
            loss = self.loss_function.generator_loss(fake_logits, real_logits)
            self._track(generator_loss=loss)
            return loss

        recording.minimize(self.generator_optimizer, objective)

    def _judge(self, images, label=None, training=True):
        logits = self.discriminator(self._inputs(images, label), training=training)
        return ops.cast(logits, "float32")

    def _judge_frozen(self, images, label=None):
        # The scope drops updates of batch normalisation's statistics and other state.
        with keras.StatelessScope(initialize_variables=False):
            return self._judge(images, label)

    def _track_players(self, real_logits, fake_logits, **values):
        accuracies = self.loss_function.accuracies(real_logits, fake_logits)
        self._track(**values, real_accuracy=accuracies[0], fake_accuracy=accuracies[1])

    def test_step(self, data):
        """Measures losses and accuracies on a batch, in inference mode and without updates."""
        real, label = self._unpack(data)
        latents = self._latents(ops.shape(real)[0])
        fake = self.generator(self._inputs(latents, label), training=False)
        real_logits = self._judge(real, label, training=False)
        fake_logits = self._judge(fake, label, training=False)
        loss = self.loss_function
        self._track_players(
            real_logits,
            fake_logits,
            generator_loss=loss.generator_loss(fake_logits, real_logits),
            discriminator_loss=loss.discriminator_loss(real_logits, fake_logits),
        )
        penalties = {penalty.name for penalty in self.penalties}
        return as_logs(
            {name: t.result() for name, t in self.trackers.items() if name not in penalties}
        )

    def _unpack(self, data):
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        if self.num_classes and labels is None:
            raise InputError("A conditional model trains on (images, labels). Received: images.")
        images = ops.convert_to_tensor(images)
        return images, ops.convert_to_tensor(labels) if self.num_classes else None

    def _slices(self, batch):
        if batch is None:
            return [None] * self.discriminator_steps
        size, steps = batch.shape[0], self.discriminator_steps
        if size is not None and size % steps:
            raise InputError(
                f"A step takes a multiple of `discriminator_steps` = {steps} images. "
                f"Received: {size}."
            )
        # In turn, so that the replicas' slices together are those of one device.
        return [batch[first::steps] for first in range(steps)]

    def _noisy(self, images):
        std = self.instance_noise
        if isinstance(std, int | float) and not std:
            return images
        std = std(self.step) if callable(std) else std
        return images + std * keras.random.normal(ops.shape(images), seed=self.seed_generator)

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        noise = self.instance_noise
        return {
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "loss": serialize(self.loss_function),
            "penalties": [serialize(penalty) for penalty in self.penalties],
            "num_classes": self.num_classes,
            "discriminator_steps": self.discriminator_steps,
            "reuse_fakes": self.reuse_fakes,
            "label_smoothing": self.label_smoothing,
            "instance_noise": serialize(noise) if callable(noise) else noise,
            "ema_decay": self.ema_decay,
            "seed": self.seed,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        """Makes the model from `get_config`'s dict."""
        config = dict(config)
        for key in ("generator", "discriminator", "loss", "instance_noise"):
            if isinstance(config[key], dict):
                config[key] = deserialize(config[key])
        config["penalties"] = [deserialize(penalty) for penalty in config["penalties"]]
        return cls(**config)
