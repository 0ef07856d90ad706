"""Metrics of images that were made from images."""

from keras_gans.errors import InputError
from keras_gans.metrics.entries.base import Meaning, Metric


class Paired(Metric):
    """Errors of images to the very images that they should be: "l1", "psnr", "ssim".

    Of translated images beside their targets, in the same order. See
    `keras_gans.metrics.pixel_distance`, `psnr` and `ssim`; "l1" is a share of the range.
    """

    name = "paired"
    meanings = (
        Meaning(
            "l1",
            "Mean absolute error",
            "low",
            "How far each value is from what it should be, as a share of the range from black to "
            "white; 0 is the same.",
        ),
        Meaning(
            "psnr",
            "PSNR",
            "high",
            "The same with large errors counting more, in decibels; from 30 on it is hard to see. "
            "An image without any error counts as if one value were off by one level.",
        ),
        Meaning(
            "ssim",
            "SSIM",
            "high",
            "How far small windows have the light, the contrast and the structure that they should "
            "have; 1 is the same.",
        ),
    )
    needs = frozenset({"pixels"})
    in_papers = False

    def check(self, fake, real, embedder):
        """See `Metric`."""
        from keras_gans.metrics.ms_ssim import WINDOW

        super().check(fake, real, embedder, least=1, side=WINDOW)
        if not (hasattr(fake, "read") or hasattr(fake, "inputs")) or fake.count != real.count:
            raise InputError(
                f'"{self.name}" compares images with their targets, as many and in the same order. '
                f"Received: {fake.count} of {fake.name} and {real.count} of {real.name}."
            )
        names = [getattr(fake, "inputs", fake).stems, real.stems]
        if all(names) and names[0] != names[1]:
            one, other = next(pair for pair in zip(*names, strict=True) if pair[0] != pair[1])
            raise InputError(
                f'"{self.name}" compares files with their targets, which have their names. '
                f"Received: {one} of {fake.name} beside {other} of {real.name}."
            )

    def compute(self, sides):
        """See `Metric`."""
        import numpy as np

        from keras_gans.metrics.paired import psnr, ssim
        from keras_gans.metrics.pixel import pixel_distance
        from keras_gans.metrics.sources import StoredImages

        fake, real = sides.fake, sides.real
        # In the order of the source, which is not that of the hashes.
        real = StoredImages(real.name, real.images, fake.batch_size)
        most = 10 * np.log10(255**2 * np.prod(fake.shape))
        scores = {"l1": [], "psnr": [], "ssim": []}
        for pair in zip(fake.batches(), real.batches(), strict=True):
            scores["l1"].append(pixel_distance(*pair) / 255)
            scores["psnr"].append(np.minimum(psnr(*pair), most))
            scores["ssim"].append(ssim(*pair))
        return {name: float(np.concatenate(values).mean()) for name, values in scores.items()}

    def settings(self, sides):
        """See `Metric`."""
        return f"means over {sides.fake.count} images and their targets"


class Cycle(Metric):
    """What is lost on the way to the other domain and back: "cycle".

    The mean absolute error of the inputs and of what their translations become when they are
    translated back, as a share of the range. The source must be a model that knows both ways.

    Reference: Zhu et al., "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
    Networks", 2017, equation 2.
    """

    name = "cycle"
    meanings = (
        Meaning(
            "cycle",
            "Cycle error",
            "low",
            "How far images are from what they were, after the way to the other domain and back, "
            "as a share of the range from black to white; 0 is the same.",
        ),
    )
    needs = frozenset({"pixels"})
    in_papers = False

    def check(self, fake, real, embedder):
        """See `Metric`."""
        super().check(fake, real, embedder, least=1)
        if len(getattr(getattr(fake, "model", None), "translators", ())) < 2:
            raise InputError(
                f'"{self.name}" needs a model that knows the way there and back, such as a '
                f"CycleGAN, and `inputs` (--inputs). Received: {fake.name}."
            )

    def compute(self, sides):
        """See `Metric`."""
        import numpy as np

        from keras_gans.metrics.pixel import pixel_distance
        from keras_gans.training.translation_model import OTHER

        fake = sides.fake
        back = (fake.model.translate(images, OTHER[fake.to]) for images in fake.batches())
        errors = [pixel_distance(*pair) for pair in zip(back, fake.inputs.batches(), strict=True)]
        return {"cycle": float(np.concatenate(errors).mean()) / 255}

    def settings(self, sides):
        """See `Metric`."""
        return f"mean over {sides.fake.count} images of {sides.fake.inputs.name}"


class Segmentation(Metric):
    """Whether images show the label maps that they were made from: "accuracy", "miou".

    The maps are those that `segmenter` finds in the images. See `keras_gans.metrics.label_overlap`.
    """

    name = "segmentation"
    meanings = (
        Meaning(
            "accuracy",
            "Pixels as asked",
            "high",
            "In how many pixels the segmenter finds the label that was asked for; 1 is all.",
        ),
        Meaning(
            "miou",
            "Mean IoU",
            "high",
            "The same with each label counting alike: where it is found and asked for over where "
            "it is either; 1 is the same map.",
        ),
    )
    needs = frozenset({"pixels"})
    in_papers = False  # Each has a segmenter of its own.

    def check(self, fake, real, embedder):
        """See `Metric`."""
        super().check(fake, real, embedder, least=1)
        if getattr(fake, "segmenter", None) is None or fake.inputs.shape[-1] != 1:
            raise InputError(
                f'"{self.name}" needs label maps as `inputs` (--inputs) of a model, such as a '
                f"GauGAN, and a `segmenter` (--segmenter). Received: {fake.name}."
            )
        labels = self._labels(fake)
        most = max(int(maps.max()) for maps in fake.inputs.batches())
        if most >= labels:
            raise InputError(
                f'"{self.name}" needs label maps with the values 0 to {labels - 1}, since the '
                f"model and the `segmenter` know {labels} labels. Received: {most} in "
                f"{fake.inputs.name}."
            )

    def _labels(self, fake):
        """Returns how many labels there are, of a segmenter that fits the images."""
        import numpy as np

        try:
            # One image tells what would otherwise be seen after all else was computed.
            found = np.shape(fake.segmenter(np.zeros((1, *fake.shape), "float32")))
        except ValueError:
            found = "one that does not take them"
        if found[:-1] != (1, *fake.shape[:2]):
            raise InputError(
                "`segmenter` (--segmenter) is a model from images to scores of each label in each "
                f"pixel, (N, {fake.shape[0]}, {fake.shape[1]}, labels) of images like these. "
                f"Received: {found}."
            )
        return max(found[-1], getattr(fake.model, "num_labels", 0))

    def compute(self, sides):
        """See `Metric`."""
        import numpy as np

        from keras_gans.metrics.label_overlap import confusion, overlap_of

        fake, counts = sides.fake, 0
        labels = self._labels(fake)
        for images, maps in zip(fake.batches(), fake.inputs.batches(), strict=True):
            scores = np.asarray(fake.segmenter(images.astype("float32")))
            counts += confusion(scores.argmax(axis=-1), maps[..., 0], labels)
        return overlap_of(counts)._asdict()

    def settings(self, sides):
        """See `Metric`."""
        return f"{sides.fake.count} images of the label maps of {sides.fake.inputs.name}"
