"""Label maps in `pairs`, and their colours."""

import numpy as np
import pytest
from PIL import Image

import keras_gans as kg
from keras_gans.data.label_maps import read_label_maps, to_labels
from keras_gans.errors import InputError
from keras_gans.pictures import save_image

COLORS = ["#ff0000", "#000080", "#00ff00"]
RGB = np.array([[255, 0, 0], [0, 0, 128], [0, 255, 0]], "uint8")


@pytest.fixture
def maps():
    return np.random.default_rng(0).integers(0, 3, (6, 16, 16, 1)).astype("uint8")


def labels_of(batch):
    values = (np.asarray(batch) + 1) * 127.5
    np.testing.assert_allclose(values, values.round(), atol=1e-4)
    return values.round().astype(int)


@pytest.mark.parametrize("size", [None, 8, 24])
def test_labels_are_never_mixed(maps, size):
    images = np.repeat(80 * maps, 3, axis=-1)
    data = kg.data.pairs(maps, images, labels=3, image_size=size, jitter=True, batch_size=6)
    assert (data.num_labels, data.palette) == (3, None)
    a, b = next(iter(data))
    assert set(np.unique(labels_of(a))) == {0, 1, 2}
    # Images are: their values lie between.
    assert len(np.unique(np.asarray(b).round(3))) > 3


def test_maps_and_images_are_cropped_and_mirrored_alike():
    blocks = np.random.default_rng(0).integers(0, 2, (40, 4, 4, 1)).astype("uint8")
    maps = blocks.repeat(8, axis=1).repeat(8, axis=2)
    images = np.repeat(255 * maps, 3, axis=-1)
    options = dict(labels=2, batch_size=40, shuffle=False)
    (plain, _), (a, b) = (
        next(iter(kg.data.pairs(maps, images, **options, **more)))
        for more in ({}, {"jitter": True, "flip": True})
    )
    assert (labels_of(a) != labels_of(plain)).any(axis=(1, 2, 3)).mean() > 0.9
    # One pixel beside it, or mirrored alone, far more would differ.
    assert (labels_of(a) == (np.asarray(b)[..., :1] > 0)).mean() > 0.97


@pytest.mark.parametrize("size", [None, 8])
def test_indexed_files_have_their_indices_for_labels(maps, tmp_path, size):
    for number, one in enumerate(maps):
        indexed = Image.fromarray(one[..., 0], "P")
        # Grey comes first, two indices have one colour, and one is transparent.
        indexed.putpalette([9, 9, 9, 200, 0, 0, 200, 0, 0])
        for name, file in (("maps", indexed), ("grey", Image.fromarray(one[..., 0]))):
            (tmp_path / name).mkdir(exist_ok=True)
            options = {"transparency": 1} if file is indexed else {}
            file.save(tmp_path / name / f"{number}.png", **options)
    found, expected = (
        read_label_maps(tmp_path / name, 3, size).images for name in ("maps", "grey")
    )
    assert found.shape[-1] == 1
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(InputError, match=r"values 0 to 1, .* Received: 2 in \S*maps"):
        read_label_maps(tmp_path / "maps", 2)


def test_labels_of_16_bits_are_refused(tmp_path):
    Image.fromarray(np.full((16, 16), 3, "uint16")).save(tmp_path / "map.png")
    with pytest.raises(InputError, match=r"have 8 bits for each value.*1 with 16 bits.*map\.png"):
        read_label_maps(tmp_path, 5)


def test_colours_become_labels(maps, tmp_path):
    for number, one in enumerate(maps):
        save_image(tmp_path / "maps" / f"{number}.png", RGB[one[..., 0]])
        save_image(tmp_path / "photos" / f"{number}.png", np.repeat(80 * one, 3, axis=-1))
        beside = np.concatenate([np.repeat(80 * one, 3, axis=-1), RGB[one[..., 0]]], axis=1)
        save_image(tmp_path / "beside" / f"{number}.png", beside)
    options = dict(labels=COLORS, batch_size=6)
    for data in (
        kg.data.pairs(tmp_path / "maps", tmp_path / "photos", **options),
        kg.data.pairs(tmp_path / "photos", tmp_path / "maps", swap=True, **options),
        kg.data.pairs(tmp_path / "beside", swap=True, **options),
        kg.data.pairs(RGB[maps[..., 0]], np.repeat(80 * maps, 3, axis=-1), **options),
    ):
        assert data.input_shape == (16, 16, 1)
        assert data.palette == RGB.tolist()
        a, b = next(iter(data))
        np.testing.assert_array_equal(80 * labels_of(a), labels_of(b[..., :1]))
    assert data.config["labels"] == RGB.tolist()


def test_grey_levels_in_files_of_colours_are_labels(maps):
    np.testing.assert_array_equal(to_labels(np.repeat(maps, 3, axis=-1), 3), maps)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (2, "values 0 to 1, one for each label. Received: 2 in image 0 of arrays"),
        (0, "`labels`"),
        (300, "`labels`"),
        (["#ff00"], "three whole numbers from 0 to 255. Received: '#ff00'"),
        ([(0, 0, 300)], "from 0 to 255"),
        (["#ff0000", (255, 0, 0)], "Received: #ff0000 twice"),
        ([], "Received: 0 colours"),
    ],
)
def test_bad_labels(maps, labels, words):
    with pytest.raises(InputError, match=words):
        kg.data.pairs(maps, np.repeat(maps, 3, axis=-1), labels=labels)


def test_colours_of_no_label_are_named(maps):
    colored = RGB[maps[..., 0]]
    colored[4, 2, 3] = (1, 2, 3)
    with pytest.raises(InputError, match="Received: #010203 in image 4 of arrays"):
        kg.data.pairs(colored, colored, labels=COLORS)
    with pytest.raises(InputError, match="need the colours of the labels"):
        kg.data.pairs(colored, colored, labels=3)


def test_files_of_other_labels_are_named(maps, tmp_path):
    for number, image in enumerate(maps):
        for kind, pixels in (("maps", image), ("scenes", image), ("both", np.hstack([image] * 2))):
            save_image(tmp_path / kind / f"{number}.png", pixels)
    wrong = int((maps == 2).any(axis=(1, 2, 3)).argmax())
    for sources in ((tmp_path / "maps", tmp_path / "scenes"), (tmp_path / "both",)):
        with pytest.raises(InputError, match=rf"Received: 2 in {sources[0]}/{wrong}.png"):
            kg.data.pairs(*sources, labels=2)


def test_a_gaugan_takes_them_from_the_data_and_reads_colours(maps):
    colored = RGB[maps[..., 0]]
    options = {"filters": 2, "hidden": 4, "latent_dim": 4, "doublings": 1, "blocks": 0}
    options |= {"patch_depth": 1, "scales": 1}
    gan = kg.GauGAN.from_data(kg.data.pairs(colored, colored, labels=COLORS), **options)
    assert gan.num_labels == 3
    again = kg.GauGAN.from_config(gan.get_config())
    assert again.palette == RGB.tolist()
    np.testing.assert_array_equal(gan.translate(colored), gan.translate(maps))
    np.testing.assert_array_equal(gan.translate([colored[0]])[0], gan.translate(maps[:1])[0])
    np.testing.assert_array_equal(gan.as_input(colored[0], "a"), maps[0])
    with pytest.raises(InputError, match="--labels"):
        kg.GauGAN.from_data(kg.data.pairs(maps, colored), **options)
