"""Scores and heatmaps from a trained model. No Qt; TensorFlow is imported inside functions."""
