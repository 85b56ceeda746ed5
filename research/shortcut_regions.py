"""Where in a frame the shortcuts lie: the border all around, and the side marker ("R", "L").

Markers are letters some 5 to 20 pixels high in the 224 x 224 frames, brighter than what is around
them. Candidates are bright spots of a letter's size near the sides or the top (white top-hat); the
one that looks most like a letter is taken. Of 48 images looked at by eye (24 a class), it found 38
markers and took 3 other things for one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]

_LIKENESS = 0.55
_HAT = cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
_PADDED = 8
_STEPS = (35, 55, 80)
"""Grey levels above the surroundings: a marker on black and one on grey need different ones."""
_LEAST_CONTRAST = 25.0
_PATCH = (16, 20)


@dataclass(frozen=True)
class Marker:
    """A side marker: its box in pixels of the frame, and how much it looks like a letter."""

    x: int
    y: int
    width: int
    height: int
    likeness: float

    def mask(self, frame: Frame, margin: int = 2) -> Frame:
        """Shape of the frame, uint8: 1 inside the box widened by ``margin``, else 0."""
        out = np.zeros_like(frame)
        top, left = max(0, self.y - margin), max(0, self.x - margin)
        out[top : self.y + self.height + margin, left : self.x + self.width + margin] = 1
        return out


def find_marker(frame: Frame) -> Marker | None:
    """The side marker of a frame (rows, columns), uint8; None where none is found."""
    rows, columns = frame.shape
    padded = cv2.copyMakeBorder(frame, _PADDED, _PADDED, _PADDED, _PADDED, cv2.BORDER_REPLICATE)
    hat = cv2.morphologyEx(padded, cv2.MORPH_TOPHAT, _HAT)[_PADDED:-_PADDED, _PADDED:-_PADDED]
    best: Marker | None = None
    for step in _STEPS:
        spots = cv2.connectedComponentsWithStats((hat > step).astype(np.uint8), connectivity=8)[2]
        for x, y, width, height, _ in spots[1:].tolist():
            if not (3 <= width <= 20 and 5 <= height <= 22 and 0.4 < width / height < 1.7):
                continue
            across = x + width / 2
            if min(across, columns - across) > 0.27 * columns and y + height / 2 > 0.22 * rows:
                continue
            box = frame[max(0, y - 1) : y + height + 1, max(0, x - 1) : x + width + 1]
            likeness = _likeness(box)
            if likeness >= _LIKENESS and (best is None or likeness > best.likeness):
                best = Marker(x, y, width, height, likeness)
    return best


def ring(frame: Frame, share: float) -> NDArray[np.bool_]:
    """True on the border, ``share`` of the side deep, False inside."""
    deep = max(1, round(share * frame.shape[0]))
    out = np.ones(frame.shape, dtype=bool)
    out[deep:-deep, deep:-deep] = False
    return out


def _likeness(box: Frame) -> float:
    """The highest correlation with a letter, 0 for a box without contrast."""
    patch = cv2.resize(box, _PATCH).astype(np.float64)
    if patch.std() < _LEAST_CONTRAST:
        return 0.0
    return max(float(np.corrcoef(patch.ravel(), letter)[0, 1]) for letter in _LETTERS)


def _letter(text: str) -> NDArray[np.float64]:
    """A letter as it fills its box, one pixel free on each side; shape (320,)."""
    big = np.zeros((120, 160), np.uint8)
    cv2.putText(big, text, (20, 90), cv2.FONT_HERSHEY_SIMPLEX, 2.6, 255, 9, cv2.LINE_AA)
    ys, xs = np.nonzero(big)
    tight = big[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    glyph = cv2.copyMakeBorder(tight, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=0)
    return cv2.resize(glyph, _PATCH, interpolation=cv2.INTER_AREA).astype(np.float64).ravel()


_LETTERS = tuple(_letter(text) for text in "RL")
