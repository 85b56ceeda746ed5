"""Architectures, one module each, and beside them a folder for each bundled model."""
