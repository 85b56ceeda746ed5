"""Readers' verdicts on disk: an append-only history and what it comes to."""
