"""The engine that all GANs share, and with its own networks the first GAN."""

from functools import partial
from typing import Any, NamedTuple

import keras
from keras import ops

from keras_gans import augment, losses
from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.spectral_normalization import power_iteration
from keras_gans.networks import mlp
from keras_gans.training.batches import slices
from keras_gans.training.gradients import Critic, Recording, finite, loss_scale, minimize
from keras_gans.training.latent_model import LatentModel, inputs
from keras_gans.training.seed import frozen
from keras_gans.training.strategy import as_logs, replica_mean


class Judgement(NamedTuple):
    """What a discriminator says of images: float32 logits, and what else it gives."""

    logits: Any
    extra: Any = None


class Fakes(NamedTuple):
    """Generated images, and the latents and labels that they were made from."""

    images: Any
    latents: Any
    labels: Any = None


@keras.saving.register_keras_serializable("keras_gans")
class GAN(LatentModel):
    """A generator and a discriminator that learn from each other.

    One training step, as in the papers:

        for each of the `discriminator_steps` slices of the batch:
            update the discriminator on (real slice, generated images)
        update the generator through the frozen discriminator
        update the moving average of the generator

    With `image_shape` and no networks this is the first GAN, made of fully connected layers. Other
    methods have other networks, losses and penalties; some add terms to what a player minimises.

    Args:
        generator: Built Keras model from latents (N, latent_dim) to images (N, ...), or from
            [latents, labels] if conditional. Default: fully connected, for `image_shape`.
        discriminator: Built Keras model from images (N, ...) to logits (N, ...), or to a list of
            logits and other outputs; from [images, labels] if it sees labels. Default: fully
            connected, for `image_shape`.
        loss: An `AdversarialLoss` or its name. Default: "non_saturating".
        penalties: Gradient penalties, a list of `keras_gans.penalties.Penalty`. Default: none.
        image_shape: (height, width, channels) for networks that are not given.
        latent_dim: Size of the latent for a generator that is not given. Default: 64.
        num_classes: Number of labels of a conditional model. Default: None, unconditional.
        discriminator_steps: Discriminator updates per generator update. `fit` joins as many batches
            for one step, so that every update sees fresh real images. Default: 1.
        separate_batches: Whether the generator's update has a batch of real images and latents of
            its own, which `fit` joins too. Default: False.
        reuse_fakes: Whether the generator's update reuses the images of the discriminator's last
            update, which saves a forward pass, or draws new ones. Default: True.
        label_smoothing: One-sided: real images get the label 1 - label_smoothing. Default: 0.
        instance_noise: Standard deviation of Gaussian noise on all images that the discriminator
            sees, a float or a schedule of the step (Sønderby et al., 2017), such as one of
            `keras.optimizers.schedules`; what Keras cannot save is not resumed. Default: 0.
        augmentation: How all images are changed before the discriminator sees them, such as "ada"
            where there are few, see `augment.get`. Default: None.
        frozen_layers: How many of the discriminator's layers, from the image on, keep their weights
            (FreezeD; Mo et al., 2020), to go on from a trained model with few images. Default: 0.
        ema_decay: Decay of the generator's moving average, which `generate`, `export` and calling
            the model use, 0..1; None for no average. Default: 0.999.
        ema_images: The average's half-life in images that were seen, which does not depend on the
            size of a batch; it takes the place of `ema_decay`'s value. Default: None.
        prior: What latents are drawn from: "normal", "uniform" in -1..1, "truncated_normal" at 2,
            or "hypersphere", of length sqrt(latent_dim). Default: "normal".
        seed: Seed of the initial weights of default networks, of latents and noise. Default: 0.

    Raises:
        InputError: If the networks do not fit each other or an argument is out of range.

    Example:
        >>> gan = keras_gans.GAN(image_shape=(28, 28, 1))
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("fashion_mnist"), epochs=10)

    Reference: Goodfellow et al., "Generative Adversarial Networks", 2014, algorithm 1. Matched: the
    updates and one discriminator step. Ours: Adam, leaky ReLU and tanh in place of momentum, maxout
    and sigmoid; fakes that serve both updates, where it draws new latents (`reuse_fakes=False`).
    """

    log_names = ("generator_loss", "discriminator_loss", "real_accuracy", "fake_accuracy")
    networks_for_points = staticmethod(mlp.for_points)
    gradient_limit = None
    """What infinite gradients become before an update, and NaN 0, or None: they stay."""

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
        separate_batches=False,
        reuse_fakes=True,
        label_smoothing=0.0,
        instance_noise=0.0,
        augmentation=None,
        frozen_layers=0,
        ema_decay=0.999,
        ema_images=None,
        prior="normal",
        seed=0,
        **kwargs,
    ):
        check_whole_numbers(discriminator_steps=discriminator_steps, ema_images=ema_images or 1)
        check_numbers(0, instance_noise=0 if callable(instance_noise) else instance_noise)
        generator = generator or mlp.generator(image_shape, latent_dim, seed=seed)
        discriminator = discriminator or mlp.discriminator(image_shape, seed=seed)
        logs = [*self.log_names, *(penalty.name for penalty in penalties)]
        super().__init__(generator, num_classes, ema_decay, seed, logs, prior, **kwargs)
        self.discriminator, self.augmentation = discriminator, augment.get(augmentation)
        self.ema_images = ema_images
        self.loss_function, self.penalties = losses.get(loss), list(penalties)
        self.loss_function.check_smoothing(label_smoothing)
        self.discriminator_steps, self.separate_batches = discriminator_steps, separate_batches
        self.batches_per_step = discriminator_steps + separate_batches
        self.images_done = self.add_counter("images_done")
        self.reuse_fakes, self.label_smoothing = reuse_fakes, label_smoothing
        self.instance_noise = instance_noise
        seen = tuple(discriminator.inputs[0].shape)[1:]
        if seen != self.image_shape:
            raise InputError(
                "The discriminator must take what the generator makes. "
                f"Received: images of {self.image_shape} and a discriminator for {seen}."
            )
        if isinstance(self.augmentation, augment.ADA | augment.DiffAugment) and len(seen) != 3:
            raise InputError(f"Only images are augmented. Received: points of {seen[0]} numbers.")
        self.frozen_layers, layers = frozen_layers, self.freezable()
        check_whole_numbers(0, max(0, len(layers) - 1), frozen_layers=frozen_layers)
        for layer in layers[:frozen_layers]:
            layer.trainable = False
        for penalty in self.penalties:
            penalty.build(self)
        if isinstance(self.augmentation, augment.ADA):
            self.augmentation.build(self)
            self.trackers["augmentation"] = keras.metrics.Mean("augmentation")

    def freezable(self):
        """Returns the discriminator's layers with weights, those next to the images first."""
        layers = getattr(self.discriminator, "from_images", self.discriminator.layers)
        # What makes a network conditional is around it.
        return [x for layer in layers for x in getattr(layer, "layers", [layer]) if x.weights]

    def players(self):
        """Returns the generator and the discriminator."""
        return {"generator": [self.generator], "discriminator": [self.discriminator]}

    @property
    def accuracy_logs(self):
        """The discriminator's accuracies; none for a critic, which should be as good as it can."""
        return () if self.loss_function.boundary is None else ("real_accuracy", "fake_accuracy")

    @property
    def untrained_losses(self):
        """The discriminator's loss at logits of 0; none of a critic's, which has no bound."""
        zeros = ops.zeros((1,))
        loss = float(self.loss_function.discriminator_loss(zeros, zeros))
        return {"discriminator_loss": loss} if loss > 0 else {}

    def train_step(self, data):
        """Takes one step of both players on a batch of images, or of (images, labels)."""
        self.begin_step()
        images, labels = self.unpack(data)
        self.update_players(images, labels)
        self.end_step(self.images_of_step(images))
        return as_logs(self.get_metrics_result())

    def images_of_step(self, images):
        """Returns how many images a batch counts for: those that the discriminator learns from."""
        return ops.shape(images)[0] * self.discriminator_steps // self.batches_per_step

    def update_players(self, images, labels):
        """Updates the discriminator on each slice of a batch, then the generator."""
        parts = slices(self.batches_per_step, images, labels)
        for real, label in parts[: self.discriminator_steps]:
            real = self.prepare(real)
            recording, fakes = self.draw(real, label)
            self.update_discriminator(real, label, fakes)
        if self.separate_batches:
            real, label = self.prepare(parts[-1][0]), parts[-1][1]
        if self.separate_batches or not self.reuse_fakes:
            recording, fakes = self.draw(real, label)
        self.update_generator(real, label, fakes, recording)

    def end_step(self, images):
        """Counts the step and its images, and moves the average; see `GenerativeModel`."""
        replicas = self.distribute_strategy.num_replicas_in_sync
        self.images_done.assign_add(ops.cast(images * replicas, "int64"))
        super().end_step(images)

    def begin_step(self):
        """Sets what holds for the whole step, such as a resolution or a strength."""
        power_iteration(self.generator)

    def prepare(self, images):
        """Returns real images as the discriminator is to see them. Default: as they are."""
        return images

    def judge(self, images, labels=None, training=True):
        """Returns the `Judgement` of images; noise and augmentation sit here."""
        if training and self.augmentation:
            images = self.augmentation(images, self.seed_generator)
        if training and self.instance_noise:
            std = self.instance_noise
            std = std(self.step) if callable(std) else std
            images += std * keras.random.normal(ops.shape(images), seed=self.seed_generator)
        outputs = self.discriminator(inputs(self.discriminator, images, labels), training=training)
        logits, *extra = outputs if isinstance(outputs, list | tuple) else [outputs]
        extra = extra[0] if len(extra) == 1 else extra or None
        return Judgement(ops.cast(logits, "float32"), extra)

    def judge_frozen(self, images, labels=None):
        """Returns the `Judgement` of images, and leaves the discriminator as it is."""
        with frozen(self):
            return self.judge(images, labels)

    def draw(self, real, labels=None):
        """Returns the generator's recorded pass on as many new latents, and its `Fakes`."""
        latents = self.latents(ops.shape(real)[0])
        recording = Recording(self.generator, inputs(self.generator, latents, labels))
        return recording, Fakes(recording.outputs, latents, labels)

    def discriminator_terms(self, real, fake, labels, fakes):
        """Returns what the discriminator minimises the sum of, {name: scalar}.

        Args:
            real: `Judgement` of real images.
            fake: `Judgement` of generated images.
            labels: Labels of the real images, or None.
            fakes: The `Fakes` that were judged.
        """
        accuracies = self.loss_function.accuracies(real.logits, fake.logits)
        self.track(real_accuracy=accuracies[0], fake_accuracy=accuracies[1])
        real_label = 1.0 - self.label_smoothing
        loss = self.loss_function.discriminator_loss(real.logits, fake.logits, real_label)
        return {"discriminator_loss": loss}

    def generator_terms(self, fake, real, fakes):
        """Returns what the generator minimises the sum of, {name: scalar}.

        Args:
            fake: `Judgement` of generated images.
            real: `Judgement` of real images for losses that pair them, or None.
            fakes: The `Fakes` that were judged.
        """
        real_logits = None if real is None else real.logits
        return {"generator_loss": self.loss_function.generator_loss(fake.logits, real_logits)}

    def weigh_penalty(self, value):
        """Returns a penalty as it counts at this step. Default: as it is."""
        return value

    def generator_penalties(self, fakes):
        """Returns what else the generator minimises while it is trained, {name: scalar}."""
        return {}

    def update_discriminator(self, real, labels, fakes):
        """Takes one step of the discriminator on real images and fakes."""
        power_iteration(self.discriminator)
        optimizer = self.discriminator_optimizer

        def objective():
            judges = [partial(judge, labels=labels) for judge in (self.judge, self.judge_frozen)]
            critic = Critic(*judges, loss_scale(optimizer))
            judged = critic(real), critic(fakes.images)
            terms = self.discriminator_terms(*judged, labels, fakes)
            for penalty in self.penalties:
                options = (critic, real, fakes.images, self.seed_generator)
                value = self.weigh_penalty(penalty.lazily(optimizer.iterations, *options))
                terms[penalty.name] = terms.get(penalty.name, 0.0) + value
            self.track(**(terms if loss_scale(optimizer) is None else finite(terms)))
            self.adapt_augmentation(judged[0].logits)
            return losses.total(terms.values())

        minimize(optimizer, self.trainable("discriminator"), objective, self.gradient_limit)

    def adapt_augmentation(self, real_logits):
        """Lets an adaptive augmentation know how sure the discriminator is of real images."""
        if isinstance(self.augmentation, augment.ADA):
            sign = ops.mean(ops.sign(real_logits - (self.loss_function.boundary or 0.0)))
            replicas = self.distribute_strategy.num_replicas_in_sync
            images = replicas * ops.shape(real_logits)[0]
            self.augmentation.adapt(replica_mean({"sign": sign})["sign"], images)
            self.track(augmentation=self.augmentation.probability)

    def update_generator(self, real, labels, fakes, recording):
        """Takes one step of the generator, through the recorded pass that made the fakes."""

        def objective(images):
            fake = self.judge_frozen(images, fakes.labels)
            other = self.judge_frozen(real, labels) if self.loss_function.paired else None
            terms = self.generator_terms(fake, other, fakes._replace(images=images))
            terms |= self.generator_penalties(fakes)
            self.track(**terms)
            return losses.total(terms.values())

        variables = self.trainable("generator")
        recording.minimize(self.generator_optimizer, variables, objective, self.gradient_limit)

    def test_step(self, data):
        """Measures what both players minimise, penalties left out, without updates."""
        real, labels = self.unpack(data)
        real, latents = self.prepare(real), self.latents(ops.shape(real)[0])
        images = self.generator(inputs(self.generator, latents, labels), training=False)
        fakes = Fakes(images, latents, labels)
        judged = [self.judge(x, labels, training=False) for x in (real, images)]
        self.track(**self.discriminator_terms(*judged, labels, fakes))
        self.track(**self.generator_terms(judged[1], judged[0], fakes))
        return as_logs({name: self.trackers[name].result() for name in self.log_names})

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        names = ["generator", "discriminator", "penalties", "num_classes", "discriminator_steps"]
        names += ["reuse_fakes", "label_smoothing", "instance_noise", "augmentation"]
        names += ["separate_batches", "frozen_layers", "ema_images", "prior"]
        return super().get_config(loss=self.loss_function, **{n: getattr(self, n) for n in names})
