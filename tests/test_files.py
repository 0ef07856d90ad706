"""Files that are whole or not there, and folders that one run at a time writes."""

import errno
import os
import pathlib

import pytest

from keras_gans.errors import InputError
from keras_gans.files import (
    WriteError,
    check_new_folder,
    locked,
    whole_file,
    whole_path,
    writable_folder,
)


def write_file(path):
    with whole_file(path) as file:
        file.write(b"new")


def write_path(path):
    with whole_path(path) as temporary:
        temporary.write_text("new")


def write_folder(path):
    with whole_path(path) as temporary:
        temporary.mkdir()
        (temporary / "variables").mkdir()
        (temporary / "variables" / "a").write_text("new")


@pytest.fixture(params=[write_file, write_path, write_folder])
def write(request):
    return request.param


def test_what_is_written_takes_its_name(write, tmp_path):
    for _ in range(2):
        write(tmp_path / "x.keras")
    assert os.listdir(tmp_path) == ["x.keras"]
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert file.read_text() == "new"


def test_a_folder_replaces_all_of_an_earlier_one(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "old").write_text("old")
    write_folder(tmp_path / "x")
    assert os.listdir(tmp_path / "x") == ["variables"]
    assert os.listdir(tmp_path) == ["x"]


def test_the_temporary_name_is_hidden_beside_it_and_keeps_the_suffix(tmp_path):
    with whole_path(tmp_path / "x.keras") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        assert temporary.suffix == ".keras"
        temporary.touch()


def test_what_a_link_names_is_written_and_the_link_stays(write, tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "x").symlink_to(tmp_path / "far" / "y")
    for _ in range(2):
        write(tmp_path / "x")
    assert (tmp_path / "x").is_symlink()
    assert os.listdir(tmp_path / "far") == ["y"]


def test_a_temporary_name_has_the_suffix_that_was_asked_for(tmp_path):
    (tmp_path / "x.keras").symlink_to(tmp_path / "ab12")
    with whole_path(tmp_path / "x.keras") as temporary:
        temporary.touch()
    assert temporary.suffix == ".keras"
    assert (tmp_path / "ab12").is_file()
    with pytest.raises(InputError, match="a name of its own. Received: '.'"), whole_path("."):
        pass


def test_what_another_process_left_is_not_taken_over(tmp_path):
    with pytest.raises(RuntimeError), whole_path(tmp_path / "x") as first:
        raise RuntimeError
    with whole_path(tmp_path / "x") as second:
        second.touch()
    assert first != second


def test_new_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_new_folder("x")
    for name in (".", ".."):
        with pytest.raises(InputError, match=f"given by its name. Received: '{name}'|new or empty"):
            check_new_folder(name)
    (tmp_path / "y").touch()
    for name in ("y", tmp_path):
        with pytest.raises(InputError, match="must be new or empty"):
            check_new_folder(name)


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_a_full_disk_leaves_what_was_there(write, failing, tmp_path, monkeypatch):
    write(tmp_path / "x.keras")
    before = {path: path.is_file() and path.read_text() for path in tmp_path.rglob("*")}
    monkeypatch.setattr(os, failing, full)
    with pytest.raises(WriteError, match=r"needs room .*x\.keras' \(No space left on device\)"):
        write(tmp_path / "x.keras")
    assert {path: path.is_file() and path.read_text() for path in tmp_path.rglob("*")} == before


def test_a_full_disk_while_the_content_is_written(tmp_path, monkeypatch):
    (tmp_path / "x").write_text("old")
    monkeypatch.setattr(pathlib.Path, "open", full)
    with pytest.raises(WriteError, match="No space left"), whole_file(tmp_path / "x"):
        pass
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["x"]
    assert (tmp_path / "x").read_text() == "old"


def test_it_is_an_error_of_input_and_of_the_system(write, tmp_path):
    for path in (tmp_path / "no" / "folder", tmp_path / ("x" * 300)):
        with pytest.raises(WriteError) as caught:
            write(path)
        assert isinstance(caught.value, InputError)
        assert isinstance(caught.value, OSError)
        assert caught.value.__cause__.errno in (errno.ENOENT, errno.ENAMETOOLONG)
    assert not os.listdir(tmp_path)


def test_the_error_names_what_was_asked_for(tmp_path, monkeypatch):
    def write():
        with whole_path(tmp_path / "folder") as folder:
            folder.mkdir()
            write_file(folder / "image.png")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError) as caught:
        write()
    assert str(caught.value).count("Received") == 1
    assert f"{str(tmp_path / 'folder')!r} (No space left" in str(caught.value)


@pytest.mark.parametrize("error", [InputError("rule"), KeyboardInterrupt(), RuntimeError("bug")])
def test_other_errors_pass_and_leave_nothing(error, tmp_path):
    def write():
        with whole_file(tmp_path / "x") as file:
            file.write(b"half")
            raise error

    with pytest.raises(type(error)) as caught:
        write()
    assert caught.value is error
    assert not os.listdir(tmp_path)


def test_a_folder_is_made_with_its_parents(tmp_path):
    assert writable_folder(str(tmp_path / "a" / "b")).is_dir()
    (tmp_path / "file").touch()
    for name in ("file", "file/x", "x" * 300):
        with pytest.raises(InputError, match="can be created and written"):
            writable_folder(tmp_path / name)


def test_a_lock_is_held_by_one(tmp_path):
    with locked(tmp_path), pytest.raises(InputError, match="another run"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass
