import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans.callbacks import Score
from keras_gans.errors import InputError
from tests.contract import two_replicas

pytestmark = pytest.mark.filterwarnings("ignore:The Fréchet distance")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def test_scores_are_in_the_logs(tmp_path):
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=4)
    gan.compile()
    data = kg.data.load("digits", image_size=16, batch_size=64)
    score = Score(data, metrics=["fid", "prdc"], every=2, num_images=20)
    file = tmp_path / "best.keras"
    best = keras.callbacks.ModelCheckpoint(file, "fid", save_best_only=True)
    highest = keras.callbacks.EarlyStopping("recall", patience=9)
    history = gan.fit(
        data, epochs=4, steps_per_epoch=2, callbacks=[score, best, highest], verbose=0
    ).history
    assert len(history["fid"]) == len(history["precision"]) == 4
    assert highest.best == max(history["recall"])
    # Scored after epochs 1, 2 and 4.
    assert history["fid"][1] == history["fid"][2]
    assert len(set(history["fid"])) == 3
    expected = kg.metrics.evaluate(gan, "digits", num_images=20, verbose=False)["fid"]
    assert history["fid"][-1] == pytest.approx(expected, rel=1e-6)
    assert best.best == min(history["fid"])
    saved = kg.metrics.evaluate(file, "digits", num_images=20, verbose=False)["fid"]
    assert saved == pytest.approx(min(history["fid"]), rel=1e-5)


def test_early_stopping():
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=4)
    gan.compile()
    data = kg.data.load("digits", image_size=16, batch_size=64)
    score = Score(data, metrics=["swd"], every=9, num_images=20)
    stop = keras.callbacks.EarlyStopping("swd", patience=2)
    history = gan.fit(data, epochs=9, steps_per_epoch=1, callbacks=[score, stop], verbose=0).history
    assert len(history["swd"]) == 3  # Two epochs that repeat the first number.


def test_under_a_strategy():
    with two_replicas().scope():
        gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=4)
        gan.compile()
    data = kg.data.load("digits", image_size=16, batch_size=64)
    score = Score(data, num_images=20)
    history = gan.fit(data, epochs=1, steps_per_epoch=2, callbacks=[score], verbose=0).history
    expected = kg.metrics.evaluate(gan, "digits", num_images=20, verbose=False)["fid"]
    assert history["fid"] == [pytest.approx(expected, rel=1e-6)]


@pytest.mark.parametrize(
    ("shape", "metrics", "message"),
    [
        ((2,), ["swd"], "makes points"),
        ((16, 16, 1), ["memorization"], 'split "test"'),
        ((16, 16, 1), ["ppl", "is"], "a classifier"),
    ],
)
def test_what_does_not_apply_is_said_before_training(shape, metrics, message):
    images = np.zeros((20, 16, 16, 1), "uint8")
    model = keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Flatten()])
    score = Score(images, metrics, kg.metrics.ModelEmbedder(model))
    score.set_model(kg.GAN(image_shape=shape))
    with pytest.raises(InputError, match=message):
        score.on_train_begin()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"every": 0}, "every"), ({"metrics": ["fidd"]}, "fid"), ({"num_images": 1}, "num_images")],
)
def test_bad_input(options, message):
    with pytest.raises(InputError, match=message):
        Score(np.zeros((2, 8, 8, 1), "uint8"), **options)
