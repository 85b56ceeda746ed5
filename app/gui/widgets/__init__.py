"""Widgets, one to a module; each shows and signals, none decides."""
