"""`keras-gans train cyclegan` and `keras-gans translate`."""

import json
import pathlib
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

import keras_gans as kg
from keras_gans import cli
from keras_gans.cli import memory
from keras_gans.pictures import save_image
from tests.cli.commands import images_folder, refused
from tests.data.test_decode import swapped_profile
from tests.metrics.full_disk import files_up_to

pytestmark = [
    pytest.mark.usefixtures("in_folder", "untraced"),
    pytest.mark.filterwarnings("ignore:Fewer than"),
]

GAUGAN = dict(filters=2, hidden=4, latent_dim=4, doublings=1, blocks=0, patch_depth=1, scales=1)
TINY = ["--set", "filters=2", "--set", "blocks=0", "--set", "depth=1", "--steps", "2"]


@pytest.fixture(scope="module")
def run(tmp_path_factory, untraced):
    """The run folder of a tiny CycleGAN of coloured images."""
    folder = tmp_path_factory.mktemp("translate")
    for name in ("horses", "zebras"):
        images_folder(folder / name, 4, (16, 16), "RGB")
    domains = ["--data-a", str(folder / "horses"), "--data-b", str(folder / "zebras")]
    assert cli.main(["train", "cyclegan", *domains, *TINY, "-o", str(folder / "run")]) == 0
    return folder / "run"


def picture(path, size=(20, 12), mode="RGB", **options):
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], len(mode)))
    image = Image.fromarray(pixels.astype("uint8").squeeze(), mode)
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return image


def opened(path):
    """Returns an image file that is in memory and closed."""
    with Image.open(path) as file:
        file.load()
        return file.copy()


def test_train_leaves_a_run_of_both_domains(run):
    config = json.loads((run / "config.json").read_text())
    assert config["batch_size"] == 1
    assert config["image_shape"] == [16, 16, 3]
    assert config["num_images"] == 4
    model = keras.saving.load_model(run / "model.keras")
    assert model.steps_done == 2
    assert opened(run / "grid.png").width > 8 * 48
    header = (run / "history.csv").read_text().splitlines()[0]
    assert "cycle_loss" in header


def test_domains_alone_choose_the_method_and_the_folders_name(monkeypatch, capsys):
    monkeypatch.setattr(memory, "check_fits", lambda *_: None)  # Takes steps, after compiling.
    for name in ("trainA", "trainB"):
        images_folder(f"photos/{name}", 3, (16, 16))
    assert cli.main(["train", "--data", "photos", *TINY, "--dry-run"]) == 0
    output = capsys.readouterr().out
    assert "Method: cycle_gan, since the folder has the domains" in output
    assert "this would be runs/cycle_gan-photos." in output
    domains = ["--data-a", "photos/trainA", "--data-b", "photos/trainB"]
    assert cli.main(["train", *domains, *TINY, "--dry-run"]) == 0
    output = capsys.readouterr().out
    assert "Method: cycle_gan, since the images are of two domains" in output
    assert "this would be runs/cycle_gan-trainA-trainB." in output


def test_a_run_goes_on(run, capsys):
    shutil.copytree(run, "out")
    domains = ["--data-a", str(run.parent / "horses"), "--data-b", str(run.parent / "zebras")]
    words = ["train", "cyclegan", *domains, "-o", "out", *TINY[:-1]]
    assert cli.main([*words, "3", "--resume"]) == 0
    assert "Use it with: keras-gans translate out IMAGES" in capsys.readouterr().out
    assert keras.saving.load_model("out/model.keras").steps_done == 3
    assert "--jitter: False then, True now" in refused(
        [*words, "4", "--resume", "--jitter"], capsys
    )


def test_unets_are_an_option_of_train(run):
    domains = ["--data-a", str(run.parent / "horses"), "--data-b", str(run.parent / "zebras")]
    words = ["train", "cyclegan", *domains, "-o", "unets", *TINY[:-1], "1"]
    assert cli.main([*words, "--set", "architecture=unet"]) == 0
    picture("one.png", (30, 17))
    assert cli.main(["translate", "unets", "one.png", "-o", "out"]) == 0
    assert opened("out/one.png").size == (30, 17)
    assert keras.saving.load_model("unets/model.keras").size_step == 16


def test_files_and_folders_keep_names_and_sizes(run, capsys):
    picture("one.jpg", (17, 30))
    picture("photos/two.png", mode="L")
    picture("photos/three.bmp")
    assert cli.main(["translate", str(run), "one.jpg", "photos", "-o", "out"]) == 0
    assert "Wrote 3 images to out." in capsys.readouterr().out
    made = {str(path): opened(path) for path in sorted(pathlib.Path("out").rglob("*.*"))}
    assert {name: image.size for name, image in made.items()} == {
        "out/one.jpg": (17, 30),
        "out/three.bmp": (20, 12),
        "out/two.png": (20, 12),
    }
    model = keras.saving.load_model(run / "model.keras")
    grey = np.asarray(opened("photos/two.png"))
    expected = model.translate([np.repeat(grey[..., None], 3, axis=-1)])[0]
    np.testing.assert_array_equal(np.asarray(made["out/two.png"]), expected)


def test_classes_keep_their_folders_and_other_formats_become_png(run):
    for name in ("cats", "dogs"):
        picture(f"photos/{name}/1.gif", mode="L")
    assert cli.main(["translate", str(run), "photos", "-o", "out", "--to", "a"]) == 0
    assert sorted(map(str, pathlib.Path("out").rglob("*.*"))) == [
        "out/cats/1.png",
        "out/dogs/1.png",
    ]


def test_orientation_is_applied_and_transparency_stays(run):
    exif = Image.Exif()
    exif[0x0112] = 6  # Turned by a quarter.
    picture("turned.jpg", (20, 12), exif=exif)
    original = picture("clear.png", mode="RGBA")
    assert cli.main(["translate", str(run), "turned.jpg", "clear.png", "-o", "out"]) == 0
    turned, clear = opened("out/turned.jpg"), opened("out/clear.png")
    assert turned.size == (12, 20)
    assert not turned.getexif().get(0x0112)
    assert clear.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(clear)[..., 3], np.asarray(original)[..., 3])


def test_colours_of_a_profile_are_those_of_srgb(run):
    original = picture("one.png")
    profile = swapped_profile()
    original.save("other.png", icc_profile=profile)
    assert cli.main(["translate", str(run), "one.png", "other.png", "-o", "out"]) == 0
    model = keras.saving.load_model(run / "model.keras")
    made = {name: np.asarray(opened(f"out/{name}.png")).astype(int) for name in ("one", "other")}
    np.testing.assert_array_equal(made["one"], model.translate([np.asarray(original)])[0])
    expected = model.translate([np.asarray(original)[..., [1, 0, 2]]])[0]
    assert np.abs(made["other"] - expected).max() <= 2
    assert not opened("out/other.png").info.get("icc_profile")


def test_names_that_differ_in_capitals_alone_are_one_on_many_disks(run, capsys):
    for path in ("photos/a.png", "photos/A.jpg", "photos/B.PNG", "more/b.png"):
        picture(path)
    for names in (["photos/B.PNG", "more/b.png"], ["photos", "more"]):
        message = refused(["translate", run, *names, "-o", "out"], capsys)
        assert "more than capitals. Received: photos/B.PNG and more/b.png" in message
    assert cli.main(["translate", str(run), "photos", "-o", "out"]) == 0


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(run, capsys):
    picture("photos/1.png")
    pathlib.Path("photos/2.png").write_bytes(b"no picture")
    picture("photos/3.png")
    picture("photos/4.png", (5, 5))
    assert cli.main(["translate", str(run), "photos", "-o", "out"]) == 2
    output = capsys.readouterr()
    assert sorted(path.name for path in pathlib.Path("out").iterdir()) == ["1.png", "3.png"]
    assert "Wrote 2 images to out." in output.out
    broken, small, last = output.err.splitlines()
    assert broken.startswith("Left out: An image file must be decodable. Received: photos/2.png")
    assert "skip" not in broken
    assert small.startswith("Left out: photos/4.png: Images to translate have at least 8 pixels")
    assert small.endswith("Received: 5x5.")
    assert "2 of 4 that are not, such as photos/2.png, photos/4.png." in last


def test_a_full_disk_ends_it_at_once(run, capsys):
    for number in range(3):
        picture(f"photos/{number}.bmp", (40, 40))
    with files_up_to(1000):
        assert cli.main(["translate", str(run), "photos", "-o", "out"]) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert "room on the disk" in error
    assert "out/0.bmp" in error
    assert not any(pathlib.Path("out").iterdir())


def test_many_files_show_how_far_it_is(run, capsys):
    for number in range(6):
        picture(f"photos/{number}.png")
    picture("one.png")
    for name, shown in (("photos", True), ("one.png", False)):
        assert cli.main(["translate", str(run), name, "-o", f"{name}-out"]) == 0
        assert ("Translating:   0%" in capsys.readouterr().err) == shown


def test_bad_input(run, capsys, tmp_path):
    images_folder("photos")
    images_folder("full")
    translate = ["translate", run]
    assert "must exist" in refused([*translate, "nowhere.png", "-o", "out"], capsys)
    assert "new or empty" in refused([*translate, "photos", "-o", "full"], capsys)
    assert "names of their own" in refused([*translate, "photos", "full", "-o", "out"], capsys)
    train = ["train", "cyclegan", *TINY]
    assert "CycleGAN takes `--data-a` and" in refused([*train, "--data-a", "photos"], capsys)
    assert "without trainA and trainB" in refused([*train, "--data", "photos"], capsys)
    assert "Received: none" in refused(["train", *TINY], capsys)
    message = refused(["train", *TINY, "--data-a", "photos"], capsys)
    assert "Two domains are `--data-a` and `--data-b`. Received: one of them." in message
    seeded = [*translate, "photos", "--seed", "1", "-o", "out"]
    assert "for models with noise in use. Received: a CycleGAN" in refused(seeded, capsys)
    only = refused(["train", "dcgan", "--data-a", "photos", "--data-b", "full"], capsys)
    assert "DCGAN takes `--data`. Received: --data-a and --data-b" in only
    missing = refused([*train, "--data-a", "photos", "--data-b", "./nowhere"], capsys)
    assert "nowhere" in missing


def test_a_model_without_translation_is_refused(capsys):
    kg.DCGAN(image_shape=(16, 16, 1), filters=2).save("gan.keras")
    images_folder("photos")
    words = ["translate", "gan.keras", "photos", "-o", "out"]
    assert "Received: a DCGAN" in refused(words, capsys)


def test_pairs_train_a_pix2pix_whose_noise_has_a_seed(capsys):
    for folder, mode in (("labels", "L"), ("photos", "RGB")):
        images_folder(folder, 3, (16, 16), mode)
    tiny = ["--set", "filters=2", "--set", "depth=3", "--set", "noisy=1", "--set", "patch_depth=1"]
    words = ["train", "--pairs", "labels", "photos", *tiny, "--steps", "2", "-o", "run"]
    assert cli.main(words) == 0
    assert "Method: pix2pix, since the images are pairs" in capsys.readouterr().out
    assert keras.saving.load_model("run/model.keras").shapes["a"] == (16, 16, 1)
    for seed, output in (([], "plain"), (["--seed", "1"], "one"), (["--seed", "1"], "again")):
        assert cli.main(["translate", "run", "labels", *seed, "-o", output]) == 0
    one, again = (opened(f"{name}/2.png") for name in ("one", "again"))
    np.testing.assert_array_equal(np.asarray(one), np.asarray(again))
    assert (one.size, one.mode) == ((16, 16), "RGB")


def test_pictures_with_both_sides_keep_their_size():
    images_folder("both", 3, (32, 16))
    words = ["train", "pix2pix", "--pairs", "both", "--swap", "--set", "filters=2"]
    assert cli.main([*words, "--set", "patch_depth=1", "--steps", "1", "-o", "run"]) == 0
    config = json.loads(pathlib.Path("run/config.json").read_text())
    assert (config["image_shape"], config["swap"]) == ([16, 16, 1], True)


def test_pairs_keep_their_size_if_the_networks_can_make_it(monkeypatch, capsys):
    monkeypatch.setattr(memory, "check_fits", lambda *_: None)
    for name in ("maps", "photos"):
        images_folder(name, 2, (96, 96))
    words = ["train", "pix2pix", "--pairs", "maps", "photos", "--set", "filters=1"]
    assert cli.main([*words, "--dry-run"]) == 0
    assert "of shape (96, 96, 1), their own size" in capsys.readouterr().out


def test_label_maps_in_colours_train_a_gaugan_that_is_scored_by_a_segmenter(capsys):
    colors = np.array([[255, 0, 0], [0, 0, 128]], "uint8")
    random = np.random.default_rng(0)
    for number in range(4):
        labels = random.integers(0, 2, (16, 16))
        for folder, pixels in (("maps", colors[labels]), ("photos", 255 - colors[labels])):
            save_image(f"{folder}/{number}.png", pixels)
    pathlib.Path("labels.txt").write_text("#ff0000\n#000080\n")
    tiny = [word for pair in GAUGAN.items() for word in ("--set", "{}={}".format(*pair))]
    words = ["train", "--pairs", "maps", "photos", "--labels", "labels.txt", *tiny]
    assert cli.main([*words, "--steps", "1", "-o", "run"]) == 0
    assert "Method: gaugan, since the images are pairs with label" in capsys.readouterr().out
    model = keras.saving.load_model("run/model.keras")
    assert model.palette == colors.tolist()
    assert cli.main(["translate", "run", "maps", "-o", "made"]) == 0
    expected = model.translate(colors[labels][None])[0]
    np.testing.assert_array_equal(np.asarray(opened("made/3.png")), expected)

    images = keras.Input((16, 16, 3))
    keras.Model(images, keras.layers.Conv2D(2, 1)(images)).save("segmenter.keras")
    words = ["evaluate", "run", "--inputs", "maps", "--data", "photos"]
    words += ["--metrics", "segmentation", "paired", "--segmenter", "segmenter.keras"]
    assert cli.main(words) == 0
    scores = json.loads(pathlib.Path("run/scores.json").read_text())
    assert 0 <= scores["miou"] <= scores["accuracy"] <= 1
    assert scores["protocol"]["source"] == "run, maps to b"
    assert pathlib.Path("run/report.html").exists()
    pathlib.Path("photos/3.png").rename("photos/7.png")
    message = refused(words, capsys)
    assert "have their names. Received: 3 of run, maps to b beside 7 of photos" in message
    message = refused(["translate", "run", "maps", "--to", "a", "-o", "back"], capsys)
    assert "`--to` is b for a GauGAN. Received: a." in message
    assert not pathlib.Path("back").exists()


def test_indexed_label_maps_are_their_indices():
    model = kg.GauGAN(image_shape=(16, 16, 3), labels=2, **GAUGAN)
    model.save("gan.keras")
    labels = np.random.default_rng(0).integers(0, 2, (16, 16)).astype("uint8")
    indexed = Image.fromarray(labels, "P")
    indexed.putpalette([200, 0, 0, 0, 0, 128])
    indexed.save("map.png")
    assert cli.main(["translate", "gan.keras", "map.png", "-o", "made"]) == 0
    expected = model.translate(labels[None, ..., None])[0]
    np.testing.assert_array_equal(np.asarray(opened("made/map.png")), expected)


def test_bad_pairs(capsys):
    images_folder("photos")
    train = ["train", "pix2pix", "--set", "filters=2", "--pairs"]
    assert "one folder or two. Received: 3" in refused([*train, "a", "b", "c"], capsys)
    assert "not for pairs" in refused([*train, "photos", "--skip-bad-images"], capsys)
    pathlib.Path("photos/1.png").write_text("no picture")
    for words in (["photos", "./photos"], ["photos"]):
        message = refused([*train, *words], capsys)
        assert "decodable. Received: photos/1.png" in message, "no advice that pairs do not take"
    both = refused(["train", "pix2pix", "--data", "photos"], capsys)
    assert "Pix2Pix takes `--pairs`" in both
    images_folder("maps", 4, (16, 16))
    maps = ["train", "gaugan", "--pairs", "maps", "./maps", "--labels"]
    assert "text file with a colour #rrggbb" in refused([*maps, "nowhere.txt"], capsys)
    assert "values 0 to 4" in refused([*maps, "5"], capsys)
    assert "(--labels)" in refused(maps[:-1], capsys)
    cycle = ["train", "cyclegan", "--data-a", "photos", "--data-b", "./photos", "--labels", "2"]
    assert "`--labels` is for pairs of label maps" in refused(cycle, capsys)
