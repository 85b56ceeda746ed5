"""The image: pixels, window and level, tools drawn over it, films, the prior beside it, tags."""
