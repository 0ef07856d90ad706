"""The page of real and generated images, saved answers, and the rate that is made of them."""

import base64
import io
import json

import numpy as np
import pytest
import scipy.stats
from PIL import Image

import keras_gans as kg
from keras_gans import cli
from keras_gans.errors import InputError
from keras_gans.metrics.human import human_error_rate, hype_page
from keras_gans.metrics.sources import open_source

REAL = np.arange(3 * 4 * 5 * 3, dtype="uint8").reshape(3, 4, 5, 3)
FAKE = 255 - REAL


def page_of(path):
    """Returns the data in a page and the images that it shows."""
    text = path.read_text("utf-8")
    page = json.loads(text.split('<script type="application/json" id="page">')[1].split("</")[0])
    files = [io.BytesIO(base64.b64decode(image)) for image in page["images"]]
    return page, np.stack([np.asarray(Image.open(file)) for file in files])


def save_answers(path, real, generated, page="a", started=None):
    """Writes answers, `real` and `generated` being lists of whether each was wrong."""
    other = {"real": "generated", "generated": "real"}
    answers = [
        {"truth": truth, "answer": other[truth] if wrong else truth, "milliseconds": 900}
        for truth, wrongs in (("real", real), ("generated", generated))
        for wrong in wrongs
    ]
    path.write_text(json.dumps({"page": page, "started": started or str(path), "answers": answers}))
    return path


def test_page_holds_all_images_and_the_truth(tmp_path):
    path = tmp_path / "new" / "hype.html"
    hype_page(REAL, FAKE, path, title="</script><b>")
    page, images = page_of(path)
    fake = np.frombuffer(base64.b64decode(page["key"]), "uint8") & 1 == 1
    assert images.shape == (6, 4, 5, 3)
    assert sorted(map(bytes, images[~fake])) == sorted(map(bytes, REAL))
    assert sorted(map(bytes, images[fake])) == sorted(map(bytes, FAKE))
    assert page["title"] == "</script><b>"
    assert (page["height"], page["width"], page["seconds"]) == (4, 5, None)


def test_order_is_that_of_the_seed(tmp_path):
    grey = np.arange(40, dtype="uint8").reshape(40, 1, 1, 1)
    shown = []
    for seed in (0, 0, 1):
        hype_page(grey[:20], grey[20:], tmp_path / "x.html", seed=seed)
        page, images = page_of(tmp_path / "x.html")
        shown.append((page["id"], images.ravel().tolist()))
    assert shown[0] == shown[1] != shown[2]
    assert shown[0][0] != shown[2][0]


def test_page_loads_nothing(tmp_path):
    hype_page(REAL, FAKE, tmp_path / "x.html")
    text = (tmp_path / "x.html").read_text("utf-8")
    assert "http://" not in text
    assert "https://" not in text
    assert "{{" not in text


@pytest.mark.parametrize(
    ("real", "fake", "options", "message"),
    [
        (REAL, FAKE[:2], {}, "same shape"),
        (REAL, FAKE[:, :2], {}, "same shape"),
        (REAL, FAKE / 255, {}, "float64"),
        (REAL[:0], FAKE[:0], {}, "uint8 arrays"),
        (REAL[..., :2], FAKE[..., :2], {}, "uint8 arrays"),
        (REAL, FAKE, {"seconds": 0}, "above 0. Received: 0"),
        (REAL, FAKE, {"path": "x.htm"}, "ends in .html"),
    ],
)
def test_bad_input_of_the_page(real, fake, options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        hype_page(real, fake, **{"path": "x.html", **options})
    assert not list(tmp_path.iterdir())


def test_rate_of_one_person(tmp_path):
    path = save_answers(tmp_path / "a.json", [True] * 10 + [False] * 40, [True] * 20 + [False] * 30)
    for truth, wrong, count in ((None, 30, 100), ("real", 10, 50), ("generated", 20, 50)):
        rate, low, high = human_error_rate(path, truth)
        assert rate == wrong / count
        # The bootstrap of a share is a binomial, whose percentiles are known.
        expected = scipy.stats.binom.ppf([0.025, 0.975], count, rate) / count
        assert (low, high) == pytest.approx(tuple(expected), abs=1 / count)
    assert human_error_rate(path, seed=3) == human_error_rate([path], seed=3)


def test_rate_without_errors_has_no_width(tmp_path):
    path = save_answers(tmp_path / "a.json", [False] * 5, [True] * 5)
    assert human_error_rate(path, "real") == (0.0, 0.0, 0.0)
    assert human_error_rate(path, "generated") == (1.0, 1.0, 1.0)
    assert human_error_rate(path)[0] == 0.5


def test_people_are_pooled_and_their_differences_count(tmp_path):
    always = save_answers(tmp_path / "a.json", [True] * 30, [True] * 30)
    never = save_answers(tmp_path / "b.json", [False] * 10, [False] * 10)
    assert human_error_rate([always, never]) == (0.75, 0.0, 1.0)
    half = [True, False] * 25
    alike = [save_answers(tmp_path / f"{n}.json", half, half) for n in range(4)]
    width = [high - low for _, low, high in (human_error_rate(alike[:n]) for n in (1, 4))]
    assert width[1] == pytest.approx(width[0] / 2, rel=0.15)


def test_bad_answers(tmp_path):
    good = save_answers(tmp_path / "good.json", [True], [False])
    again = save_answers(tmp_path / "again.json", [True], [False], started=str(good))
    other = save_answers(tmp_path / "other.json", [True], [False], page="b")
    kind = save_answers(tmp_path / "kind.json", [True], [])
    broken = tmp_path / "broken.json"
    broken.write_text("[1, 2")
    word = tmp_path / "word.json"
    word.write_text(good.read_text().replace('"answer": "real"', '"answer": "cat"'))
    word.write_text(word.read_text().replace('"answer": "generated"', '"answer": "cat"'))
    for answers, message in (
        ([], "at least one file"),
        (tmp_path / "none.json", "none.json"),
        (broken, "broken.json"),
        (word, "word.json"),
        (kind, "both kinds"),
        ([good, other], "one page"),
        ([good, again], "only once"),
    ):
        with pytest.raises(InputError, match=message):
            human_error_rate(answers)
    with pytest.raises(InputError, match="fake"):
        human_error_rate(good, "fake")
    with pytest.raises(InputError, match="resamples"):
        human_error_rate(good, resamples=0)


def test_command_writes_a_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    gan = kg.DCGAN(image_shape=(16, 16, 1), filters=4)
    gan.save("gan.keras")
    assert cli.main(["hype", "gan.keras", "--data", "digits", "-n", "4", "--seed", "2"]) == 0
    page, images = page_of(tmp_path / "hype.html")
    fake = np.frombuffer(base64.b64decode(page["key"]), "uint8") & 1 == 1
    (expected,) = open_source(gan, 4, 2, 256).batches()  # Those that `evaluate` scores.
    expected = expected[..., 0]
    assert sorted(map(bytes, images[fake])) == sorted(map(bytes, expected))
    digits, _ = kg.data.load_arrays("digits", image_size=16)
    assert {bytes(image) for image in images[~fake]} <= {bytes(image) for image in digits}

    np.savez("x.npz", images=np.zeros((5, 8, 8, 3), "uint8"))
    words = ["hype", "x.npz", "--data", "digits", "-n", "5", "--seconds", "0.5", "-o", "y.html"]
    assert cli.main(words) == 0
    assert page_of(tmp_path / "y.html")[0]["seconds"] == 0.5
    for wrong, message in (
        (["-n", "6"], "the 5 images of x.npz"),
        (["-n", "0"], "at least 1"),
        (["--seed", "-1"], "from 0"),
        (["-o", "y.txt"], "y.txt"),
    ):
        assert cli.main([*words, *wrong]) == 2
        assert message in capsys.readouterr().err


def test_command_prints_a_table(tmp_path, capsys):
    a = save_answers(tmp_path / "a.json", [True] + [False] * 3, [True] * 2 + [False] * 2)
    b = save_answers(tmp_path / "b.json", [False] * 4, [True] * 4)
    assert cli.main(["hype", "--answers", str(a), str(b)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "generated called real" in lines[0]
    assert [line.split()[1] for line in lines[1:3]] == ["37.5%", "50.0%"]
    assert lines[3].startswith("all 2 people  43.8% (")
    assert cli.main(["hype", "--answers", str(a), str(a)]) == 2
    assert cli.main(["hype", "--data", "digits"]) == 2
    assert "or `--answers`" in capsys.readouterr().err
