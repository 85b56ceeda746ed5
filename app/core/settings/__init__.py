"""Settings of trainings and sweeps: frozen, validated, in words.

The window's own settings are in gui.
"""
