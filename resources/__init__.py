"""Icons, style sheet and demo list, read through importlib.resources."""
