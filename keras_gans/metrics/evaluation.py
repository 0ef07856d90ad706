"""Scores of a generator against data, each with the protocol that it must be read with."""

import difflib
import functools
import pathlib
import tempfile

import keras
import numpy as np
import scipy

from keras_gans.checks import MAX_SEED, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.metrics.class_balance import class_balance
from keras_gans.metrics.embedded import embed, embed_real
from keras_gans.metrics.embedders import InceptionV3FID
from keras_gans.metrics.embedders.base import Embedder, versions
from keras_gans.metrics.embedders.classifier import ClassifierEmbedder
from keras_gans.metrics.features import check_features
from keras_gans.metrics.frechet import frechet_from_moments, warn_if_few
from keras_gans.metrics.inception_score import inception_score
from keras_gans.metrics.kernel import kernel_distance
from keras_gans.metrics.manifold import prdc
from keras_gans.metrics.memorization import FEWEST, memorization
from keras_gans.metrics.ms_ssim import WINDOW, ms_ssim
from keras_gans.metrics.path_length import perceptual_path_length
from keras_gans.metrics.sliced_wasserstein import PATCH, sliced_wasserstein_distance
from keras_gans.metrics.sources import open_data, open_source
from keras_gans.scores import MEANINGS

METRICS = ("fid", "kid", "is", "prdc", "swd", "ms_ssim", "class_balance", "memorization", "ppl")

OF_PIXELS = {name for name, meaning in MEANINGS.items() if meaning.of_pixels}
"""Scores that compare images and not features."""

PIXELS = {
    "features": "pixels",
    "resize": "none",
    "weights_sha256": None,
    "comparable_with_papers": False,
}
"""Protocol of scores that need no embedder: those of `OF_PIXELS`."""

SAMPLE = 2048
"""Images, at most, of each side for the scores that compare images and not features."""

SPLITS = 10
"""Parts of the inception score."""

KID_SUBSET, KID_SUBSETS = 1000, 100
"""Rows of a subset for KID, and the number of subsets. Where a side has not twice as many rows, a
subset has half of them: subsets that share most rows would hardly differ, however uncertain KID is.
"""

PRDC_KS = {"precision_recall_k": 3, "density_coverage_k": 5}


def evaluate(
    source,
    data,
    metrics=("fid",),
    embedder=None,
    num_images=10_000,
    seed=0,
    batch_size=256,
    split=None,
    data_dir=None,
    cache=True,
    verbose=True,
):
    """Scores generated images against real ones.

    Images pass a batch at a time, and features are kept in temporary files: the memory does not
    grow with the number of images. Features of real images are kept in the Keras cache (folder
    `keras_gans/features`), found again by the images' content and the embedder's protocol.

    Args:
        source: A GAN; the path of a run folder, a .keras file, a SavedModel, a folder of images or
            an .npz file; or a uint8 array (N, H, W, 1 or 3). A conditional model makes every class
            in turn.
        data: The real images: what `keras_gans.data.load` takes or returns, or a finite
            `tf.data.Dataset` of batches of images, uint8 or floats in [-1, 1]. All images of the
            split are used, in the size and with the channels of the generated ones, converted as
            `load` does it.
        metrics: List of names (or one name):

            - "fid": Fréchet distance.
            - "kid": kernel distance, "kid" and "kid_std", 100 subsets of 1,000 (or of half the
              smaller side, if that is less).
            - "is": inception score, "is" and "is_std", 10 parts in a random order.
            - "prdc": "precision", "recall" (k = 3), "density", "coverage" (k = 5).
            - "swd": sliced Wasserstein distance of at most 2,048 random images of each side.
            - "ms_ssim": similarity of pairs among at most 2,048 random images, "ms_ssim", and
              "ms_ssim_real" for comparison.
            - "class_balance": "total_variation", "kl_divergence", and "class_balance", a dict with
              the classes that are missed.
            - "memorization": "memorization_z", and "memorization", a dict with the finding;
              compares with the split "test" of data whose split "train" is given.
            - "ppl": perceptual path length in z, of a model, over `num_images` paths.
        embedder: An `Embedder`. None (default): the classifier that comes with the package if the
            data are "digits" or "fashion_mnist", or else `InceptionV3FID()`. "swd" and "ms_ssim"
            need none.
        num_images: Number of generated images, at least 2; of a folder or an array at most what
            it holds, and a random subset if it holds more. Default: 10,000.
        seed: Int from 0 to 2^32 - 1: the same seed gives the same images and scores. Default: 0.
        batch_size: Images that are made at a time, which seeds depend on. Default: 256.
        split: See `load`. None (default): that of a data set that `load` made, or else "train".
        data_dir: See `load`.
        cache: Whether to keep the features of the real images, and to use kept ones. Default: True.
        verbose: Whether to show progress. Default: True.

    Returns:
        Dict of floats under the names above, of the two dicts of findings, and of "protocol", a
        dict: features, resize, numbers of images, split, seed, each metric's settings, versions.
        All of it can be JSON.

    Raises:
        InputError: If a name is unknown, the source or the data cannot be read, a metric does not
            apply to them, a side has only one image, or an argument is out of its range.

    Example:
        >>> scores = evaluate(gan, "fashion_mnist", metrics=["fid", "prdc"])
        >>> scores["fid"], scores["recall"], scores["protocol"]["features"]
    """
    metrics = check_metrics(metrics)
    check_whole_numbers(least=2, num_images=num_images)
    check_whole_numbers(least=0, most=MAX_SEED, seed=seed)
    check_whole_numbers(batch_size=batch_size)
    fake = open_source(source, num_images, seed, batch_size)
    real = open_data(data, fake.shape, batch_size, split, data_dir)
    embedder = choose_embedder(metrics, embedder, real)
    held_out = check_applies(metrics, fake, real, embedder)
    needs_features, needs_sample = set(metrics) - OF_PIXELS - {"ppl"}, OF_PIXELS & set(metrics)
    scores = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        embed_stored = functools.partial(
            embed_real, embedder=embedder, cache=cache, verbose=verbose
        )
        count = min(SAMPLE, real.count, fake.count)
        sample = np.sort(np.random.default_rng(seed).choice(fake.count, count, replace=False))
        if needs_features or needs_sample:
            fakes = embed(
                fake,
                embedder if needs_features else None,
                folder / "fake",
                ("features", "classes", "probabilities"),
                "Generated images" if verbose else None,
                sample if needs_sample else (),
            )
        if needs_features:
            reals = embed_stored(real, folder=folder / "real")
            check_features(reals.features, fakes.features)
        if "fid" in metrics:
            warn_if_few(min(real.count, fake.count), embedder.dim)
            scores["fid"] = frechet_from_moments(*reals.moments(), *fakes.moments())
        if "kid" in metrics:
            size = _kid_subset(fake, real)
            kid = kernel_distance(reals.features, fakes.features, size, KID_SUBSETS, seed)
            scores["kid"], scores["kid_std"] = kid
        if "is" in metrics:
            splits = min(SPLITS, fake.count)
            scores["is"], scores["is_std"] = inception_score(fakes.probabilities, splits, seed)
        if "prdc" in metrics:
            scores |= prdc(reals.features, fakes.features, **PRDC_KS)
        if needs_sample:
            chosen = np.random.default_rng(seed).choice(real.count, count, replace=False)
            real_sample = real.read(np.sort(chosen))
        if "swd" in metrics:
            scores["swd"] = sliced_wasserstein_distance(real_sample, fakes.images, seed=seed)[0]
        if "ms_ssim" in metrics:
            scores["ms_ssim"] = ms_ssim(fakes.images, seed=seed)
            scores["ms_ssim_real"] = ms_ssim(real_sample, seed=seed)
        if "class_balance" in metrics:
            names = getattr(embedder, "class_names", None)
            names = range(embedder.num_classes) if names is None else names
            balance = class_balance(reals.classes, fakes.classes, names)
            scores["total_variation"] = balance.total_variation
            scores["kl_divergence"] = balance.kl_divergence
            scores["class_balance"] = {
                "summary": balance.summary,
                "class_names": balance.class_names,
                "real_shares": balance.real_shares.tolist(),
                "fake_shares": balance.fake_shares.tolist(),
                "missed": balance.missed,
                "over_represented": balance.over_represented,
            }
        if "memorization" in metrics:
            unseen = embed_stored(held_out, folder=folder / "held_out")
            found = memorization(reals.features, unseen.features, fakes.features)
            scores["memorization_z"] = found.z
            scores["memorization"] = {"summary": found.summary, **found._asdict()}
        if "ppl" in metrics:
            scores["ppl"] = _path_length(fake.model, embedder, num_images, seed, verbose)
    scores["protocol"] = _protocol(fake, real, embedder, metrics, seed)
    return scores


def check_metrics(metrics):
    """Returns the names of metrics as a list.

    Raises:
        InputError: If one is unknown; the message has the nearest names.
    """
    names = list(metrics) if isinstance(metrics, (list, tuple, set)) else [metrics]
    for name in names:
        if name not in METRICS:
            near = difflib.get_close_matches(str(name), METRICS, n=3, cutoff=0.4) or METRICS
            raise InputError(f"A metric is one such as {', '.join(near)}. Received: {name!r}.")
    if not names:
        raise InputError(
            f"`metrics` must name at least one of {', '.join(METRICS)}. Received: none."
        )
    return names


def choose_embedder(metrics, embedder, real):
    """Returns the embedder for the metrics: None if they need none, the given one, or the data's.

    Args:
        metrics: List of names.
        embedder: An `Embedder`, or None.
        real: `StoredImages`.
    """
    if set(metrics) <= OF_PIXELS:
        return None
    if embedder is not None:
        return embedder
    return ClassifierEmbedder(real.classifier) if real.classifier else InceptionV3FID()


def check_applies(metrics, fake, real, embedder):
    """Checks that each metric applies to what is to be scored.

    Args:
        metrics: List of names.
        fake: `GeneratedImages` or `StoredImages`.
        real: `StoredImages`.
        embedder: An `Embedder`, or None.

    Returns:
        The held-out `StoredImages` if a metric compares with them, or None.

    Raises:
        InputError: If a metric does not apply.
    """
    if embedder is not None and not isinstance(embedder, Embedder):
        raise InputError(
            "`embedder` must be an `Embedder`, such as ClassifierEmbedder(...) or "
            f"ModelEmbedder(model). Received: {embedder!r}."
        )
    counts = f"{fake.count} generated and {real.count} real images"
    for name in metrics:
        least = {"prdc": max(PRDC_KS.values()) + 1, "memorization": FEWEST}.get(name, 2)
        if min(fake.count, real.count) < least:
            raise InputError(
                f'"{name}" needs at least {least} images of each side. Received: {counts}.'
            )
        side = {"swd": PATCH, "ms_ssim": WINDOW}.get(name, 1)
        if min(fake.shape[:2]) < side:
            raise InputError(
                f'"{name}" needs images of at least {side} pixels a side. Received: {fake.shape}.'
            )
    if {"is", "class_balance"} & set(metrics) and embedder.num_classes is None:
        raise InputError(
            '"is" and "class_balance" need an embedder that is a classifier. '
            f"Received: {embedder.name}."
        )
    if "ppl" in metrics:
        if not hasattr(getattr(fake, "model", None), "latent_dim"):
            raise InputError(
                '"ppl" needs a GAN, its run folder or its .keras file as the source. '
                f"Received: {fake.name}."
            )
        size = getattr(getattr(embedder, "network", None), "image_shape", fake.shape)
        if tuple(size) != fake.shape:
            raise InputError(
                f'"ppl" needs images of the classifier\'s shape {tuple(size)}. '
                f"Received: {fake.shape}."
            )
    return _held_out(real) if "memorization" in metrics else None


def _held_out(real):
    if real.held_out is None or real.split != "train":
        raise InputError(
            '"memorization" needs the split "train" of a data set that has a split "test". '
            f"Received: {real.name} with the split {real.split!r}."
        )
    try:
        held_out = real.held_out()
    except InputError as error:
        raise InputError(
            f'"memorization" compares with the split "test", which must exist. Received: {error}'
        ) from error
    if held_out.count < FEWEST:
        raise InputError(
            f'"memorization" needs a split "test" of at least {FEWEST} images. '
            f"Received: {held_out.count}."
        )
    return held_out


def _kid_subset(fake, real):
    return min(KID_SUBSET, max(2, min(fake.count, real.count) // 2))


def _path_length(model, embedder, num_images, seed, verbose):
    def generate(latents, labels=None):
        return model(latents, labels=labels)

    def features(images):
        pixels = 127.5 * (images + 1)
        if images.shape[-1] == 1 and embedder.channels == 3:
            pixels = keras.ops.repeat(pixels, 3, axis=-1)
        return embedder.forward(pixels)["features"]

    return perceptual_path_length(
        generate,
        features,
        model.latent_dim,
        num_classes=model.num_classes,
        num_samples=num_images,
        seed=seed,
        verbose=verbose,
    )


def _protocol(fake, real, embedder, metrics, seed):
    protocol = embedder.protocol() if embedder else PIXELS | {"versions": versions()}
    own = {"numpy": np.__version__, "scipy": scipy.__version__}
    smaller = min(real.count, fake.count)
    settings = {
        "fid": "covariance over N - 1",
        "kid": f"{KID_SUBSETS} subsets of {_kid_subset(fake, real)}",
        "is": f"{min(SPLITS, fake.count)} parts in a random order",
        "prdc": "k = {} for precision and recall, {} for density and coverage".format(
            *PRDC_KS.values()
        ),
        "swd": f"pixels of {min(SAMPLE, smaller)} images of each side",
        "ms_ssim": f"pixels of pairs among {min(SAMPLE, smaller)} images of each side",
        "ppl": f"{fake.count} full paths in z, epsilon 1e-4",
    }
    return protocol | {
        "metrics": metrics,
        "settings": {name: settings[name] for name in metrics if name in settings},
        "source": fake.name,
        "data": real.name,
        "data_sha256": real.digest[:16],
        "split": real.split,
        "num_real": real.count,
        "num_generated": fake.count,
        "image_shape": list(fake.shape),
        "seed": seed,
        "batch_size": fake.batch_size,
        "versions": protocol["versions"] | own,
    }
