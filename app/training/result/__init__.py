"""What comes of a training.

Calibration, thresholds, card, bundle, comparison with the active model.
"""
