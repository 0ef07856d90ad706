import keras
import pytest

from keras_gans import cli


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A run folder of a tiny training."""
    folder = tmp_path_factory.mktemp("cli") / "run"
    words = ["train", "dcgan", "--data", "digits", "--steps", "3", "--set", "filters=4"]
    assert cli.main([*words, "--batch-size", "8", "--output", str(folder)]) == 0
    return folder
