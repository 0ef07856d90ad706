"""`evaluate` of models that make images from images."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.metrics import evaluate
from keras_gans.metrics.sources import open_source
from keras_gans.pictures import save_image


@pytest.fixture(scope="module")
def domains():
    return [kg.data.shapes(6, 16, seed=k)[0] for k in range(2)]


@pytest.fixture(scope="module")
def gan():
    return kg.CycleGAN(image_shape=(16, 16, 3), filters=2, blocks=0, depth=1)


def quiet(*arguments, **options):
    return evaluate(*arguments, verbose=False, batch_size=4, **options)


def test_translations_are_scored_against_the_other_domain(gan, domains, tmp_path):
    a, b = domains
    made = gan.translate(a)
    back = gan.translate(made, "a")
    scores = quiet(gan, b, metrics=["swd", "cycle", "paired"], inputs=a)
    assert scores["swd"] == pytest.approx(quiet(made, b, metrics="swd")["swd"])
    assert scores["cycle"] == pytest.approx(np.abs(back.astype(float) - a).mean() / 255)
    assert scores["l1"] == pytest.approx(np.abs(made.astype(float) - b).mean() / 255)
    assert scores["protocol"]["num_generated"] == 6
    gan.save(tmp_path / "gan.keras")
    other = quiet(tmp_path / "gan.keras", a, metrics="cycle", inputs=b, to="a", num_images=3)
    assert other["protocol"]["source"] == "gan.keras, arrays to a"
    assert other["protocol"]["settings"]["cycle"] == "mean over 3 images of arrays"


@pytest.mark.filterwarnings("ignore:The Fréchet distance")
def test_each_direction_has_its_distance(gan, domains):
    images = keras.Input((16, 16, 3))
    embedder = kg.metrics.ModelEmbedder(keras.Model(images, keras.layers.ReLU()(images)))
    scores = []
    for to, (inputs, real) in {"b": domains, "a": domains[::-1]}.items():
        options = dict(metrics=["fid", "kid"], embedder=embedder, cache=False)
        found = quiet(gan, real, inputs=inputs, to=to, **options)
        expected = quiet(gan.translate(inputs, to), real, **options)
        scores.append([found["fid"], found["kid"]])
        assert scores[-1] == pytest.approx([expected["fid"], expected["kid"]])
    assert scores[0] != pytest.approx(scores[1])


def test_pairs_of_a_plain_data_set_stay_pairs(gan, domains):
    a, b = domains
    data = tf.data.Dataset.from_tensor_slices(b).batch(4)
    expected = quiet(gan, b, metrics="paired", inputs=a)
    found = quiet(gan, data, metrics="paired", inputs=a)
    assert [found[name] for name in ("l1", "ssim")] == [expected[name] for name in ("l1", "ssim")]
    exact = quiet(b, b, metrics="paired")
    assert exact["psnr"] == pytest.approx(10 * np.log10(255**2 * b[0].size))
    pairs = kg.data.pairs(a, b, batch_size=2)
    with pytest.raises(InputError, match="those of one domain"):
        quiet(gan, pairs, metrics="swd", inputs=a)


def test_noise_in_use_follows_from_the_seed(domains):
    a, b = domains
    options = {"filters": 2, "depth": 3, "noisy": 1, "patch_depth": 1}
    gan = kg.Pix2Pix(image_shape=(16, 16, 3), **options)
    first, same, other = (
        quiet(gan, b, metrics="paired", inputs=a, seed=k)["l1"] for k in (0, 0, 1)
    )
    assert first == same
    assert first != other
    protocol = quiet(gan, b, metrics="swd", inputs=a)["protocol"]
    assert protocol["inputs_sha256"] != protocol["data_sha256"]


def test_a_segmenter_finds_the_label_maps(domains):
    maps = (domains[0][..., :1] > 127).astype("uint8")
    options = {"filters": 2, "hidden": 4, "latent_dim": 4, "doublings": 1, "blocks": 0}
    gan = kg.GauGAN(image_shape=(16, 16, 3), labels=2, patch_depth=1, scales=1, **options)
    images = keras.Input((16, 16, 3))
    # Its logits make the red channel decide.
    logits = keras.layers.Concatenate()([0 * images[..., :1], images[..., :1] - 127])
    segmenter = keras.Model(images, logits)
    made = np.concatenate(list(open_source(gan, 6, 0, 4, inputs=maps).batches()))
    same = np.repeat(maps[:1], 3, axis=0)
    first, second, third = np.concatenate(list(open_source(gan, 3, 0, 2, inputs=same).batches()))
    assert not np.array_equal(first, second), "each image has a style of its own"
    assert not np.array_equal(first, third)
    found = made[..., 0] > 127
    expected = kg.metrics.label_overlap(found.astype(int), maps[..., 0])
    options = {"metrics": "segmentation", "inputs": maps}
    scores = quiet(gan, domains[1], segmenter=segmenter, **options)
    assert (scores["accuracy"], scores["miou"]) == pytest.approx(expected)
    with pytest.raises(InputError, match="needs label maps as `inputs`"):
        quiet(gan, domains[1], **options)
    shape = {"image_shape": (16, 16, 3), "input_channels": 1}
    plain = kg.Pix2Pix(**shape, filters=2, depth=3, noisy=0, patch_depth=1)
    scores = quiet(plain, domains[1], segmenter=segmenter, **options)
    assert 0 <= scores["miou"] <= scores["accuracy"] <= 1
    wrong = options | {"inputs": maps + 200 * maps}
    with pytest.raises(InputError, match="values 0 to 1, .* Received: 201 in arrays"):
        quiet(plain, domains[1], segmenter=segmenter, **wrong)
    smaller = keras.Model(images, keras.layers.AveragePooling2D(2)(logits))
    other = keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Conv2D(2, 1)])
    for network, found in ((smaller, r"\(1, 8, 8, 2\)"), (other, "one that does not")):
        with pytest.raises(InputError, match=rf"\(N, 16, 16, labels\) .* Received: {found}"):
            quiet(plain, domains[1], segmenter=network, **options)


def test_files_of_other_names_are_no_pairs(gan, domains, tmp_path):
    for name, images, first in zip("abc", [*domains, domains[1]], (0, 0, 5), strict=True):
        for number, image in enumerate(images, first):
            save_image(tmp_path / name / f"{number:02}.png", image)
    a, b, c = (tmp_path / name for name in "abc")
    expected = quiet(gan, domains[1], metrics="paired", inputs=domains[0])
    assert quiet(gan, b, metrics="paired", inputs=a)["l1"] == pytest.approx(expected["l1"])
    with pytest.raises(InputError, match="have their names. Received: 00 of .* beside 05 of c"):
        quiet(gan, c, metrics="paired", inputs=a)


def test_bad_input(gan, domains):
    a, b = domains
    with pytest.raises(InputError, match="with `inputs`"):
        quiet(gan, b, metrics="swd")
    with pytest.raises(InputError, match="one of its domains. Received: CycleGAN, to='c'"):
        quiet(gan, b, metrics="swd", inputs=a, to="c")
    with pytest.raises(InputError, match="makes images from images, and `to`"):
        quiet(a, b, metrics="swd", inputs=a)
    with pytest.raises(InputError, match="there and back"):
        quiet(a, b, metrics="cycle")
