"""`keras-gans data pack`: many image files into a few shards."""

import shlex


def pack(arguments):
    """Writes a source's images, of one size, to a folder of shards."""
    import tqdm

    from keras_gans.data import packed
    from keras_gans.data.loader import read_samples
    from keras_gans.files import check_new_folder

    check_new_folder(arguments.output)  # Better refused now than after many files were read.
    samples = read_samples(
        arguments.source,
        image_size=arguments.image_size,
        channels=arguments.channels,
        nearest=arguments.nearest,
        data_dir=arguments.data_dir,
        skip_bad_images=arguments.skip_bad_images,
        cache=False,
    )
    bar = tqdm.tqdm(total=len(samples.images), desc="Packed", unit="image", delay=0.1)
    with bar:
        packed.pack(samples, arguments.output, arguments.images_per_shard, bar.update)
    print(
        f"Made {arguments.output}: {len(samples.images):,} images of {samples.images.shape[1:]}"
        + (f", {samples.num_skipped} bad files were skipped" if samples.num_skipped else "")
        + f". Train on it with: keras-gans train dcgan --data {shlex.quote(arguments.output)}"
    )
