"""What a DICOM image should look like: its windows and VOI LUT, and what to do when they fail."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from app.core.base.reasons import Reason, caution, phrase, step
from app.core.dicom.luts import lut_of
from app.core.dicom.text import in_frame, items, numbers, text
from app.core.image.display import auto_window, share_between
from app.core.image.radiograph import IDENTITY_8_BIT, Voi, VoiLut, Window, WindowFunction

_VOI_LUT = phrase("voi-lut", "VOI LUT")
_WINDOW = phrase("window", "window")
_NOT_USED = step(
    "window-not-used", "Header's {what} not used: a window from the 0.5th to 99.5th percentile"
)
_SHOWS_NOTHING = caution(
    "window-shows-nothing",
    "The header's {what} would show nearly all of the image black or white; a window from its grey "
    "values was used",
    "The header's {what} would show nearly all of the image black or white; a window from its grey "
    "values was used",
)

_LEAST_BETWEEN = 0.01
"""A picture has at least this share of its pixels between black and white."""

_LEAST_WIDTH = 16
"""Whole grey values that spread less are noise, which no window makes a picture of."""


@dataclass(frozen=True)
class DisplayOptions:
    """What the header offers to look at an image with; the fields are those of ``Radiograph``."""

    windows: tuple[Window, ...]
    voi_luts: tuple[VoiLut, ...] = ()
    rescue: Window | None = None


def view_of(
    ds: Dataset,
    pixels: NDArray,
    real: NDArray,
    steps: list[Reason],
    cautions: list[Reason],
    frame: int = 0,
) -> DisplayOptions:
    """The windows and VOI LUTs to choose from.

    A window or VOI LUT that shows nearly all of a picture black and white cannot be meant for
    these values (a wrong tag, or values that were changed without it): a window from the values
    takes its place, with a step and a caution.

    Parameters
    ----------
    ds
        The data set.
    pixels, real
        Modality values, (rows, columns); and those that are no padding, any shape.
    steps, cautions
        What was done and what is doubtful is added here.
    frame
        Which frame it is, from 0.
    """
    windows, voi_luts = _windows(ds, frame), _voi_luts(ds, pixels, frame, steps, cautions)
    offered = windows or (_without_window(ds, pixels, real),)
    offers: list[Voi] = [*voi_luts, *windows]
    meant = offers[0] if offers else None
    if meant is not None and share_between(real, meant) < _LEAST_BETWEEN:
        auto = auto_window(real)
        noise = real.dtype.kind != "f" and auto.width < _LEAST_WIDTH
        if not noise and share_between(real, auto) >= _LEAST_BETWEEN:
            what = _VOI_LUT() if voi_luts else _WINDOW()
            steps.append(_NOT_USED(what=what))
            cautions.append(_SHOWS_NOTHING(what=what))
            return DisplayOptions(offered, voi_luts, auto)
    return DisplayOptions(offered, voi_luts)


def _windows(ds: Dataset, frame: int) -> tuple[Window, ...]:
    """All usable windows of the header, each with its explanation."""
    where = in_frame(ds, "FrameVOILUTSequence", "WindowCenter", frame)
    said = text(where, "VOILUTFunction").upper()
    function: WindowFunction = "LINEAR"
    if said == "SIGMOID":
        function = "SIGMOID"
    elif said == "LINEAR_EXACT":
        function = "LINEAR_EXACT"
    pairs = zip(numbers(where, "WindowCenter"), numbers(where, "WindowWidth"), strict=False)
    explained = text(where, "WindowCenterWidthExplanation").split("\\")
    smallest = 1.0 if function == "LINEAR" else 1e-6
    # The explanations may be fewer than the windows.
    return tuple(
        Window(center, width, function, explanation)
        for (center, width), explanation in zip(pairs, chain(explained, repeat("")), strict=False)
        if width >= smallest
    )


def has_windows(ds: Dataset) -> bool:
    """Whether the header gives a window or VOI LUT that can be used."""
    return bool(_windows(ds, 0)) or "VOILUTSequence" in in_frame(
        ds, "FrameVOILUTSequence", "VOILUTSequence"
    )


def _without_window(ds: Dataset, pixels: NDArray, real: NDArray) -> Window:
    if pixels.dtype != np.uint8:
        return auto_window(real)
    # The values are shown as they are, like a PNG of the same pixels.
    bits = int((numbers(ds, "BitsStored") or (8,))[0])
    return Window(2.0 ** (bits - 1), 2.0**bits) if 0 < bits < 8 else IDENTITY_8_BIT


def full_range(pixels: NDArray) -> Window:
    """The window of what was stored in channels: DICOM windows are for greyscale only."""
    return IDENTITY_8_BIT if pixels.dtype == np.uint8 else Window(32768.0, 65536.0)


def _voi_luts(
    ds: Dataset, pixels: NDArray, frame: int, steps: list[Reason], cautions: list[Reason]
) -> tuple[VoiLut, ...]:
    """All items of the VOI LUT Sequence that can be used; what is told is of the first."""
    where = in_frame(ds, "FrameVOILUTSequence", "VOILUTSequence", frame)
    big = not ds.original_encoding[1]
    found = [
        (lut, text(item, "LUTExplanation"))
        for item in items(where, "VOILUTSequence")
        if (lut := lut_of(item, big, pixels, "VOI LUT")) is not None
    ]
    if found:
        steps += found[0][0].notes
        cautions += found[0][0].doubts
    return tuple(VoiLut(lut.table, lut.first, lut.maximum, words) for lut, words in found)
