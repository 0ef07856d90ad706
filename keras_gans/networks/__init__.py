"""Network architectures, tailored to no loss and no training setup."""

from keras_gans.networks import dcgan, mlp, r3gan, sizes
from keras_gans.networks.conditional import condition

__all__ = ["condition", "dcgan", "mlp", "r3gan", "sizes"]
