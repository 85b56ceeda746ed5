"""Is a part of the picture missing: a run of one value where a chest has none?

A copy that was cut off on a file of full length, a lost block and a decoder that fills what it
lacks leave exactly one value (0, FF, a grey) from some place on. Collimation, masks and padding
are of one value, too, but they lie in whole rows and at several sides of the picture, and real ones
stay below the limits here. ``benchmarks/missing.py`` measures it: of 9,427 whole films 14 get a
caution (50 where noise in their borders is taken away) and none is refused; of films that lack
3 % of their data 99.6 % are seen, from 10 % on all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.core.base.reasons import Reason, caution, phrase

_SEEN = {
    "end": phrase("end-of-one-value", "its last {share:.0%} are one single value"),
    "beginning": phrase("beginning-of-one-value", "its first {share:.0%} are one single value"),
    "middle": phrase("band-of-one-value", "a band of {share:.0%} in it is one single value"),
}
_MAY_BE_MISSING = caution(
    "part-missing",
    "A part of the image may be missing: {what}",
    "A part of the image may be missing",
)

_AT_END, _AT_BEGINNING, _IN_MIDDLE = 0.02, 0.10, 0.05
"""Share of the picture from which a part is told. Files break off at their end; at the top of a
picture the collimation may be wide, and nothing writes a file from its end."""

_LARGE = 0.10
"""So large a border at one end alone is told even where other sides have its value."""

REFUSE = 0.25
"""From here on there is no whole picture. The largest border at one end of 9,427 real films takes
0.18 of them, 0.23 with the 12 darkest and brightest of 256 greys taken for one."""

_BORDER = 0.5
"""A side with at least so much of the value has a border of it, as masks and collimation make it;
air beside the patient may be of the value, too, for less."""

_BLANK = 0.99
"""A picture that is one value but for so little is blank, which the gate says better."""

_CUT = 0.05
"""Of the width: a row breaks off where the row before it goes on for at least so long."""


@dataclass(frozen=True)
class Missing:
    """A part of the picture that may be missing.

    Parameters
    ----------
    share
        Of the picture, 0 to 1.
    place
        Where.
    is_certain
        Whether it is so large, and so unlike a border, that there is no whole picture.
    """

    share: float
    place: Literal["end", "beginning", "middle"]
    is_certain: bool = False

    @property
    def phrase(self) -> Reason:
        """What is seen."""
        return _SEEN[self.place](share=self.share)

    @property
    def caution(self) -> Reason:
        """The same as a caution."""
        return _MAY_BE_MISSING(what=self.phrase)


def missing_part(
    values: NDArray,
    padding: NDArray[np.bool_] | None = None,
    tile: tuple[int, int] | None = None,
) -> Missing | None:
    """Look for a part that may be missing.

    Parameters
    ----------
    values
        Shape (rows, columns) or (rows, columns, channels), as stored and before anything is done
        to them.
    padding
        Shape (rows, columns): what the file says is padding.
    tile
        Rows and columns of the tiles that it is stored in; None for whole rows.

    Returns
    -------
    Missing or None
        None where nothing speaks for it, and for a picture of hardly more than one value.
    """
    values = values if values.ndim == 2 else values[..., 0]
    last, first = (values[-1, -1], values[0, 0]) if values.size else (0, 0)
    padded_last, padded_first = (
        (False, False) if padding is None else (bool(padding[-1, -1]), bool(padding[0, 0]))
    )
    if tile is not None and tile != values.shape:
        values, last, first = _of_tiles(values, *tile), True, True
    backwards = values[::-1, ::-1]
    end, beginning = _run(values, last, _AT_END), _run(backwards, first, _AT_BEGINNING)
    if max(end, beginning) >= _BLANK or not values.size:
        return None
    opposite = _run(backwards, last, _AT_END)
    if end and _is_doubtful(values, last, end, opposite, padded_last):
        return Missing(end, "end", end >= REFUSE)
    if beginning and _is_doubtful(backwards, first, beginning, end, padded_first):
        return Missing(beginning, "beginning")
    middle = _gap(values, padding)
    return Missing(middle, "middle", middle >= REFUSE) if middle >= _IN_MIDDLE else None


def _run(values: NDArray, value: object, least: float) -> float:
    """The share of the picture that the run of a value at its end takes; 0 for under the least."""
    rows, columns = values.shape
    whole_rows = int(least * rows)
    if whole_rows and (values[rows - whole_rows :] != value).any():
        return 0.0
    other = np.flatnonzero((values != value).any(axis=1))
    if not other.size:
        return 1.0
    row = int(other[-1])
    after = int(np.argmax(values[row, ::-1] != value))
    run = ((rows - 1 - row) * columns + after) / values.size
    return run if run >= least else 0.0


def _is_doubtful(values: NDArray, value: object, run: float, opposite: float, padded: bool) -> bool:
    """Whether a row breaks off, no other side has a border of the value, or it is lopsided."""
    row, column = divmod(values.size - round(run * values.size), values.shape[1])
    width = values.shape[1]
    above = np.count_nonzero(values[max(0, row - 1), column:] != value)
    if row and column >= _CUT * width and above >= _CUT * width:
        return True
    if padded:
        return False
    rest = values[: max(1, row)]
    sides = [float(np.mean(side == value)) for side in (rest[0], rest[:, 0], rest[:, -1])]
    return max(sides) < _BORDER or (run >= _LARGE and opposite < run / 2)


def _gap(values: NDArray, padding: NDArray[np.bool_] | None) -> float:
    """The share of rows of one value between others."""
    rows, columns = values.shape
    same = (values[:, 0] == values[:, -1]) & (values[:, 0] == values[:, columns // 2])
    candidates = np.flatnonzero(same)
    if len(candidates) < max(1, _IN_MIDDLE * rows):
        return 0.0
    full = candidates[(values[candidates] == values[candidates, :1]).all(axis=1)]
    # Neighbouring rows of one and the same value belong together.
    breaks = (np.diff(full) > 1) | (values[full[1:], 0] != values[full[:-1], 0])
    groups = np.split(full, np.flatnonzero(breaks) + 1) if len(full) else []
    inner = [
        len(group)
        for group in groups
        if group[0] > 0 and group[-1] < rows - 1 and (padding is None or not padding[group[0], 0])
    ]
    return max(inner, default=0) / rows


def _of_tiles(values: NDArray, rows: int, columns: int) -> NDArray[np.bool_]:
    """For each tile, whether it is of one value, which is that of the last or of the first one."""
    ends = (values[-1, -1], values[0, 0])
    return np.array(
        [
            [
                any(
                    bool((values[top : top + rows, left : left + columns] == end).all())
                    for end in ends
                )
                for left in range(0, values.shape[1], columns)
            ]
            for top in range(0, values.shape[0], rows)
        ]
    )
