"""What the tests of the command share."""

import pathlib

from PIL import Image

from keras_gans import cli


def images_folder(path, count=3, size=(20, 20), mode="L"):
    path = pathlib.Path(path)
    path.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        Image.new(mode, size, 40 * index).save(path / f"{index}.png")
    return path


def refused(words, capsys):
    """Runs the command, which must refuse; returns its one sentence."""
    before = sorted(pathlib.Path().rglob("*"))
    capsys.readouterr()
    assert cli.main(list(map(str, words))) == 2
    output = capsys.readouterr()
    lines = [line for line in output.err.splitlines() if not line.startswith("Warning: ")]
    assert len(lines) == 1, "one sentence"
    assert lines[0].startswith("keras-gans: ")
    assert sorted(pathlib.Path().rglob("*")) == before, "nothing is left behind"
    return lines[0]
