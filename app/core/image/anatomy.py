"""Where body and lungs lie on a chest radiograph, estimated by image processing alone.

An estimate, good enough to ask whether a heatmap looks at letters, borders or the collar bones:
not a segmentation. Lungs are looked for as two dark regions inside the body. A lung that is white
with pneumonia is not dark; if one is found, the other is taken as its mirror image, and if none
is, or the box is not shaped like a pair of lungs, there is none, rather than a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 224
"""Lungs are looked for at this size, pixels along a side."""
_SIGMA = 2.0
_AROUND = 30.0
"""Standard deviations of the Gaussians, pixels: what is smoothed away, and the surroundings."""
_LEAST_CONTRAST = 8
_DARKER = 0.02
_BRIGHTEST_LUNG = 0.8
_GROUND = 0.12
"""Shades, 0 for the darkest and 1 for the brightest of the image."""
_BODY_LEVEL = 0.18
"""Grey level that is body, share of the way from the darkest to the brightest of the image."""
_COVER = 0.15
"""A row or column belongs to the body when so much of it is covered."""
_MARGIN = 0.02
_LUNG_AREA = (0.012, 0.30)
"""Smallest and largest area of one lung, share of the image."""
_LUNG_HEIGHT = 0.18
_LUNGS_WIDTH = (0.45, 0.97)
_LUNGS_HEIGHT = (0.45, 0.95)


@dataclass(frozen=True)
class Box:
    """A part of an image, as shares of its height and width, 0 to 1."""

    top: float
    left: float
    bottom: float
    right: float

    @property
    def area(self) -> float:
        """Share of the image."""
        return (self.bottom - self.top) * (self.right - self.left)


def body_box(frame: NDArray) -> Box | None:
    """The box around the largest bright region.

    Parameters
    ----------
    frame
        Shape (rows, columns), uint8 or float32, bright where the X-rays were stopped.

    Returns
    -------
    Box or None
        None for an image without contrast. The whole image where the body fills it.
    """
    mask = _body_mask(frame)
    if mask is None:
        return None
    rows = np.flatnonzero(mask.mean(axis=1) >= _COVER)
    columns = np.flatnonzero(mask.mean(axis=0) >= _COVER)
    if not len(rows) or not len(columns):
        return None
    height, width = mask.shape
    return Box(
        float(rows[0] / height),
        float(columns[0] / width),
        float((rows[-1] + 1) / height),
        float((columns[-1] + 1) / width),
    )


def lungs_box(frame: NDArray) -> Box | None:
    """The box around both lungs, with a margin of 2 % of the image.

    Parameters
    ----------
    frame
        As for ``body_box``.

    Returns
    -------
    Box or None
        None where no lung is found, or what is found is not shaped like a pair of them.
    """
    whole = frame.astype(np.float32)
    small = np.asarray(cv2.resize(whole, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)
    low, high = np.percentile(small, (1, 99))
    if high - low < _LEAST_CONTRAST:
        return None
    shade = (_blurred(small, _SIGMA) - low) / (high - low)
    middle = _midline(shade)
    dark = _dark(shade)
    sides = [_lung(dark, slice(0, middle)), _lung(dark, slice(middle, _SIDE))]
    found = [side for side in sides if side is not None]
    if not found:
        return None
    if len(found) == 1:
        top, left, bottom, right = found[0]
        found.append((top, 2 * middle - right, bottom, 2 * middle - left))
    edges = np.array(found) / _SIDE
    box = Box(
        max(float(edges[:, 0].min()) - _MARGIN, 0.0),
        max(float(edges[:, 1].min()) - _MARGIN, 0.0),
        min(float(edges[:, 2].max()) + _MARGIN, 1.0),
        min(float(edges[:, 3].max()) + _MARGIN, 1.0),
    )
    wide = _LUNGS_WIDTH[0] <= box.right - box.left <= _LUNGS_WIDTH[1]
    high_enough = _LUNGS_HEIGHT[0] <= box.bottom - box.top <= _LUNGS_HEIGHT[1]
    at_edges = sum((box.top <= 0, box.left <= 0, box.bottom >= 1, box.right >= 1))
    return box if wide and high_enough and at_edges < 2 else None


def outside(evidence: NDArray[np.float32], box: Box) -> float | None:
    """The share of a map's mass that lies outside a box.

    Parameters
    ----------
    evidence
        Shape (rows, columns), >= 0, over the whole image edge to edge. A cell that the edge of the
        box cuts counts by the part that lies outside.
    box
        Of the same image.

    Returns
    -------
    float or None
        0 to 1; None for a map without any evidence.
    """
    total = float(evidence.sum(dtype=np.float64))
    if total <= 0:
        return None
    rows = _cover(evidence.shape[0], box.top, box.bottom)
    columns = _cover(evidence.shape[1], box.left, box.right)
    return 1.0 - float((evidence * np.outer(rows, columns)).sum(dtype=np.float64)) / total


def _cover(cells: int, first: float, last: float) -> NDArray[np.float64]:
    """How much of each of so many cells along an axis lies between two places."""
    edges = np.linspace(0.0, 1.0, cells + 1)
    inside = np.minimum(edges[1:], last) - np.maximum(edges[:-1], first)
    return np.asarray(np.clip(inside * cells, 0.0, 1.0))


def is_hottest_outside_lungs(evidence: NDArray, frame: NDArray) -> bool:
    """Whether the strongest evidence of a heatmap lies outside the box around the lungs.

    Parameters
    ----------
    evidence
        Shape (rows, columns) of the heatmap's grid, which spans the image edge to edge.
    frame
        As for ``body_box``.

    Returns
    -------
    bool
        False too where no lungs are found: then nothing can be said.
    """
    lungs = lungs_box(frame)
    if lungs is None or not evidence.any():
        return False
    rows, columns = evidence.shape
    row, column = np.unravel_index(int(evidence.argmax()), evidence.shape)
    down, across = (float(row) + 0.5) / rows, (float(column) + 0.5) / columns
    return not (lungs.top <= down <= lungs.bottom and lungs.left <= across <= lungs.right)


def _blurred(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def _body_mask(frame: NDArray) -> NDArray[np.bool_] | None:
    smooth = _blurred(frame.astype(np.float32), _SIGMA * max(frame.shape) / _SIDE)
    low, high = np.percentile(smooth, (1, 99))
    if high - low < _LEAST_CONTRAST:
        return None
    bright = (smooth > low + _BODY_LEVEL * (high - low)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bright)
    if count < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return np.asarray(labels == largest)


def _midline(shade: NDArray[np.float32]) -> int:
    """The brightest column of the middle third: spine and heart."""
    first, last = _SIDE * 3 // 8, _SIDE * 5 // 8
    columns = shade[_SIDE // 5 : _SIDE * 4 // 5, first:last].mean(axis=0)
    return first + int(np.convolve(columns, np.ones(9) / 9, "same")[4:-4].argmax()) + 4


def _dark(shade: NDArray[np.float32]) -> NDArray[np.uint8]:
    """What is darker than its surroundings, without the ground beside the body."""
    around = _blurred(shade, _AROUND)
    dark = ((shade < around - _DARKER) & (shade < _BRIGHTEST_LUNG)).astype(np.uint8)
    ground = (shade < _GROUND).astype(np.uint8)
    _, labels = cv2.connectedComponents(ground)
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    beside = np.isin(labels, edge[edge > 0]).astype(np.uint8)
    dark[cv2.dilate(beside, np.ones((5, 5), np.uint8)) > 0] = 0
    return np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)


def _lung(dark: NDArray[np.uint8], columns: slice) -> tuple[float, float, float, float] | None:
    """The largest dark region of one side: top, left, bottom, right in pixels."""
    part = np.ascontiguousarray(dark[:, columns])
    count, labels, stats, centroids = cv2.connectedComponentsWithStats(part)
    outer = 0 if columns.start == 0 else part.shape[1] - 1
    best, largest = 0, 0
    for number in range(1, count):
        area, high = int(stats[number, cv2.CC_STAT_AREA]), int(stats[number, cv2.CC_STAT_HEIGHT])
        fits = _LUNG_AREA[0] <= area / dark.size <= _LUNG_AREA[1] and high >= _LUNG_HEIGHT * _SIDE
        central = 0.15 <= centroids[number][1] / _SIDE <= 0.8
        # What runs along the edge of the image is beside the body.
        at_edge = (labels[:, outer] == number).sum() > 0.1 * _SIDE
        if fits and central and not at_edge and area > largest:
            best, largest = number, area
    if not best:
        return None
    rows, across = np.nonzero(labels == best)
    # The outermost hundredths are bridges to what lies beside.
    top, bottom = np.percentile(rows, (1, 99))
    left, right = np.percentile(across, (1, 99)) + columns.start
    return float(top), float(left), float(bottom + 1), float(right + 1)
