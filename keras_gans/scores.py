"""What each score is called, which way is better, and what it means in one sentence."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """One score.

    Attributes:
        title: Its name in tables.
        best: "low" or "high", or "none" if neither is better as such.
        sentence: What it says, in plain words.
        of_pixels: Whether it compares images and not features. Default: False.
    """

    title: str
    best: str
    sentence: str
    of_pixels: bool = False


MEANINGS = {
    "fid": Meaning(
        "FID",
        "low",
        "How far the generated images as a whole are from the real ones in quality and variety "
        "together; 0 is the same, and few images make it larger.",
    ),
    "kid": Meaning(
        "KID",
        "low",
        "The same question as FID by another distance, which few images do not make larger; 0 is "
        "the same, and chance can bring it a little below.",
    ),
    "is": Meaning(
        "Inception score",
        "high",
        "Whether each image clearly shows one class and all classes occur, from 1 to the number of "
        "classes; it does not look at the real images.",
    ),
    "precision": Meaning(
        "Precision",
        "high",
        "The share of generated images that look like real ones.",
    ),
    "recall": Meaning(
        "Recall",
        "high",
        "The share of real images that the generator could have made: its variety.",
    ),
    "density": Meaning(
        "Density",
        "high",
        "How many real images a generated one is near to, about 1 for images as good as real ones; "
        "it is less moved by outliers than precision.",
    ),
    "coverage": Meaning(
        "Coverage",
        "high",
        "The share of real images with a generated one nearby; it is less moved by outliers than "
        "recall.",
    ),
    "swd": Meaning(
        "Sliced Wasserstein",
        "low",
        "How much small patches differ from those of real images, from fine texture to coarse "
        "layout; 0 is the same.",
        of_pixels=True,
    ),
    "ms_ssim": Meaning(
        "MS-SSIM",
        "none",
        "How alike pairs of generated images look; 1 means that all are the same, and a value far "
        "above that of the real images means little variety. Noise has a low value too.",
        of_pixels=True,
    ),
    "ms_ssim_real": Meaning(
        "MS-SSIM of real images",
        "none",
        "How alike pairs of real images look, to compare with.",
        of_pixels=True,
    ),
    "total_variation": Meaning(
        "Class imbalance",
        "low",
        "The share of generated images that would have to change their class to have the classes "
        "as often as the data have them.",
    ),
    "kl_divergence": Meaning(
        "Class KL divergence",
        "low",
        "Another measure of how far the classes are from their shares in the data, in nats; 0 is "
        "the same.",
    ),
    "memorization_z": Meaning(
        "Memorisation z",
        "none",
        "Far below 0 the generated images are closer to the training images than new real ones "
        "are, as copies would be; around 0 there is no sign of copying.",
    ),
    "ppl": Meaning(
        "Perceptual path length",
        "low",
        "How abruptly images change as the latent moves; a low value means smooth changes.",
    ),
}
