"""How far the latents of an encoder are from those that a generator expects."""

from keras import ops


def kl_divergence(mean, log_variance):
    """Returns the divergence of normal distributions from N(0, I) in nats, (N,).

    KL(N(mean, variance) | N(0, I)) = sum (mean^2 + variance - 1 - log variance) / 2

    Args:
        mean: Float (N, latent_dim).
        log_variance: Logarithms of the variances, same shape.

    Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix B.
    """
    return ops.sum(mean**2 + ops.exp(log_variance) - 1 - log_variance, axis=1) / 2
