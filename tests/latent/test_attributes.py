"""Directions of attributes, and what else they move."""

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.latent import (
    Direction,
    edit,
    entanglement,
    find_direction,
    fit_direction,
    labels_of,
    least_strengths,
    sample,
)
from tests.latent.test_directions import linear_gan

SLOPES = 0.2 * np.eye(3, 4)
"""Each number of a latent is the brightness of a pixel."""


def classify(images):
    """Two attributes of which the second follows from the first, and one of three kinds."""
    pixels = images[:, 0, :, 0].astype(int)
    second = pixels[:, 1] + 0.6 * (pixels[:, 0] - 127.5) > 130
    kinds = np.digitize(pixels[:, 2], [115, 140])
    return {"bright": (pixels[:, 0] > 140).astype(int), "tied": second.astype(int), "tone": kinds}


def mixed(images):
    """An attribute that follows from the first and the third pixel."""
    return (images[:, 0, 0, 0].astype(int) - images[:, 0, 2, 0] > 0).astype(int)


def test_an_attribute_is_found_and_others_are_kept():
    gan = linear_gan(SLOPES)
    tied = find_direction(gan, classify, "tied", count=3000)
    np.testing.assert_allclose(tied.vector, np.array([0.6, 1, 0]) / 1.166, atol=0.06)
    kept = find_direction(gan, classify, "tied", keep=["bright"], count=3000)
    np.testing.assert_allclose(kept.vector, [0, 1, 0], atol=0.06)
    free = find_direction(gan, lambda x: {"mixed": mixed(x), **classify(x)}, "mixed", count=3000)
    assert abs(free.vector[2]) > 0.5
    keep = ["tone"]
    kept = find_direction(
        gan, lambda x: {"mixed": mixed(x), **classify(x)}, "mixed", keep, count=3000
    )
    np.testing.assert_allclose(kept.vector, [1, 0, 0], atol=0.06)
    constant = {"absent": 0, "third": 2}
    with_none = find_direction(
        gan,
        lambda x: {k: mixed(x) * 0 + v for k, v in constant.items()} | classify(x),
        "tied",
        [*constant],
        count=3000,
    )
    np.testing.assert_array_equal(with_none.vector, tied.vector)
    tone = find_direction(gan, classify, "tone=2", count=3000)
    np.testing.assert_allclose(tone.vector, [0, 0, 1], atol=0.06)


def test_the_report_tells_what_moves_along():
    gan = linear_gan(SLOPES)
    directions = [Direction([0.6, 1, 0], "tied"), Direction([0, 1, 0], "tied")]
    directions += [Direction([0, 0, 1], "up"), Direction([0, 0, 1], "tone=2")]
    report = entanglement(gan, directions, classify, strength=2.5, count=800)
    assert report.attributes == ["bright", "tied", "tone"]
    naive, kept, up, tone = report.changed
    assert naive[0] > 0.4
    assert kept[0] == kept[2] == up[0] == up[1] == tone[0] == 0
    assert min(report.reached[[0, 1, 3]]) > 0.85
    assert np.isnan(report.reached[2])
    sentences = report.sentences()
    assert sentences[0].startswith("tied: also changes bright in ")
    assert "correlated features" in sentences[0]
    assert report.ties[0, 0] > 0.3 > 0.15 > report.ties[0, 2]
    mixture = Direction([0, 1, 1], "tied")
    (sentence,) = entanglement(gan, [mixture], classify, strength=2.5, count=800).sentences()
    assert "tied: also changes tone in " in sentence
    assert sentence.endswith("which the latents do not tell apart from it (entangled).")
    mixture = Direction([0, 1, 1], "sefa 0")
    (sentence,) = entanglement(gan, [mixture], classify, strength=2.5, count=800).sentences()
    assert sentence.endswith("% of the images."), "nothing is known of the cause"
    assert sentences[1] == "tied: changes no other attribute in more than 15% of the images."
    lines = str(report).splitlines()
    assert lines[0].split() == ["direction", "reached", "bright", "tied", "tone"]
    assert lines[3].split()[:2] == ["up", "-"]
    assert len(lines) == 5
    assert report.figure().axes[0].get_yticklabels()[3].get_text() == "tone=2"


def test_each_latent_moves_no_further_than_it_needs():
    gan = linear_gan(SLOPES)
    latents, bright = sample(gan, 50, seed=3), Direction([1, 0, 0], "bright")
    found = least_strengths(gan, latents, bright, classify, largest=3.0, tries=6)
    assert set(found) == {0, 0.5, 1, 1.5, 2, 2.5, 3}, "and those that need more move by the most"
    reached = found < 3
    at, before = (classify(edit(gan, latents, bright, by))["bright"] for by in (found, found - 0.5))
    assert at[reached].all()
    assert not before[found > 0].any()


def test_latents_keep_their_classes():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=3, latent_dim=2, filters=2)
    labels = np.array([2, 0, 1, 1, 0, 2])
    gan.images_of = lambda latents, classes: np.stack([latents[:, 0], classes], axis=1)

    def see(pairs):  # A class is known as far along as its number.
        return {"known": (pairs[:, 0] >= pairs[:, 1]).astype(int)}

    task = gan, np.zeros((6, 2)), Direction([1, 0], "known"), see
    np.testing.assert_array_equal(least_strengths(*task, tries=6, labels=labels), labels)
    with pytest.raises(InputError, match="`largest` must be a number of at least 0. Received: -1"):
        least_strengths(*task, largest=-1)


def test_labels_of_a_keras_classifier():
    images = keras.Input((1, 4, 1))
    flat = keras.layers.Flatten()(images)
    outputs = {"bright": flat[:, :1] - 140, "kind": flat[:, 1:]}
    look = labels_of(keras.Model(images, outputs))
    pixels = np.array([[200, 1, 2, 3], [100, 9, 2, 3]], "uint8").reshape(2, 1, 4, 1)
    seen = look(pixels)
    np.testing.assert_array_equal(seen["bright"], [1, 0])
    np.testing.assert_array_equal(seen["kind"], [2, 0])
    with pytest.raises(InputError, match=r"takes images of shape \(1, 4, 1\). Received: \(2, 2"):
        look(np.zeros((1, 2, 2, 1), "uint8"))
    with pytest.raises(InputError, match="gives a dict of logits by attribute. Received: Seq"):
        labels_of(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]))
    flat = keras.Input((4,))
    with pytest.raises(InputError, match=r"images of shape \(4,\). Received: \(1, 4, 1\)"):
        labels_of(keras.Model(flat, {"bright": flat[:, :1]}))(pixels)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("brigt", "one of bright, tied, tone. Received: 'brigt', which is nearest to 'bright'"),
        ("tone=x", "Received: 'tone=x'"),
        ("tone", "several kinds one is named, such as 'tone=0'. Received: 'tone'"),
        ("tone=7", "needs images with 'tone=7' and without"),
    ],
)
def test_bad_attributes(name, message):
    with pytest.raises(InputError, match=message):
        find_direction(linear_gan(SLOPES), classify, name, count=50)


def test_a_direction_of_what_all_have():
    def look(images):
        return {"x": np.ones(len(images), int), "bright": classify(images)["bright"]}

    directions = [Direction([1, 0, 0], "x"), Direction([1, 0, 0], "bright")]
    report = entanglement(linear_gan(SLOPES), directions, look, count=20)
    nothing, bright = report.changed
    assert np.isnan([*nothing, report.reached[0]]).all()
    assert bright[0] == 0 < bright[1] == report.reached[1]
    assert report.sentences()[0] == "x: every one of 20 samples has it."
    assert "changes no other attribute" in report.sentences()[1]
    head, row, _ = str(report).splitlines()
    assert row.split() == ["x", "-", "-", "-"]
    assert len(row) == len(head) - 1, "dashes stand where the percent signs of others do"
    words = [text.get_text() for text in report.figure().axes[0].texts]
    assert words == ["", "", "0%", f"{bright[1]:.0%}"]


def test_images_are_made_and_seen_in_parts():
    gan, sizes = linear_gan(SLOPES), []

    def look(images):
        sizes.append(len(images))
        return classify(images)

    direction = find_direction(gan, look, "bright", count=600, seed=2)
    assert sizes == [256, 256, 88]
    bright = classify(gan.generate(600, seed=2))["bright"]
    whole = fit_direction(sample(gan, 600, seed=2), bright, "bright")
    np.testing.assert_array_equal(direction.vector, whole.vector)
    sizes.clear()
    report = entanglement(gan, [direction], look, count=600)
    dark = classify(gan.generate(600, seed=1))["bright"] == 0
    assert sizes == [256, 256, 88, 256, dark.sum() - 256]
    after = classify(edit(gan, sample(gan, 600, seed=1)[dark], direction, 2.0))
    assert report.reached[0] == after["bright"].mean()
    latents = sample(gan, 300, seed=3)
    found = least_strengths(gan, latents, direction, look, largest=3.0, tries=2)
    some = least_strengths(gan, latents[250:], direction, look, largest=3.0, tries=2)
    np.testing.assert_array_equal(found[250:], some)
    assert max(sizes) == 256


def test_parts_keep_their_classes():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=3, latent_dim=2, filters=2)
    gan.images_of = lambda latents, labels: np.stack([latents[:, 0], labels], axis=1)
    labels = np.random.default_rng(0).integers(0, 3, 300)

    def look(pairs):  # The attribute is a class, to which latents have no part.
        return {"second": (pairs[:, 1] == 1).astype(int)}

    direction = find_direction(gan, look, "second", count=300, labels=labels)
    expected = fit_direction(sample(gan, 300), labels == 1, "second")
    np.testing.assert_array_equal(direction.vector, expected.vector)
    report = entanglement(gan, [direction], look, count=300, labels=labels)
    assert report.reached[0] == report.changed[0, 0] == 0


def test_in_w_of_a_model_with_styles(style_gan):
    def look(images):
        mean = images.mean(axis=(1, 2, 3))
        return {"light": (mean > np.median(mean)).astype(int)}

    direction = find_direction(style_gan, look, "light", count=400)
    assert direction.space == "w"
    latents = kg.latent.sample(style_gan, 40, seed=5)
    dark, as_it_is, light = (
        edit(style_gan, latents, direction, strength).mean() for strength in (-3, 0, 3)
    )
    assert dark < as_it_is < light


def test_what_is_kept_sets_the_deviation(style_gan):
    def look(images):
        halves = np.stack([images[:, :8].mean(axis=(1, 2, 3)), images[:, 8:].mean(axis=(1, 2, 3))])
        above, below = (halves > np.median(halves, axis=1, keepdims=True)).astype(int)
        return {"above": above, "below": below}

    direction = find_direction(style_gan, look, "above", ["below"], count=300)
    along = (kg.latent.sample(style_gan, 300, "w") @ direction.vector).std()
    assert direction.deviation == pytest.approx(along, rel=1e-4)


def test_of_a_conditional_model():
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, num_classes=3)

    def look(images):
        mean = images.mean(axis=(1, 2, 3))
        return {"light": (mean > np.median(mean)).astype(int)}

    direction = find_direction(gan, look, "light", count=60, labels=1)
    latents = gan.latents_of(40, 5)
    dark, light = (edit(gan, latents, direction, by, labels=1).mean() for by in (-3, 3))
    assert dark < light
    report = entanglement(gan, [direction], look, count=30, labels=1)
    assert report.changed.shape == (1, 1)
    assert np.isfinite(entanglement(gan, [direction], look, count=30).reached).all()


def test_images_with_transparency_are_laid_on_white():
    images = keras.Input((2, 2, 3))
    light = keras.layers.Flatten()(images)[:, :1] - 200
    look = labels_of(keras.Model(images, {"light": light}))
    clear = np.zeros((1, 2, 2, 4), "uint8")
    np.testing.assert_array_equal(look(clear)["light"], [1])
