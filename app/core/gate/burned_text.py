"""Is text burned in over the lungs? Told from the picture: letters that stand in a row.

A letter is a small component that is clearly brighter, or darker, than its near surroundings; text
is at least three of them of like height on one line, side by side. Ribs, vessels and wires are no
such rows, and a lone side marker is none either. A detector this plain misses what is too small or
too faint (``research/picture_gate.py`` measures how much), and says nothing of what the text says.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.image.anatomy import Box, lungs_box

_SIDE = 512
"""A larger picture is looked at with this longest side, pixels."""
_STROKE = 0.03
"""Side of the square that no stroke of a letter fills, share of the longest side."""
_CONTRASTS = (40, 70)
"""Grey levels of 255 by which a stroke stands out, one after the other: in a small picture the
gaps between letters are only free of grey at the higher one. Below 36, crossing vessels are found
as letters."""
_LEAST_LETTERS = 3
_LEAST_HEIGHT = 6
"""Pixels: below, grain and letters look alike."""
_MOST_HEIGHT = 0.14
"""Share of the longest side."""
_WIDEST = 1.6
"""Width of a letter by its height."""
_LEAST_COVER = 0.12
"""Share of a letter's box that its strokes cover."""
_GAP = 0.9
_OVERLAP = 0.25
_OFF_LINE = 0.22
_OTHER_HEIGHT = 0.3
"""Between neighbours, by the height of the first: the widest gap, the furthest that their boxes
reach into each other, and how far the feet and the heights differ at most."""
_MOST_COMPONENTS = 800
_SIXTEEN_BITS = 1 << 15
_MOST_INK = 0.25
"""Share of the picture: more is grain, or no letters at all."""
_MIDDLE = Box(0.2, 0.15, 0.8, 0.85)
"""Stands for the lungs where none are found, as under large text."""


@dataclass(frozen=True)
class TextRow:
    """Letters on one line.

    Parameters
    ----------
    box
        Around them.
    letters
        How many, at least three.
    """

    box: Box
    letters: int


def text_over_lungs(shown: NDArray[np.uint8]) -> bool:
    """Whether a row of letters has its middle within the box around the lungs.

    Parameters
    ----------
    shown
        Shape (rows, columns), uint8: the default display.
    """
    rows = text_rows(shown)
    if not rows:
        return False
    lungs = lungs_box(shown) or _MIDDLE
    return any(_middle_in(row.box, lungs) for row in rows)


def text_rows(shown: NDArray[np.uint8]) -> list[TextRow]:
    """The rows of letters in a picture, wherever they stand; what is found twice comes twice.

    Parameters
    ----------
    shown
        As for ``text_over_lungs``.
    """
    if max(shown.shape) > _SIDE:
        shown = _reduced(shown)
    longest = max(shown.shape)
    stroke = max(7, round(_STROKE * longest))
    square = np.ones((stroke, stroke), np.uint8)
    found = []
    for how in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        stands_out = cv2.morphologyEx(shown, how, square)
        for contrast in _CONTRASTS:
            letters = _letters(np.asarray(stands_out > contrast, np.uint8), longest)
            found += [_row(line, shown.shape) for line in _lines(letters)]
    return found


def _reduced(shown: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """With its longest side ``_SIDE``: by a whole factor first, which takes a tenth of the time."""
    rows, columns = shown.shape
    longest = max(rows, columns)
    times = min(longest // _SIDE, rows, columns)
    whole = shown[: rows // times * times, : columns // times * times]
    size = columns // times, rows // times
    whole = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
    size = (max(1, round(columns * _SIDE / longest)), max(1, round(rows * _SIDE / longest)))
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _letters(mask: NDArray[np.uint8], longest: int) -> NDArray[np.float64]:
    """What has the shape of a letter, from left to right: (n, 4), left, top, width and height."""
    ink = np.count_nonzero(mask)
    if ink > _MOST_INK * mask.size:
        return np.empty((0, 4))
    # 16 bits take half of the time, and hold as many components as fit in less ink.
    kind = cv2.CV_16U if ink < _SIXTEEN_BITS else cv2.CV_32S
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=kind)
    _, _, width, height, area = stats.T
    fits = (height >= _LEAST_HEIGHT) & (height <= _MOST_HEIGHT * longest)
    fits &= (width <= _WIDEST * height) & (area >= _LEAST_COVER * width * height)
    fits[0] = False  # the ground
    letters = stats[fits, :4].astype(np.float64)
    # So many are grain, in which every line could be found.
    few = letters if len(letters) <= _MOST_COMPONENTS else letters[:0]
    return few[np.argsort(few[:, 0], kind="stable")]


def _lines(letters: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Each letter takes the nearest fitting one to its right, until none fits."""
    left, top, width, height = letters.T
    right, foot = left + width, top + height
    free = np.ones(len(letters), bool)
    lines = []
    for first in range(len(letters)):
        line = [first] if free[first] else []
        while line:
            last = line[-1]
            size = height[last]
            gap = left - right[last]
            fits = free & (left > left[last]) & (gap <= _GAP * size) & (gap >= -_OVERLAP * size)
            fits &= np.abs(foot - foot[last]) <= _OFF_LINE * size
            fits &= np.abs(height - size) <= _OTHER_HEIGHT * size
            if not fits.any():
                break
            line.append(int(fits.argmax()))
        if len(line) >= _LEAST_LETTERS:
            free[line] = False
            lines.append(letters[line])
    return lines


def _row(line: NDArray[np.float64], shape: tuple[int, ...]) -> TextRow:
    rows, columns = shape
    left, top = line[:, :2].min(axis=0)
    right, bottom = (line[:, :2] + line[:, 2:]).max(axis=0)
    box = Box(top / rows, left / columns, bottom / rows, right / columns)
    return TextRow(box, len(line))


def _middle_in(box: Box, place: Box) -> bool:
    down, across = (box.top + box.bottom) / 2, (box.left + box.right) / 2
    return place.top < down < place.bottom and place.left < across < place.right
