"""The audit bench: the window that shows where a model fails, and on whom."""
