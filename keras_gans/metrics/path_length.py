"""Perceptual path length: how evenly images change as the latent moves."""

import keras
import numpy as np
import tqdm

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.latent.paths import lerp, slerp


def perceptual_path_length(
    generate,
    embed,
    latent_dim,
    mapping=None,
    num_classes=None,
    sampling="full",
    epsilon=1e-4,
    num_samples=10_000,
    batch_size=32,
    seed=0,
    verbose=False,
):
    """Returns the mean squared speed of the features along paths between random latents.

    E[|f(G(p(t + epsilon))) - f(G(p(t)))|^2 / epsilon^2], where p is a path between two latents:
    spherical interpolation in z or, if a `mapping` is given, a straight line in w. Values outside
    the 1st to 99th percentile are dropped. Smaller is smoother.

    The paper's f is such that the squared distance is LPIPS on VGG-16, and it takes 100,000 paths;
    other features give numbers that only compare among themselves. Images go to `embed` as floats,
    since rounding to uint8 would hide so small a step. Both functions should compute in float32
    and give equal outputs for equal inputs (no fresh noise). Where features hardly change, the
    rounding of float32 is part of so small a step: a value that falls a lot when epsilon
    grows tenfold is mostly rounding.

    Args:
        generate: Function from float32 latents to float images in [-1, 1] of shape (N, H, W, C).
            Latents have shape (N, latent_dim), or that of the output of `mapping`.
        embed: Function from those images to features (N, ...). For an `Embedder`, whose call takes
            uint8: `lambda images: embedder.forward(127.5 * (images + 1))["features"]`, if the
            images have the size and channels that its network takes.
        latent_dim: Size of z, at least 2; z is drawn from a standard normal distribution.
        mapping: None to walk in z, or a function from z to w to walk in w. Default: None.
        num_classes: For a conditional generator: path i has the class i modulo `num_classes`, and
            `generate`, or the `mapping` if there is one, is called with latents and int labels
            (N,). None (default): without labels.
        sampling: "full" takes t uniform in [0, 1]; "end" takes t = 0. Default: "full".
        epsilon: Step along the path, above 0. Default: 1e-4.
        num_samples: Number of paths, at least 2. Default: 10,000.
        batch_size: Paths at a time, at least 1. Default: 32.
        seed: Integer that draws the paths. Default: 0.
        verbose: Whether to show progress. Default: False.

    Returns:
        The path length, a float of at least 0.

    Raises:
        InputError: If an argument is out of its range or a feature is not finite.

    Reference: Karras et al., "A Style-Based Generator Architecture for Generative Adversarial
    Networks", 2019, section 4.1.
    """
    check_whole_numbers(least=2, latent_dim=latent_dim, num_samples=num_samples)
    check_whole_numbers(batch_size=batch_size)
    check_whole_numbers(least=0, seed=seed)
    if sampling not in ("full", "end"):
        raise InputError(f'`sampling` must be "full" or "end". Received: {sampling!r}.')
    if not epsilon > 0:
        raise InputError(f"`epsilon` must be above 0. Received: {epsilon!r}.")

    def features(latents, labels):
        outputs = embed(generate(latents.astype("float32"), *labels))
        return _to_numpy(outputs).reshape(len(latents), -1)

    path = slerp if mapping is None else lerp
    speeds = []
    options = (num_classes, num_samples, batch_size, seed, verbose)
    for labels, begin, end, times in _paths(latent_dim, mapping, *options):
        times = times if sampling == "full" else np.zeros_like(times)
        ahead, behind = (path(begin, end, t) for t in (times + epsilon, times))
        step = features(ahead, labels) - features(behind, labels)
        speeds.append((step**2).sum(axis=1) / epsilon**2)
    return _mean_without_extremes(np.concatenate(speeds))


def _paths(latent_dim, mapping, num_classes, num_samples, batch_size, seed, verbose):
    """Yields labels [(n,)] or [], both ends (n, ...) and uniform times (n, 1, ...)."""
    # Two streams, so that the paths do not depend on the size of the batches.
    latent_random, time_random = np.random.default_rng(seed).spawn(2)
    starts = range(0, num_samples, batch_size)
    for start in tqdm.tqdm(starts, desc="Paths", unit="batch", disable=not verbose):
        count = min(batch_size, num_samples - start)
        ends = latent_random.standard_normal((count, 2, latent_dim))
        begin, end = ends[:, 0], ends[:, 1]
        labels = [(start + np.arange(count)) % num_classes] if num_classes else []
        if mapping is not None:
            begin, end = (_to_numpy(mapping(z.astype("float32"), *labels)) for z in (begin, end))
            labels = []  # They are in w.
        yield labels, begin, end, time_random.uniform(size=(count,) + (1,) * (begin.ndim - 1))


def _mean_without_extremes(speeds):
    """Returns the mean of the values from the 1st to the 99th percentile."""
    if not np.isfinite(speeds).all():
        raise InputError("Features must be finite. Received: NaN or infinite values.")
    low = np.percentile(speeds, 1, method="lower")
    high = np.percentile(speeds, 99, method="higher")
    return float(speeds[(low <= speeds) & (speeds <= high)].mean())


def _to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor).astype("float64")
