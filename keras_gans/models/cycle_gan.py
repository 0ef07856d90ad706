"""CycleGAN: images of one domain become images of another, learned without pairs."""

from functools import partial

import keras
from keras import ops

from keras_gans import losses
from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.image_pool import ImagePool
from keras_gans.layers.spectral_normalization import power_iteration
from keras_gans.losses.reconstruction import absolute_error
from keras_gans.losses.total import total
from keras_gans.networks import patch_gan, residual, unet
from keras_gans.networks.sizes import check_shape
from keras_gans.training.gradients import minimize
from keras_gans.training.seed import frozen
from keras_gans.training.strategy import as_logs
from keras_gans.training.translation_model import TranslationModel


@keras.saving.register_keras_serializable("keras_gans")
class CycleGAN(TranslationModel):
    """Two translators, there and back again, and a discriminator for each domain.

    The generators G_ab and G_ba together minimise

        L = w (L_G(D_b(G_ab(a))) + L_G(D_a(G_ba(b))))
          + cycle_a E|G_ba(G_ab(a)) - a| + cycle_b E|G_ab(G_ba(b)) - b|
          + identity (E|G_ba(a) - a| + E|G_ab(b) - b|)
          [+ content (E|G_ab(a) - a| + E|G_ba(b) - b|)]

    and D_a, D_b the adversarial loss of real images and of generated ones, half of which come from
    the past. Batches are (images of a, images of b), which do not belong together.

    Args:
        generator_ab: Built Keras model from images to images of the same shape, in [-1, 1]; like
            `generator_ba` for any size that is a multiple of `size_step`. Default: what
            `architecture` says.
        generator_ba: The way back. Default: the same with other initial weights.
        discriminator_a: Built Keras model from images to logits, of any shape. Default:
            `networks.patch_gan.discriminator`.
        discriminator_b: The same for the other domain.
        loss: An `AdversarialLoss` or its name. Default: "least_squares".
        architecture: Of the default generators: "residual" for `networks.residual.generator` (the
            paper), or "unet" for `networks.unet.generator` without dropout, of 4 halvings or as
            many as leave whole pixels. Default: "residual".
        image_shape: (height, width, channels) of the images to train on.
        filters: Feature maps of the default networks at the full size, of "unet" at half of it.
            Default: 64.
        blocks: Residual blocks of "residual". Default: None, 6 below 256 pixels and 9 from there
            on.
        depth: Halvings of the default discriminators' input: 3 for patches of 70 pixels, 0 for
            pixels. Default: None, 3 or as many as the images allow.
        upsampling: "transpose" (the paper) or "resize" of "residual", see
            `networks.residual.generator`. Default: "transpose".
        adversarial: w, at least 0. Default: 2, since the paper's least squares lack the factor 1/2
            of L_G.
        cycle: Weight of the cycles' absolute error in [-1, 1], at least 0, or a pair of them,
            cycle_a and cycle_b. What only one domain has, such as the kind of glasses, must be
            hidden in the other domain's images for its cycle to close: a small weight of that
            cycle spares them from it. Default: 10.
        identity: Weight of what an image of the target domain is changed by, which keeps colours,
            at least 0. Default: 5.
        content: Weight of what a translation changes at all, at least 0. For domains that differ
            in few pixels: it keeps the rest as it is, which cycles alone do not, since what was
            changed can be changed back. Default: 0 (the paper); SimGAN's self-regularisation.
        pool_size: Past images that are kept of each domain, at least as many as a batch. Default:
            50.
        size_step: What height and width are multiples of; of U-Nets of one's own 2^depth. Default:
            None, that of the default networks: 4, of "unet" 16 with 4 halvings.
        least_side: The least height and width. Default: None, that of the default networks: 8, of
            "unet" its `size_step`.
        ema_decay: Decay of the generators' moving averages, which `translate` and `export` use,
            0..1, or None for none (the paper). Default: None.
        seed: Seed of the initial weights of default networks and of the pools. Default: 0.

    Raises:
        InputError: If an argument is out of range.

    Example:
        >>> data = keras_gans.data.unpaired("horses/", "zebras/", image_size=256)
        >>> gan = keras_gans.CycleGAN(image_shape=(256, 256, 3))
        >>> gan.compile()
        >>> gan.fit(data, epochs=200)
        >>> zebras = gan.translate(horses, to="b")

    Reference: Zhu et al., "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
    Networks", 2017, equation 3; identity: section 5.2; content: Shrivastava et al. (SimGAN), 2017,
    equation 4. Matched to the authors' code: networks,
    weights, the pools, both generators updated first and together, both discriminators after them,
    Adam(2e-4, 0.5), batches of 1. The authors' rate is constant for 100 epochs and falls to 0 in
    100 more: `callbacks.LearningRateSchedule(callbacks.linear_decay(100, 200))`.
    """

    accuracy_logs = ("real_accuracy", "fake_accuracy")
    image_sizes = range(residual.LEAST_SIDE, 1025, residual.SIZE_STEP)
    data_kind = "unpaired"

    def __init__(
        self,
        generator_ab=None,
        generator_ba=None,
        discriminator_a=None,
        discriminator_b=None,
        loss="least_squares",
        *,
        architecture="residual",
        image_shape,
        filters=64,
        blocks=None,
        depth=None,
        upsampling="transpose",
        adversarial=2.0,
        cycle=10.0,
        identity=5.0,
        content=0.0,
        pool_size=50,
        size_step=None,
        least_side=None,
        ema_decay=None,
        seed=0,
        **kwargs,
    ):
        check_numbers(0, adversarial=adversarial, identity=identity, content=content)
        check_whole_numbers(pool_size=pool_size)
        if architecture not in ("residual", "unet"):
            raise InputError(f'`architecture` is "residual" or "unet". Received: {architecture!r}.')
        cycle = tuple(cycle) if isinstance(cycle, list | tuple) else (cycle, cycle)
        if len(cycle) != 2:
            raise InputError(f"`cycle` is a number, or one for each domain. Received: {cycle}.")
        for weight in cycle:
            check_numbers(0, cycle=weight)
        channels = check_shape(image_shape, 3)[-1]
        blocks = (6 if min(image_shape[:2]) < 256 else 9) if blocks is None else blocks
        step, least = residual.SIZE_STEP, residual.LEAST_SIDE
        if architecture == "unet":
            halvings = unet.fitting_depth(image_shape, most=unet.ENOUGH)
            step = least = 2**halvings
        size_step = step if size_step is None else size_step
        least_side = least if least_side is None else least_side

        def generator(stream):
            if architecture == "unet":
                options = dict(filters=filters, depth=halvings, dropout=0.0)
                return unet.generator(channels, seed=seed, stream=stream, **options)
            return residual.generator(channels, filters, blocks, upsampling, seed, stream)

        def discriminator(stream):
            patch_depth = patch_gan.fitting_depth(image_shape, depth, most=3)
            return patch_gan.discriminator(channels, filters, patch_depth, seed=seed, stream=stream)

        translators = {"b": generator_ab or generator(0), "a": generator_ba or generator(2)}
        logs = ["generator_loss", "adversarial_loss", "cycle_loss", "identity_loss"]
        logs += ["content_loss"] if content else []
        logs += ["discriminator_loss", *self.accuracy_logs]
        options = (image_shape, None, size_step, least_side, ema_decay, seed, logs)
        super().__init__(translators, *options, **kwargs)
        self.generator_ab, self.generator_ba = translators["b"], translators["a"]
        self.discriminator_a = discriminator_a or discriminator(1)
        self.discriminator_b = discriminator_b or discriminator(3)
        self.loss_function = losses.get(loss)
        self.adversarial, self.cycle = adversarial, cycle
        self.identity, self.content = identity, content
        self.pool_size = pool_size
        self.pool_a = ImagePool(image_shape, pool_size, name="pool_a")
        self.pool_b = ImagePool(image_shape, pool_size, name="pool_b")

    def check_start(self, batch_size):
        """Checks that the pools have room for a batch; see `GenerativeModel`."""
        self.pool_a.check_count(batch_size)  # The other is as large.

    def players(self):
        """Returns both generators as one player, both discriminators as the other."""
        return {
            "generator": [self.generator_ab, self.generator_ba],
            "discriminator": [self.discriminator_a, self.discriminator_b],
        }

    def train_step(self, data):
        """Takes one step of both generators, then one of both discriminators."""
        a, b = self.unpack(data)
        fake_a, fake_b = self.update_generators(a, b)
        self.update_discriminators(a, b, fake_a, fake_b)
        self.end_step()
        return as_logs(self.get_metrics_result())

    def update_generators(self, a, b):
        """Takes one step of both generators; returns what they made on the way, fakes of a, b."""
        fakes = []

        def objective():
            loss, *fakes[:] = self.generator_objective(a, b)
            return loss

        for network in self.players()["generator"]:
            power_iteration(network)
        minimize(self.generator_optimizer, self.trainable("generator"), objective)
        return fakes

    def update_discriminators(self, a, b, fake_a, fake_b):
        """Takes one step of both discriminators on real images and on fakes, new and past ones."""
        past_a = self.pool_a.query(fake_a, self.seed_generator)
        past_b = self.pool_b.query(fake_b, self.seed_generator)
        for network in self.players()["discriminator"]:
            power_iteration(network)
        minimize(
            self.discriminator_optimizer,
            self.trainable("discriminator"),
            lambda: self.discriminator_objective(a, b, past_a, past_b),
        )

    def generator_objective(self, a, b, training=True):
        """Returns what the generators minimise, a scalar, and their images of domains a and b."""
        to_a = partial(self.generator_ba, training=training)
        to_b = partial(self.generator_ab, training=training)
        fake_a, fake_b = to_a(b), to_b(a)
        adversarial = self.fool(self.discriminator_a, fake_a, a)
        adversarial += self.fool(self.discriminator_b, fake_b, b)
        cycle_a, cycle_b = absolute_error(to_a(fake_b), a), absolute_error(to_b(fake_a), b)
        identity = 0.0
        if self.identity:
            identity = absolute_error(to_a(a), a) + absolute_error(to_b(b), b)
        terms = [self.adversarial * adversarial, self.identity * identity]
        terms += [self.cycle[0] * cycle_a, self.cycle[1] * cycle_b]
        if self.content:
            content = absolute_error(fake_b, a) + absolute_error(fake_a, b)
            self.track(content_loss=content)
            terms.append(self.content * content)
        loss = total(terms)
        self.track(adversarial_loss=adversarial, identity_loss=identity)
        self.track(cycle_loss=cycle_a + cycle_b, generator_loss=loss)
        return loss, fake_a, fake_b

    def fool(self, discriminator, fakes, real):
        """Returns what a generator minimises for a discriminator to take its images for real."""
        with frozen(self):
            logits = ops.cast(discriminator(fakes, training=True), "float32")
            paired = self.loss_function.paired
            others = ops.cast(discriminator(real, training=True), "float32") if paired else None
        return self.loss_function.generator_loss(logits, others)

    def discriminator_objective(self, a, b, fake_a, fake_b, training=True):
        """Returns what the discriminators minimise on real images and fakes, a scalar."""
        loss, accuracies = 0.0, []
        sides = ((self.discriminator_a, a, fake_a), (self.discriminator_b, b, fake_b))
        for discriminator, real, fakes in sides:
            logits = [
                ops.cast(discriminator(x, training=training), "float32") for x in (real, fakes)
            ]
            loss += self.loss_function.discriminator_loss(*logits)
            accuracies.append(self.loss_function.accuracies(*logits))
        real, fake = (sum(both) / 2 for both in zip(*accuracies, strict=True))
        self.track(discriminator_loss=loss, real_accuracy=real, fake_accuracy=fake)
        return loss

    def test_step(self, data):
        """Measures what both players minimise, without updates and without past images."""
        a, b = self.unpack(data)
        _, fake_a, fake_b = self.generator_objective(a, b, training=False)
        self.discriminator_objective(a, b, fake_a, fake_b, training=False)
        return as_logs(self.get_metrics_result())

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        names = ["generator_ab", "generator_ba", "discriminator_a", "discriminator_b"]
        names += ["adversarial", "cycle", "identity", "content", "pool_size", "least_side"]
        return super().get_config(loss=self.loss_function, **{n: getattr(self, n) for n in names})
