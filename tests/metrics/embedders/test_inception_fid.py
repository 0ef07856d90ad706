import json
import os
from functools import partial

import keras
import numpy as np
import pytest

from keras_gans import cli
from keras_gans.errors import InputError
from keras_gans.metrics.embedders import InceptionV3FID, inception_fid
from keras_gans.metrics.embedders.inception_network import set_weights
from keras_gans.metrics.inception_score import inception_score
from keras_gans.metrics.kernel import kernel_distance
from tests.metrics.embedders.random_weights import random_images, write_pth


def close(values, peers, name):
    norms = np.linalg.norm(values, axis=1)
    np.testing.assert_allclose(norms, peers[f"{name}_norm"], rtol=1e-5)
    np.testing.assert_allclose(values[:, :32], peers[name], rtol=1e-4, atol=1e-6)


def test_features_and_logits_equal_torch_fidelity(embed, peers):
    images = random_images()
    close(embed(images), peers, "torch_fidelity")
    close(embed.logits(images), peers, "logits")


def test_features_equal_pytorch_fid(embed, peers, monkeypatch):
    images = random_images()
    close(embed(images), peers, "pytorch_fid")
    monkeypatch.setattr(embed, "resize", "pytorch_fid")
    close(np.asarray(embed.forward(images)["features"]), peers, "pytorch_fid_scaled")


def test_probabilities_and_a_part_batch(embed):
    images = np.random.default_rng(0).integers(0, 256, (3, 20, 24, 1)).astype("uint8")
    outputs = embed.outputs(images)
    assert outputs["features"].shape == (3, 2048)
    assert outputs["features"].dtype == "float32"
    assert outputs["probabilities"].shape == (3, 1008)
    np.testing.assert_allclose(outputs["probabilities"].sum(axis=1), 1)
    alone = embed.outputs(images[2:].repeat(3, axis=-1))
    for key, values in outputs.items():
        np.testing.assert_allclose(values[2:], alone[key], rtol=1e-4, atol=1e-6)
    assert embed.probabilities(images[:1]).shape == (1, 1008)


def test_protocol_and_precision(embed):
    protocol = embed.protocol()
    assert protocol["resize"] == "torch_fidelity"
    assert protocol["comparable_with_papers"] is False
    assert protocol["weights_sha256"] == embed.weights_sha256[:16]
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = inception_fid.inception_network
        with inception_fid.float32_policy():
            assert {layer.compute_dtype for layer in network().layers} == {"float32"}
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")


def test_a_file_that_claims_to_be_the_official_one(tmp_path):
    path = tmp_path / "pt_inception-2015-12-05-6726825d.pth"
    write_pth(path, {"fc.weight": np.zeros((2, 2), "float32")})
    sha256 = inception_fid.file_sha256(path)
    with pytest.raises(InputError, match=f"{inception_fid.SHA256}.*{sha256}"):
        InceptionV3FID(path)


def test_missing_and_misshapen_arrays(embed, state, tmp_path):
    without = {key: array for key, array in state.items() if key != "Mixed_7c.branch1x1.bn.bias"}
    with pytest.raises(InputError, match=r"must have Mixed_7c.branch1x1.bn.bias"):
        set_weights(embed.network, without)
    with pytest.raises(InputError, match=r"fc.weight must be of shape \(1008, 2048\).*\(1000"):
        set_weights(embed.network, state | {"fc.weight": np.zeros((1000, 2048))})
    key = "Conv2d_1a_3x3.conv.weight"
    path = tmp_path / "other.pth"
    write_pth(path, {key: np.zeros((32, 3, 5, 5), "float32")})
    sha256 = inception_fid.file_sha256(path)
    shapes = r"\(32, 3, 3, 3\)\. Received: \(32, 3, 5, 5\)"
    with pytest.raises(InputError, match=f"other.pth, SHA-256 {sha256}: {key} .* {shapes}"):
        InceptionV3FID(path)


def test_evaluate(weights, embed, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    # Batches of 32 would be padded.
    monkeypatch.setattr(inception_fid, "InceptionV3FID", partial(InceptionV3FID, batch_size=2))
    images = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3)).astype("uint8")
    np.savez("real.npz", images=images[:4])
    np.savez("fake.npz", images=images[4:])
    words = ["evaluate", "fake.npz", "--data", "real.npz", "--metrics", "kid", "is", "-o", "out"]
    assert cli.main([*words, "--embedder", f"inception={weights}"]) == 0
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    expected = kernel_distance(embed(images[:4]), embed(images[4:]), 2)
    assert scores["kid"] == pytest.approx(expected[0], rel=1e-4)
    probabilities = embed.probabilities(images[4:])
    assert scores["is"] == pytest.approx(inception_score(probabilities, 4, 0)[0], rel=1e-5)
    assert scores["protocol"]["weights_sha256"] == embed.weights_sha256[:16]
    assert "InceptionV3 of 2015" in (tmp_path / "out" / "report.html").read_text()


def test_download_into_the_keras_cache(weights, embed, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(inception_fid, "URL", weights.as_uri())
    monkeypatch.setattr(inception_fid, "SHA256", inception_fid.file_sha256(weights))
    monkeypatch.setattr(inception_fid, "inception_network", lambda: embed.network)
    assert InceptionV3FID().protocol()["comparable_with_papers"]
    kept = tmp_path / "models" / inception_fid.FILE
    assert kept.read_bytes() == weights.read_bytes()
    kept.write_bytes(b"cut off")  # A damaged file is fetched again.
    assert InceptionV3FID().weights_sha256 == embed.weights_sha256
    # Another file behind the same address.
    monkeypatch.setattr(inception_fid, "SHA256", "0" * 64)
    with pytest.raises(InputError, match="0{64}"):
        InceptionV3FID()


def test_no_file(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="must exist. Received: nowhere.pth"):
        InceptionV3FID("nowhere.pth")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    # A network that is down, without asking the real one.
    monkeypatch.setattr(inception_fid, "URL", "file:///nowhere/weights.pth")
    place = os.path.join(str(tmp_path), "models", inception_fid.FILE)
    with pytest.raises(InputError, match=f"in the Keras cache, as {place}"):
        InceptionV3FID()


def test_bad_arguments(embed):
    with pytest.raises(InputError, match="`resize` must be one of torch_fidelity, clean"):
        InceptionV3FID("x.pth", resize="bicubic")
    with pytest.raises(InputError, match="must be uint8"):
        embed(np.zeros((1, 8, 8, 3), "float32"))
    with pytest.raises(InputError, match="must be at least one"):
        embed(np.zeros((0, 8, 8, 3), "uint8"))
