"""So many of something, in words: one of them and many read differently.

Other sentences name what is counted first ("Files that cannot be read: 1."), which always reads
right.
"""

from __future__ import annotations

from app.core.base.translation import tr


def images(number: int) -> str:
    """So many images."""
    return tr("1 image") if number == 1 else tr("{count:,} images", count=number)


def files(number: int) -> str:
    """So many files."""
    return tr("1 file") if number == 1 else tr("{count:,} files", count=number)


def patients(number: int) -> str:
    """So many patients."""
    return tr("1 patient") if number == 1 else tr("{count:,} patients", count=number)


def settings(number: int) -> str:
    """So many settings of a sweep."""
    return tr("1 setting") if number == 1 else tr("{count:,} settings", count=number)
