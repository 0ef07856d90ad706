"""`keras-gans list`."""

from keras_gans.methods import METHODS

SETS = {
    "digits": "1,797 grey digits of 8x8, bundled",
    "fashion_mnist": "70,000 grey clothes of 28x28, from IDX files or TensorFlow Datasets",
    "mnist": "70,000 grey digits of 28x28, from IDX files or TensorFlow Datasets",
    "cifar10": "60,000 colour images of 32x32, from TensorFlow Datasets",
    "ring, grid": "points of 8 or 25 Gaussians in the plane",
    "shapes": "coloured shapes, drawn as needed; also striped_shapes, outlined_shapes",
    "scenes": "landscapes, drawn as needed; scene_maps: their label maps",
    "...": "any name of TensorFlow Datasets, a folder of images, an .npz file",
}


def print_methods(arguments):
    """Prints the methods and the data sets; the command has no arguments."""
    print("Methods (keras-gans train NAME --data ...)\n")
    for name, method in METHODS.items():
        print(f"  {name:16} {method.summary:56} {method.paper}")
    print("\nData\n")
    for name, summary in SETS.items():
        print(f"  {name:16} {summary}")
