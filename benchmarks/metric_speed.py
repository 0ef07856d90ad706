"""Speed and memory of the metrics' formulas, side by side in one run: `make bench`.

(a) Seconds of the Fréchet distance from means and covariances of 2,048 dimensions, beside
    `scipy.linalg.sqrtm` of their product, in alternating rounds.
(b) Seconds and memory of precision, recall, density and coverage of two sets of 2,048 dimensions,
    beside `prdc` if it is installed (`pip install prdc`). Each measurement is a process of its own.
(c) Peak memory of `evaluate` with 5,000 and with 50,000 generated images, each in its own process,
    for all metrics of a GAN but the path length, on 2,048 features and 1,008 classes, as many as
    Inception has: random projections of the pixels, since the memory is the same and Inception
    takes hours.
"""

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy.linalg

DIMENSIONS, CLASSES = 2048, 1008
LEFT_OUT = ("ppl", "paired", "cycle", "segmentation")
RANKS = {"full rank": (4000, 3000), "one deficient": (4000, 1000), "deficient": (1000, 1000)}


def features(rows, seed):
    """Returns float32 features as an embedder would: at least 0, with a spectrum that falls."""
    random = np.random.default_rng(seed)
    mixing = np.random.default_rng(0).normal(size=(DIMENSIONS, DIMENSIONS)).astype("float32")
    mixing *= np.linspace(1, 0.05, DIMENSIONS, dtype="float32")[:, None] / DIMENSIONS**0.5
    values = random.standard_normal((rows, DIMENSIONS), "float32") @ mixing
    return np.maximum(values + 0.02 * seed, 0)


def frechet(rounds):
    from keras_gans.metrics.frechet import frechet_from_moments

    def by_square_root(mean1, covariance1, mean2, covariance2):
        root = scipy.linalg.sqrtm(covariance1 @ covariance2)
        traces = np.trace(covariance1) + np.trace(covariance2)
        return ((mean1 - mean2) ** 2).sum() + traces - 2 * np.trace(root).real

    rows = []
    for name, counts in RANKS.items():
        sets = [features(count, seed) for seed, count in enumerate(counts, start=1)]
        moments = [m for s in sets for m in (s.mean(axis=0), np.cov(s, rowvar=False))]
        seconds, values = ([], []), []
        for _ in range(rounds):
            for times, function in zip(
                seconds, (frechet_from_moments, by_square_root), strict=True
            ):
                started = time.perf_counter()
                values.append(function(*moments))
                times.append(time.perf_counter() - started)
        ours, root = map(statistics.median, seconds)
        rows.append((name, ours, root, abs(values[0] / values[1] - 1)))
    return rows


def save_features(folder, rows):
    for name, seed in (("real", 1), ("fake", 2)):
        np.save(f"{folder}/{name}.npy", features(rows, seed))


def manifold(peer, folder):
    """Returns seconds, MB at the peak, MB before, and the scores."""
    if peer == "prdc":
        from prdc import compute_prdc

        def scores(*sets):
            return compute_prdc(*sets, nearest_k=5)
    else:
        from keras_gans.metrics.manifold import prdc

        def scores(*sets):
            return prdc(*sets, precision_recall_k=5)

    # Loaded, not made, so that the peak before is what stays in memory.
    sets = [np.load(f"{folder}/{name}.npy") for name in ("real", "fake")]
    scores(*(s[:100] for s in sets))  # Whatever is loaded at the first call.
    before = peak_memory()
    started = time.perf_counter()
    found = scores(*sets)
    seconds = time.perf_counter() - started
    return seconds, peak_memory(), before, {name: float(value) for name, value in found.items()}


def evaluation(num_images):
    """Returns the seconds and the peak MB of scoring `num_images` images of a GAN."""
    import keras

    import keras_gans as kg

    class Projection(kg.metrics.Embedder):
        """Features and logits that cost next to nothing."""

        def __init__(self):
            options = dict(num_classes=CLASSES, channels=1, weights_sha256="0" * 64, batch_size=256)
            super().__init__("random projection", DIMENSIONS, **options)
            self.project = keras.layers.Dense(DIMENSIONS, "relu")
            self.classify = keras.layers.Dense(CLASSES)

        def forward(self, images):
            pixels = keras.ops.reshape(keras.ops.cast(images, "float32") / 255, (-1, 256))
            features = self.project(pixels)
            return {"features": features, "logits": self.classify(features)}

    gan = kg.DCGAN(image_shape=(16, 16, 1), filters=8)
    started = time.perf_counter()
    metrics = [name for name in kg.metrics.evaluation.METRICS if name not in LEFT_OUT]
    kg.metrics.evaluate(
        gan, "digits", metrics, Projection(), num_images, cache=False, verbose=False
    )
    return time.perf_counter() - started, peak_memory()


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_a_process(function, *arguments):
    """Calls a function of this file in a process of its own and returns what it returns.

    A process inherits its parent's peak memory, so this one must stay small.
    """
    command = [sys.executable, "-m", "benchmarks.metric_speed", "--call", function.__name__]
    command.append(json.dumps(arguments))
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=10_000, help="rows of each set in (b)")
    parser.add_argument("--call", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.call:
        name, values = arguments.call
        print(json.dumps(globals()[name](*json.loads(values))))
        return

    print(f"(a) Fréchet distance, {DIMENSIONS} dimensions, median of {arguments.rounds} rounds")
    for name, ours, root, difference in in_a_process(frechet, arguments.rounds):
        print(
            f"    {name:14} keras_gans {ours:5.2f} s   sqrtm {root:5.2f} s   {root / ours:4.1f} "
            f"times as fast   relative difference {difference:.0e}"
        )

    print(f"(b) precision, recall, density, coverage of twice {arguments.rows} x {DIMENSIONS}")
    peers = ["keras_gans", "prdc"]
    if importlib.util.find_spec("prdc") is None:
        print("    prdc is not installed (`pip install prdc`), so keras_gans stands alone")
        peers.remove("prdc")
    with tempfile.TemporaryDirectory() as folder:
        in_a_process(save_features, folder, arguments.rows)
        for _ in range(arguments.rounds):
            for peer in peers:
                seconds, peak, before, scores = in_a_process(manifold, peer, folder)
                print(
                    f"    {peer:10} {seconds:6.1f} s   {peak - before:5.0f} MB besides "
                    f"{before:.0f} MB of imports and features   {scores}"
                )

    print(f"(c) `evaluate` of a GAN's images against digits, {DIMENSIONS} features, all but ppl")
    for count in (5_000, 50_000):
        seconds, peak = in_a_process(evaluation, count)
        print(f"    {count:6,} images {seconds:6.1f} s   {peak:5.0f} MB at the peak")


if __name__ == "__main__":
    main()
