import functools

import keras
import pytest

from keras_gans import cli
from keras_gans.training.model import GenerativeModel


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def untraced():
    """Lets trainings take their steps untraced: quicker where they take a few.

    Name it after `run`, whose training then is as users have it.
    """
    with pytest.MonkeyPatch.context() as patch:
        original = GenerativeModel.compile
        patch.setattr(
            GenerativeModel, "compile", functools.partialmethod(original, run_eagerly=True)
        )
        yield


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A run folder of a tiny training."""
    folder = tmp_path_factory.mktemp("cli") / "run"
    words = ["train", "dcgan", "--data", "digits", "--steps", "3", "--set", "filters=4"]
    assert cli.main([*words, "--batch-size", "8", "--output", str(folder)]) == 0
    return folder
