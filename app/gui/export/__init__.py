"""Exports and reports out of the window."""
