"""Are greys cut off inside the body: lost highlights or shadows where lungs and heart lie?

Counted in the middle of the box around the body only, so that black collimation, the air beside
the patient and white markers at the side do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.image.anatomy import Box, body_box

CAUTION = 0.04
"""Share of the middle that is pure black or pure white. None of 1,672 real radiographs has so much
(``research/picture_gate.py``, "greys cut off")."""
REFUSE = 0.75
_NEAR = 2
"""Grey levels from the end that are still the end: compression blurs a plateau so far."""
_RIM = 0.2
"""Share of the body's box that is left out on each side."""
_LEAST_BODY = 0.25
"""Share of the picture."""
_WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class CutOff:
    """Shares of the body's middle, 0 to 1, that are pure black and pure white."""

    black: float
    white: float


def cut_off(shown: NDArray[np.uint8]) -> CutOff:
    """How much of the body's middle lies at the ends of the greys.

    Parameters
    ----------
    shown
        Shape (rows, columns), uint8: the default display, or a sample of it on a regular grid.
    """
    found = _shares(shown, _WHOLE)
    if max(found.black, found.white) <= CAUTION:
        # The body takes nearly all of the training images: looking for it is not worth the time.
        return found
    body = body_box(shown)
    # So little is not the body, but what lost shadows have left of it.
    return _shares(shown, body if body is not None and body.area >= _LEAST_BODY else _WHOLE)


def _shares(shown: NDArray[np.uint8], box: Box) -> CutOff:
    rows, columns = shown.shape
    down, across = _RIM * (box.bottom - box.top), _RIM * (box.right - box.left)
    middle = shown[
        round((box.top + down) * rows) : max(1, round((box.bottom - down) * rows)),
        round((box.left + across) * columns) : max(1, round((box.right - across) * columns)),
    ]
    if not middle.size:
        return CutOff(0.0, 0.0)
    return CutOff(float(np.mean(middle <= _NEAR)), float(np.mean(middle >= 255 - _NEAR)))
