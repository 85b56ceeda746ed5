"""The Models window and the page about one model."""
