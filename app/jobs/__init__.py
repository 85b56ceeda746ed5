"""The sole bridge between work and window: QtCore only, no widgets."""
