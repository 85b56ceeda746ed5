"""Times in words."""

from __future__ import annotations


def duration_words(seconds: float) -> str:
    """A rough length of time, such as one that is left."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
