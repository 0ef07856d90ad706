"""Files of LiteRT and ONNX answer as the networks do, for every method: `make test-large`."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gans.methods import METHODS
from tests.models.test_contract import make

pytestmark = [
    pytest.mark.large,
    pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated"),
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be:FutureWarning"),
]


def example(name):
    """Returns a method's model, and inputs of what it exports with what they become."""
    model = make(name)
    network = model.inference_networks()[0]
    random, inputs = np.random.default_rng(0), []
    for tensor in network.inputs:
        shape = [side or 16 for side in tensor.shape[1:]]
        values = random.integers(0, 3, (1, *shape)) if "int" in tensor.dtype else None
        values = random.uniform(-1, 1, (1, *shape)) if values is None else values
        inputs.append(values.astype(tensor.dtype))
    outputs = network(keras.tree.pack_sequence_as(network.input, inputs), training=False)
    return model, inputs, np.asarray(outputs)


@pytest.mark.parametrize("name", METHODS)
def test_litert(name, tmp_path):
    model, inputs, expected = example(name)
    path = str(tmp_path / "model.tflite")
    model.export(path, format="litert", verbose=False)
    lite = tf.lite.Interpreter(path)
    lite.allocate_tensors()
    for detail in lite.get_input_details():
        value = next(x for x in inputs if x.shape == tuple(detail["shape"]))
        lite.set_tensor(detail["index"], value.astype(detail["dtype"]))
    lite.invoke()
    found = lite.get_tensor(lite.get_output_details()[0]["index"])
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("name", METHODS)
def test_onnx(name, tmp_path):
    pytest.importorskip("tf2onnx", reason='needs `pip install -e ".[onnx]"`')
    runtime = pytest.importorskip("onnxruntime", reason="needs `pip install onnxruntime`")
    model, inputs, expected = example(name)
    path = str(tmp_path / "model.onnx")
    model.export(path, format="onnx", verbose=False)
    session = runtime.InferenceSession(path)
    given = {}
    for wanted, value in zip(session.get_inputs(), inputs, strict=True):
        given[wanted.name] = value
    (found,) = session.run(None, given)
    np.testing.assert_allclose(found, expected, atol=1e-4)
