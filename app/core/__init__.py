"""What images, scores, models and runs are. Knows nothing of Qt or TensorFlow."""
