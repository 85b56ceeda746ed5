"""Mutated files for every reader: ``python tests/fuzz --help``."""
