"""What a model says and what is known of it: card, calibration, operating points, results.

No network runs here.
"""
