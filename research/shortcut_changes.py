"""Changes that leave the lungs as they are and take a shortcut away, move it or turn it around.

Each is a function from a frame, another patient's frame of the other class, and a generator of
random numbers to the changed frame. What a change draws depends on the image's content and the
seed alone, so that two networks are shown the same changed images.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from research.shortcut_regions import Frame, find_marker, ring

Random = np.random.Generator
Change = Callable[[Frame, Frame, Random], Frame]

ASPECTS = 1.50 / 1.21
"""How much wider the pneumonias' originals are than the normals' (medians of originals.csv)."""


def blank_marker(frame: Frame, other: Frame, random: Random) -> Frame:
    """The side marker painted over from its surroundings (Telea 2004)."""
    found = find_marker(frame)
    if found is None:
        return frame
    return np.asarray(cv2.inpaint(frame, found.mask(frame, 3), 3, cv2.INPAINT_TELEA), np.uint8)


def swap_marker(frame: Frame, other: Frame, random: Random) -> Frame:
    """Its own marker painted over, and that of an image of the other class pasted in."""
    out = blank_marker(frame, other, random).copy()
    found = find_marker(other)
    if found is not None:
        inside = found.mask(other, 2).astype(bool)
        out[inside] = other[inside]
    return out


def moved_marker(frame: Frame, other: Frame, random: Random) -> Frame:
    """An "R" where none was, in a random place near an edge; its own stays."""
    out = frame.copy()
    at = (int(random.choice((6, 200))), int(random.integers(20, 200)))
    cv2.putText(out, "R", at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 230, 1, cv2.LINE_AA)
    return out


def blank_border(share: float, grey: int | None) -> Change:
    """The outer ring black, or (None) of the picture's mean grey."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        out = frame.copy()
        out[ring(frame, share)] = int(frame.mean()) if grey is None else grey
        return out

    return change


def swap_border(share: float) -> Change:
    """The outer ring of an image of the other class around this one."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        return np.where(ring(frame, share), other, frame)

    return change


def rotated(degrees: float) -> Change:
    """Turned either way about the middle; the corners are continued from the edge."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        turn = float(random.choice((-degrees, degrees)))
        return _warp(frame, cv2.getRotationMatrix2D(_middle(frame), turn, 1.0))

    return change


def scaled(across: float, down: float) -> Change:
    """Enlarged about the middle (what falls outside is cut) or, below 1, reduced on black."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        x, y = _middle(frame)
        matrix = np.array([[across, 0, x - across * x], [0, down, y - down * y]])
        return _warp(frame, matrix, cv2.BORDER_CONSTANT)

    return change


def shifted(share: float) -> Change:
    """Moved by a share of the side in a random direction; what is uncovered is continued."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        angle = random.uniform(0, 2 * np.pi)
        x, y = share * frame.shape[1] * np.array([np.cos(angle), np.sin(angle)])
        return _warp(frame, np.array([[1.0, 0, x], [0, 1.0, y]]))

    return change


def gamma(exponent: float) -> Change:
    """Another curve of grey levels: above 1 darker, below 1 brighter."""
    table = np.rint(255 * np.linspace(0, 1, 256) ** exponent).astype(np.uint8)

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        return np.asarray(cv2.LUT(frame, table), np.uint8)

    return change


def rewindowed(low: float, high: float) -> Change:
    """A window between two percentiles of the picture: what lies outside is clipped."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        start, stop = np.percentile(frame, (low, high))
        scaled = (frame.astype(np.float64) - start) * 255 / max(stop - start, 1.0)
        return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)

    return change


def greys_of_other(frame: Frame, other: Frame, random: Random) -> Frame:
    """The same picture with the grey levels of an image of the other class (matched histogram)."""
    own = np.cumsum(np.bincount(frame.ravel(), minlength=256)) / frame.size
    wanted = np.cumsum(np.bincount(other.ravel(), minlength=256)) / other.size
    table = np.clip(np.searchsorted(wanted, own - 1e-12), 0, 255).astype(np.uint8)
    return table[frame]


def dressed_as_other(frame: Frame, other: Frame, random: Random) -> Frame:
    """Border and grey levels of an image of the other class, both at once."""
    return swap_border(0.08)(greys_of_other(frame, other, random), other, random)


def recompressed(quality: int) -> Change:
    """Through JPEG once more."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        _, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)

    return change


def downsampled(side: int) -> Change:
    """Reduced to so many pixels a side and enlarged again: fine grain is lost."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        small = cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, frame.shape[::-1], interpolation=cv2.INTER_CUBIC))

    return change


def grainy(deviation: float) -> Change:
    """Independent noise in each pixel, of so many grey levels."""

    def change(frame: Frame, other: Frame, random: Random) -> Frame:
        noisy = frame + random.normal(0, deviation, frame.shape)
        return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)

    return change


def mirrored(frame: Frame, other: Frame, random: Random) -> Frame:
    """Left and right exchanged, marker and heart too."""
    return np.ascontiguousarray(frame[:, ::-1])


CHANGES: dict[str, dict[str, Change]] = {
    "marker": {
        "marker painted over": blank_marker,
        "marker of the other class in its place": swap_marker,
        "one more R near an edge": moved_marker,
    },
    "border": {
        "outer 4 % black": blank_border(0.04, 0),
        "outer 8 % black": blank_border(0.08, 0),
        "outer 8 % mean grey": blank_border(0.08, None),
        "outer 4 % of the other class": swap_border(0.04),
        "outer 8 % of the other class": swap_border(0.08),
    },
    "geometry": {
        "rotated by 5 degrees": rotated(5),
        "rotated by 10 degrees": rotated(10),
        "shifted by 5 %": shifted(0.05),
        "5 % cut off each side": scaled(1 / 0.9, 1 / 0.9),
        "10 % cut off each side": scaled(1 / 0.8, 1 / 0.8),
        "reduced to 90 % on black": scaled(0.9, 0.9),
        f"stretched across by {ASPECTS:.2f}": scaled(ASPECTS, 1),
        f"stretched down by {ASPECTS:.2f}": scaled(1, ASPECTS),
        "mirrored": mirrored,
    },
    "grey levels": {
        "gamma 0.7": gamma(0.7),
        "gamma 1.4": gamma(1.4),
        "window from 5th to 95th percentile": rewindowed(5, 95),
        "histogram of the other class": greys_of_other,
    },
    "detail and compression": {
        "JPEG quality 50": recompressed(50),
        "JPEG quality 25": recompressed(25),
        "through 160 pixels": downsampled(160),
        "through 112 pixels": downsampled(112),
        "noise of 5 grey levels": grainy(5),
    },
    "together": {
        "outer 8 % and histogram of the other class": dressed_as_other,
    },
}
"""By what they are about; the strength is in the name."""


def generator(content: str, seed: int) -> Random:
    """The random numbers of one image: from its content and the seed alone."""
    return np.random.default_rng((int(content[:16], 16), seed))


def _middle(frame: Frame) -> tuple[float, float]:
    return (frame.shape[1] - 1) / 2, (frame.shape[0] - 1) / 2


def _warp(frame: Frame, matrix: NDArray, border: int = cv2.BORDER_REPLICATE) -> Frame:
    size = frame.shape[::-1]
    how = cv2.INTER_CUBIC
    return np.asarray(cv2.warpAffine(frame, matrix, size, flags=how, borderMode=border), np.uint8)
