"""DiffAugment: the discriminator sees real and generated images changed at random."""

import keras
from keras import ops

from keras_gans.errors import InputError


def brightness(x, seed):
    """Adds a number to an image: x + U(-0.5, 0.5)."""
    return x + _uniform(x, -0.5, 0.5, seed)


def saturation(x, seed):
    """Scales how far a pixel's colours are from their mean m: m + U(0, 2) (x - m)."""
    mean = ops.mean(x, axis=-1, keepdims=True)
    return mean + _uniform(x, 0.0, 2.0, seed) * (x - mean)


def contrast(x, seed):
    """Scales how far an image's values are from their mean m: m + U(0.5, 1.5) (x - m)."""
    mean = ops.mean(x, axis=(1, 2, 3), keepdims=True)
    return mean + _uniform(x, 0.5, 1.5, seed) * (x - mean)


def translation(x, seed):
    """Shifts an image by up to an eighth of its height and width; what comes in is 0."""
    rows, columns = (_shift(x, axis, seed) for axis in (1, 2))
    # As products with permutations, which any device differentiates as often as it is asked.
    return ops.einsum("nij,njkc,nlk->nilc", rows, x, columns)


def cutout(x, seed):
    """Sets a rectangle of half the height and width around a random place to 0."""
    hidden = [_stretch(x, axis, seed) for axis in (1, 2)]
    return x * (1.0 - hidden[0][:, :, None, None] * hidden[1][:, None, :, None])


TRANSFORMATIONS = {
    "color": (brightness, saturation, contrast),
    "translation": (translation,),
    "cutout": (cutout,),
}


@keras.saving.register_keras_serializable("keras_gans")
class DiffAugment:
    """Changes each image at random, differentiably, so that few images are not learned by heart.

    Both players see changed images only, D(T(x)) and D(T(G(z))), and the generator learns through
    T; so the changes do not show in what it makes.

    Args:
        policy: Which changes, in order, of "color" (brightness, saturation and contrast),
            "translation" and "cutout". Default: "color,translation,cutout".

    Raises:
        InputError: If there is no such change.

    Example:
        >>> augmentation = keras_gans.augment.DiffAugment("translation,cutout")
        >>> gan = keras_gans.DCGAN(image_shape=(64, 64, 3), augmentation=augmentation)

    Reference: Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training", 2020; all
    ranges are the authors'. Ours: transparency has no colour, so "color" leaves it.
    """

    def __init__(self, policy="color,translation,cutout"):
        self.policy = policy
        try:
            self._changes = [f for part in policy.split(",") for f in TRANSFORMATIONS[part]]
        except (KeyError, AttributeError):
            raise InputError(
                f'`augmentation` is "ada" or some of {", ".join(TRANSFORMATIONS)}, such as '
                f'"translation,cutout". Received: {policy!r}.'
            ) from None

    def __call__(self, images, seed=None):
        """Returns changed images.

        Args:
            images: Float (N, height, width, channels) in [-1, 1].
            seed: Int or `keras.random.SeedGenerator`. Default: None, Keras' global one.
        """
        seed = keras.random.SeedGenerator(seed) if isinstance(seed, int) else seed
        for change in self._changes:
            opaque = images.shape[-1] in (1, 3) or change not in TRANSFORMATIONS["color"]
            shown = images if opaque else images[..., :-1]
            changed = change(shown, seed)
            images = changed if opaque else ops.concatenate([changed, images[..., -1:]], axis=-1)
        return images

    def get_config(self):
        """Returns the constructor's arguments."""
        return {"policy": self.policy}

    @classmethod
    def from_config(cls, config):
        """Makes the augmentation from `get_config`'s dict."""
        return cls(**config)


def _uniform(x, low, high, seed):
    return keras.random.uniform((ops.shape(x)[0], 1, 1, 1), low, high, dtype=x.dtype, seed=seed)


def _shift(x, axis, seed):
    """Returns (N, size, size): row i takes what was in row i + t, for a random t of each image."""
    count, size = ops.shape(x)[0], x.shape[axis]
    places, most = ops.arange(size), (size + 4) // 8
    t = keras.random.randint((count, 1, 1), -most, most + 1, seed=seed)
    return ops.cast(places == places[:, None] + t, x.dtype)


def _stretch(x, axis, seed):
    """Returns (N, size): 1 within half of the size around a random place, elsewhere 0."""
    count, size = ops.shape(x)[0], x.shape[axis]
    places, length = ops.arange(size), (size + 1) // 2
    middle = keras.random.randint((count, 1), 0, size + 1 - length % 2, seed=seed)
    first = middle - length // 2
    return ops.cast((places >= first) & (places < first + length), x.dtype)
