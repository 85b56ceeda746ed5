"""What the window remembers, and the dialog in which it is set."""
