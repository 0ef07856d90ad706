"""`keras-gans describe`."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans
from keras_gans import cli
from keras_gans.cli import describe, memory
from keras_gans.errors import InputError
from tests.cli.commands import refused

pytestmark = pytest.mark.usefixtures("in_folder")

WORDS = ["describe", "dcgan", "--image-size", "24x16", "--channels", "1", "--set", "filters=4"]


def test_says_what_a_method_costs(capsys):
    assert cli.main([*WORDS, "--batch-size", "4"]) == 0
    out = capsys.readouterr().out
    assert "DCGAN (Radford 2016), images of 24x16 pixels, 1 channel:" in out
    assert re.search(r"generator +[\d,]+ parameters +[\d.]+ million multiply-adds an image", out)
    assert re.search(r"memory: .* for the program and .* for each image of a batch", out)
    assert re.search(r"a step on 4 images in float32: [\d,]+ ms here, [\d,]+ images a second", out)


def test_parameters_are_what_learns(capsys):
    """Noise pictures are kept with a generator, and are none."""
    words = ["describe", "stylegan2", "--image-size", "16", "--channels", "1", "--batch-size", "2"]
    words += ["--set", "filters=2", "--set", "max_filters=2", "--set", "latent_dim=2"]
    assert cli.main(words) == 0
    generator = keras_gans.StyleGAN2(
        image_shape=(16, 16, 1), latent_dim=2, filters=2, max_filters=2
    ).generator
    learned = sum(int(np.prod(variable.shape)) for variable in generator.trainable_variables)
    assert learned < generator.count_params() - 16 * 16
    assert re.search(rf"generator +{learned:,} parameters", capsys.readouterr().out)


def test_methods_that_can_do_without_labels_take_them(capsys):
    words = ["describe", "r3gan", "--image-size", "16", "--channels", "1", "--batch-size", "4"]
    words += ["--precision", "float32", "--set", "width=4", "--set", "latent_dim=4"]
    assert cli.main(words) == 0
    sizes = [re.search(r"generator +([\d,]+)", capsys.readouterr().out).group(1)]
    assert cli.main([*words, "--set", "num_classes=3"]) == 0
    sizes.append(re.search(r"generator +([\d,]+)", capsys.readouterr().out).group(1))
    assert sizes[0] != sizes[1]


def test_what_does_not_fit_is_refused_with_what_fits(monkeypatch, capsys):
    monkeypatch.setattr(memory, "measured", lambda *arguments: (2**30, 2**26))
    monkeypatch.setattr(memory, "free", lambda: 2**31 / 0.9)
    message = refused([*WORDS, "--batch-size", "64"], capsys)
    assert "must fit into memory, of which 2.0 GiB are left" in message
    assert "one that needs 5.0 GiB; `--batch-size 16` fits" in message
    assert "gradient_accumulation_steps=4" in message


def test_large_images_are_not_measured(capsys):
    words = ["describe", "dcgan", "--image-size", "512", "--precision", "float32"]
    words += ["--set", "filters=[1,1,1,1,1,1,1]"]
    assert cli.main(words) == 0
    assert "A step is measured up to 256 pixels" in capsys.readouterr().out


def test_what_is_larger_is_estimated(monkeypatch, capsys):
    """From half the sides, or a quarter as here: 26x40 would be nearest, and is no size."""
    monkeypatch.setattr(describe, "MEASURED", 40)
    monkeypatch.setattr(describe.memory, "check_fits", lambda *arguments: (2**20, 2**20))
    monkeypatch.setattr(memory, "peak", lambda: 0)
    monkeypatch.setattr("keras_gans.cli.pace.seconds_per_step", lambda *arguments: 0.1)
    monkeypatch.setattr(describe, "multiply_adds", lambda network: np.prod(network.input_shape[1:]))
    words = ["--image-size", "96x64", "--batch-size", "4", "--precision", "float32"]
    assert cli.main([*WORDS, *words, "--set", "latent_dim=64"]) == 0
    out = capsys.readouterr().out
    assert "1 MiB for the program and 16 MiB for each image of a batch" in out
    milliseconds = 100 * (64 + 64 * 96) / (64 + 16 * 24)
    assert f"in float32: {milliseconds:,.0f} ms as estimated from 24x16" in out
    monkeypatch.setattr(memory, "free", lambda: 50 * 2**20 / 0.9)
    message = refused([*WORDS, *words, "--set", "latent_dim=64"], capsys)
    assert "needs 65 MiB; `--batch-size 3` fits" in message


def test_the_memory_is_that_of_the_steps_that_were_timed_where_they_take_more(monkeypatch, capsys):
    monkeypatch.setattr(memory, "check_fits", lambda *arguments: (2**30, 2**20))
    monkeypatch.setattr("keras_gans.cli.pace.seconds_per_step", lambda *arguments: 0.1)
    monkeypatch.setattr(memory, "peak", lambda: 2**30 + 2**27)
    assert cli.main([*WORDS, "--batch-size", "4"]) == 0
    out = capsys.readouterr().out
    assert "1.0 GiB for the program and 32 MiB for each image of a batch" in out
    assert "images a second, 1.1 GiB" in out


@pytest.mark.parametrize(("separate", "images"), [("False", 4), ("True", 8)])
def test_a_step_takes_as_many_batches_as_in_training(separate, images, monkeypatch, capsys):
    """Those of small steps, whose memory is known first, and of the steps that are timed."""
    taken, take_step = [], keras_gans.DCGAN.train_step

    def train_step(model, data):
        tf.py_function(lambda count: taken.append(int(count)), [tf.shape(data[0])[0]], [])
        return take_step(model, data)

    monkeypatch.setattr(keras_gans.DCGAN, "train_step", train_step)
    words = ["--batch-size", "4", "--set", f"separate_batches={separate}"]
    assert cli.main([*WORDS, *words]) == 0
    assert taken[:4] == [images // 4, images // 4, images // 2, images // 2]
    assert set(taken[4:]) == {images}
    assert f"a step on {images} images" in capsys.readouterr().out


def test_the_shorter_side_says_which_settings_hold(monkeypatch, capsys):
    monkeypatch.setattr(describe.memory, "check_fits", lambda *arguments: (2**20, 2**20))
    monkeypatch.setattr(memory, "peak", lambda: 0)
    monkeypatch.setattr("keras_gans.cli.pace.seconds_per_step", lambda *arguments: 0.1)
    monkeypatch.setattr("keras_gans.cli.pace.bfloat16_gain", lambda: 9.0)
    assert cli.main([*WORDS, "--image-size", "64x32"]) == 0
    assert "a step on 64 images in float32" in capsys.readouterr().out


@pytest.mark.parametrize("classes", ["ten", "2.5"])
def test_classes_are_counted(classes, capsys):
    words = ["describe", "stylegan2", "--set", f"num_classes={classes}"]
    assert "`num_classes` must be an integer of at least 1" in refused(words, capsys)


def test_translators_are_refused(capsys):
    assert "make images from latents. Received: pix2pix" in refused(["describe", "pix2pix"], capsys)


def test_multiply_adds_are_those_of_the_layers():
    images = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(5, 3, padding="same", use_bias=False)(images)
    x = keras.layers.Dense(7, use_bias=False)(keras.layers.Flatten()(x))
    expected = 9 * 3 * 5 * 64 + 5 * 64 * 7
    assert describe.multiply_adds(keras.Model(images, x)) == pytest.approx(expected, rel=0.01)


def test_networks_that_grow_are_measured_at_their_full_size(capsys):
    words = ["describe", "progressive_gan", "--image-size", "16", "--batch-size", "2"]
    sizes = ["--set", "filters=4", "--set", "max_filters=8", "--set", "latent_dim=8"]
    assert cli.main([*words, *sizes]) == 0
    line = next(x for x in capsys.readouterr().out.splitlines() if "discriminator" in x)
    # Two convolutions at 16 pixels alone are 0.07 million; at 4 pixels all are 0.01.
    assert float(line.split()[3]) > 0.07


def test_what_fits_can_be_cut_into_updates(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 1000 / 0.9)
    for parts, advice in ((1, "`--batch-size 10` fits"), (4, "`--batch-size 8` fits, .*steps=2")):
        with pytest.raises(InputError, match=advice):
            memory.check_room(0, 100, 16, parts)
    with pytest.raises(InputError, match="a smaller size may fit"):
        memory.check_room(0, 100, 16, 16)


@pytest.mark.parametrize(
    ("batch_size", "updates", "counts"),
    [(1, (1,), (1, 2)), (16, (1,), (2, 4)), (64, (1,), (8, 16)), (8, (1, 4), (4, 8))],
)
def test_few_images_of_a_batch_are_measured(batch_size, updates, counts, monkeypatch):
    """A quarter, but two at least, between which the memory differs, in whole parts of it."""

    class Model:
        pass

    model, seen = Model(), []
    model.updates = updates

    def peaks(model, specs, wanted):
        seen.append(wanted)
        return [1000 + 7 * count for count in wanted]

    monkeypatch.setattr(memory, "peaks", peaks)
    assert memory.measured(model, (), batch_size) == (1000, 7)
    assert seen == [tuple(count for count in counts for _ in range(2))]
