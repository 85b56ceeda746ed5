"""Heatmaps for auditing: several methods on one network, in units that can be compared.

The reading window shows one method, fast (``app.inference.heatmap.heatmaps``). Here are the
others, for who
asks whether a map can be trusted: by method, on the whole of a cell of the confusion matrix, under
random weights, and by what the score loses where the map says that it comes from.
"""

from __future__ import annotations

from app.inference.attribution.methods import METHODS, Method, heatmaps, load_network

__all__ = ["METHODS", "Method", "heatmaps", "load_network"]
