"""Which bits of a frame are the value: the data set's say, the frame's own, and the picture's.

Data set and frame may contradict each other about bits and sign. One rule serves all
compressions, and values that are not compressed: a frame that has more bits than BitsStored says
is believed where its values use them, overshoots of a lossy compression are clipped to BitsStored,
and what else stands above the value (overlays, rubbish) is taken away. Which of these it is, the
picture shows: a value that loses its upper bits jumps by their worth wherever the grey crosses it.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from app.core.base.reasons import Reason, caution, step
from app.core.dicom.decoders import Frame
from app.core.dicom.overlays import embedded_bits
from app.core.dicom.text import numbers
from app.core.dicom.values import lifted, lowered
from app.core.image.raster_common import blocks_of

_FEWER_BITS = step(
    "fewer-bits-than-said", "The frame has {has} bits a value, the header says {said}"
)
_CLIPPED = step("overshoot-clipped", "Values beyond {bits} bits clipped (lossy compression)")
_MORE_BITS = caution(
    "more-bits-than-said",
    "The header says {said} bits a value, but the image has {has}: all of them were used",
    "The image has more bits a value than the header says: all of them were used",
)
_SIGN = step("sign-of-highest-bit", "Sign taken from the highest bit stored")

_FEWER = 4
"""Read right, a picture has so many times fewer jumps."""

_CARRIES = 1e-4
"""This share of neighbours tells that upper bits belong to the value."""

_NOISE = 0.02
"""This share of jumping neighbours is no picture; edges of markers and masks are far less."""

_OVERSHOOT, _OVERSHOOT_SHARE = 0.25, 0.01
"""Compression overshoots by a quarter of the range at most, but for this share of the values."""


def values_of(
    ds: Dataset, frame: Frame, steps: list[Reason], cautions: list[Reason]
) -> tuple[NDArray, NDArray | None]:
    """The stored values of a frame, and its words with their other bits.

    Parameters
    ----------
    ds
        The data set.
    frame
        As it was decoded.
    steps, cautions
        What was done and what is doubtful is added here.

    Returns
    -------
    tuple
        Values of shape (rows, columns) or (rows, columns, 3), with the data set's sign; and the
        words, None where a compression does not keep them, for colour and for floating point.

    Raises
    ------
    ValueError
        When header and frame contradict each other about the sign.
    """
    whole, has = frame.values, frame.bits
    if has is None:
        return whole, None
    steps += frame.notes
    signed = (numbers(ds, "PixelRepresentation") or (0,))[0] == 1
    said = int((numbers(ds, "BitsStored") or (0,))[0])
    bits = min(said, has) if said > 0 else has
    words = None if frame.lossy else whole.view(f"{'i' if signed else 'u'}{whole.itemsize}")
    apart = embedded_bits(ds) or lifted(ds)
    if said > has:
        steps.append(_FEWER_BITS(has=has, said=said))
    if apart and words is not None and 8 * whole.itemsize == has:
        values = lowered(ds, _with_sign(whole, bits, signed), words, steps)
        return values, words
    if bits < has and int(whole.max()) >> bits:
        if frame.lossy and _only_overshoots(whole, bits, has, signed):
            steps.append(_CLIPPED(bits=bits))
            return _clipped(whole, bits, has, signed), words
        # A frame of 12 bits says so on purpose, one of 8 or 16 may only be what holds the value.
        if frame.lossy or (frame.own_bits and has not in (8, 16)) or _belongs(whole, bits):
            _tell_more_bits(whole, bits, has, signed, cautions)
            bits = has
    return _sign_as_meant(whole, bits, has, signed, frame.signed, steps), words


def _tell_more_bits(
    whole: NDArray, bits: int, has: int, signed: bool, cautions: list[Reason]
) -> None:
    if signed and np.array_equal(_with_sign(whole, bits, True), _with_sign(whole, has, True)):
        return  # the upper bits only repeat the sign
    used = has if signed else int(whole.max()).bit_length()
    cautions.append(_MORE_BITS(said=bits, has=used))


def _with_sign(whole: NDArray, bits: int, signed: bool) -> NDArray:
    """The lowest bits of unsigned words as values, the highest of them the sign if there is one."""
    low = whole & ((1 << bits) - 1)
    if not signed:
        return low
    above = 8 * whole.itemsize - bits
    return (low << above).view(f"i{whole.itemsize}") >> above


def _only_overshoots(whole: NDArray, bits: int, has: int, signed: bool) -> bool:
    values = _with_sign(whole, has, signed).astype(np.int32)
    low, high = _range(bits, signed)
    room = int(_OVERSHOOT * (1 << bits))
    return float(np.mean((values > high + room) | (values < low - room))) < _OVERSHOOT_SHARE


def _clipped(whole: NDArray, bits: int, has: int, signed: bool) -> NDArray:
    return np.clip(_with_sign(whole, has, signed), *_range(bits, signed))


def _range(bits: int, signed: bool) -> tuple[int, int]:
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)


def _belongs(whole: NDArray, bits: int) -> bool:
    """Whether what stands above the lower bits is part of the value.

    The lower bits wrap where the upper ones change then, and without these the picture is noise.
    Rubbish and overlays in the upper bits change while the lower ones stay what they are.
    """
    half = 1 << (bits - 1)
    wraps = foreign = broken = count = 0
    for rows, axis in itertools.product(blocks_of(whole, overlap=1), (0, 1)):
        wide = whole[rows].astype(np.int32)
        low = wide & ((1 << bits) - 1)
        low_jumps = np.abs(np.diff(low, axis=axis)) > half
        jumps = np.abs(np.diff(wide, axis=axis)) > half
        wraps += int(np.count_nonzero(low_jumps & ~jumps))
        foreign += int(np.count_nonzero(jumps & ~low_jumps))
        broken += int(np.count_nonzero(low_jumps & (np.diff(wide >> bits, axis=axis) != 0)))
        count += jumps.size
    if wraps > foreign and wraps >= _CARRIES * count:
        return True
    # Too noisy for that: then the picture has few jumps with all of its bits.
    return broken >= _NOISE * count and (
        _jumps(whole, int(whole.max()).bit_length()) * _FEWER < broken / count
    )


def _sign_as_meant(
    whole: NDArray,
    bits: int,
    has: int,
    signed: bool,
    signed_in_frame: bool | None,
    steps: list[Reason],
) -> NDArray:
    values = _with_sign(whole, bits, signed)
    if bits < 8:
        return values
    if signed and bits < has and not int(whole.max()) >> bits and int(values.min()) < 0:
        # JPEG-LS has no sign: what was stored in 12 bits comes out without it.
        without = whole.view(values.dtype)
        if _jumps(values, bits) > _jumps(without, bits):
            return without
        steps.append(_SIGN())
    if signed_in_frame is not None and signed_in_frame != signed:
        other = _with_sign(whole, bits, not signed)
        if _jumps(other, bits) * _FEWER < _jumps(values, bits):
            raise ValueError("header and frame contradict each other about the sign")
    return values


def _jumps(values: NDArray, bits: int) -> float:
    """The share of neighbours in a row that differ by more than half of the range of the bits."""
    if values.shape[1] < 2:
        return 0.0
    jumps = 0
    for rows in blocks_of(values):
        wide = values[rows].astype(np.int32)
        jumps += int(np.count_nonzero(np.abs(np.diff(wide, axis=1)) > (1 << (bits - 1))))
    return jumps / (values.shape[0] * (values.shape[1] - 1))
