"""Pix2Pix: images become images, learned from pairs."""

import keras
from keras import ops

from keras_gans import losses
from keras_gans.checks import check_numbers
from keras_gans.layers.spectral_normalization import power_iteration
from keras_gans.losses.reconstruction import absolute_error
from keras_gans.losses.total import total
from keras_gans.networks import patch_gan, unet
from keras_gans.networks.sizes import check_shape
from keras_gans.training.gradients import Recording, minimize
from keras_gans.training.seed import frozen
from keras_gans.training.strategy import as_logs
from keras_gans.training.translation_model import TranslationModel


@keras.saving.register_keras_serializable("keras_gans")
class Pix2Pix(TranslationModel):
    """A translator G from images a to images b, and a discriminator of pairs.

    The generator minimises

        L = adversarial mean over sizes of L_G(D(a, G(a))) + l1 E|G(a) - b|
          + feature_matching mean over sizes and layers of E|D_i(a, G(a)) - D_i(a, b)|
          + perceptual_weight mean over features of E|F_i(G(a)) - F_i(b)|

    with D_i the features of a layer and F_i those of a trained network, and the discriminator the
    adversarial loss of pairs (a, b) and (a, G(a)). Batches are (images of a, images of b) that
    belong together.

    The noise of the paper is dropout. `translate` uses none unless it is given a seed, and then the
    same image and seed give the same result, here and in a SavedModel.

    Args:
        generator: Built Keras model from images to images of the same height and width, in [-1, 1],
            for any size that is a multiple of `size_step`. Default: `networks.unet.generator`.
        discriminator: Built Keras model from pairs, joined along their channels, to what
            `networks.patch_gan.multi_scale` gives. Default: that.
        loss: An `AdversarialLoss` or its name. Default: "non_saturating".
        image_shape: (height, width, channels) of the images of b to train on.
        input_channels: Channels of the images of a. Default: None, as many.
        filters: Feature maps of the default networks' first layers. Default: 64.
        depth: Halvings of the default generator. Default: None, as many as leave whole pixels,
            with a warning if they are few, such as 2 of 100 pixels.
        dropout: See `networks.unet.generator`. Default: 0.5.
        noisy: See `networks.unet.generator`. Default: None.
        patch_depth: Halvings of the default discriminator, 3 for patches of 70 pixels. Default:
            None, 3 or as many as the images allow.
        scales: Sizes at which the default discriminator judges; Pix2PixHD: 2. Default: 1.
        adversarial: Weight of L_G, at least 0; with 0 there is nothing but the errors. Default: 1.
        l1: Weight of the mean absolute error in [-1, 1], at least 0. Default: 100.
        feature_matching: Weight of the features' error, at least 0; Pix2PixHD: 10 times the number
            of layers without the last. Default: 0.
        perceptual: Built Keras model F from images in [-1, 1] to features, or a list of them, such
            as layers of a trained classifier; it stays as it is. Default: None.
        perceptual_weight: Weight of its features' error, at least 0. Default: 10 (Pix2PixHD).
        size_step: What height and width are multiples of. Default: that of the default generator.
        ema_decay: Decay of the generator's moving average, which `translate` and `export` use,
            0..1, or None for none (the paper). Default: None.
        seed: Seed of the initial weights of default networks. Default: 0.

    Raises:
        InputError: If an argument is out of range.

    Example:
        >>> data = keras_gans.data.pairs("labels/", "photos/", image_size=256, jitter=True)
        >>> gan = keras_gans.Pix2Pix(image_shape=(256, 256, 3))
        >>> gan.compile()
        >>> gan.fit(data, epochs=200)
        >>> photos = gan.translate(labels)

    Reference: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks",
    2017, equation 4; features and sizes: Wang et al. (Pix2PixHD), 2018. Matched to the authors'
    code: networks, weights, the discriminator updated first, the generator through the updated one
    on the same images, Adam(2e-4, 0.5), batches of 1. Ours: instance normalisation, see
    `networks.unet.generator`; the discriminator's loss is not halved, which Adam does not notice.
    """

    accuracy_logs = ("real_accuracy", "fake_accuracy")
    # What is halved often enough; `unet.fitting_depth` warns of other sizes.
    image_sizes = (8, *range(2**unet.ENOUGH, 1025, 2**unet.ENOUGH))
    data_kind = "pairs"

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="non_saturating",
        *,
        image_shape,
        input_channels=None,
        filters=64,
        depth=None,
        dropout=0.5,
        noisy=None,
        patch_depth=None,
        scales=1,
        adversarial=1.0,
        l1=100.0,
        feature_matching=0.0,
        perceptual=None,
        perceptual_weight=10.0,
        size_step=None,
        ema_decay=None,
        seed=0,
        **kwargs,
    ):
        check_numbers(0, adversarial=adversarial, l1=l1, feature_matching=feature_matching)
        check_numbers(0, perceptual_weight=perceptual_weight)
        channels = check_shape(image_shape, 3)[-1]
        inputs = input_channels or channels
        if generator is None:
            depth = unet.fitting_depth(image_shape) if depth is None else depth
            options = dict(dropout=dropout, noisy=noisy, seed=seed)
            generator = unet.generator(inputs, channels, filters, depth, **options)
        elif depth is None:
            depth = unet.halvings(image_shape)
        size_step = 2**depth if size_step is None else size_step
        if discriminator is None:
            halvings = patch_gan.fitting_depth(image_shape, patch_depth, 3, scales)
            options = (inputs + channels, filters, halvings, scales)
            discriminator = patch_gan.multi_scale(*options, seed=seed)
        logs = ["generator_loss", "adversarial_loss", "l1_loss", "feature_loss"]
        logs += ["perceptual_loss"] if perceptual else []
        logs += ["discriminator_loss", *self.accuracy_logs]
        options = (image_shape, inputs, size_step, size_step, ema_decay, seed, logs)
        super().__init__({"b": generator}, *options, **kwargs)
        self.generator, self.discriminator = generator, discriminator
        self.loss_function = losses.get(loss)
        self.adversarial, self.l1 = adversarial, l1
        self.feature_matching = feature_matching
        self.perceptual, self.perceptual_weight = perceptual, perceptual_weight

    def players(self):
        """Returns the generator and the discriminator."""
        return {"generator": [self.generator], "discriminator": [self.discriminator]}

    def train_step(self, data):
        """Takes one step of the discriminator, then one of the generator through it."""
        a, b = self.unpack(data)
        for network in self.players()["generator"]:
            power_iteration(network)
        recording = self.draw(a, b)
        self.update_discriminator(a, b, recording.outputs)
        self.update_generator(a, b, recording)
        self.end_step()
        return as_logs(self.get_metrics_result())

    def draw(self, a, b):
        """Returns the generator's recorded pass on images of a."""
        return Recording(self.generator, a)

    def update_discriminator(self, a, b, made):
        """Takes one step of the discriminator on real pairs and on pairs with what was made."""
        power_iteration(self.discriminator)
        minimize(
            self.discriminator_optimizer,
            self.trainable("discriminator"),
            lambda: self.discriminator_objective(a, b, made),
        )

    def update_generator(self, a, b, recording):
        """Takes one step of the generator, through the recorded pass that made its images."""
        recording.minimize(
            self.generator_optimizer,
            self.trainable("generator"),
            lambda made: self.generator_objective(a, b, made),
        )

    def judge(self, a, b, training=True):
        """Returns what the discriminator says of pairs: [features ..., logits] for each size."""
        judged = self.discriminator(ops.concatenate([a, b], axis=-1), training=training)
        if not isinstance(judged, list | tuple):
            return [[judged]]
        return judged if isinstance(judged[0], list | tuple) else [judged]

    def discriminator_objective(self, a, b, made, training=True):
        """Returns what the discriminator minimises on (a, b) and (a, made), a scalar."""
        real, fake = (logits(self.judge(a, x, training)) for x in (b, made))
        sizes = list(zip(real, fake, strict=True))
        loss = sum(self.loss_function.discriminator_loss(*size) for size in sizes) / len(sizes)
        accuracies = [self.loss_function.accuracies(*size) for size in sizes]
        real, fake = (sum(each) / len(sizes) for each in zip(*accuracies, strict=True))
        self.track(discriminator_loss=loss, real_accuracy=real, fake_accuracy=fake)
        return loss

    def generator_objective(self, a, b, made):
        """Returns what the generator minimises, a scalar."""
        loss = total(self.generator_terms(a, b, made))
        self.track(generator_loss=loss)
        return loss

    def generator_terms(self, a, b, made):
        """Returns the weighted terms of what the generator minimises, a list of scalars."""
        with frozen(self):
            fake = self.judge(a, made)
            needs_real = self.feature_matching or self.loss_function.paired
            real = self.judge(a, b) if needs_real else None
        others = logits(real) if real else [None] * len(fake)
        pairs = zip(logits(fake), others, strict=True)
        adversarial = sum(self.loss_function.generator_loss(*pair) for pair in pairs) / len(fake)
        error, features = absolute_error(made, b), 0.0
        if self.feature_matching:
            errors = [
                absolute_error(one, ops.stop_gradient(other))
                for size, wanted in zip(fake, real, strict=True)
                for one, other in zip(size[:-1], wanted[:-1], strict=True)
            ]
            features = sum(errors) / len(errors)
        self.track(adversarial_loss=adversarial, l1_loss=error, feature_loss=features)
        terms = [self.adversarial * adversarial, self.l1 * error, self.feature_matching * features]
        if self.perceptual:
            terms.append(self.perceptual_weight * self.perceive(b, made))
        return terms

    def perceive(self, b, made):
        """Returns the mean error of the trained network's features, a scalar."""
        seen, wanted = (keras.tree.flatten(self.perceptual(x, training=False)) for x in (made, b))
        error = sum(map(absolute_error, seen, wanted)) / len(seen)
        self.track(perceptual_loss=error)
        return error

    def test_step(self, data):
        """Measures what both players minimise, without updates."""
        a, b = self.unpack(data)
        made = self.generator(a, training=False)
        self.discriminator_objective(a, b, made, training=False)
        self.generator_objective(a, b, made)
        return as_logs(self.get_metrics_result())

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        names = ("generator", "discriminator", "adversarial", "l1", "feature_matching")
        names += ("perceptual", "perceptual_weight")
        own = {name: getattr(self, name) for name in names}
        return super().get_config(
            loss=self.loss_function, input_channels=self.shapes["a"][-1], **own
        )


def logits(judged):
    """Returns the logits of each size, float32."""
    return [ops.cast(size[-1], "float32") for size in judged]
