"""What lies over the image (layers) and what takes mouse and keys there (tools)."""
