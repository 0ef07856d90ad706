import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# The tests' operations are tiny: quicker side by side than split up.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
# As `keras_gans` does where it is imported before TensorFlow.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import tensorflow as tf

# Two replicas on one machine, for the tests of strategies; must come before TensorFlow starts.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
# "Bit for bit" holds in this mode only; it requires a seed for whatever has none of its own.
tf.random.set_seed(0)
tf.config.experimental.enable_op_determinism()
