"""The evaluation as a whole, on digits and tiny arrays."""

import json
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.metrics import METRICS, ClassifierEmbedder, ModelEmbedder, evaluate
from keras_gans.metrics.entries import MEANINGS
from keras_gans.metrics.sources import GeneratedImages, open_data, open_source
from tests.metrics.full_disk import files_up_to

pytestmark = pytest.mark.filterwarnings("ignore:The Fréchet distance")


class Counting(ClassifierEmbedder):
    """Counts the images it is given."""

    count = 0

    def outputs(self, images):
        self.count += len(images)
        return super().outputs(images)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


@pytest.fixture(scope="module")
def embedder():
    return Counting("digits")


@pytest.fixture(scope="module")
def digits():
    return kg.data.load_arrays("digits", image_size=16, split="all")


@pytest.fixture(scope="module")
def sides(digits):
    """300 real images of all classes, 200 that miss three classes."""
    images, labels = digits
    kept = ~np.isin(labels, (3, 5, 8))
    return images[:300], images[300:][kept[300:]][:200]


@pytest.fixture(scope="module")
def gan():
    return kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=4, seed=0)


def score(source, data, metrics, embedder, **options):
    return evaluate(source, data, metrics, embedder, verbose=False, **options)


def test_equals_the_functions_on_the_same_features(sides, embedder):
    real, fake = sides
    metrics = ["fid", "kid", "prdc", "swd", "ms_ssim", "class_balance"]
    scores = score(fake, real, metrics, embedder)
    x, y = embedder(real), embedder(fake)
    assert scores["fid"] == kg.metrics.frechet_distance(x, y)
    assert (scores["kid"], scores["kid_std"]) == kg.metrics.kernel_distance(x, y, 100)
    # Not symmetric: swapped sides would swap precision and recall.
    assert (scores["precision"], scores["recall"]) == kg.metrics.precision_recall(x, y)
    assert scores["recall"] < scores["precision"]
    assert (scores["density"], scores["coverage"]) == kg.metrics.density_coverage(x, y)
    chosen = np.sort(np.random.default_rng(0).choice(300, 200, replace=False))
    assert scores["swd"] == kg.metrics.sliced_wasserstein_distance(real[chosen], fake)[0]
    assert scores["ms_ssim"] == kg.metrics.ms_ssim(fake)
    assert all(isinstance(scores[name], float) for name in ("fid", "kid", "coverage", "swd"))
    protocol = scores["protocol"]
    assert protocol["data_sha256"] == open_data(real, real.shape[1:], 7).digest[:16]
    assert (protocol["num_real"], protocol["num_generated"], protocol["seed"]) == (300, 200, 0)
    assert {"features", "resize", "split", "versions"} <= set(protocol)
    assert protocol["settings"]["kid"] == "100 subsets of 100"
    assert protocol["settings"]["ms_ssim"] == "pixels of pairs among 200 images of each side"
    json.dumps(scores)


def test_every_score_has_a_meaning(gan, embedder):
    images, _ = kg.data.load_arrays("digits", image_size=16)
    scores = score(images[:40], images[40:80], ["paired"], embedder, num_images=40)
    # Samples have no targets and no styles, and are made of no images.
    names = [name for name in METRICS if name not in ("paired", "cycle", "segmentation")]
    scores |= score(gan, "digits", names, embedder, num_images=40)
    numbers = {name for name, value in scores.items() if isinstance(value, float)}
    assert {name.removesuffix("_std") for name in numbers} == set(MEANINGS) - {
        "cycle",
        "accuracy",
        "miou",
        "ppl_w",
    }
    assert set(scores["protocol"]["settings"]) <= set(METRICS)
    findings = set(scores) - numbers - {"protocol"}
    assert findings <= set(METRICS)
    assert all(scores[name]["summary"] for name in findings)
    for name in METRICS:
        assert f'"{name}"' in evaluate.__doc__


def test_missed_classes_are_named(sides, embedder):
    scores = score(sides[1], sides[0], "class_balance", embedder)
    assert scores["class_balance"]["missed"] == ["3", "5", "8"]
    assert scores["total_variation"] > 0.2


def test_inception_score_is_of_all_parts(sides, embedder):
    scores = score(sides[1], sides[0], ["is"], embedder)
    expected = kg.metrics.inception_score(embedder.probabilities(sides[1]), seed=0)
    assert (scores["is"], scores["is_std"]) == pytest.approx(expected, rel=1e-5)


def test_copies_of_the_training_set_are_flagged(digits, embedder):
    train, _ = kg.data.load_arrays("digits", image_size=16)
    copies = score(train[:300], "digits", ["memorization"], embedder)
    assert copies["memorization"]["copied"]
    assert copies["memorization_z"] < -5
    test, _ = kg.data.load_arrays("digits", image_size=16, split="test")
    assert not score(test, "digits", ["memorization"], embedder)["memorization"]["copied"]


def test_every_form_of_a_source_gives_the_same_scores(gan, embedder, tmp_path):
    images = np.concatenate(list(open_source(gan, 40, 3, 16).batches()))
    gan.save(tmp_path / "model.keras")
    gan.export(str(tmp_path / "saved"), verbose=False)
    for index, image in enumerate(images):
        kg.pictures.save_image(tmp_path / "folder" / f"{index:03}.png", image)
    np.savez(tmp_path / "images.npz", images=images)
    forms = ["model.keras", "saved", "folder", "images.npz"]
    sources = [gan, tmp_path, images, *(tmp_path / form for form in forms)]
    metrics = ["fid", "kid", "is", "prdc", "swd"]
    options = dict(num_images=40, seed=3, batch_size=16)
    first, *others = (score(source, "digits", metrics, embedder, **options) for source in sources)
    for other in others:
        names = [name for name in first if name != "protocol"]
        assert [other[n] for n in names] == pytest.approx([first[n] for n in names], rel=1e-6)
    assert score(gan, "digits", metrics, embedder, num_images=40, seed=4)["fid"] != first["fid"]


def test_every_form_of_the_data_gives_the_same_scores(sides, embedder, digits, tmp_path):
    images, labels = kg.data.load_arrays("digits", image_size=16)
    batches = tf.data.Dataset.from_tensor_slices((images / 127.5 - 1, labels)).batch(100)
    forms = ["digits", images, (images, labels), kg.data.load("digits", shuffle=True), batches]
    values = [score(sides[1], data, ["fid"], embedder, num_images=50)["fid"] for data in forms]
    assert values == pytest.approx([values[0]] * 5, rel=1e-9)


def test_conditional_models_make_every_class():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=3, latent_dim=4, filters=4)
    seen = []
    gan.generate = lambda count, seed, labels: (
        seen.extend(labels) or np.zeros((count, 16, 16, 1), "uint8")
    )
    images = open_source(gan, 10, 0, 4)
    list(images.batches())
    assert seen == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    cases = [
        ([2, 0, 0, 0, 2], None, [6, 0, 4]),
        ([0, 0, 1], ["a", "b", "c"], [7, 3, 0]),
        (None, None, [4, 3, 3]),
        ([0, 0], ["all"], [4, 3, 3]),  # Other classes, whatever they are.
        ([-1, 2], None, [4, 3, 3]),
    ]
    for labels, class_names, expected in cases:
        seen.clear()
        images = open_source(gan, 10, 0, 4)
        images.follow_classes(types.SimpleNamespace(labels=labels, class_names=class_names))
        list(images.batches())
        assert np.bincount(seen, minlength=3).tolist() == expected
        assert seen != sorted(seen)


def test_classes_are_as_in_the_data(embedder):
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=10, latent_dim=4, filters=4)
    images, labels = kg.data.load_arrays("digits", image_size=16)
    others = [np.flatnonzero(labels == k)[0] for k in range(2, 10)]
    rows = np.concatenate([np.flatnonzero(labels < 2)[:52], others])
    images, labels = images[rows], labels[rows]
    batches = tf.data.Dataset.from_tensor_slices((images / 127.5 - 1, labels)).batch(20)
    forms = ((images, labels), batches, images)
    scores = [score(gan, data, ["fid"], embedder, num_images=60) for data in forms]
    assert [s["protocol"]["classes"] for s in scores] == ["as in the data"] * 2 + ["in turn"]
    assert scores[0]["fid"] == pytest.approx(scores[1]["fid"], rel=1e-9)


def test_a_model_without_latents_is_refused():
    model = types.SimpleNamespace(name="translator", image_shape=(16, 16, 1))
    with pytest.raises(
        InputError, match="with `inputs` .--inputs., one that .* Received: translator"
    ):
        GeneratedImages(model, 4, 0, 2)


def test_second_evaluation_finds_the_real_features(sides, embedder, home):
    real, fake = sides
    counts, values = [], []
    for _ in range(2):
        embedder.count = 0
        values.append(score(fake, real, ["fid", "kid"], embedder))
        counts.append(embedder.count)
    assert counts == [200 + 300, 200 + 3]  # Three real ones, to see that the embedder is the same.
    assert values[0] == values[1]
    (kept,) = (home / "keras_gans" / "features").iterdir()
    assert {path.name for path in kept.iterdir()} == {"features.npy", "classes.npy", "moments.npz"}
    np.save(kept / "features.npy", np.zeros((300, 64), "float32"))  # Those of another embedder.
    assert score(fake, real, ["kid"], embedder)["kid"] == values[0]["kid"]
    other = real.copy()
    other[7, 3, 3] ^= 255
    embedder.count = 0
    score(fake, other, ["kid"], embedder)
    assert embedder.count == 500


def test_kept_features_of_another_preprocessing_are_not_used(sides):
    model = flat()
    unit = keras.layers.UnitNormalization(axis=(1, 2, 3))  # Small features.
    found = []
    for shift in (0, 40):
        embedder = ModelEmbedder(model, preprocess=lambda images, s=shift: unit(images + s))
        found.append([score(sides[1], sides[0], ["kid"], embedder, cache=c) for c in (False, True)])
    for fresh, kept in found:
        assert kept == fresh
    assert found[0][0]["kid"] != found[1][0]["kid"]


@pytest.mark.parametrize("name", ["features.npy", "classes.npy"])
def test_kept_features_that_are_cut_off_are_made_again(name, sides, embedder, home):
    values = score(sides[1], sides[0], ["kid", "class_balance"], embedder)
    (kept,) = (home / "keras_gans" / "features").iterdir()
    (kept / name).write_bytes((kept / name).read_bytes()[:200])
    assert score(sides[1], sides[0], ["kid", "class_balance"], embedder) == values


@pytest.mark.parametrize("cache", [True, False])
def test_a_full_disk_leaves_no_features(cache, sides, embedder, home):
    with files_up_to(20_000), pytest.raises(InputError, match="room on the disk"):
        score(sides[1], sides[0], ["fid"], embedder, cache=cache)
    assert not any(path.is_file() for path in home.rglob("*"))


def test_a_full_disk_of_temporary_files(sides, embedder):
    data = tf.data.Dataset.from_tensor_slices(sides[0]).batch(50)
    with files_up_to(20_000), pytest.raises(InputError, match="temporary files must have room"):
        score(sides[1], data, ["swd"], None)


def test_without_the_cache_nothing_is_kept(sides, embedder, home):
    score(sides[1], sides[0], ["fid"], embedder, cache=False)
    assert not home.exists()


def test_a_subset_of_more_images(sides, embedder):
    scores = score(sides[1], sides[0], ["fid"], embedder, num_images=100)
    chosen = np.sort(np.random.default_rng(0).choice(200, 100, replace=False))
    expected = kg.metrics.frechet_distance(embedder(sides[0]), embedder(sides[1][chosen]))
    assert scores["fid"] == expected
    assert scores["protocol"]["num_generated"] == 100


def test_the_data_choose_the_embedder(sides):
    protocol = score(sides[1], "digits", ["kid"], None)["protocol"]
    assert protocol["features"] == "digits classifier"


def test_a_folder_of_the_same_name_is_not_the_data_set(sides, tmp_path):
    kg.pictures.save_image(tmp_path / "digits" / "0.png", sides[0][0])
    shape = (16, 16, 1)
    assert open_data("digits", shape, 8).classifier == "digits"
    assert open_data(kg.data.load("digits"), shape, 8).classifier == "digits"
    assert open_data(tmp_path / "digits", shape, 8).classifier is None
    assert open_data(str(tmp_path / "digits"), shape, 8).classifier is None


@pytest.mark.parametrize("given", [None, "embedder"])
def test_scores_of_pixels_need_no_embedder(given, sides, request):
    given = given and request.getfixturevalue(given)
    scores = score(sides[1], sides[0], ["swd", "ms_ssim"], given)
    assert scores["protocol"]["features"] == "pixels"
    assert scores["ms_ssim"] == kg.metrics.ms_ssim(sides[1])


def test_path_length(gan, embedder):
    value = score(gan, "digits", ["ppl"], embedder, num_images=8)["ppl"]
    expected = kg.metrics.perceptual_path_length(
        gan, lambda x: embedder.forward(127.5 * (x + 1))["features"], 4, num_samples=8
    )
    assert value == pytest.approx(expected, rel=1e-6)
    options = dict(image_shape=(16, 16, 1), num_classes=3, latent_dim=4, filters=4)
    conditional = kg.ConditionalGAN(**options)
    assert score(conditional, "digits", ["ppl"], embedder, num_images=8)["ppl"] > 0


def test_path_length_follows_the_prior(embedder):
    options = dict(image_shape=(16, 16, 1), latent_dim=4, filters=4)
    gan = kg.DCGAN(prior="uniform", **options)
    expected = kg.metrics.perceptual_path_length(
        lambda z: gan(gan.from_normal(z)),
        lambda x: embedder.forward(127.5 * (x + 1))["features"],
        4,
        num_samples=8,
    )
    found = score(gan, "digits", ["ppl"], embedder, num_images=8)["ppl"]
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("num_classes", [None, 3])
def test_path_length_in_w(num_classes, embedder):
    options = {"latent_dim": 4, "filters": 4, "max_filters": 8, "num_classes": num_classes}
    gan = kg.StyleGAN2(image_shape=(16, 16, 1), **options)
    scores = score(gan, "digits", ["ppl"], embedder, num_images=8)
    expected = kg.metrics.perceptual_path_length(
        gan.synthesize,
        lambda x: embedder.forward(127.5 * (x + 1))["features"],
        4,
        mapping=gan.map,
        num_classes=num_classes,
        num_samples=8,
    )
    assert scores["ppl_w"] == pytest.approx(expected, rel=1e-6)
    assert scores["ppl"] > 0


def test_under_a_strategy():
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=4, seed=0)
        inside = score(gan, "digits", ["fid"], ClassifierEmbedder("digits"), num_images=20)
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=4, seed=0)
    outside = score(gan, "digits", ["fid"], ClassifierEmbedder("digits"), num_images=20)
    assert inside["fid"] == pytest.approx(outside["fid"], rel=1e-5)


def test_few_images_warn(sides, embedder):
    with pytest.warns(UserWarning, match="200 images in 64 dimensions"):
        score(sides[1], sides[0], ["fid"], embedder)


def batches(low, high, side=16):
    """Returns a data set of images in a range."""
    images = np.linspace(low, high, 2 * side**2).reshape(2, side, side, 1)
    return tf.data.Dataset.from_tensors(images)


def flat(scale=1.0):
    """Returns a model whose features are the scaled pixels."""
    layers = [keras.Input((16, 16, 1)), keras.layers.Rescaling(scale), keras.layers.Flatten()]
    return keras.Sequential(layers)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrics": ["fib"]}, "such as fid"),
        ({"metrics": []}, "at least one"),
        ({"num_images": 1}, "num_images"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "from 0 to 4294967295"),
        ({"source": np.zeros((1, 16, 16, 1), "uint8")}, "at least 2 .* 1 generated and 300 real"),
        ({"data": np.zeros((1, 16, 16, 1), "uint8")}, "at least 2 .* 200 generated and 1 real"),
        ({"source": "no/such"}, "run folder"),
        ({"source": 3}, "a GAN, a path"),
        ({"metrics": [["fid"]]}, "such as fid"),
        ({"source": np.zeros((3, 16, 16))}, "uint8"),
        ({"data": np.zeros((3, 8, 8, 2), "uint8")}, "shape"),
        ({"data": "digitz"}, "digits"),
        ({"data": "ring"}, "points"),
        ({"metrics": ["ppl"]}, "needs a GAN"),
        ({"metrics": ["memorization"]}, 'split "test"'),
        ({"data": tf.data.Dataset.from_tensors(np.zeros((1, 16, 16, 1))).repeat()}, "finite"),
        ({"data": batches(0.0, 1.0).map(lambda x: {"image": x})}, "arrays of numbers, or"),
        ({"data": batches(0.0, 1.0).map(lambda x: ((x, x), x))}, "of one domain"),
        ({"data": batches(0.0, 1.0).map(tf.strings.as_string)}, "Received: object"),
        ({"data": batches(-1.0, 1.0).concatenate(batches(-1.0, 1.0, 32))}, "all have one size"),
        ({"data": batches(0.0, 255.0)}, r"floats in \[-1, 1\]. Received: values from 0 to 255"),
        ({"data": batches(0.0, 1.0)}, "values from 0 to 1"),
        ({"data": batches(-1.0, np.nan)}, "values from nan to nan"),
        ({"embedder": ModelEmbedder(flat(np.nan))}, "Features must be finite"),
        ({"embedder": "digits"}, "must be an `Embedder`"),
        ({"metrics": None}, "such as fid"),
    ],
)
def test_bad_input(change, message, sides, embedder):
    given = {"source": sides[1], "data": sides[0], "metrics": ["kid"], "embedder": embedder}
    with pytest.raises(InputError, match=message):
        evaluate(**given | change, verbose=False)


@pytest.mark.parametrize(
    ("metric", "shape", "message"),
    [
        ("prdc", (5, 16, 16, 1), "at least 6 images of each side. Received: 5 generated and 5"),
        ("memorization", (19, 16, 16, 1), "at least 20 images"),
        ("ms_ssim", (2, 10, 16, 1), "at least 11 pixels"),
        ("swd", (2, 16, 6, 1), "at least 7 pixels"),
    ],
)
def test_what_does_not_apply_is_said_before_the_work(metric, shape, message, embedder):
    images = np.random.default_rng(0).integers(0, 256, shape).astype("uint8")
    embedder.count = 0
    with pytest.raises(InputError, match=message):
        score(images, images, ["kid", metric], embedder)
    assert embedder.count == 0


def test_path_length_needs_images_of_the_classifiers_shape(embedder):
    gan = kg.GAN(image_shape=(8, 8, 1))
    with pytest.raises(InputError, match=r"classifier's shape \(16, 16, 1\). Received: \(8, 8"):
        score(gan, "digits", ["kid", "ppl"], embedder, num_images=8)


def test_a_shuffled_data_set_finds_its_features(sides, embedder, home):
    real, fake = sides
    batches = tf.data.Dataset.from_tensor_slices(real).shuffle(300, seed=1).batch(50)
    values = [score(fake, batches, ["fid"], embedder)["fid"] for _ in range(2)]
    assert values[0] == values[1] == pytest.approx(score(fake, real, "fid", embedder)["fid"])
    assert (
        len(list((home / "keras_gans" / "features").iterdir())) == 2
    )  # The array's, in its order.


def test_a_cache_that_cannot_be_written(sides, embedder, home):
    home.write_text("a file")
    with pytest.raises(InputError, match="`KERAS_HOME`"):
        score(sides[1], sides[0], ["kid"], embedder)


def test_features_without_a_classifier(sides):
    embedder = ModelEmbedder(flat())
    assert np.isfinite(score(sides[1], sides[0], ["kid"], embedder)["kid"])
    with pytest.raises(InputError, match="is a classifier"):
        score(sides[1], sides[0], ["is"], embedder)


def test_keras_metric(sides, embedder):
    real, fake = sides
    with pytest.raises(InputError, match="must be an `Embedder`"):
        kg.metrics.FrechetDistance("digits")
    metric = kg.metrics.FrechetDistance(embedder)
    for start in range(0, 200, 49):  # The last batch has 4 images.
        metric.update_state(real[:200][start : start + 49], fake[start : start + 49])
    expected = kg.metrics.frechet_distance(embedder(real[:200]), embedder(fake))
    with pytest.warns(UserWarning, match="200 images in 64 dimensions"):
        assert metric.result() == pytest.approx(expected, rel=1e-9)
    metric.update_state(real[200:201], fake[:3])
    more = kg.metrics.frechet_distance(embedder(real[:201]), embedder(np.r_[fake, fake[:3]]))
    assert metric.result() == pytest.approx(more, rel=1e-9)
    metric.reset_state()
    metric.update_state(real[:1], fake[:2])
    with pytest.raises(InputError, match="Received: 1 and 2"):
        metric.result()


def test_transparent_images_are_scored_as_one_sees_them():
    """A model of four channels beside a data set with transparency, both laid on white."""

    class Model:
        image_shape, name = (16, 16, 4), "model"

        def generate(self, count, seed, labels):
            return np.random.default_rng(seed).integers(0, 256, (count, 16, 16, 4)).astype("uint8")

    rgba = np.random.default_rng(9).integers(0, 256, (40, 16, 16, 4)).astype("uint8")
    scores = kg.metrics.evaluate(Model(), rgba, ["swd"], num_images=40)
    assert np.isfinite(scores["swd"])
