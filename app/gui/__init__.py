"""The window: widgets and painting, no numerics and no file parsing."""
