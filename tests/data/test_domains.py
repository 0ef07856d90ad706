from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.data import domains
from keras_gans.data.listing import Listing
from keras_gans.errors import InputError
from keras_gans.pictures import save_image


def numbered(count, first=0, size=8, channels=1):
    """Returns images that are told apart by their values."""
    values = np.arange(first, first + count, dtype="uint8")
    return values[:, None, None, None] * np.ones((1, size, size, channels), "uint8")


def numbers(images):
    return np.round((np.asarray(images)[:, 0, 0, 0] + 1) * 127.5).astype(int)


def epoch(data):
    pairs = list(data)
    return np.concatenate([numbers(a) for a, _ in pairs]), np.concatenate(
        [numbers(b) for _, b in pairs]
    )


def test_each_domain_has_its_own_order_and_the_smaller_begins_again():
    data = kg.data.unpaired(numbered(12), numbered(5, 100), batch_size=2)
    assert (len(data), data.image_shape, data.num_images) == (6, (8, 8, 1), 12)
    a, b = epoch(data)
    assert sorted(a) == list(range(12))
    assert sorted(b[:5]) == sorted(b[5:10]) == list(range(100, 105))
    assert b[:5].tolist() != b[5:10].tolist()
    again, _ = epoch(data)
    assert a.tolist() != again.tolist()


def test_many_turns_of_a_smaller_domain_are_one_operation(monkeypatch):
    calls, shuffle = [], tf.random.experimental.stateless_shuffle

    def counted(*arguments):
        calls.append(arguments)
        return shuffle(*arguments)

    monkeypatch.setattr(tf.random.experimental, "stateless_shuffle", counted)
    data = kg.data.unpaired(np.zeros((200, 8, 8, 1), "uint8"), numbered(3, 100), seed=4)
    made = [numbers(b)[0] for _, b in data.stream(200).take(9)]
    assert len(calls) < 5
    turns = [shuffle(tf.range(3, dtype="int64"), (4 + turn, 3)) for turn in range(3)]
    assert made == (100 + np.concatenate(turns)).tolist(), "of seed, turn and epoch"


def test_what_is_left_over_makes_no_batch():
    data = kg.data.unpaired(numbered(7), numbered(5, 100), batch_size=2, shuffle=False)
    a, b = epoch(data)
    assert a.tolist() == [0, 1, 2, 3, 4, 5]
    assert b.tolist() == [100, 101, 102, 103, 104, 100]


@pytest.mark.parametrize("options", [{}, {"jitter": True, "flip": True}])
def test_the_stream_goes_on_from_any_place(options):
    random = np.random.default_rng(0)
    a, b = (random.integers(0, 256, (count, 8, 8, 3)).astype("uint8") for count in (6, 9))
    data = kg.data.unpaired(a, b, batch_size=3, seed=4, **options)
    whole = list(data.stream(0).take(9))
    for first in (3, 9, 12):
        for one, other in zip(data.stream(first).take(2), whole[first // 3 :], strict=False):
            np.testing.assert_array_equal(one[0], other[0])
            np.testing.assert_array_equal(one[1], other[1])
    joined = next(iter(data.stream(3, 2)))
    np.testing.assert_array_equal(joined[0], np.concatenate([whole[1][0], whole[2][0]]))
    other = kg.data.unpaired(a, b, batch_size=3, seed=5, **options)
    assert not np.array_equal(next(iter(other.stream()))[0], whole[0][0])


def test_jitter_crops_an_enlarged_image_at_random_and_flip_mirrors():
    ramp = np.tile(np.linspace(20, 220, 32).astype("uint8"), (32, 1))[None, :, :, None]
    images = np.repeat(ramp, 200, axis=0)
    data = kg.data.unpaired(images, images, batch_size=200, jitter=True)
    a, b = next(iter(data))
    assert a.shape == (200, 32, 32, 1)
    left = np.asarray(a)[:, 16, 0, 0]
    # The ramp lies between the border and what is cropped of 36 pixels, at most four.
    assert len(np.unique(left.round(4))) == 5
    assert (np.asarray(a)[:, 16, -1, 0] - left > 1.2).all()
    assert not np.array_equal(left, np.asarray(b)[:, 16, 0, 0]), "each domain for itself"
    a, _ = next(iter(kg.data.unpaired(images, images, batch_size=200, flip=True)))
    rising = np.asarray(a)[:, 0, 0, 0] < 0
    assert 0.4 < rising.mean() < 0.6


def test_a_folder_with_both_domains(tmp_path):
    for split, count in (("train", 3), ("test", 2)):
        for domain, first in (("A", 10), ("B", 200)):
            folder = tmp_path / f"{split}{domain}"
            folder.mkdir()
            for number, image in enumerate(numbered(count, first)):
                save_image(folder / f"{number}.png", image)
    data = kg.data.unpaired(tmp_path)
    a, b = epoch(data)
    assert sorted(a) == [10, 11, 12]
    assert sorted(b) == [200, 201, 202]
    assert data.name == "trainA and trainB"
    assert kg.data.unpaired(tmp_path, split="test").num_images == 2
    with pytest.raises(InputError, match='"train" or "test"'):
        kg.data.unpaired(tmp_path, split="valid")


@pytest.mark.parametrize(("fewer", "more"), [(1, 3), (3, 4), (1, 4)])
def test_images_of_fewer_channels_get_those_of_the_others(fewer, more):
    both = numbered(4, channels=fewer), numbered(4, channels=more)
    for sources in (both, both[::-1]):
        with pytest.warns(UserWarning, match=f"{fewer} of the {more} channels of the others"):
            data = kg.data.unpaired(*sources)
        assert data.image_shape == data.input_shape == (8, 8, more)


def test_all_images_can_be_grey():
    assert kg.data.unpaired(numbered(4), numbered(4, channels=3), channels=1).image_shape[-1] == 1


@pytest.mark.parametrize(
    ("sources", "options", "words"),
    [
        ((numbered(4), numbered(4, size=16)), {}, "8x8 and arrays with 16x16"),
        ((numbered(4), numbered(2)), {"batch_size": 3}, "for 4 and 2 images"),
        ((numbered(4),), {}, "trainA and trainB.*ndarray"),
        (("nowhere",), {}, "without trainA and trainB"),
        ((numbered(4), numbered(4)), {"batch_size": 0}, "`batch_size`"),
        ((numbered(4), numbered(4)), {"split": "test"}, "for a folder with trainA.*: 'test'"),
    ],
)
def test_bad_input(sources, options, words):
    with pytest.raises(InputError, match=words):
        kg.data.unpaired(*sources, **options)


@pytest.mark.parametrize("load", [kg.data.unpaired, kg.data.pairs])
def test_points_are_neither_mirrored_nor_cropped(load):
    assert load("ring", "grid").image_shape == (2,)
    for option in ("flip", "jitter"):
        words = "`flip` and `jitter` need images. Received: ring and grid, which have points"
        with pytest.raises(InputError, match=words):
            load("ring", "grid", **{option: True})


def test_points_and_images_make_no_pairs():
    with pytest.raises(InputError, match="or both of points. Received: points in grid alone"):
        kg.data.pairs("shapes", "grid")


def test_the_configuration_tells_data_apart():
    configs = [
        kg.data.unpaired(numbered(4), numbered(4, first), **options).config
        for first, options in ((50, {}), (50, {}), (51, {}), (50, {"jitter": True}))
    ]
    assert configs[0] == configs[1]
    assert configs[0] != configs[2]
    assert configs[0] != configs[3]


def test_pairs_stay_together_and_are_changed_alike():
    random = np.random.default_rng(0)
    a = random.integers(0, 256, (30, 16, 16, 3)).astype("uint8")
    data = kg.data.pairs(a, 255 - a, batch_size=10, jitter=True, flip=True)
    assert (len(data), data.num_images) == (3, 30)
    seen = list(data.stream().take(6))
    for one, other in seen:
        np.testing.assert_allclose(one, -np.asarray(other), atol=1e-6)
    assert not np.array_equal(seen[0][0], seen[3][0])
    np.testing.assert_array_equal(next(iter(data.stream(20)))[0], seen[2][0])
    swapped, _ = next(iter(kg.data.pairs(a, 255 - a, swap=True, shuffle=False)))
    np.testing.assert_allclose(swapped[0], (255 - a[0]) / 127.5 - 1, atol=1e-6)


def test_files_of_two_folders_belong_together_by_their_names(tmp_path):
    for folder, suffix, first in (("labels", "png", 0), ("photos", "bmp", 100)):
        for number, image in enumerate(numbered(3, first)):
            save_image(tmp_path / folder / f"{number}.{suffix}", image)
    folders = tmp_path / "labels", tmp_path / "photos"
    a, b = epoch(kg.data.pairs(*folders))
    assert (b - a).tolist() == [100] * 3
    (tmp_path / "photos" / "1.bmp").rename(tmp_path / "photos" / "one.bmp")
    with pytest.raises(InputError, match="2 that have no other, such as 1, one"):
        kg.data.pairs(*folders)
    save_image(tmp_path / "photos" / "1.bmp", numbered(1)[0])
    save_image(tmp_path / "labels" / "one.png", numbered(1)[0])
    save_image(tmp_path / "labels" / "1.jpg", numbered(1)[0])
    with pytest.raises(InputError, match="1 that come twice, such as 1"):
        kg.data.pairs(*folders)


def test_pairs_of_synthetic_sources_follow_the_seed():
    first, second, again = (
        next(iter(kg.data.pairs("outlined_shapes", "shapes", seed=seed, shuffle=False)))[0]
        for seed in (0, 1, 1)
    )
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(second, again)


def test_a_folder_of_both_domains_may_begin_with_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for domain in "AB":
        (tmp_path / "both" / f"train{domain}").mkdir(parents=True)
        save_image(tmp_path / "both" / f"train{domain}" / "1.png", numbered(1)[0])
    assert kg.data.pairs("~/both").num_images == 1


@pytest.mark.parametrize("options", [{}, {"cache": False}, {"swap": True}, {"labels": 200}])
def test_files_belong_together_whatever_order_their_suffixes_give(tmp_path, options):
    for domain, suffix, first in (("a", "png", 0), ("b", "jpg", 100)):
        for stem, image in zip(("x", "x.k", "y"), numbered(3, first), strict=True):
            save_image(tmp_path / domain / f"{stem}.{suffix}", image)
    names = [[path.stem for path in sorted((tmp_path / domain).iterdir())] for domain in "ab"]
    assert names[0] != names[1]
    a, b = epoch(kg.data.pairs(tmp_path / "a", tmp_path / "b", **options))
    assert (np.abs(b - a) == 100).all()
    assert sorted(min(a, b, key=sum)) == [0, 1, 2]


def test_many_names_are_compared_at_once(monkeypatch):
    paths = {name: [Path(name, f"{k}.png") for k in range(20_000)] for name in "ab"}
    paths["b"].pop(7)
    monkeypatch.setattr(domains, "is_image_folder", lambda source: True)
    monkeypatch.setattr(domains, "list_images", lambda folder: Listing(paths[folder.name]))
    with pytest.raises(InputError, match="1 that have no other, such as 7"):
        kg.data.pairs("a", "b")


def test_a_split_is_one_of_a_folder_with_both():
    with pytest.raises(InputError, match="`split` is for a folder with trainA.* Received: 'test'"):
        kg.data.pairs("outlined_shapes", "shapes", split="test")


def test_pictures_with_both_sides(tmp_path):
    for number in range(3):
        sides = [numbered(1, first + number)[0] for first in (0, 100)]
        save_image(tmp_path / f"{number}.png", np.concatenate(sides, axis=1))
    data = kg.data.pairs(tmp_path, image_size=4)
    a, b = epoch(data)
    assert data.image_shape == (4, 4, 1)
    assert (b - a).tolist() == [100] * 3
    assert sorted(a) == [0, 1, 2]
    a, b = epoch(kg.data.pairs(tmp_path, swap=True))
    assert (a - b).tolist() == [100] * 3
    save_image(tmp_path / "odd" / "1.png", np.zeros((8, 9, 1), "uint8"))
    with pytest.raises(InputError, match="as wide on the left as on the right.*1.png with 9 pix"):
        kg.data.pairs(tmp_path / "odd")


def test_pictures_with_both_sides_of_several_sizes(tmp_path):
    for number, side in enumerate((8, 12)):
        sides = [numbered(1, first + number, side, 3)[0] for first in (0, 100)]
        save_image(tmp_path / f"{number}.png", np.concatenate(sides, axis=1))
    with pytest.raises(InputError, match="must have one size, unless `image_size` is given"):
        kg.data.pairs(tmp_path)
    data = kg.data.pairs(tmp_path, image_size=6)
    assert data.name == f"{tmp_path.name} (left) and {tmp_path.name} (right)"
    a, b = epoch(data)
    assert (b - a).tolist() == [100] * 2
    maps, _ = epoch(kg.data.pairs(tmp_path, image_size=6, labels=["#000000", "#010101"]))
    assert sorted(maps) == [0, 1]


def test_an_empty_domain_is_refused(tmp_path):
    for name in ("trainA", "trainB"):
        (tmp_path / name).mkdir()
    save_image(tmp_path / "trainA" / "1.png", numbered(1)[0])
    for load in (kg.data.unpaired, kg.data.pairs):
        with pytest.raises(InputError, match="must hold, .*Received: .*trainB"):
            load(tmp_path)


def test_pairs_of_other_forms_are_refused(tmp_path):
    for folder, (height, width) in (("a", (30, 42)), ("b", (32, 32)), ("c", (15, 21))):
        save_image(tmp_path / folder / "1.png", np.zeros((height, width, 1), "uint8"))
    words = r"of one form, .* Received: \S*a/1.png with 42x30 and \S*b/1.png with 32x32"
    with pytest.raises(InputError, match=words):
        kg.data.pairs(tmp_path / "a", tmp_path / "b", image_size=16)
    assert kg.data.pairs(tmp_path / "a", tmp_path / "b", image_size=16, fit="stretch").num_images
    assert kg.data.pairs(tmp_path / "a", tmp_path / "c", image_size=16).num_images == 1


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ((numbered(4), numbered(3)), "as many images of a as of b. Received: 4 and 3"),
        ((numbered(4), numbered(4, size=16)), "must have one size"),
        ((numbered(4),), "ndarray alone"),
        (("nowhere",), "Pairs are two sources, or one folder"),
    ],
)
def test_bad_pairs(sources, words):
    with pytest.raises(InputError, match=words):
        kg.data.pairs(*sources)
