"""Which images must not be trained on or have been.

Locked test sets, overlap, out-of-fold scores.
"""
