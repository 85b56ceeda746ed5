"""Sentences below each other."""

from __future__ import annotations

from collections.abc import Sequence


def listed(sentences: Sequence[str]) -> str:
    """Several sentences, told apart; one alone as it is."""
    if len(sentences) < 2:
        return "".join(sentences)
    return "\n".join(f"\N{BULLET} {sentence}" for sentence in sentences)
