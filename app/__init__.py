"""Opacity: review chest X-rays beside a convolutional network."""

__version__ = "0.1.0"
