"""ADA: augmentation of what the discriminator sees, as strong as its overfitting asks for."""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.resampling import upfirdn

# The low-pass filters of two wavelets (Daubechies, "Ten Lectures on Wavelets", 1992).
SYM2 = (-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025)
SYM6 = (
    *(0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633),
    *(0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252),
    *(-0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148),
)
BORDER = len(SYM6) // 4
"""Pixels beyond the border that the filter reaches."""

GREY = np.array([1.0, 1.0, 1.0, 0.0]) / np.sqrt(3.0)
"""The axis of brightness among (red, green, blue, 1)."""


@keras.saving.register_keras_serializable("keras_gans")
class ADA:
    """Adaptive discriminator augmentation: each change has a probability p, which is controlled.

    Every `every` updates of the discriminator

        p <- p + sign(E[sign(D(x))] - target) * images / speed,  kept in 0..1

    for the real images x since the last time, as the discriminator saw them. Where images are few
    it is soon sure of all that it knows by heart, and p goes up. Both players see changed images
    only, and the generator learns through the changes; as long as p stays below about 0.8, they do
    not show in what it makes.

    Changes, each drawn for itself with p, in this order:
        "blit": mirroring, turns of 90 degrees, shifts by up to an eighth, in whole pixels.
        "geometry": scaling by 2^N(0, 0.2^2), turning, stretching by 2^N(0, 0.2^2), shifts by N(0,
            0.125^2) of the size. Images go on beyond their border as in a mirror, and are sampled
            at twice the resolution between two wavelet filters.
        "color": brightness + N(0, 0.2^2), contrast 2^N(0, 0.5^2), inverted brightness, turned hue,
            saturation 2^N(0, 1). An alpha channel stays as it is.
        "filter": each of four bands of frequencies is amplified by 2^N(0, 1), at equal power.
        "noise": N(0, s^2) with s = |N(0, 0.1^2)|.
        "cutout": a rectangle of half the height and width becomes 0.

    Args:
        policy: Some of these, in any order, each perhaps with its share of p, such as "color:0.5".
            Default: "blit,geometry,color", the authors' choice.
        target: The mean sign that is aimed at, -1..1, or None for a probability that stays.
            Default: 0.6.
        probability: p at first, 0..1. Default: 0.
        speed: Images in which p can go from 0 to 1. Default: 500,000; the authors take 100,000 to
            go on from trained networks.
        every: Updates of the discriminator from one change of p to the next. Default: 4.

    Raises:
        InputError: If an argument is out of range.

    Example:
        >>> gan = keras_gans.StyleGAN2(image_shape=(64, 64, 3), augmentation=kg.augment.ADA())

    Reference: Karras et al., "Training Generative Adversarial Networks with Limited Data", 2020,
    sections 2 and 3, appendix B. Matched to the authors' code: changes, their ranges and order,
    and the control. Ours: what lies far beyond a border is reflected as often as it takes.
    """

    def __init__(
        self,
        policy="blit,geometry,color",
        target=0.6,
        probability=0.0,
        speed=500_000,
        every=4,
    ):
        check_numbers(-1, 1, target=0 if target is None else target)
        check_numbers(0, 1, probability=probability)
        check_whole_numbers(speed=speed, every=every)
        self.policy = policy
        parts = dict((part + ":1").split(":")[:2] for part in str(policy).split(","))
        try:
            shares = {CHANGES[name]: float(share) for name, share in parts.items()}
            check_numbers(0, 1, **{f"policy[{name}]": float(x) for name, x in parts.items()})
        except (KeyError, ValueError):
            raise InputError(
                f'`policy` is some of {", ".join(CHANGES)}, such as "blit,geometry:0.5". '
                f"Received: {policy!r}."
            ) from None
        self._changes = {change: shares[change] for change in CHANGES.values() if change in shares}
        self._first_probability = probability
        self.probability = ops.convert_to_tensor(probability, "float32")
        self.target, self.speed, self.every = target, speed, every
        self._is_built = False

    def build(self, model):
        """Makes p and what is counted as the model's weights; see `GAN`."""
        if model.loss_function.boundary is None and self.target is not None:
            raise InputError(
                "ADA needs a loss whose logits tell real from generated, or `target=None` and a "
                f"`probability` that stays. Received: {model.loss_function.name}."
            )
        if self._is_built:
            raise InputError("Each model needs an ADA of its own. Received: that of another model.")
        self._is_built = True
        options = {"trainable": False, "aggregation": "only_first_replica"}
        first = keras.initializers.Constant(self._first_probability)
        self.probability = model.add_weight((), first, name="augmentation_probability", **options)
        self._signs = model.add_weight((2,), "zeros", name="augmentation_signs", **options)
        self._updates = model.add_counter("augmentation_updates")

    def strengthen(self, share):
        """Sets p, of an augmentation without target, to a share of its own."""
        self.probability.assign(share * self._first_probability)

    def adapt(self, sign, images):
        """Counts an update of the discriminator, and changes p if it is time.

        Args:
            sign: The mean sign of the logits of real images, a scalar.
            images: Their number.
        """
        if self.target is None:
            return
        images = ops.cast(images, "float32")
        signs = self._signs + ops.stack([sign * images, images])
        self._updates.assign_add(1)
        due = self._updates % self.every == 0
        step = ops.sign(signs[0] / signs[1] - self.target) * signs[1] / self.speed
        step = ops.where(due, step, 0.0)
        self.probability.assign(ops.clip(self.probability + step, 0.0, 1.0))
        self._signs.assign(ops.where(due, ops.zeros_like(signs), signs))

    def __call__(self, images, seed=None):
        """Returns changed images.

        Args:
            images: Float (N, height, width, 1 to 4) in [-1, 1].
            seed: Int or `keras.random.SeedGenerator`. Default: None, Keras' global one.
        """
        seed = keras.random.SeedGenerator(seed) if isinstance(seed, int) else seed
        count, size = ops.shape(images)[0], images.shape[1:3]
        draws = {
            change: _Draw(count, share * self.probability, seed)
            for change, share in self._changes.items()
        }
        # Blitting and geometry are one transformation.
        moves = [change(draws.pop(change), size) for change in (blit, geometry) if change in draws]
        images = transform(images, product(*moves)) if moves else images
        for change, draw in draws.items():
            images = change(images, draw)
        return images

    def get_config(self):
        """Returns the constructor's arguments."""
        own = {name: getattr(self, name) for name in ("policy", "target", "speed", "every")}
        return own | {"probability": self._first_probability}

    @classmethod
    def from_config(cls, config):
        """Makes the augmentation from `get_config`'s dict."""
        return cls(**config)


class _Draw:
    """Draws a number for each image; `neutral`, which changes nothing, with 1 - p."""

    def __init__(self, count, probability, seed):
        self.count, self.probability, self.seed = count, probability, seed

    def uniform(self, low=0.0, high=1.0, shape=()):
        return keras.random.uniform((self.count, *shape), low, high, seed=self.seed)

    def normal(self, std=1.0, shape=()):
        return std * keras.random.normal((self.count, *shape), seed=self.seed)

    def one_of(self, number):
        return ops.floor(self.uniform(0, number))

    def sometimes(self, values, neutral, probability=None):
        probability = self.probability if probability is None else probability
        chosen = self.uniform() < probability
        return ops.where(
            ops.reshape(chosen, (-1,) + (1,) * (len(values.shape) - 1)), values, neutral
        )


# Matrices of geometry take (x, y, 1) of a place in the result, in pixels from the centre, to the
# place in the image that is shown there; so each is the inverse of what happens to the image.


def blit(draw, size):
    """Returns matrices (N, 3, 3) of mirroring, turning by 90 degrees, and shifting by pixels."""
    height, width = size
    mirrored = 1.0 - 2.0 * draw.sometimes(draw.one_of(2), 0.0)
    turns = draw.sometimes(draw.one_of(4), 0.0) * (math.pi / 2)
    shift = draw.sometimes(draw.uniform(-0.125, 0.125, (2,)), 0.0)
    x, y = ops.round(shift[:, 0] * width), ops.round(shift[:, 1] * height)
    return product(scaling(mirrored, 1.0), rotation(turns), translation(-x, -y))


def geometry(draw, size):
    """Returns matrices (N, 3, 3) of scaling, turning, stretching, turning, and shifting."""
    height, width = size
    scale = 2.0 ** -draw.sometimes(draw.normal(0.2), 0.0)
    # One of two turns, before and after stretching, has the probability p.
    turned = 1.0 - ops.sqrt(1.0 - ops.clip(draw.probability, 0.0, 1.0))
    before, after = (draw.sometimes(draw.uniform(-math.pi, math.pi), 0.0, turned) for _ in range(2))
    stretch = 2.0 ** -draw.sometimes(draw.normal(0.2), 0.0)
    shift = draw.sometimes(draw.normal(0.125, (2,)), 0.0)
    return product(
        scaling(scale, scale),
        rotation(before),
        scaling(stretch, 1.0 / stretch),
        rotation(after),
        translation(-shift[:, 0] * width, -shift[:, 1] * height),
    )


def color(images, draw):
    """Changes brightness, contrast, inverts, and changes hue and saturation; see `ADA`."""
    channels = images.shape[-1]
    colors = 3 if channels >= 3 else 1
    axis = np.outer(GREY, GREY)
    brightness = draw.sometimes(draw.normal(0.2), 0.0)
    contrast = 2.0 ** draw.sometimes(draw.normal(0.5), 0.0)
    inverted = draw.sometimes(draw.one_of(2), 0.0)[:, None, None]
    steps = [
        np.eye(4) - 2.0 * axis * inverted,
        _matrices([contrast, 0, 0, 0], [0, contrast, 0, 0], [0, 0, contrast, 0], [0, 0, 0, 1]),
        _matrices(
            [1, 0, 0, brightness], [0, 1, 0, brightness], [0, 0, 1, brightness], [0, 0, 0, 1]
        ),
    ]
    if colors == 3:
        hue = draw.sometimes(draw.uniform(-math.pi, math.pi), 0.0)
        saturation = 2.0 ** draw.sometimes(draw.normal(1.0), 0.0)[:, None, None]
        grey, rest = axis, np.diag([1.0, 1.0, 1.0, 0.0]) - axis
        # The part across the axis of brightness is scaled, and turned around it.
        cross = np.zeros((4, 4))
        cross[:3, :3] = np.cross(np.eye(3), GREY[:3])
        turned = ops.cos(hue)[:, None, None] * rest + ops.sin(hue)[:, None, None] * cross
        fixed = grey + np.diag([0.0, 0.0, 0.0, 1.0])
        steps = [fixed + rest * saturation, fixed + turned, *steps]
    matrix = product(*(ops.cast(step, "float32") for step in steps))
    shown, others = images[..., :colors], images[..., colors:]
    if colors == 3:
        factors, added = matrix[:, :3, :3], matrix[:, :3, 3]
    else:
        mean = ops.mean(matrix[:, :3], axis=1)
        factors, added = ops.sum(mean[:, :3], axis=1)[:, None, None], mean[:, 3:]
    factors, added = (ops.cast(part, images.dtype) for part in (factors, added))
    shown = ops.einsum("nhwc,ndc->nhwd", shown, factors) + added[:, None, None]
    return ops.concatenate([shown, others], axis=-1)


def frequencies(images, draw):
    """Amplifies bands of frequencies; see `ADA`."""
    bank = _filter_bank()
    power = np.array([10.0, 1.0, 1.0, 1.0]) / 13  # Images have the more power the lower it is.
    gains = 1.0
    for band in range(len(bank)):
        gain = 2.0 ** draw.sometimes(draw.normal(1.0), 0.0)
        each = ops.where(np.arange(len(bank)) == band, gain[:, None], 1.0)
        gains *= each / ops.sqrt(ops.sum(power * each**2, axis=1, keepdims=True))
    taps = ops.cast(ops.matmul(gains, ops.cast(bank, "float32")), images.dtype)  # (N, taps)
    count, height, width, channels = ops.shape(images)
    # One image with as many maps as all have, each filtered for itself.
    x = ops.reshape(ops.transpose(images, (1, 2, 0, 3)), (1, height, width, count * channels))
    kernel = ops.transpose(ops.repeat(taps, channels, axis=0))[:, None, :, None]
    for axis, along in ((1, kernel), (2, ops.swapaxes(kernel, 0, 1))):
        border = [0, 0]
        border[axis - 1] = bank.shape[1] // 2
        x = ops.depthwise_conv(_mirror(x, *border), along)
    return ops.transpose(ops.reshape(x, (height, width, count, channels)), (2, 0, 1, 3))


def noise(images, draw):
    """Adds noise; see `ADA`."""
    std = draw.sometimes(ops.abs(draw.normal(0.1)), 0.0)[:, None, None, None]
    added = std * keras.random.normal(ops.shape(images), seed=draw.seed)
    return images + ops.cast(added, images.dtype)


def cutout(images, draw):
    """Sets a rectangle to 0; see `ADA`."""
    side = draw.sometimes(draw.uniform(0.5, 0.5), 0.0)[:, None]
    inside = []
    for size in images.shape[1:3]:
        places = (np.arange(size) + 0.5) / size
        inside.append(ops.abs(places - draw.uniform()[:, None]) < side / 2)
    hidden = inside[0][:, :, None, None] & inside[1][:, None, :, None]
    return ops.where(hidden, ops.zeros_like(images), images)


CHANGES = {
    "blit": blit,
    "geometry": geometry,
    "color": color,
    "filter": frequencies,
    "noise": noise,
    "cutout": cutout,
}


def transform(images, matrices):
    """Returns images that show at each place what the images have where the matrices take it.

    Args:
        images: Float (N, height, width, C).
        matrices: Float (N, 3, 3) on (x, y, 1), in pixels from the centre.
    """
    taps = np.array(SYM6) / sum(SYM6)
    wide = _mirror(images, 2 * BORDER)
    fine = upfirdn(wide, 2 * taps, up=2, pad=(2 * BORDER, 2 * BORDER - 1))
    return upfirdn(_sample(fine, matrices), taps[::-1], down=2, pad=(-1, -1))


# Of places that are worked out one by one XLA makes a single loop, which processors take in a
# fraction of the time. GPUs are quick without, and may lack what XLA needs.
@tf.function(autograph=False, jit_compile=not tf.config.list_physical_devices("GPU"))
def _sample(fine, matrices):
    """Returns what images of twice the resolution have at the places that `transform` shows.

    Args:
        fine: Float (N, 2 height + 8 b, 2 width + 8 b, C), with a border of b = `BORDER` pixels
            twice: for the reach of this place, and of the next.
        matrices: Float (N, 3, 3).

    Returns:
        Tensor (N, 2 height + 4 b, 2 width + 4 b, C).
    """
    height, width = (side // 2 - 4 * BORDER for side in fine.shape[1:3])
    # Places of the result that the second filter needs, in pixels of the image from its centre.
    x, y = (
        (np.arange(2 * (size + 2 * BORDER)) + 0.5) / 2 - BORDER - size / 2
        for size in (width, height)
    )
    grid = np.stack([*np.meshgrid(x, y), np.ones((len(y), len(x)))]).reshape(3, -1)
    places = ops.matmul(matrices[:, :2], ops.cast(grid, "float32"))  # (N, 2, places)
    x, y = (
        2 * (_reflect(places[:, axis] + size / 2 - 0.5, size) + 0.5 + 2 * BORDER) - 0.5
        for axis, size in ((0, width), (1, height))
    )
    shape = (*(2 * (size + 2 * BORDER) for size in (height, width)), fine.shape[-1])
    return ops.reshape(_bilinear(fine, x, y), (-1, *shape))


def _mirror(images, rows, columns=None):
    """Returns images with so many rows above and below, and columns, that mirror what is there."""
    for axis, border in ((1, rows), (2, rows if columns is None else columns)):
        # NumPy goes on where an image is smaller than its border.
        order = np.pad(np.arange(images.shape[axis]), border, mode="reflect")
        images = ops.take(images, order, axis=axis) if border else images
    return images


def _reflect(place, size):
    """Returns places as two mirrors show them, but for those near the border, which are there."""
    period = 2.0 * max(1, size - 1)
    mirrored = ops.abs(place - period * ops.round(place / period))
    is_there = ops.abs(place - (size - 1) / 2) < size / 2 + BORDER
    return ops.where(is_there, place, mirrored)


def _bilinear(images, x, y):
    """Returns what images (N, height, width, C) have at places x, y (N, places), in pixels."""
    count, (height, width, channels) = ops.shape(images)[0], images.shape[1:]
    flat = ops.reshape(images, (-1, channels))
    left, top = ops.floor(x), ops.floor(y)
    right, low = (ops.cast(part, images.dtype)[..., None] for part in (x - left, y - top))
    left, top = ops.cast(left, "int32"), ops.cast(top, "int32")
    start = ops.arange(count)[:, None] * (height * width)

    def at(dy, dx):
        rows, columns = ops.minimum(top + dy, height - 1), ops.minimum(left + dx, width - 1)
        return ops.take(flat, start + rows * width + columns, axis=0)

    above = at(0, 0) + right * (at(0, 1) - at(0, 0))
    below = at(1, 0) + right * (at(1, 1) - at(1, 0))
    return above + low * (below - above)


def product(*matrices):
    """Returns the product of matrices (N, k, k)."""
    result, *others = matrices
    for matrix in others:
        result = ops.matmul(result, matrix)
    return result


def scaling(x, y):
    """Returns matrices (N, 3, 3)."""
    return _matrices([x, 0, 0], [0, y, 0], [0, 0, 1])


def rotation(angle):
    """Returns matrices (N, 3, 3) that turn by -angle."""
    cos, sin = ops.cos(angle), ops.sin(angle)
    return _matrices([cos, sin, 0], [-sin, cos, 0], [0, 0, 1])


def translation(x, y):
    """Returns matrices (N, 3, 3)."""
    return _matrices([1, 0, x], [0, 1, y], [0, 0, 1])


def _matrices(*rows):
    """Returns matrices (N, k, k) of numbers and of tensors (N,)."""
    count = next(ops.shape(x) for row in rows for x in row if hasattr(x, "shape"))
    rows = [[ops.broadcast_to(ops.cast(x, "float32"), count) for x in row] for row in rows]
    return ops.stack([ops.stack(row, axis=-1) for row in rows], axis=-2)


def _filter_bank():
    """Returns the filters of four bands, the lowest first, (4, taps), which add to the identity."""
    low = np.array(SYM2)
    high = low * (-1.0) ** np.arange(len(low))
    low, high = (np.convolve(x, x[::-1]) / 2 for x in (low, high))
    bank = np.eye(4, 1)
    for band in range(1, 4):
        spread = np.zeros((4, 2 * bank.shape[1] - 1))
        spread[:, ::2] = bank
        bank = np.stack([np.convolve(row, low) for row in spread])
        start = (bank.shape[1] - len(high)) // 2
        bank[band, start : start + len(high)] += high
    return bank
