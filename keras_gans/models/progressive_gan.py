"""ProGAN: both networks begin with tiny images and grow, a size at a time."""

import warnings

import keras
import numpy as np
from keras import ops

from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.models.gan import GAN
from keras_gans.networks import progressive
from keras_gans.networks.sizes import SIZES
from keras_gans.penalties import GradientPenalty
from keras_gans.training.batches import slices
from keras_gans.training.rates import learning_rate
from keras_gans.training.strategy import as_logs


@keras.saving.register_keras_serializable("keras_gans")
class ProgressiveGAN(GAN):
    """A Wasserstein GAN whose networks grow from 4 pixels to the full size while they learn.

    Each size but the smallest begins with `fade_images` images in which its layers are faded in,
    a from 0 to 1, in the generator and in the discriminator alike,

        image = (1 - a) enlarged(image of the size below) + a image,

    real images too; then come `stable_images` images. The critic minimises

        E[D(G(z))] - E[D(x)] + gradient penalty + drift E[D(x)^2].

    All is `fit`'s: a growth happens between two steps, when as many images were seen. A model that
    has grown by half can be saved, loaded, resumed, sampled and exported; it makes images of the
    full size, enlarged. After each growth the optimizers begin anew.

    Args:
        generator: A `networks.progressive.ProgressiveGenerator`. Default: that.
        discriminator: A `networks.progressive.ProgressiveDiscriminator`. Default: that.
        loss: See `GAN`. Default: "wasserstein".
        penalties: See `GAN`. Default: `[GradientPenalty(10)]`.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of the latent. Default: 128; the paper: 512.
        filters: Feature maps at the full size, which double at each halving. Default: 16; the
            paper: 16 for 1024 pixels, 256 for 64.
        max_filters: The most feature maps of a layer. Default: 128; the paper: 512.
        fade_images: Images in which a size is faded in. Default: 600,000 (the paper).
        stable_images: Images for each size besides. Default: 600,000 (the paper).
        updates: Updates in one step at each size, from the smallest, the last also for all that
            follow: a batch is cut into as many, so that large images, which need more memory, are
            trained in smaller batches. See `training.batches.slices` for a batch that cannot be cut
            so. Default: (1,); the paper, for a batch of 128 on one GPU: (1, 1, 1, 2, 4, 8, 16, 32).
        rates: Factors of the learning rates at each size, from the smallest, the last also for all
            that follow. Default: (1.0,); the paper: 1.5 at 128 pixels, 2 at 256, 3 from 512 on.
        drift: Weight of the mean square of real images' logits, at least 0. Default: 0.001.
        seed: See `GAN`. Default: 0.
        **engine: The other arguments of `GAN`.

    Raises:
        InputError: If an argument is out of range.

    Example:
        >>> gan = keras_gans.ProgressiveGAN(image_shape=(64, 64, 3), fade_images=100_000)
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("faces/", image_size=64), epochs=100)

    Reference: Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and
    Variation", 2018. Matched to the authors' code: networks, equalised rates, growth, fading of
    real images, penalty and drift, Adam(1e-3, 0, 0.99), the average of 0.999, the optimizers' new
    beginning. Ours: small networks by default, one update of each player in turn on the same
    generated images, a batch size that stays unless `updates` says otherwise, and an average that
    begins with a decay of at most (1 + step) / (10 + step).
    """

    image_sizes = SIZES
    growing = True

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="wasserstein",
        penalties=None,
        *,
        image_shape=None,
        latent_dim=128,
        filters=16,
        max_filters=128,
        fade_images=600_000,
        stable_images=600_000,
        updates=(1,),
        rates=(1.0,),
        drift=1e-3,
        seed=0,
        **engine,
    ):
        check_whole_numbers(fade_images=fade_images, stable_images=stable_images)
        check_numbers(0, drift=drift)
        sizes = (image_shape, latent_dim, filters, max_filters, seed)
        generator = generator or progressive.ProgressiveGenerator(*sizes)
        discriminator = discriminator or progressive.ProgressiveDiscriminator(*sizes)
        for network in (generator, discriminator):
            if not isinstance(network, progressive.Growing):
                raise InputError(
                    "The networks of a ProgressiveGAN are those of `networks.progressive`. "
                    f"Received: {type(network).__name__}."
                )
        penalties = [GradientPenalty(10.0)] if penalties is None else penalties
        super().__init__(generator, discriminator, loss, penalties, seed=seed, **engine)
        self.fade_images, self.stable_images, self.drift = fade_images, stable_images, drift
        sides = [generator.side(level)[0] for level in range(generator.num_levels)]
        for name, values in (("updates", updates), ("rates", rates)):
            fits = isinstance(values, tuple | list) and 0 < len(values) <= len(sides)
            if not fits or min(values) <= 0:
                raise InputError(
                    f"`{name}` is a list of numbers above 0, at most one for each size, which are "
                    f"{', '.join(map(str, sides))}. Received: {values!r}."
                )
        self.updates, self.rates = tuple(updates), tuple(rates)
        check_whole_numbers(**{f"updates[{k}]": count for k, count in enumerate(self.updates)})
        self.phase = self.add_counter("phase")
        self.phase.assign(self.due_phase())
        self.set_level()

    @property
    def moves_rates(self):
        """Whether sizes differ in their learning rates; see `GenerativeModel`."""
        return len(set(self.rates)) > 1

    def default_optimizers(self):
        """Returns Adam(1e-3, 0, 0.99) for both players."""
        return {p: keras.optimizers.Adam(1e-3, 0.0, 0.99, epsilon=1e-8) for p in self.players()}

    def compile(self, *arguments, **options):
        """Sets the optimizers, whose rates change as the model grows; see `GAN`."""
        super().compile(*arguments, **options)
        for player in self.optimizers:
            rate = learning_rate(self, player)
            rate.assign(rate * self.at_level(self.rates))

    def trainable(self, player):
        """Returns the variables of the layers that are at work."""
        return [v for network in self.players()[player] for v in network.at_work()]

    def plan(self, images):
        """Sets the schedule so that growing takes so many images; returns it in words."""
        growths = self.generator.num_levels - 1
        self.fade_images = self.stable_images = max(1, images // (2 * growths))
        return (
            f"Growth: {self.fade_images:,} images for each size to fade in, and as many before the "
            f"next; the full size has the rest, from image {2 * growths * self.fade_images:,} on."
        )

    def images_to_grow(self):
        """Returns after how many images the full size is stable, an int."""
        return (self.generator.num_levels - 1) * (self.stable_images + self.fade_images)

    def due_phase(self):
        """Returns the phase that so many images ask for: 2 level, or 1 less while it fades in."""
        levels, images = divmod(self.images_seen(), self.stable_images + self.fade_images)
        phase = 2 * levels + (images >= self.stable_images)
        return min(phase, 2 * (self.generator.num_levels - 1))

    def images_seen(self):
        """Returns the number of images so far, an int."""
        return int(self.images_done.numpy())

    def set_level(self):
        """Sets all networks to the model's phase; returns whether anything changed."""
        level, is_stable = divmod(int(self.phase.numpy()) + 1, 2)
        stage = (level, not is_stable)
        changed = stage != (self.generator.level, self.generator.fading)
        for network in (self.generator, self.average_generator, self.discriminator):
            network.level, network.fading = stage
            if is_stable:
                network.fade.assign(1.0)
        return changed

    def state_was_set(self):
        """Sets all networks to the phase that was set, and traces the steps anew if it is new."""
        if self.set_level():
            self.trace_again()

    def trace_again(self):
        """Lets the steps, if there are some, be traced for networks of another size."""
        if self.train_function is not None:
            self.make_train_function(force=True)
        if self.test_function is not None:
            self.make_test_function(force=True)

    def check_start(self, batch_size):
        """Checks frozen layers, and that batches can be cut; see `GenerativeModel`."""
        self.check_frozen()
        self.check_cuts(np.empty((self.batches_per_step * batch_size, 0)))

    def check_frozen(self):
        """Raises InputError if layers are frozen before the last growth is over."""
        if self.frozen_layers and self.images_seen() < self.images_to_grow():
            height, width = self.generator.side(self.generator.level)
            raise InputError(
                "Layers can be frozen once the networks have grown to the full size. Received: "
                f"frozen_layers={self.frozen_layers} at {height} by {width} pixels."
            )

    def check_cuts(self, images):
        """Raises InputError if a step's images, known by number, cannot be cut at each size."""
        for count in self.updates:
            slices(count * self.batches_per_step, images, None)

    def grow_up(self):
        """Brings all networks to the full size at once; see `GenerativeModel`."""
        self.images_done.assign(self.images_to_grow())
        self.phase.assign(self.due_phase())
        self.state_was_set()

    def fit(self, *arguments, callbacks=None, **kwargs):
        """Trains and grows; see `GAN`.

        Warns if the images are too few for the full size, as far as their number is known.

        Raises:
            InputError: See `GAN`; or if layers are frozen before the last growth is over.
        """
        callbacks = [_Growth(), *keras.tree.flatten(callbacks or [])]
        return super().fit(*arguments, callbacks=callbacks, **kwargs)

    def train_step(self, data):
        """Takes one step of both players, or as many as `updates` says at this size."""
        self.begin_step()
        images, labels = self.unpack(data)
        self.check_cuts(images)  # What cannot be cut is refused now, and not at a growth.
        count = self.images_of_step(images)
        for k, part in enumerate(slices(self.at_level(self.updates), images, labels)):
            if k:  # After the last one `end_step` does it.
                self.move_averages(count)
            self.update_players(*part)
        self.end_step(count)
        return as_logs(self.get_metrics_result())

    def move_averages(self, images):
        """Moves the averages after an update, which has its share of the step's images."""
        return super().move_averages(-(-images // self.at_level(self.updates)))

    def begin_step(self):
        """Sets how far this level's layers are faded in."""
        super().begin_step()
        if self.generator.fading:
            begin = self.generator.level * (self.fade_images + self.stable_images)
            done = ops.cast(self.images_done - (begin - self.fade_images), "float32")
            for network in (self.generator, self.discriminator):
                network.fade.assign(ops.clip(done / self.fade_images, 0.0, 1.0))

    def at_level(self, values):
        """Returns the value of a list for the level, the last one if there are too few."""
        return values[min(self.generator.level, len(values) - 1)]

    def prepare(self, images):
        """Returns real images of the level's size, faded in as the generated ones are."""
        factor = images.shape[1] // self.generator.side(self.generator.level)[0]
        images = progressive.shrink(images, factor)
        if self.generator.fading:
            below = progressive.enlarge(progressive.shrink(images, 2))
            images = self.generator.blend(below, images)
        return images

    def discriminator_terms(self, real, fake, labels, fakes):
        """Returns the loss, and the drift of real images' logits; see `GAN`."""
        terms = super().discriminator_terms(real, fake, labels, fakes)
        terms["discriminator_loss"] += self.drift * ops.mean(ops.square(real.logits))
        return terms

    def load_own_variables(self, store):
        """Loads counters and other state, and grows as far as they say."""
        super().load_own_variables(store)
        self.state_was_set()

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        names = ("fade_images", "stable_images", "updates", "rates", "drift")
        return super().get_config() | {name: getattr(self, name) for name in names}


class _Growth(keras.callbacks.Callback):
    """Lets a `ProgressiveGAN` grow between two steps."""

    def on_train_begin(self, logs=None):
        """Goes on at the level of a checkpoint."""
        model, self._has_looked = self.model, False
        model.state_was_set()
        model.check_frozen()

    def on_epoch_begin(self, epoch, logs=None):
        """Notes how many epochs are left."""
        self._epochs_left = self.params["epochs"] - epoch

    def on_train_batch_end(self, batch, logs=None):
        """Warns, once it is known how many images a step has, if all are too few to grow."""
        model, steps = self.model, self.params["steps"]
        images = None if self._has_looked or steps is None else model.images_seen()
        if images in (None, self._images):
            return
        self._has_looked = True
        each = (images - self._images) // (batch + 1 - self._batch)
        last = images + each * (self._epochs_left * steps - batch - 1)
        if last < model.images_to_grow():
            warnings.warn(
                f"Training ends at image {last:,}, before the full size at image "
                f"{model.images_to_grow():,}: call `plan(images)` with fewer images than training "
                "has.",
                stacklevel=2,
            )

    def on_train_batch_begin(self, batch, logs=None):
        """Grows when it is time; the optimizers then begin anew, at the level's rates."""
        model = self.model
        self._batch, self._images = batch, model.images_seen()
        if model.due_phase() == int(model.phase.numpy()):
            return
        before = model.at_level(model.rates)
        model.phase.assign(model.due_phase())
        model.state_was_set()
        for optimizer in model.optimizers.values():
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            rate = inner.learning_rate
            for variable in inner.variables:
                if variable is not rate:
                    variable.assign(np.zeros(variable.shape, variable.dtype))
            rate.assign(rate.numpy() * (model.at_level(model.rates) / before))
