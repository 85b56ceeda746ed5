"""Which way the patient lies in the image: the letters at its edges, as the header tells them.

DICOM PS3.3 C.7.6.1.1.1: L and R are the patient's left and right, A and P front and back, H and F
head and feet. What is incomplete or contradicts itself gives no letter: a wrong side is worse than
none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.base.reasons import Reason, caution, step

_UPRIGHT = step("set-upright", "Set upright for the network (PatientOrientation {said})")
_TURNED_MIRRORED = caution(
    "turned-and-mirrored",
    "The picture is turned and mirrored, says its header (PatientOrientation {said}): it was set "
    "upright for the score, and is shown as it is stored",
    "The picture is turned and mirrored, says its header: it was set upright for the score",
)
_TURNED = caution(
    "turned",
    "The picture is turned, says its header (PatientOrientation {said}): it was set upright for "
    "the score, and is shown as it is stored",
    "The picture is turned, says its header: it was set upright for the score",
)
_MIRRORED = caution(
    "mirrored",
    "The picture is mirrored, says its header (PatientOrientation {said}): it was mirrored back "
    "for the score, and is shown as it is stored",
    "The picture is mirrored, says its header: it was mirrored back for the score",
)
_NOT_UPRIGHT = caution(
    "turned-or-mirrored",
    "The picture is turned or mirrored, says its header (PatientOrientation {said}), which was not "
    "done: look at the marker",
    "The picture is turned or mirrored, says its header: look at the marker",
)


_OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
_AXIS = {"L": 0, "R": 0, "A": 1, "P": 1, "H": 2, "F": 2}
_PLUS, _MINUS = "LPH", "RAF"
"""Patient coordinates (C.7.6.2.1.1): x grows to the left, y to the back, z to the head."""
_LEAST_PART = 0.25
"""A direction that lies by less than this share (about 15 degrees) along an axis names it not."""


@dataclass(frozen=True)
class Edges:
    """What stands at the edges of the picture; empty where the header does not say."""

    left: str = ""
    top: str = ""
    right: str = ""
    bottom: str = ""


def checked(said: tuple[str, ...]) -> tuple[str, ...]:
    """PatientOrientation as it can be used.

    Parameters
    ----------
    said
        Its two values: where the rows run to, where the columns run to.

    Returns
    -------
    tuple[str, ...]
        Both values in capitals, one of them empty where the header leaves it open; () when they
        cannot be meant: unknown letters, one axis twice, rows and columns along the same axis.
    """
    values = tuple(value.strip().upper() for value in said)
    if len(values) != 2 or not any(values):
        return ()
    for value in values:
        axes = [_AXIS.get(letter) for letter in value]
        if None in axes or len(set(axes)) != len(axes):
            return ()
    if all(values) and _AXIS[values[0][0]] == _AXIS[values[1][0]]:
        return ()
    return values


def from_cosines(cosines: tuple[float, ...]) -> tuple[str, ...]:
    """The letters of ImageOrientationPatient (C.7.6.2.1.1).

    Parameters
    ----------
    cosines
        Six direction cosines: of the rows, then of the columns.

    Returns
    -------
    tuple[str, ...]
        As ``checked`` gives them, the main direction first; () unless both are unit vectors at a
        right angle.
    """
    if len(cosines) != 6:
        return ()
    rows, columns = cosines[:3], cosines[3:]
    lengths = math.hypot(*rows), math.hypot(*columns)
    across = sum(a * b for a, b in zip(rows, columns, strict=True))
    if any(abs(length - 1) > 0.01 for length in lengths) or abs(across) > 0.01:
        return ()
    return checked((_letters(rows), _letters(columns)))


def _letters(direction: tuple[float, ...]) -> str:
    parts = sorted(enumerate(direction), key=lambda part: -abs(part[1]))
    return "".join(
        (_PLUS if share > 0 else _MINUS)[axis] for axis, share in parts if abs(share) >= _LEAST_PART
    )


def opposite(letters: str) -> str:
    """The other end of a direction: ``LF`` gives ``RH``."""
    return "".join(_OPPOSITE[letter] for letter in letters)


def edges(orientation: tuple[str, ...], turns: int = 0, flipped: bool = False) -> Edges:
    """The letters at the edges of what is seen.

    Parameters
    ----------
    orientation
        As ``checked`` gives it.
    turns, flipped
        Quarter turns clockwise, then left and right swapped; both of the picture only.
    """
    if len(orientation) != 2:
        return Edges()
    right, bottom = orientation
    around = [right, bottom, opposite(right), opposite(bottom)]
    # A quarter turn clockwise brings what was on the right to the bottom.
    turned = [around[(place - turns) % 4] for place in range(4)]
    if flipped:
        turned[0], turned[2] = turned[2], turned[0]
    return Edges(left=turned[2], top=turned[3], right=turned[0], bottom=turned[1])


@dataclass(frozen=True)
class Turn:
    """Quarter turns clockwise, then left and right swapped."""

    turns: int
    flipped: bool

    def applied(self, picture: NDArray) -> NDArray:
        """The picture turned, shape (rows, columns) or, after an odd turn, (columns, rows)."""
        turned = np.rot90(picture, -self.turns)
        return np.ascontiguousarray(turned[:, ::-1] if self.flipped else turned)

    def undone(self, picture: NDArray) -> NDArray:
        """What ``applied`` gave, as it was before."""
        before = picture[:, ::-1] if self.flipped else picture
        return np.ascontiguousarray(np.rot90(before, self.turns))


def to_upright(orientation: tuple[str, ...]) -> Turn | None:
    """How to turn a frontal picture so that the head is on top and the patient's left on the right.

    Parameters
    ----------
    orientation
        As ``checked`` gives it.

    Returns
    -------
    Turn or None
        None for a picture that is upright, that is no frontal view, or of which the header tells
        one direction only.
    """
    for flipped in (False, True):
        for turns in range(4):
            seen = edges(orientation, turns, flipped)
            if (seen.right[:1], seen.bottom[:1]) == ("L", "F"):
                return Turn(turns, flipped) if turns or flipped else None
    return None


def turn_steps(orientation: tuple[str, ...]) -> tuple[Reason, ...]:
    """What is done for the network to a picture that is not upright."""
    return (_UPRIGHT(said="\\".join(orientation)),) if to_upright(orientation) else ()


def turn_cautions(orientation: tuple[str, ...]) -> tuple[Reason, ...]:
    """What to know of a picture that is not upright: it is turned for the score alone.

    FieldOfViewRotation and FieldOfViewHorizontalFlip tell how the picture lies to the detector
    (PS3.3 C.8.11.4), which says nothing of the patient: they turn nothing.
    """
    said = "\\".join(orientation)
    if turn := to_upright(orientation):
        if turn.turns:
            return ((_TURNED_MIRRORED if turn.flipped else _TURNED)(said=said),)
        return (_MIRRORED(said=said),)
    rows, columns = orientation or ("", "")
    # One direction alone, and not that of an upright picture.
    half = (rows[:1], columns[:1])
    if half in {("R", ""), ("H", ""), ("F", ""), ("", "H"), ("", "L"), ("", "R")}:
        return (_NOT_UPRIGHT(said=said),)
    return ()
