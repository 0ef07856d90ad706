"""What the README promises, run as a user would, minutes of training each: `make test-large`."""

import pathlib
import subprocess
import sys

import keras
import pytest
from PIL import Image

from benchmarks.digits import score

pytestmark = pytest.mark.large
ROOT = pathlib.Path(__file__).parent.parent
COMMAND = pathlib.Path(sys.executable).with_name("keras-gans")


def train(folder, *words):
    subprocess.run([COMMAND, "train", *words, "--output", folder], check=True)
    return keras.saving.load_model(folder / "model.keras")


def test_demo_makes_all_ten_digits(tmp_path):
    recipe = (ROOT / "Makefile").read_text().split("keras-gans train ")[1].splitlines()[0]
    scores = score(train(tmp_path / "run", *recipe.split()))
    print(scores)
    assert scores["accuracy"] >= 0.97, "the classifier is to be trusted"
    assert scores["sure"] >= 0.8
    assert scores["shares"].min() >= 0.04


def test_conditional_gan_makes_the_digit_that_is_asked_for(tmp_path):
    words = ["conditional_gan", "--data", "digits", "--minutes", "3"]
    scores = score(train(tmp_path / "run", *words))
    print(scores)
    assert scores["as_asked"] >= 0.9


def test_fashion_is_ten_times_nearer_than_the_keras_io_example():
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.fashion"], cwd=ROOT, capture_output=True, text=True
    )
    print(result.stdout)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout.split("ratio: ")[-1]) <= 0.1


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.stem)
def test_example(path, tmp_path):
    subprocess.run([sys.executable, path], cwd=tmp_path, check=True)
    grids = sorted(tmp_path.glob("runs/**/epoch_*.png"))
    assert grids, "an example leaves pictures"
    lightest, darkest = Image.open(grids[-1]).convert("L").getextrema()[::-1]
    assert lightest - darkest > 100
