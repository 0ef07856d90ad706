"""Models of runs that were stopped; the command's tests load the other forms.

The contract loads the checkpoints of every method.
"""

import json

import keras
import numpy as np
import pytest

from keras_gans import methods, models
from keras_gans.errors import InputError
from keras_gans.models.loading import (
    is_model,
    is_run,
    load_generator,
    load_model,
    read_keras_file,
)
from keras_gans.training import snapshot


def write_checkpoint(folder, model, step=7, **changes):
    """Writes what the callback `Checkpoint` does."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "model": {"class": type(model).__name__, **model.get_config(), **changes},
        "optimizers": model.get_compile_config(),
    }
    meta = {"step": step, "config": json.loads(json.dumps(config, default=str))}
    snapshot.write(snapshot.path_of(folder, step), snapshot.take(model), meta)


@pytest.mark.parametrize(
    "name", ["wgan_gp", "conditional_gan", "progressive_gan", "stylegan2", "cycle_gan", "vae"]
)
def test_a_checkpoint_gives_the_model_back(name, tmp_path, capsys):
    method = methods.METHODS[name]
    model = getattr(models, method.class_name)(image_shape=(16, 16, 1), **method.tiny)
    model.compile()
    model.step.assign(7)
    write_checkpoint(tmp_path / "checkpoints", model)
    loaded = load_model(tmp_path)
    assert type(loaded) is type(model)
    assert loaded.steps_done == 7
    assert np.array_equal(loaded.preview(8, seed=1)[0], model.preview(8, seed=1)[0])
    for player, optimizer in model.optimizers.items():
        assert loaded.optimizers[player].get_config() == optimizer.get_config()
    output = capsys.readouterr()
    assert output.err == f"{tmp_path} was not finished: this is its checkpoint of step 7.\n"
    assert not output.out


def test_a_run_that_was_resumed_and_stopped_is_as_far_as_its_last_checkpoint(tmp_path, capsys):
    model = models.DCGAN(image_shape=(16, 16, 1), filters=4)
    model.compile()
    model.step.assign(7)
    model.save(tmp_path / "model.keras")
    write_checkpoint(tmp_path / "checkpoints", model)
    assert load_model(tmp_path).steps_done == 7
    assert not capsys.readouterr().err
    model.step.assign(9)
    write_checkpoint(tmp_path / "checkpoints", model, step=9)
    assert load_model(tmp_path).steps_done == 9
    assert "was not finished: this is its checkpoint of step 9" in capsys.readouterr().err
    model.step.assign(8)
    write_checkpoint(tmp_path / "checkpoints", model, step=8)
    snapshot.path_of(tmp_path / "checkpoints", 9).write_bytes(b"cut off")
    assert load_model(tmp_path).steps_done == 8
    words = "this is its checkpoint of step 8; what came later "
    assert words + str(snapshot.path_of(tmp_path / "checkpoints", 9)) in capsys.readouterr().err
    snapshot.path_of(tmp_path / "checkpoints", 8).write_bytes(b"")
    assert load_model(tmp_path).steps_done == 7
    assert "this is the model of step 7; what came later " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["progressive_gan", "stylegan"])
def test_a_stopped_run_has_grown_as_far_as_it_had(name, tmp_path):
    method = methods.METHODS[name]
    model = getattr(models, method.class_name)(image_shape=(16, 16, 1), **method.tiny)
    model.compile()
    model.grow_up()
    write_checkpoint(tmp_path / "checkpoints", model)
    loaded = load_model(tmp_path)
    assert loaded.generator.level == model.generator.level == 2
    assert np.array_equal(loaded.generate(2), model.generate(2))


def test_what_is_no_model_of_this_package_is_refused(tmp_path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "x.keras")
    with pytest.raises(InputError, match="that `keras-gans list` shows. Received: a Sequential in"):
        load_model(tmp_path / "x.keras")


def test_what_is_a_run(tmp_path):
    assert not is_run(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    assert not is_run(tmp_path)
    (tmp_path / "checkpoints" / "step-000000007.npz").touch()
    assert is_run(tmp_path)
    assert is_model(tmp_path)
    assert is_model(tmp_path / "x.keras")
    assert not is_run(tmp_path / "x.keras")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"no\.keras \(there is no such file\)"):
        read_keras_file(tmp_path / "no.keras")
    (tmp_path / "bad.keras").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"bad\.keras \(it is damaged or of another format\)"):
        read_keras_file(tmp_path / "bad.keras")


def test_checkpoints_that_cannot_be_used(tmp_path):
    model = models.DCGAN(image_shape=(16, 16, 1), filters=4)
    model.compile()
    write_checkpoint(tmp_path / "a" / "checkpoints", model, **{"class": "OurGAN"})
    with pytest.raises(InputError, match="of this package.*a OurGAN"):
        load_model(tmp_path / "a")
    (tmp_path / "b" / "checkpoints").mkdir(parents=True)
    (tmp_path / "b" / "checkpoints" / "step-000000007.npz").write_bytes(b"half")
    with pytest.raises(InputError, match="must be whole.*is damaged"):
        load_model(tmp_path / "b")


def test_the_model_at_the_end_is_preferred(tmp_path, capsys):
    model = models.DCGAN(image_shape=(16, 16, 1), filters=4)
    model.compile()
    write_checkpoint(tmp_path / "checkpoints", model)
    model.step.assign(9)
    model.save(tmp_path / "model.keras")
    assert load_model(tmp_path).steps_done == 9
    assert isinstance(load_model(tmp_path / "model.keras"), keras.Model)
    assert not capsys.readouterr().err


def test_the_model_beside_a_saved_model_is_preferred(tmp_path):
    model = models.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2)
    model.save(tmp_path / "model.keras")
    (tmp_path / "saved_model.pb").touch()
    generator = load_generator(tmp_path)
    assert np.array_equal(generator.latents_of(3, seed=1), model.latents_of(3, seed=1))
    (tmp_path / "model.keras").unlink()
    with pytest.raises(InputError, match="A SavedModel must be whole. Received: "):
        load_generator(tmp_path)
