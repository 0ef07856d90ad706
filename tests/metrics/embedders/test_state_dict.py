import zipfile

import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics.embedders.state_dict import file_sha256, read_state_dict
from tests.metrics.embedders.random_weights import (
    mapping,
    pickled,
    tensor,
    write_legacy_pth,
    write_pth,
)

STATE = {
    "a.weight": np.arange(12, dtype="float32").reshape(3, 4),
    "a.bias": np.array([1.5, -2.0], "float32"),
    "a.num_batches_tracked": np.array(7),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.pth"


def write_zip(path, pickle, numbers=b""):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle)
        archive.writestr("archive/data/0", numbers)


@pytest.mark.parametrize("write", [write_pth, write_legacy_pth])
def test_both_formats(path, write):
    write(path, STATE)
    read = read_state_dict(path)
    assert list(read) == list(STATE)
    for key, array in STATE.items():
        assert read[key].dtype == array.dtype
        np.testing.assert_array_equal(read[key], array)


def test_tensors_are_strided_views(path):
    array = STATE["a.weight"]
    write_zip(path, mapping({"x": tensor("0", array.T)}), array.tobytes())
    np.testing.assert_array_equal(read_state_dict(path)["x"], array.T)


@pytest.mark.parametrize("in_zip", [True, False])
@pytest.mark.parametrize(
    "function", ["os system", "builtins exec", "torch.hub load", "posix system"]
)
def test_code_is_refused_and_does_not_run(path, in_zip, function):
    touched = path.with_name("touched")
    module, name = function.split()
    argument = f"open({str(touched)!r}, 'w')" if name == "exec" else f"touch {touched}"
    call = f"c{module}\n{name}\n".encode() + pickled((argument,)) + b"R"
    if in_zip:
        write_zip(path, mapping({"x": call}))
    else:
        path.write_bytes(mapping({"x": call}))
    with pytest.raises(InputError, match=f"asks for {module}.{name}, which no state dict needs"):
        read_state_dict(path)
    assert not touched.exists()


def test_a_storage_cannot_name_code(path):
    storage = pickled(("storage", b"cos\nsystem\n", "0", "cpu", 1)) + b"Q"
    write_zip(path, b"\x80\x02" + storage + b".")
    with pytest.raises(InputError, match=r"asks for os\.system"):
        read_state_dict(path)


@pytest.mark.parametrize("write", [write_pth, write_legacy_pth])
def test_a_truncated_file_is_named_with_its_hash(path, write):
    write(path, STATE)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=f"state.pth, SHA-256 {file_sha256(path)}: "):
        read_state_dict(path)


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"PK\x03\x04", b"\x80\x02K\x01."])
def test_other_files(path, content):
    path.write_bytes(content)
    with pytest.raises(InputError, match="must be a whole state dict"):
        read_state_dict(path)


def test_no_tensor_reaches_beyond_its_numbers(path):
    array = STATE["a.bias"]
    write_zip(path, mapping({"x": tensor("0", array)}), array.tobytes()[:4])
    with pytest.raises(InputError, match="cut short"):
        read_state_dict(path)
    for offset in (1, -1):
        write_zip(path, mapping({"x": tensor("0", array, offset=offset)}), array.tobytes())
        with pytest.raises(InputError, match="outside its numbers"):
            read_state_dict(path)


def test_not_a_dict_or_not_there(path):
    write_zip(path, b"\x80\x02K\x01.")
    with pytest.raises(InputError, match="holds a int, not a dict"):
        read_state_dict(path)
    with pytest.raises(InputError, match="must exist"):
        read_state_dict(path.with_name("missing.pth"))
