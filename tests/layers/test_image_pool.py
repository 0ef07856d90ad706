import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.layers import ImagePool


def image(number, count=1):
    """Returns images that are told apart by their values, from a number on."""
    return np.arange(number, number + count, dtype="float32")[:, None, None, None] * np.ones(
        (1, 2, 2, 1), "float32"
    )


def numbers(images):
    return np.asarray(images)[:, 0, 0, 0].astype(int).tolist()


def test_images_pass_until_the_pool_is_full():
    pool, seed = ImagePool((2, 2, 1), size=5), keras.random.SeedGenerator(0)
    for number in range(5):
        assert numbers(pool.query(image(number), seed)) == [number]
    assert numbers(pool.images) == [0, 1, 2, 3, 4]
    assert int(pool.count) == 5


def test_a_batch_that_is_larger_than_the_pool_is_refused():
    pool, seed = ImagePool((2, 2, 1), size=3), keras.random.SeedGenerator(0)
    with pytest.raises(InputError, match="A pool of 3 images takes no more .* Received: 4"):
        pool.query(image(0, 4), seed)


def test_half_of_the_images_come_from_the_past_and_each_once():
    pool, seed = ImagePool((2, 2, 1), size=10), keras.random.SeedGenerator(1)
    query = tf.function(lambda images: pool.query(images, seed))  # Much faster, so often.
    total, returned = 2000, []
    for number in range(total):
        returned += numbers(query(tf.constant(image(number))))
    past = np.array(returned) < np.arange(total)
    assert 0.46 < past[10:].mean() < 0.54
    assert not past[:10].any()
    assert len(set(returned)) == total - len(set(numbers(pool.images)) - set(returned)), "once each"
    assert len(numbers(pool.images)) == len(set(numbers(pool.images))) == 10


@pytest.mark.parametrize("size", [4, 6, 7])
def test_batches_fill_it_to_its_size_and_lose_no_image(size):
    pool, seed = ImagePool((2, 2, 1), size=size), keras.random.SeedGenerator(2)
    query = tf.function(lambda images: pool.query(images, seed))
    seen, given = [], []
    for start in range(0, 400, 4):
        given += numbers(query(tf.constant(image(start, 4))))
        seen += range(start, start + 4)
        kept = numbers(pool.images)[: int(pool.count)]
        assert len(kept) == min(size, start + 4)
        assert set(kept) <= set(seen)
        assert len(set(kept)) == len(kept)
    assert set(seen) == set(given) | set(kept)
    assert any(number < index for index, number in enumerate(given))


def test_state_is_saved_and_drawn_again(tmp_path):
    def model():
        return kg.CycleGAN(
            image_shape=(8, 8, 1), filters=2, blocks=0, depth=0, identity=0.0, pool_size=3
        )

    gan = model()
    gan.compile(run_eagerly=True)
    x = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 1)).astype("float32")
    for _ in range(3):
        gan.train_on_batch(x, -x)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert int(loaded.pool_a.count) == 3
    np.testing.assert_array_equal(loaded.pool_a.images, gan.pool_a.images)
    assert np.asarray(gan.pool_a.images).any()
