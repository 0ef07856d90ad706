"""The Python of the READMEs, block by block, with short trainings."""

import functools
import pathlib
import re
import shlex

import pytest

from keras_gans.cli.parser import make_parser
from keras_gans.data import loader
from keras_gans.methods import METHODS
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


def test_commands_are_ones_that_the_parser_knows():
    lines = [
        line.strip()
        for path in [*ROOT.glob("*.md"), *ROOT.glob("[bes]*/**/*.md")]
        for line in path.read_text("utf-8").splitlines()
        if re.match(" {4}keras-gans [a-z]", line)
    ]
    assert len(lines) > 30
    for line in lines:
        make_parser().parse_args(shlex.split(line, comments=True)[1:])


def test_the_table_of_methods_is_that_of_the_package():
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert dict(rows) == {name: method.class_name for name, method in METHODS.items()}
