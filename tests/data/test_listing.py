import os

import pytest

from keras_gans.data import listing
from keras_gans.data.listing import common_size, list_images, size_in_header
from keras_gans.errors import InputError
from tests.data.helpers import noise, save


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def names(folder, paths):
    return [str(path.relative_to(folder)) for path in paths]


def test_classes(tmp_path):
    touch(tmp_path, "dog/2.png", "dog/10.jpg", "cat/1.JFIF", ".hidden/1.png", "cat/.2.png")
    found = list_images(tmp_path)
    assert names(tmp_path, found.paths) == ["cat/1.JFIF", "dog/10.jpg", "dog/2.png"]
    assert (found.labels, found.class_names) == ([0, 1, 1], ["cat", "dog"])
    assert found.warning is None


def test_images_directly_in_the_folder(tmp_path):
    touch(tmp_path, "b.PNG", "a.webp", ".c.png")
    (tmp_path / "empty").mkdir()
    found = list_images(tmp_path)
    assert names(tmp_path, found.paths) == ["a.webp", "b.PNG"]
    assert found.labels is found.class_names is found.warning is None


def test_a_stray_image_beside_class_folders(tmp_path):
    touch(tmp_path, "stray.png", "cat/1.png", "cat/2.png", "dog/1.png")
    received = r"with 1 directly in it \(such as stray\.png\) and 3 in sub-folders \(cat, dog\)$"
    with pytest.raises(InputError, match=f"move one kind elsewhere.*{received}"):
        list_images(tmp_path)


def test_what_is_left_out_is_counted_by_kind(tmp_path):
    touch(tmp_path, "cat/1.png", "cat/2.heic", "dog/1.heic", "dog/3.png", "dog/IMG_4", "notes.TXT")
    touch(tmp_path, "dog/more/4.png", "dog/more/5.png", "dog/more/deeper/6.png")
    (tmp_path / "dog" / "link.png").symlink_to(tmp_path / "gone.png")
    found = list_images(tmp_path)
    assert names(tmp_path, found.paths) == ["cat/1.png", "dog/3.png"]
    assert found.warning == (
        f"The folder {tmp_path} has files that are left out: 2 x .heic (cat/2.heic), 2 x image "
        "further down (dog/more/4.png), 1 x .txt (notes.TXT), 1 x file without suffix (dog/IMG_4), "
        f"1 x broken link (dog/link.png) (only those that end in {', '.join(listing.SUFFIXES)}, in "
        "the folder or its sub-folders but not further down, are read)."
    )


def test_many_kinds_are_cut_short(tmp_path):
    touch(tmp_path, "1.png", *(f"a.{kind}" for kind in "abcdefg"))
    assert "1 x .e (a.e), 2 x others (only" in list_images(tmp_path).warning


def test_an_empty_class_keeps_its_number_and_is_named(tmp_path):
    touch(tmp_path, "ant/1.png", "cat/1.png", "bee/1.heic")
    found = list_images(tmp_path)
    assert (found.labels, found.class_names) == ([0, 2], ["ant", "bee", "cat"])
    assert found.warning.endswith("classes without images, which keep their label numbers: bee.")


@pytest.mark.parametrize(
    ("files", "received"),
    [
        ((), "none of them"),
        (("a.heic", "b.heic"), r"2 x \.heic \(a\.heic\)"),
        (("train/cat/1.png",), r"1 x image further down \(train/cat/1\.png\)"),
    ],
)
def test_no_images(tmp_path, files, received):
    touch(tmp_path, *files)
    rule = r"must hold, .* but not further down, files that end in \.png, "
    with pytest.raises(InputError, match=f"{rule}.* with {received}$"):
        list_images(tmp_path)


def test_a_folder_that_cannot_be_read(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(InputError, match=r"must be readable\. Received: .*\(Permission denied\)"):
        list_images(tmp_path)


def test_a_sub_folder_that_cannot_be_read_matters_where_it_may_be_a_class(tmp_path, monkeypatch):
    listdir = os.listdir

    def refuse(path):
        if path.name == "lost":
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refuse)
    (tmp_path / "lost").mkdir()
    touch(tmp_path, "a.png")
    found = list_images(tmp_path)
    assert [path.name for path in found.paths] == ["a.png"]
    (tmp_path / "a.png").unlink()
    touch(tmp_path, "class/a.png")
    with pytest.raises(InputError, match=r"must be readable\. Received: .*lost"):
        list_images(tmp_path)


def test_common_size_reads_headers_only(tmp_path):
    for index in range(3):
        save(tmp_path / f"{index}.png", noise(12, 12))
    (tmp_path / "3.png").write_bytes(b"no image")
    whole = (tmp_path / "0.png").read_bytes()
    (tmp_path / "0.png").write_bytes(whole[: whole.index(b"IDAT") + 8])
    assert size_in_header(tmp_path / "0.png") == (12, 12), "though there is no image behind it"
    assert common_size(tmp_path) == (12, 12)
    save(tmp_path / "4.png", noise(10, 12))
    assert common_size(tmp_path) is None
