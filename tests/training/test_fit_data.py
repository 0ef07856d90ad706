"""What `fit` makes of each kind of data: whole steps of fresh batches, checked before they move."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import mlp
from tests.contract import two_replicas

POINTS = np.arange(56, dtype="float32").reshape(28, 2)


def points_gan(**options):
    networks = mlp.generator((2,), 3, (8,), None, seed=0), mlp.discriminator((2,), (8,), seed=0)
    gan = kg.GAN(*networks, **options)
    gan.compile(run_eagerly=True)
    return gan


def images_gan(classes=None):
    if classes:
        gan = kg.ConditionalGAN(image_shape=(16, 16, 1), num_classes=classes, filters=2)
    else:
        gan = kg.GAN(image_shape=(16, 16, 1), latent_dim=2)
    gan.compile(run_eagerly=True)
    return gan


class Batches(keras.utils.PyDataset):
    def __init__(self, points, size):
        super().__init__()
        self.points, self.size = points, size

    def __len__(self):
        return len(self.points) // self.size

    def __getitem__(self, index):
        return self.points[index * self.size : (index + 1) * self.size]


def generator(points, size):
    yield from (points[start : start + size] for start in range(0, len(points), size))


def kinds(points, size):
    return {
        "array": (points, {"batch_size": size, "shuffle": False}),
        "data set": (tf.data.Dataset.from_tensor_slices(points).batch(size), {}),
        "PyDataset": (Batches(points, size), {}),
        "generator": (generator(points, size), {}),
    }


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras' word on generators.
@pytest.mark.parametrize("kind", kinds(POINTS, 4))
def test_each_critic_update_sees_one_whole_batch(kind):
    """28 points in batches of 4 are 7 batches, or two steps of three; the last is left over."""
    gan = points_gan(discriminator_steps=3)
    seen, update = [], gan.update_discriminator

    def spy(real, *rest):
        seen.append(real.numpy())
        update(real, *rest)

    gan.update_discriminator = spy
    data, options = kinds(POINTS, 4)[kind]
    gan.fit(data, verbose=0, **options)
    assert [len(batch) for batch in seen] == [4] * 6
    assert gan.steps_done == 2
    # Slices are taken in turn, so that those of two replicas together are those of one device.
    np.testing.assert_array_equal(sorted(np.concatenate(seen)[:, 0]), POINTS[:24, 0])


# How much a generator gives is known only when it is spent.
@pytest.mark.parametrize("kind", ["array", "data set", "PyDataset"])
def test_too_little_for_one_step_is_refused_before_anything_moves(kind):
    gan = points_gan(discriminator_steps=5)
    before = [v.numpy() for v in gan.variables]
    data, options = kinds(POINTS[:16], 4)[kind]
    with pytest.raises(InputError, match=r"A step takes 5 (x 4 images|batches)"):
        gan.fit(data, verbose=0, **options)
    assert all(np.array_equal(old, v.numpy()) for old, v in zip(before, gan.variables, strict=True))


def test_the_last_short_batch_of_an_array_is_left_out():
    gan = points_gan(discriminator_steps=5)
    with pytest.raises(InputError, match=r"A step takes 5 x 2 images"):
        gan.fit(POINTS[:7], batch_size=2, verbose=0)
    gan.fit(POINTS[:7], verbose=0)
    assert gan.steps_done == 1, "without `batch_size`, five updates of one point each"
    gan = points_gan()
    gan.fit(POINTS[:7], batch_size=3, verbose=0)
    assert gan.steps_done == 2


def test_a_short_last_batch_of_a_data_set_may_cost_a_step():
    gan = points_gan(discriminator_steps=2)
    data = tf.data.Dataset.from_tensor_slices(POINTS[:7]).batch(2)  # Four batches, the last of one.
    gan.fit(data, epochs=2, verbose=0)
    assert gan.steps_done == 2


def test_arrays_are_shuffled_anew_in_every_epoch_and_go_on_where_they_were_left():
    seen = []

    class Spy(kg.GAN):
        def prepare(self, images):
            seen.append(images.numpy()[:, 0].tolist())
            return images

    def run(*epochs):
        networks = mlp.generator((2,), 3, (8,), None), mlp.discriminator((2,), (8,))
        gan = Spy(*networks)
        gan.compile(run_eagerly=True)
        seen.clear()
        for count in epochs:
            gan.fit(POINTS, batch_size=7, epochs=count, verbose=0)
        return np.reshape(seen, (-1, 28)).tolist()

    first, second = run(2)
    assert sorted(first) == sorted(second) == POINTS[:, 0].tolist()
    assert first != second
    assert run(1, 1) == [first, second], "a second call goes on"


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((8, 16, 16, 1), "uint8"), r"uint8"),
        (np.full((8, 16, 16, 1), 200.0, "float32"), r"\[-1, 1\].*200"),
        (np.full((8, 16, 16, 1), np.nan, "float32"), r"nan"),
        (np.zeros((8, 16, 16, 3), "float32"), r"\(N, 16, 16, 1\)"),
        (np.zeros((8, 16, 16), "float32"), r"\(N, 16, 16, 1\)"),
        ("digits", r"str"),
        ([np.zeros((8, 16, 16, 1), "float32")], r"list"),
    ],
)
@pytest.mark.parametrize("as_dataset", [False, True])
def test_what_cannot_be_trained_on_is_one_sentence(images, message, as_dataset):
    gan = images_gan()
    if as_dataset:
        if not isinstance(images, np.ndarray):
            return
        images = tf.data.Dataset.from_tensor_slices(images).batch(4)
    with pytest.raises(InputError, match=message):
        gan.fit(images, verbose=0)
    assert gan.steps_done == 0


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, r"\(images, labels\)"),
        (np.zeros(7, int), "one label for each image"),
        (np.full(8, 3), r"from 0 to 2"),
        (np.zeros(8), r"integers"),
    ],
)
def test_labels_are_checked(labels, message):
    gan = images_gan(classes=3)
    with pytest.raises(InputError, match=message):
        gan.fit(np.zeros((8, 16, 16, 1), "float32") - 0.5, labels, verbose=0)


def test_two_checkpoints_and_uncompiled_models_are_refused(tmp_path):
    gan = points_gan()
    saving = [kg.callbacks.Checkpoint(tmp_path / name) for name in "ab"]
    with pytest.raises(InputError, match=r"takes one `Checkpoint`\. Received: 2"):
        gan.fit(POINTS, callbacks=saving, verbose=0)
    gan = kg.GAN(image_shape=(4, 4, 1))
    with pytest.raises(InputError, match="must be compiled before"):
        gan.fit(np.zeros((8, 4, 4, 1), "float32") - 0.5)


class KilledError(Exception):
    pass


class KillAt(keras.callbacks.Callback):
    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_begin(self, batch, logs=None):
        if self.model.steps_done == self.step:
            raise KilledError


def test_an_epoch_that_was_begun_keeps_its_number_of_steps(tmp_path):
    def run(steps, *callbacks, epochs=1):
        gan = points_gan()
        saving = kg.callbacks.Checkpoint(tmp_path, every_steps=1, resume=True)
        options = {"steps_per_epoch": steps, "epochs": epochs, "verbose": 0}
        gan.fit(POINTS, batch_size=4, callbacks=[*callbacks, saving], **options)
        return gan.steps_done

    with pytest.raises(KilledError):
        run(6, KillAt(4))
    before = {path: path.read_bytes() for path in tmp_path.glob("*.npz")}
    for steps in (2, 5, None):
        rule = rf"the same `steps_per_epoch`\. Received: {steps or 7}, and 6 before\."
        with pytest.raises(InputError, match=rule):
            run(steps)
    assert {path: path.read_bytes() for path in tmp_path.glob("*.npz")} == before
    assert run(6) == 6
    assert run(2, epochs=3) == 10, "an epoch that is to begin is free"


def test_validation_data_may_be_arrays():
    gan = points_gan()
    history = gan.fit(POINTS, batch_size=4, validation_data=(POINTS, None), verbose=0).history
    assert np.isfinite(history["val_generator_loss"]).all()


@pytest.mark.parametrize("derive", ["map", "take", "repeat"])
def test_a_derived_data_set_trains_and_says_that_it_begins_anew(derive, tmp_path, capsys):
    data = kg.data.load("ring", count=64, batch_size=8)
    data = {"map": data.map(lambda x: 2 * x), "take": data.take(4), "repeat": data.repeat(2)}[
        derive
    ]
    gan = points_gan()
    gan.fit(data, verbose=0, callbacks=[kg.callbacks.Checkpoint(tmp_path)])
    assert gan.steps_done == {"map": 8, "take": 4, "repeat": 16}[derive]
    assert "its data begin anew" in capsys.readouterr().out


def test_images_whose_size_the_graph_does_not_know():
    """As those of files that `tf.data` decodes; changes of images ask for it."""
    gan = kg.DCGAN(image_shape=(16, 16, 1), filters=2, augmentation="translation")
    gan.compile()
    images = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 1)).astype("float32")
    spec = tf.TensorSpec((None, None, None, 1))
    data = tf.data.Dataset.from_generator(lambda: iter([images, images]), output_signature=spec)
    gan.fit(data.repeat(), steps_per_epoch=2, verbose=0)
    assert gan.steps_done == 2


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Of an unknown number of batches.
def test_no_replica_is_left_without_images():
    images = np.random.default_rng(0).uniform(-1, 1, (9, 16, 16, 1)).astype("float32")
    with two_replicas().scope():
        gan = kg.DCGAN(image_shape=(16, 16, 1), filters=2)
        gan.compile()
    # The second replica would get nothing of the ninth image.
    data = tf.data.Dataset.from_tensor_slices(images).batch(4)
    logs = gan.fit(data, verbose=0, validation_data=(images,), validation_batch_size=4).history
    assert gan.steps_done == 3
    assert "val_generator_loss" in logs
    unknown = data.filter(lambda x: True)
    validation = {"validation_data": (images, None), "validation_batch_size": 4}
    more = gan.fit(unknown, verbose=0, **validation).history
    logs |= {f"later_{name}": values for name, values in more.items()}
    assert "later_val_generator_loss" in logs
    assert all(np.isfinite(values).all() for values in logs.values())
    assert all(np.isfinite(weight).all() for weight in gan.get_weights())


def test_images_may_be_of_any_floating_type():
    images = np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1))
    for make in (kg.WGANGP, kg.DRAGAN):
        gan = make(image_shape=(16, 16, 1), filters=2, discriminator_steps=1, instance_noise=0.1)
        gan.compile(run_eagerly=True)
        gan.fit(tf.data.Dataset.from_tensor_slices(images).batch(4), verbose=0)
        assert gan.steps_done == 2


def test_networks_of_ones_own_may_end_in_half_precision():
    images = np.full((4, 4, 4, 1), -0.5, "float32")
    latents = keras.Input((3,))
    x = keras.layers.Dense(16, "tanh", dtype="mixed_bfloat16")(latents)
    x = keras.layers.Reshape((4, 4, 1), dtype="mixed_bfloat16")(x)
    discriminator = mlp.discriminator((4, 4, 1), (8,))
    gan = kg.WGANGP(keras.Model(latents, x), discriminator, discriminator_steps=1)
    gan.compile(run_eagerly=True)
    gan.fit(images, batch_size=2, verbose=0)
    assert gan.steps_done == 2


def test_weights_of_images_are_refused():
    gan, images = images_gan(3), np.zeros((4, 16, 16, 1), "float32")
    labels = np.arange(4) % 3
    with pytest.raises(InputError, match="All images weigh alike, without `class_weight`"):
        gan.fit(images, labels, class_weight={0: 2.0})
    data = tf.data.Dataset.from_tensor_slices((images, labels, np.ones(4))).batch(2)
    with pytest.raises(InputError, match="Received: three parts"):
        gan.fit(data)


def test_epochs_are_the_fourth_argument_as_of_keras_models():
    gan = points_gan()
    assert len(gan.fit(POINTS, None, 14, 3, verbose=0).epoch) == 3


def test_several_steps_at_once_do_not_lengthen_an_epoch():
    gan = points_gan()
    gan.compile(steps_per_execution=3)
    gan.fit(POINTS, batch_size=4, epochs=2, verbose=0)
    assert gan.steps_done == 12, "of 7 batches, twice"


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_generators_may_give_lists():
    gan, images = images_gan(3), np.full((4, 16, 16, 1), -0.5, "float32")
    gan.fit(([images, np.arange(4) % 3] for _ in range(2)), verbose=0)
    assert gan.steps_done == 2


def test_a_py_dataset_hears_of_each_epoch():
    begun = []

    class Told(Batches):
        def on_epoch_begin(self):
            begun.append("epoch")

    points_gan(discriminator_steps=2).fit(Told(POINTS, 4), epochs=2, verbose=0)
    assert begun == ["epoch", "epoch"]


def test_steps_that_were_to_be_passed_are_forgotten():
    gan = points_gan()
    gan._steps_to_pass = 5
    gan.fit(POINTS, batch_size=7, verbose=0)
    assert gan.steps_done == 4
