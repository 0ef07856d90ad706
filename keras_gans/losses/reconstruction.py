"""How far images are from what they should be."""

from keras import ops


def absolute_error(images, targets):
    """Returns the mean absolute error, a float32 scalar.

    L1 = E[|x - y|]

    with the mean over all values, so that it does not depend on the images' size.

    Args:
        images: Float (N, ...).
        targets: Float, same shape.

    Reference: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks",
    2017, equation 3: sharper than the squared error.
    """
    return ops.mean(ops.abs(ops.cast(images, "float32") - ops.cast(targets, "float32")))
