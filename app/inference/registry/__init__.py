"""Which models there are, which one is active, and how they travel."""
