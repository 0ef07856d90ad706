"""InfoGAN: its codes, its bound, and what is read from images."""

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.models.gan import Fakes, Judgement

TINY = {"image_shape": (16, 16, 1), "noise_dim": 3, "filters": 2}


def small_gan(**options):
    return kg.InfoGAN(**TINY | {"categories": (4, 3), "continuous": 2} | options)


@pytest.mark.parametrize("how", ["training", "use"])
def test_codes_have_their_distributions(how):
    gan = small_gan(prior="uniform")
    latents = np.asarray(gan.latents(6000) if how == "training" else gan.latents_of(6000, 1))
    noise, kinds, continuous = gan.split(latents)
    assert [part.shape[1] for part in (noise, *kinds, continuous)] == [3, 4, 3, 2]
    for values in (noise, continuous):
        assert scipy.stats.kstest(values.ravel(), scipy.stats.uniform(-1, 2).cdf).pvalue > 0.01
    for kind in kinds:
        assert set(np.unique(kind)) == {0, 1}
        assert np.all(kind.sum(axis=1) == 1)
        assert scipy.stats.chisquare(kind.sum(axis=0)).pvalue > 0.01
    both = kinds[0].T @ kinds[1]
    assert scipy.stats.chi2_contingency(both).pvalue > 0.01, "independent"


def test_the_loss_is_that_of_a_softmax_and_of_a_normal_distribution():
    gan = small_gan()
    outputs = np.random.default_rng(0).normal(size=(5, 9)).astype("float32")
    latents = np.asarray(gan.latents_of(5, 0))
    first, second, continuous = latents[:, 3:7], latents[:, 7:10], latents[:, 10:]
    expected = -scipy.special.log_softmax(outputs[:, :4], axis=1)[first == 1].mean()
    expected -= scipy.special.log_softmax(outputs[:, 4:7], axis=1)[second == 1].mean()
    of_kinds, of_continuous = gan.code_losses(outputs, latents)
    assert float(of_kinds) == pytest.approx(expected, rel=1e-5)
    expected = -scipy.stats.norm(outputs[:, 7:]).logpdf(continuous).sum(axis=1).mean()
    assert float(of_continuous) == pytest.approx(expected, rel=1e-5)


def test_both_players_learn_the_codes_and_the_bound_is_shown():
    gan = small_gan(information=0.5)
    gan.compile(0.01, 0.01)
    images = np.random.default_rng(0).uniform(-1, 1, (64, 16, 16, 1)).astype("float32")
    first = gan.fit(images, batch_size=32, epochs=1, verbose=0).history
    last = gan.fit(images, batch_size=32, epochs=30, verbose=0).history
    for name in ("information_loss", "generator_information_loss"):
        assert last[name][-1] < first[name][0]
    most = np.log(4) + np.log(3)
    assert first["mutual_information"][0] < last["mutual_information"][-1] <= most
    of_kinds, _ = gan.code_losses(np.zeros((8, 9), "float32"), gan.latents_of(8, 0))
    assert float(of_kinds) == pytest.approx(most)


def test_the_weight_is_that_of_both_players():
    found = []
    for weight in (1.0, 0.5, 0.0):
        gan = small_gan(information=weight)
        latents = gan.latents_of(6, 0)
        images = gan.generator(latents)
        fake, fakes = gan.judge(images, training=False), Fakes(images, latents)
        own = gan.generator_terms(fake, None, fakes)
        other = gan.discriminator_terms(fake, fake, None, fakes)
        assert own.keys() == {"generator_loss", "generator_information_loss"}
        assert own["generator_information_loss"] == other["information_loss"]
        found.append(float(own["generator_information_loss"]))
    of_codes = float(sum(gan.code_losses(fake.extra, latents)))
    assert of_codes > 0
    assert found == pytest.approx([of_codes, of_codes / 2, 0.0])


def test_the_bound_by_hand():
    gan = kg.InfoGAN(**TINY, categories=(2,), continuous=0)
    kinds = np.float32([[1, 0], [0, 1]])
    latents = np.concatenate([np.zeros((2, 3), "float32"), kinds], axis=1)
    fake = Judgement(np.zeros((2, 1), "float32"), np.log(2 * kinds + 1))
    gan.discriminator_terms(fake, fake, None, Fakes(None, latents))
    found = float(gan.trackers["mutual_information"].result())
    assert found == pytest.approx(np.log(2) - np.log(4 / 3), rel=1e-5), "each kind at 3/4"


def test_a_sweep_changes_one_code(monkeypatch):
    gan = small_gan()
    monkeypatch.setattr(gan, "images_of", np.array)
    latents, columns = gan.preview(seed=1)
    rows = latents.reshape(4 + 3 + 2 * 2, columns, 3 + 4 + 3 + 2)
    seeds = np.asarray(gan.latents_of(columns, 1))
    for row, place in enumerate([10, 10, 11, 11]):
        expected = np.repeat(seeds[row % 2][None], columns, axis=0)
        expected[:, place] = np.linspace(-1, 1, columns)
        np.testing.assert_array_equal(rows[7 + row], expected)
    of_kinds = slice(3, 7)
    for row in range(4):
        assert np.all(rows[row, :, of_kinds] == np.eye(4)[row])
        np.testing.assert_array_equal(
            np.delete(rows[row], of_kinds, axis=1), np.delete(seeds, of_kinds, axis=1)
        )


def test_a_threshold_is_one_of_the_noise():
    gan = small_gan()
    whole, near = (np.asarray(gan.latents_of(500, 1, threshold)) for threshold in (None, 0.5))
    assert np.abs(whole[:, :3]).max() > 2
    assert np.abs(near[:, :3]).max() <= 0.5
    np.testing.assert_array_equal(near[:, 3:], whole[:, 3:])


def test_codes_are_read_a_part_at_a_time(monkeypatch):
    gan = small_gan()
    images = gan.generate(5)
    whole = gan.read(images)
    monkeypatch.setattr("keras_gans.training.model.PART", 2)
    for one, other in zip(whole, gan.read(images), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    for bad in (images / 255.0, images[:, :8]):
        with pytest.raises(InputError):
            gan.read(bad)


def test_codes_can_be_given_and_are_swept():
    gan = small_gan()
    latents = gan.with_codes(gan.latents_of(6, 2), [3, None, None, -0.5])
    before = np.asarray(gan.latents_of(6, 2))
    assert np.array_equal(latents[:, 3:7], np.tile([0, 0, 0, 1], (6, 1)))
    assert np.all(latents[:, 11] == -0.5)
    kept = [0, 1, 2, 7, 8, 9, 10]
    np.testing.assert_array_equal(latents[:, kept], before[:, kept])
    images = gan.generate(6, seed=2, codes=[3, None, None, -0.5])
    np.testing.assert_array_equal(images, gan.images_of(latents))
    images, columns = gan.preview(seed=1)
    assert (len(images), columns) == ((4 + 3 + 2 * 2) * 10, 10)
    codes = [None, 1, None, None]
    np.testing.assert_array_equal(images[50:60], gan.generate(10, seed=1, codes=codes))
    np.testing.assert_array_equal(gan.preview(7)[0], gan.generate(7))


def test_read_gives_what_the_head_says():
    gan = small_gan()
    images = gan.generate(5)
    first, second, continuous = gan.read(images)
    _, outputs = gan.discriminator(images / np.float32(127.5) - 1)
    outputs = np.asarray(outputs)
    np.testing.assert_array_equal(first, outputs[:, :4].argmax(axis=1))
    np.testing.assert_array_equal(second, outputs[:, 4:7].argmax(axis=1))
    np.testing.assert_allclose(continuous, outputs[:, 7:], rtol=1e-5)


def test_continuous_codes_alone():
    gan = kg.InfoGAN(**TINY, categories=(), continuous=1)
    of_kinds, _ = gan.code_losses(np.zeros((2, 1), "float32"), gan.latents_of(2, 0))
    assert of_kinds == 0
    assert gan.generate(2, codes=[0.3]).shape == (2, 16, 16, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: small_gan(categories=(1,)), "`categories` must be an integer of at least 2"),
        (lambda: small_gan(categories=(), continuous=0), "one code at least. Received: none"),
        (lambda: small_gan().generate(2, codes=[1]), r"2 numbers of kinds and 2 .* \[1\]"),
        (lambda: small_gan().generate(2, codes=[4, 0, 0, 0]), "`codes` must be an integer from 0"),
        (lambda: small_gan().generate(2, codes=[0, 0, "x", 0]), "`codes` must be a number"),
        (lambda: small_gan().generate(2, labels=1), "has codes and no `labels`. Received: 1"),
        (
            lambda: small_gan(generator=kg.networks.dcgan.generator((16, 16, 1), 5, 2)),
            "3 numbers of noise and 9 of codes. Received: one that takes 5",
        ),
        (
            lambda: small_gan(discriminator=kg.networks.dcgan.discriminator((16, 16, 1), 2)),
            r"of an InfoGAN gives \[logits, codes \(N, 9\)\]. Received: ",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_the_latent_follows_from_noise_and_codes():
    with pytest.raises(InputError, match="is its noise and its codes.*Received: latent_dim=8"):
        kg.InfoGAN(image_shape=(16, 16, 1), latent_dim=8)


def test_points_are_refused():
    with pytest.raises(InputError, match="InfoGAN trains on images. Received: points of 2"):
        kg.InfoGAN.from_data(kg.data.load("ring"))


def test_default_optimizers_are_the_authors():
    gan = small_gan()
    gan.compile()
    rates = [float(gan.optimizers[p].learning_rate) for p in ("generator", "discriminator")]
    assert rates == pytest.approx([1e-3, 2e-4])
    assert isinstance(gan.generator_optimizer, keras.optimizers.Adam)
