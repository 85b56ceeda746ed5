"""Figures of classifiers with intervals; plain arrays in, numbers out."""
