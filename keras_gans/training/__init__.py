"""What knows TensorFlow by name: gradients, replicas, the moving average and the export."""
