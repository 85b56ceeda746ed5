"""The looks to choose from for one image: the header's, and some made from its grey values.

A radiograph has no absolute units: the same value is lung in one and bone in the next, so that a
preset cannot be a fixed window as it is in CT. Air lets the most X-rays through and bone the
fewest, though, so in order of brightness the grey values of a chest come as lung, then soft
tissue, then bone, and percentiles find them in any image. Left out are what is no patient: a tenth
of the image at each side (bare detector, collimator, lead letters), and the darkest and brightest
value (saturated or cut off).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.image.display import auto_window, sampled
from app.core.image.radiograph import Radiograph, Voi, VoiLut, Window

FILE, AUTO, LUNGS, MEDIASTINUM, BONE = "file", "auto", "lungs", "mediastinum", "bone"
PERCENTILES = {LUNGS: (1.0, 62.0), MEDIASTINUM: (40.0, 98.0), BONE: (20.0, 99.9)}
"""Darkest and brightest share (per cent) of the middle of the image that is told apart.

Chosen by eye on adult and paediatric chests (RG1 of pydicom-data, ChestX-ray14, Kermany): lungs
fill the darker half of the middle, ribs begin in the brighter part of that half.
"""

_LEAST_SHARE = 0.25
"""Of the automatic window's width: a narrower one shows the grain of the detector."""

_MARGIN = 0.1
_SAMPLE = 250_000
_BINS = 256


@dataclass(frozen=True)
class Preset:
    """One way to look at an image.

    Parameters
    ----------
    kind
        FILE, AUTO, LUNGS, MEDIASTINUM or BONE.
    voi
        What to show it with.
    number
        From 1 among those of the header; 0 for the others.
    """

    kind: str
    voi: Voi
    number: int = 0


def presets_of(radiograph: Radiograph) -> tuple[Preset, ...]:
    """Everything there is to choose from, the header's first."""
    # An image without a window of its own comes with an automatic one.
    auto = next((voi for voi in (radiograph.rescue, *radiograph.windows) if voi and voi.made), None)
    header: list[Voi] = [*radiograph.voi_luts]
    header += [window for window in radiograph.windows if not window.made]
    return (
        *(Preset(FILE, voi, number) for number, voi in enumerate(header, 1)),
        Preset(AUTO, auto or auto_window(radiograph.pixels)),
        *(Preset(kind, percentile_window(radiograph, kind)) for kind in PERCENTILES),
    )


def default_preset(radiograph: Radiograph) -> Preset:
    """The one that an image is shown with before anybody chooses."""
    voi = radiograph.default_voi
    if isinstance(voi, Window) and voi.made:
        return Preset(AUTO, voi)
    return Preset(FILE, voi, 1)


def percentile_window(radiograph: Radiograph, kind: str) -> Window:
    """A window over the lungs, the mediastinum or the bones.

    Parameters
    ----------
    radiograph
        The image; of a small or constant one all of it counts.
    kind
        A key of ``PERCENTILES``.

    Returns
    -------
    Window
        LINEAR for integers, LINEAR_EXACT for floats.
    """
    rows, columns = radiograph.pixels.shape
    top, left = int(rows * _MARGIN), int(columns * _MARGIN)
    values = sampled(radiograph.pixels[top : rows - top, left : columns - left], _SAMPLE).ravel()
    inner = values[(values > values.min()) & (values < values.max())]
    dark, bright = PERCENTILES[kind]
    if radiograph.inverted:
        dark, bright = 100 - bright, 100 - dark
    low, high = (float(v) for v in np.percentile(inner if inner.size else values, (dark, bright)))
    more = (_LEAST_SHARE * auto_window(values).width - (high - low)) / 2
    if more > 0:
        low, high = low - more, high + more
    if values.dtype.kind == "f":
        return Window((low + high) / 2, max(high - low, 1e-6), "LINEAR_EXACT")
    low, high = np.floor(low), np.ceil(high)
    return Window(float(low + high + 1) / 2, max(2.0, float(high - low + 1)))


@dataclass(frozen=True)
class Histogram:
    """How often the values come.

    Parameters
    ----------
    low, high
        The smallest and the largest modality value.
    counts
        Shape (256,) or fewer for few values; equal steps from ``low`` to ``high``.
    """

    low: float
    high: float
    counts: NDArray[np.intp]


def histogram_of(radiograph: Radiograph) -> Histogram:
    """The modality values of an image; of a large one a sample on a regular grid."""
    values = sampled(radiograph.pixels, _SAMPLE).ravel()
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    bins = int(min(_BINS, high - low + 1)) if values.dtype.kind != "f" else _BINS
    least = max(1e-6, 1e-6 * abs(low))
    span = (low, high + 1) if values.dtype.kind != "f" else (low, max(high, low + least))
    # In double precision, since between two neighbours of single precision no 256 steps fit.
    counts, _ = np.histogram(values.astype(np.float64), bins=bins, range=span)
    return Histogram(low, high, counts)


def shown_range(voi: Voi) -> tuple[float, float]:
    """The darkest and the brightest value that a window or a VOI LUT tells apart."""
    if isinstance(voi, VoiLut):
        return voi.first, voi.first + voi.width - voi.step
    if voi.function == "LINEAR":
        return voi.center - voi.width / 2, voi.center + voi.width / 2 - 1
    return voi.center - voi.width / 2, voi.center + voi.width / 2


def over_range(voi: Voi, low: float, high: float) -> tuple[float, float]:
    """Centre and width with which a window or VOI LUT spans these values (``shown_range``)."""
    if isinstance(voi, VoiLut):
        count = len(voi.table)
        step = (high - low) / max(1, count - 1)
        return low + count * step / 2, count * step
    if voi.function == "LINEAR":
        return (low + high + 1) / 2, high - low + 1
    return (low + high) / 2, high - low
