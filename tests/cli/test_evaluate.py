"""`keras-gans evaluate`, `compare` and `train-embedder` as a user meets them."""

import json
import pathlib
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest

from keras_gans import cli
from keras_gans.metrics import METRICS, evaluate
from keras_gans.pictures import save_image
from tests.metrics.full_disk import files_up_to

pytestmark = pytest.mark.filterwarnings("ignore:The Fréchet distance")

SCORED = ("fid", "kid", "prdc", "is", "class_balance", "memorization", "ms_ssim", "swd")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A run folder, and the Keras cache."""
    folder = tmp_path_factory.mktemp("evaluate")
    words = ["train", "dcgan", "--data", "digits", "--steps", "2", "--set", "filters=4"]
    assert cli.main([*words, "--batch-size", "8", "--output", str(folder / "run")]) == 0
    return folder / "run", folder / "keras"


@pytest.fixture(autouse=True)
def in_folder(tmp_path, folders, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(folders[1]))


def run(*words):
    return cli.main(list(map(str, words)))


def test_warnings_are_plain_sentences(folders, capsys):
    words = ["evaluate", folders[0], "--data", "digits", "--metrics", "fid", "--num-images", 40]
    with warnings.catch_warnings():
        warnings.filterwarnings("always", "The Fréchet distance")
        assert run(*words, "-o", "scores") == 0
    lines = capsys.readouterr().err.splitlines()
    assert any(
        line.startswith("Warning: The Fréchet distance (FID) of 40 images") for line in lines
    )


def test_evaluate_writes_scores_and_a_report(folders, capsys):
    folder, _ = folders
    words = ["evaluate", folder, "--data", "digits", "--metrics", *SCORED, "--num-images", 40]
    assert run(*words, "--seed", 1) == 0
    shown = capsys.readouterr().out
    assert "FID" in shown
    assert "Samples cover" in shown
    assert "40 generated against 1,442 real images of digits (train)" in shown
    scores = json.loads((folder / "scores.json").read_text())
    expected = evaluate(folder, "digits", SCORED, num_images=40, seed=1, verbose=False)
    for name in ("fid", "kid", "recall", "is", "swd"):
        assert scores[name] == pytest.approx(expected[name], rel=1e-6)
    assert scores["protocol"]["num_generated"] == 40

    page = (folder / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 4  # Samples, curves, neighbours twice.
    assert not re.search(r"""(src|href)=["'](?!data:)""", page), "nothing from elsewhere"
    assert "{{" not in page
    for text in (
        "The share of generated images that look like real ones",
        "Nearest real images by pixels",
        "Nearest real images by features",
        f"<p>{scores['memorization']['summary']}</p>",
    ):
        assert text in page
    assert page.count("40 generated against") >= len(SCORED)
    bars = re.findall(r"<span[^>]*>(\d)</span><span><i class=.real. style=.width:([\d.]+)%", page)
    shares = scores["class_balance"]["real_shares"]
    most = max(*shares, *scores["class_balance"]["fake_shares"])
    assert bars == [(str(i), f"{100 * share / most:.1f}") for i, share in enumerate(shares)]


def test_scores_of_pixels_are_labelled_so(folders):
    words = ["evaluate", folders[0], "--metrics", "swd", "-o", "out", "--num-images", 4]
    images = np.random.default_rng(0).integers(0, 256, (9, 16, 16, 1)).astype("uint8")
    np.savez("real.npz", images=images)
    assert run(*words, "--data", "real.npz") == 0  # Without Inception's weights.
    page = pathlib.Path("out", "report.html").read_text()
    assert page.count("pixels; seed 0; not comparable with papers") == 2
    assert "Nearest real images by features" not in page


def test_bad_images_are_left_out_if_asked(folders, capsys):
    for label in "ab":
        for index in range(6):
            image = np.full((16, 16, 1), 20 * index, "uint8")
            save_image(f"real/{label}/{index}.png", image)
    pathlib.Path("real/a/7.png").write_bytes(b"broken")
    skip = ["--data", "real", "--skip-bad-images"]
    scoring = ["evaluate", folders[0], "--metrics", "swd", "-o", "out", "--num-images", 4]
    training = ["train-embedder", "--epochs", 1, "--image-size", 16, "-o", "own.keras"]
    for words in (scoring, training, ["hype", folders[0], "-n", 2]):
        assert run(*words, "--data", "real") == 2
        assert "7.png" in capsys.readouterr().err
        assert run(*words, *skip) == 0
    fakes = ["evaluate", "real", "--data", "real", "--metrics", "swd", "-o", "out"]
    assert run(*fakes) == 2
    assert run(*fakes, "--skip-bad-images") == 0


def test_photographs_of_different_sizes_are_scored_at_one(folders, capsys):
    for name in ("made", "real"):
        for index, (height, width) in enumerate([(20, 30), (16, 16), (24, 18)]):
            image = np.full((height, width, 1), 40 * index, "uint8")
            save_image(f"{name}/{index}.png", image)
    words = ["evaluate", "made", "--data", "real", "--metrics", "swd", "-o", "out"]
    assert run(*words) == 2
    assert "Images must have one size, unless `image_size`" in capsys.readouterr().err
    assert run(*words, "--image-size", "24x16") == 0
    scores = json.loads(pathlib.Path("out", "scores.json").read_text())
    assert scores["protocol"]["image_shape"] == [16, 24, 1]
    assert scores["swd"] == 0.0
    words[1] = folders[0]
    assert run(*words, "--image-size", 16) == 2
    error = capsys.readouterr().err
    assert "a model makes them of its own size. Received: " in error
    assert str(folders[0]) in error


def test_the_nearest_pixels_are_found_across_batches(folders):
    images = np.zeros((9, 16, 16, 1), "uint8")
    images[7] = 100
    np.savez("real.npz", images=images)
    np.savez("fake.npz", images=np.full((2, 16, 16, 1), 97, "uint8"))
    words = ["evaluate", "fake.npz", "--data", "real.npz", "--metrics", "swd", "-o", "out"]
    assert run(*words, "--batch-size", 2) == 0
    page = pathlib.Path("out", "report.html").read_text()
    assert "The closest pair is 3.0 grey levels apart on average" in page


def test_evaluate_images_with_an_embedder_of_ones_own(capsys):
    np.savez("images.npz", images=np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), "uint8"))
    words = ["train-embedder", "--data", "digits", "--epochs", 1, "-o", "own.keras"]
    assert run(*words) == 0
    words = ["evaluate", "images.npz", "--data", "digits", "--split", "test", "--metrics", "kid"]
    assert run(*words, "--embedder", "own.keras", "-o", "out") == 0
    scores = json.loads(pathlib.Path("out", "scores.json").read_text())
    assert scores["protocol"]["num_real"] == 355
    assert scores["kid"] > 0


def write(name, fid, recall, swd=None, **protocol):
    protocol = {
        "features": "f", "weights_sha256": "0", "resize": "none", "data": "digits",
        "data_sha256": "0", "split": "train", "num_real": 10, "num_generated": 5,
        "image_shape": [8, 8, 1], "seed": 0, "batch_size": 4, "comparable_with_papers": False,
        **protocol,
    }  # fmt: skip
    pathlib.Path(name).mkdir()
    scores = {"fid": fid, "recall": recall, "protocol": protocol}
    scores |= {} if swd is None else {"swd": swd}
    pathlib.Path(name, "scores.json").write_text(json.dumps(scores))


def test_help_names_every_metric(capsys):
    with pytest.raises(SystemExit):
        run("evaluate", "--help")
    words = re.findall(r"\w+", capsys.readouterr().out)
    assert set(METRICS) <= set(words)


def test_compare_marks_the_best(capsys):
    write("a", 3.0, 0.5)
    write("b", 2.0, 0.25, seed=1)
    assert run("compare", "a", "b") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1][-3:] == ["3", "2", "*"]  # FID: lower is better.
    assert lines[2][-3:] == ["0.5", "*", "0.25"]  # Recall: higher is better.
    assert "do not compare" not in str(lines)
    assert [" ".join(line).split(";")[-2] for line in lines[-2:]] == [" seed 0", " seed 1"]
    assert [line[:3] for line in lines[-2:]] == [["Protocol", "of", f"{name}:"] for name in "ab"]


def test_compare_warns_of_other_protocols(capsys):
    write("a", 3.0, 0.5)
    write("b", 2.0, 0.25, num_generated=50, data="b/digits", data_sha256="1")
    assert run("compare", "a", "b") == 0
    shown = capsys.readouterr().out
    data = "data digits (train, content 0), b/digits (train, content 1)"
    assert f"no run is marked as best: {data}; num_generated 5, 50." in shown
    assert " *\n" not in shown


def test_compare_warns_of_classes_in_turn(capsys):
    write("a", 3.0, 0.5, classes="as in the data")
    write("b", 2.0, 0.25)
    assert run("compare", "a", "b") == 0
    assert "Warning" not in capsys.readouterr().out
    write("c", 2.0, 0.25, classes="in turn")
    assert run("compare", "a", "b", "c") == 0
    assert "classes as in the data, as in the data, in turn." in capsys.readouterr().out


def test_compare_scores_of_pixels_whatever_the_features(capsys):
    write("a", 3.0, 0.5, swd=9.0)
    write("b", 2.0, 0.25, swd=8.0, features="g")
    assert run("compare", "a", "b") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1][-2:] == ["3", "2"]
    assert lines[3][-3:] == ["9", "8", "*"]
    assert "features f, g." in " ".join(lines[4])


@pytest.mark.parametrize("content", ['{"fid": 3', "[1]", "{}", '{"protocol": 3}', "\udcff"])
def test_compare_a_damaged_file(content, capsys):
    write("a", 3.0, 0.5)
    write("b", 3.0, 0.5)
    pathlib.Path("b", "scores.json").write_bytes(content.encode(errors="surrogateescape"))
    assert run("compare", "a", "b") == 2
    error = capsys.readouterr().err
    assert "undamaged, as `keras-gans evaluate` wrote it. Received: 'b/scores.json'" in error


def test_compare_scores_that_are_no_numbers(capsys):
    write("a", "low", 0.5)
    assert run("compare", "a") == 2
    assert "undamaged" in capsys.readouterr().err


def test_compare_a_run_without_scores(folders, capsys):
    pathlib.Path("empty").mkdir()
    assert run("compare", "empty") == 2
    assert "must hold a scores.json" in capsys.readouterr().err


def test_compare_needs_no_tensorflow():
    write("a", 3.0, 0.5)
    script = (
        "import sys; sys.argv = ['keras-gans']; from keras_gans import cli; "
        "cli.main(['compare', 'a']); sys.exit('tensorflow' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert b"FID" in shown.stdout


def test_a_report_that_cannot_be_written(folders, capsys):
    words = ["evaluate", folders[0], "--data", "digits", "--metrics", "swd", "--num-images", 4]
    with files_up_to(5_000):
        assert run(*words, "-o", "out") == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "room on the disk" in error
    assert "report.html" in error
    assert [path.name for path in pathlib.Path("out").iterdir()] == ["scores.json"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["evaluate", "nothing", "--data", "digits"], "must be a run folder"),
        (["evaluate", "ABOVE", "--data", "digits"], "`-o` must name a folder"),
        (["evaluate", "nothing", "--data", "digits", "-o", "out"], "nothing"),
        (["evaluate", "RUN", "--data", "digitz"], "digits"),
        (["evaluate", "RUN", "--data", "digits", "--metrics", "fjd"], "such as fid"),
        (["evaluate", "RUN", "--data", "digits", "--embedder", "digit"], "digits"),
        (["evaluate", "RUN", "--data", "digits", "--embedder", "inception=x.pth"], "x.pth"),
        (["evaluate", "RUN", "--data", "digits", "--num-images", "1"], "at least 2"),
        (["evaluate", "RUN", "--data", "digits", "--num-images", "5", "-o", "out"], '"prdc" needs'),
        (["compare", "nothing"], "scores.json"),
    ],
)
def test_bad_input_is_one_sentence(words, message, folders, capsys):
    before = sorted(folders[0].rglob("*"))
    places = {"RUN": folders[0], "ABOVE": folders[0].parent}
    assert run(*(places.get(word, word) for word in words)) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1
    assert not any(pathlib.Path().iterdir())
    assert sorted(folders[0].rglob("*")) == before
