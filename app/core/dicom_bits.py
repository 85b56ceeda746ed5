"""Do header and values agree on which bits are the value? Jumps between neighbours tell.

Neighbours of a radiograph hardly ever differ by half of the range. Values that are read with the
wrong sign, or without their upper bits, do so wherever the grey crosses the middle: dark and
bright change places there, and nothing else of the file would show it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from app.core.dicom_header import numbers
from app.core.translation import tr

_FEWER = 4
"""Read right, a picture has so many times fewer jumps."""

_MANY = 0.02
"""This share of jumping neighbours is no picture; edges of markers and masks are far less."""


def as_meant(
    ds: Dataset,
    stored: NDArray,
    signed_in_frame: bool | None,
    words: Callable[[], NDArray | None],
    steps: list[str],
) -> NDArray:
    """The values as the header says, the sign taken from the highest bit stored.

    Parameters
    ----------
    ds
        The data set.
    stored
        Shape (rows, columns) or (rows, columns, 3), as the decoder gives them.
    signed_in_frame
        Whether the compressed data have a sign; None where they do not tell.
    words
        Gives the values with all bits; None where they are not known.
    steps
        What was done is added here, in words.

    Raises
    ------
    ValueError
        When the header says other bits than the values have: the picture would be scrambled.
    """
    bits = int((numbers(ds, "BitsStored") or (0,))[0])
    allocated = 8 * stored.dtype.itemsize
    if stored.dtype.kind not in "iu" or stored.ndim != 2 or not 8 <= bits <= allocated <= 16:
        return stored
    signed = stored.dtype.kind == "i"
    low = stored.astype(np.int32) & ((1 << bits) - 1)
    top = 1 << (bits - 1)
    with_sign = (low ^ top) - top
    jumps = _jumps(stored, bits)
    if signed and int(stored.max()) >= top and _jumps(with_sign, bits) <= jumps:
        # JPEG-LS has no sign: what was stored in 12 bits comes out without it.
        steps.append(tr("Sign taken from the highest bit stored"))
        return with_sign.astype(stored.dtype)
    if signed_in_frame is not None and signed_in_frame != signed:
        other = low if signed else with_sign
        if _jumps(other, bits) * _FEWER < jumps:
            raise ValueError("header and frame contradict each other about the sign")
    # With a sign the upper bits repeat it.
    whole = words() if not signed and bits < allocated and jumps >= _MANY else None
    if whole is not None:
        whole = whole.view(f"u{allocated // 8}")
        used = int(whole.max()).bit_length()
        if np.ptp(whole >> bits) and _jumps(whole, used) * _FEWER < jumps:
            raise ValueError("the values have more bits than the header says")
    return stored


def _jumps(values: NDArray, bits: int) -> float:
    """The share of neighbours in a row that differ by more than half of the range of the bits."""
    if values.shape[1] < 2:
        return 0.0
    wide = values.astype(np.int32)
    return float(np.mean(np.abs(np.diff(wide, axis=1)) > (1 << (bits - 1))))
