"""The window of sweeps."""
