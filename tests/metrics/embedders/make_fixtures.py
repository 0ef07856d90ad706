"""Writes peers.npz: what torch-fidelity, pytorch-fid and clean-fid give for the tests' inputs.

    python -m tests.metrics.embedders.make_fixtures

It needs torch, torch-fidelity, pytorch-fid and clean-fid, and no TensorFlow.
"""

import pathlib
import tempfile
from importlib.metadata import version

import cleanfid.resize
import numpy as np
import pytorch_fid.inception
import torch
import torchvision
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

from tests.metrics.embedders import random_weights

PEERS = ("torch", "torchvision", "torch-fidelity", "pytorch-fid", "clean-fid", "pillow", "numpy")


def to_torch(images):
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy())


def features():
    """Returns the first 32 features and logits of two images, and all of them for norms."""
    network = torchvision.models.inception_v3(
        num_classes=1008, aux_logits=False, init_weights=False
    )
    shapes = {k[:-12]: tuple(v.shape) for k, v in network.state_dict().items() if "conv" in k}
    state = random_weights.random_state(shapes)
    images = to_torch(random_weights.random_images())
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        path = pathlib.Path(folder, "weights.pth")
        random_weights.write_pth(path, state)
        fidelity = FeatureExtractorInceptionV3(
            "inception", ["2048", "logits_unbiased"], feature_extractor_weights_path=path
        )
        pytorch_fid.inception.load_state_dict_from_url = lambda *_, **__: torch.load(path)
        fid = pytorch_fid.inception.InceptionV3(normalize_input=False).eval()
        fid_scaled = pytorch_fid.inception.InceptionV3().eval()
        pool, logits = fidelity(images)
        scaled = (images.float() - 128) / 128
        found = {
            "torch_fidelity": pool,
            "logits": logits,
            "pytorch_fid": fid(scaled)[0][:, :, 0, 0],
            "pytorch_fid_scaled": fid_scaled(images.float() / 255)[0][:, :, 0, 0],
        }
    return {name: values.numpy() for name, values in found.items()}


def resized(images, mode):
    """Returns an image (H, W, 3), resized to 299x299 by the tool of that name."""
    if mode == "clean":
        return cleanfid.resize.build_resizer("clean")(images)
    x = to_torch(images[None]).float()
    if mode == "torch_fidelity":
        x = interpolate_bilinear_2d_like_tensorflow1x(x, size=(299, 299), align_corners=False)
    else:
        x = torch.nn.functional.interpolate(x / 255, size=(299, 299), mode="bilinear") * 255
    return x[0].permute(1, 2, 0).numpy()


def main():
    found = {"versions": ", ".join(f"{name} {version(name)}" for name in PEERS)}
    for name, values in features().items():
        found[name] = values[:, :32]
        found[f"{name}_norm"] = np.linalg.norm(values, axis=1)
    rows, columns = np.random.default_rng(3).integers(0, 299, (2, 64))
    # The corners, where the tools differ most.
    rows[:4], columns[:4] = (0, 0, 298, 298), (0, 298, 0, 298)
    found |= {"rows": rows, "columns": columns}
    for name, image in random_weights.noise_images().items():
        for mode in ("torch_fidelity", "clean", "pytorch_fid"):
            found[f"{name}_{mode}"] = resized(image, mode)[rows, columns]
    np.savez_compressed(pathlib.Path(__file__).with_name("peers.npz"), **found)
    print({name: np.shape(values) for name, values in found.items()})


if __name__ == "__main__":
    main()
