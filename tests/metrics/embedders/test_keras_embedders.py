import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_gans.errors import InputError
from keras_gans.metrics.embedders import Embedder, KerasInceptionV3, ModelEmbedder


def images(count, channels=3, size=8):
    shape = (count, size, size, channels)
    return np.random.default_rng(0).integers(0, 256, shape).astype("uint8")


@pytest.fixture
def model():
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, name="conv"),
            layers.Flatten(),
            layers.Dense(5, name="dense"),
        ],
        name="net",
    )


class Means(Embedder):
    """The mean of each channel, and the number of times it was compiled."""

    def __init__(self, **options):
        super().__init__("means", 3, weights_sha256="0" * 64, **options)
        self.traces = 0

    def forward(self, images):
        self.traces += 1
        return {"features": ops.mean(ops.cast(images, "float32"), axis=(1, 2))}


@pytest.mark.parametrize("count", [1, 4, 7])
def test_batches_are_joined_and_padding_is_left_out(count):
    features = Means(batch_size=4)(images(count))
    np.testing.assert_allclose(features, images(count).mean(axis=(1, 2)), rtol=1e-5)
    assert features.dtype == "float32"


def test_compiled_once_for_each_size_of_images():
    embed = Means(batch_size=4)
    for count in (3, 4, 9, 1):
        embed(images(count))
        embed(images(count, channels=1))
    assert embed.traces == 1
    embed(images(2, size=6))
    assert embed.traces == 2


def test_grey_images():
    np.testing.assert_allclose(
        Means()(images(2, channels=1)), Means()(images(2, channels=1).repeat(3, axis=-1))
    )
    with pytest.raises(InputError, match=r"takes grey images .* \(2, 8, 8, 3\)"):
        Means(channels=1)(images(2))


def test_no_classifier():
    for method in ("logits", "probabilities"):
        with pytest.raises(InputError, match="need an embedder that is a classifier.*means"):
            getattr(Means(), method)(images(1))
    assert set(Means().outputs(images(1))) == {"features"}


def test_bad_batch_size():
    with pytest.raises(InputError, match="`batch_size` must be"):
        Means(batch_size=0)


def test_a_models_output_and_a_layers(model):
    def scale(x):
        return x / 127.5 - 1

    embed = ModelEmbedder(model, preprocess=scale, batch_size=4)
    inputs = scale(images(6).astype("float32"))
    expected = np.asarray(model(inputs))
    np.testing.assert_allclose(embed(images(6)), expected, rtol=1e-4, atol=1e-5)
    assert (embed.name, embed.dim) == ("net", 5)
    assert embed.protocol()["resize"] == "scale"

    embed = ModelEmbedder(model, "conv", scale, batch_size=4)
    expected = np.asarray(model.get_layer("conv")(inputs)).mean(axis=(1, 2))
    np.testing.assert_allclose(embed(images(6)), expected, rtol=1e-4, atol=1e-5)
    assert (embed.name, embed.dim) == ("net/conv", 4)
    assert not embed.protocol()["comparable_with_papers"]


def test_preprocessing_may_resize(model):
    embed = ModelEmbedder(model, preprocess=lambda x: x[:, 2:-2, 2:-2], batch_size=2)
    inner = ModelEmbedder(model, batch_size=2)
    np.testing.assert_allclose(embed(images(2, size=12)), inner(images(2, size=12)[:, 2:-2, 2:-2]))


def test_the_weights_are_in_the_protocol(model):
    before = ModelEmbedder(model).protocol()
    assert before == ModelEmbedder(model).protocol()
    model.layers[0].bias.assign(np.ones(4))
    assert before != ModelEmbedder(model).protocol()


def test_models_that_cannot_be_used(model):
    with pytest.raises(InputError, match="one of its layers' names.*'no'"):
        ModelEmbedder(model, "no")
    with pytest.raises(InputError, match="must be a built Keras model"):
        ModelEmbedder(keras.Sequential([layers.Dense(2)]))
    with pytest.raises(InputError, match="must take images"):
        ModelEmbedder(keras.Sequential([keras.Input((3,)), layers.Dense(2)]))
    with pytest.raises(InputError, match=r"shape \(None, 8, 8, 3\)\. Received: \(\d+, 9, 9, 3\)"):
        ModelEmbedder(model)(images(1, size=9))


def test_keras_inception(monkeypatch):
    embed = KerasInceptionV3(weights=None, batch_size=1)
    outputs = embed.outputs(images(1))
    assert outputs["features"].shape == (1, 2048)
    assert outputs["probabilities"].shape == (1, 1000)
    assert "not comparable with papers" in embed.name
    assert embed.protocol()["comparable_with_papers"] is False
    monkeypatch.setattr(keras.applications, "InceptionV3", lambda **_: 1 / 0)
    with pytest.raises(InputError, match="or a network to download it"):
        KerasInceptionV3()
