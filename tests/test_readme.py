"""The Python of the READMEs, block by block, with short trainings."""

import functools
import pathlib
import re

import pytest

from keras_gans.data import loader
from keras_gans.training.model import GenerativeModel

ROOT = pathlib.Path(__file__).parents[1]


def run(readme):
    """Runs the blocks in one namespace, as a reader would, and returns it."""
    names = {}
    for block in re.findall(r"```python\n(.*?)```", readme.read_text("utf-8"), re.DOTALL):
        short = re.sub(r"epochs=\d+(, steps_per_epoch=\d+)?", "epochs=1, steps_per_epoch=2", block)
        short = short.replace("embedder=embed", "embedder=embed, num_images=300")
        exec(compile(short, readme, "exec"), names)
    return names


@pytest.mark.filterwarnings("ignore:The Fréchet distance")
def test_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    # A few steps are quicker untraced.
    untraced = functools.partialmethod(GenerativeModel.compile, run_eagerly=True)
    monkeypatch.setattr(GenerativeModel, "compile", untraced)
    monkeypatch.setattr(loader, "DEFAULT_COUNT", 64)
    names = run(ROOT / "README.md")
    assert names["images"].shape == (16, 16, 16, 1)
    assert {"kid", "recall", "class_balance"} <= set(names["scores"])
    assert pathlib.Path("best.keras").is_file()
    assert pathlib.Path("runs/digits/history.csv").is_file()


def test_readme_of_the_exported_models(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert run(ROOT / "saved_models" / "README.md")["images"].shape == (64, 28, 28, 1)
