"""A pool of past images, from which a discriminator is shown some again."""

import keras
from keras import ops

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError


@keras.saving.register_keras_serializable("keras_gans")
class ImagePool(keras.layers.Layer):
    """Keeps images of the past and gives them back half of the time.

    While the pool is not full, images are kept and given back as they came. Then each image, with a
    probability of 1/2, takes the place of a random one, which is given back instead of it. So a
    discriminator does not forget what it has learned of the generator's past.

    The pool is state, saved with the model that has it.

    Args:
        image_shape: (height, width, channels) of the images.
        size: Images in the pool, at least as many as a batch. Default: 50, CycleGAN's.

    Reference: Shrivastava et al., "Learning from Simulated and Unsupervised Images through
    Adversarial Training", 2017, section 2.3. Matched to CycleGAN's code, image by image; but the
    images of one batch never take the place of each other.
    """

    def __init__(self, image_shape, size=50, **kwargs):
        super().__init__(**kwargs)
        check_whole_numbers(size=size)
        self.image_shape, self.size = tuple(image_shape), size
        # Replicas share the pool, and the first one fills it.
        state = dict(initializer="zeros", trainable=False, aggregation="only_first_replica")
        self.images = self.add_weight((size, *self.image_shape), dtype="float32", **state)
        self.count = self.add_weight((), dtype="int32", **state)
        self.built = True

    def check_count(self, count):
        """Raises InputError if the pool is too small for so many images at a time."""
        if count > self.size:
            raise InputError(
                f"A pool of {self.size} images takes no more at a time; a smaller batch or a "
                f"larger `pool_size` fits. Received: {count}."
            )

    def query(self, images, seed):
        """Returns what the discriminator is to see in place of images (N, height, width, channels).

        Args:
            images: New images, at most `size`.
            seed: `keras.random.SeedGenerator` of the choices.

        Raises:
            InputError: If there are more images, and their number is known.
        """
        if images.shape[0] is not None:
            self.check_count(images.shape[0])
        count = ops.shape(images)[0]
        numbers = ops.arange(count)
        is_full = self.count >= self.size
        has_room = self.count + numbers < self.size
        swaps = ops.logical_and(is_full, keras.random.uniform((count,), seed=seed) < 0.5)
        # No two images of a batch get one place, if there are not too many.
        random = keras.random.shuffle(ops.arange(self.size), seed=seed)
        random = ops.take(random, numbers % self.size)
        places = ops.where(is_full, random, (self.count + numbers) % self.size)
        past = ops.take(self.images, places, axis=0)
        keeps = ops.logical_or(has_room, swaps)[:, None, None, None]
        kept = ops.where(keeps, ops.cast(images, "float32"), past)
        self.images.assign(ops.scatter_update(self.images, places[:, None], kept))
        self.count.assign(ops.minimum(self.count + count, self.size))
        return ops.where(swaps[:, None, None, None], past, images)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "image_shape": self.image_shape, "size": self.size}
