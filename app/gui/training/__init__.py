"""The training panel and the look at training images."""
