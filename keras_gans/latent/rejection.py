"""Samples that the discriminator takes for real, of many."""

import math

import numpy as np
from keras import ops

from keras_gans.checks import check_labels, check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.latent.spaces import check_model
from keras_gans.training import export
from keras_gans.training.seed import derived_seed


def select(gan, count, keep=0.5, seed=0, labels=None, batch_size=256):
    """Makes more images than are asked for, and keeps those of the highest logits.

    The discriminator knows some of what the generator does badly. But it also likes what it likes:
    with a small `keep` images become alike, and shares of attributes move.

    Args:
        gan: A `GAN`.
        count: Number of images, at least 1.
        keep: Share that is kept, above 0 and at most 1. Default: 0.5.
        seed: Int seed of the latents, at least 0. Default: 0.
        labels: See `GAN.generate`; images are compared within their class. Default: None.
        batch_size: Images that are made at a time. Default: 256.

    Returns:
        NumPy uint8 (count, height, width, channels), in the order of `labels`; of one class, or
        without classes, the best come first.

    Raises:
        InputError: If the model makes no images or has no discriminator, or an argument is out of
            range.

    Reference: in the spirit of Azadi et al., "Discriminator Rejection Sampling", 2019, which keeps
    each image with a probability that its logit gives; here the best share is kept.
    """
    check_model(gan)
    if not hasattr(gan, "judge"):
        raise InputError(
            "Only a model with a discriminator of its samples chooses among them. "
            f"Received: {type(gan).__name__}."
        )
    check_whole_numbers(count=count, batch_size=batch_size)
    check_whole_numbers(0, seed=seed)
    check_numbers(0, 1, keep=keep)
    if keep == 0:
        raise InputError("`keep` is the share that is kept, above 0. Received: 0.")
    labels = check_labels(count, labels, gan.num_classes)
    kinds = np.zeros(count, int) if labels is None else labels
    chosen = np.empty((count, *gan.image_shape), "uint8")
    for kind in np.unique(kinds):
        places = np.flatnonzero(kinds == kind)
        drawn = math.ceil(len(places) / keep)
        # Each class has latents of its own.
        own = seed if labels is None else derived_seed(seed, kind)
        latents = gan.latents_of(drawn, own)
        best = []
        for start in range(0, drawn, batch_size):
            part = latents[start : start + batch_size]
            label = None if labels is None else ops.full((len(part),), kind, "int32")
            made = gan(part, labels=label)
            judged = gan.judge(made, label, training=False).logits
            logits = ops.convert_to_numpy(judged).reshape(len(part), -1).mean(axis=1)
            images = np.asarray(export.to_uint8(made))
            # As copies, since views would keep the images that are not chosen.
            best += [(logit, image.copy()) for logit, image in zip(logits, images, strict=True)]
            best = sorted(best, key=lambda pair: -pair[0])[: len(places)]
        for place, (_, image) in zip(places, best, strict=True):
            chosen[place] = image
    return chosen
