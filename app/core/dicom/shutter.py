"""The display shutter of a DICOM image (PS3.3 C.7.6.11): what of the picture is not to be seen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from app.core.base.reasons import Reason, caution, step
from app.core.dicom.overlays import bitmap_of
from app.core.dicom.text import in_frame, numbers, text
from app.core.image.radiograph import PixelSpacing, Shutter

_UNREAD = caution(
    "shutter-not-read",
    "The header's display shutter ({name}) cannot be read and was not applied",
    "The header's display shutter cannot be read and was not applied",
)
_HIDES_ALL = caution(
    "shutter-hides-all",
    "The header's display shutter would hide nearly all of the image and was not applied",
)
_APPLIED = step("shutter-applied", "Display shutter applied ({shapes})")

_KEYWORDS = (
    *("ShutterShape", "ShutterLeftVerticalEdge", "ShutterRightVerticalEdge"),
    *("ShutterUpperHorizontalEdge", "ShutterLowerHorizontalEdge", "CenterOfCircularShutter"),
    *("RadiusOfCircularShutter", "VerticesOfThePolygonalShutter", "ShutterPresentationValue"),
)
_EDGES = _KEYWORDS[1:5]
_WHITE = 65535
_LEAST_LEFT = 0.02
"""A shutter that leaves less of the picture cannot be meant."""


def shutter_of(
    ds: Dataset,
    shape: tuple[int, int],
    spacing: PixelSpacing | None,
    frame: int,
    steps: list[Reason],
    cautions: list[Reason],
) -> Shutter | None:
    """The shutter of a frame.

    Parameters
    ----------
    ds
        The data set.
    shape
        Rows and columns of the image.
    spacing
        Of its pixels: a circular shutter is round in the patient.
    frame
        From 0.
    steps, cautions
        What was done, and a shutter that cannot be applied, is told here.

    Returns
    -------
    Shutter or None
        None where there is none, or it cannot be meant.
    """
    where = in_frame(ds, "FrameDisplayShutterSequence", "ShutterShape", frame)
    shapes = [each for each in text(where, "ShutterShape").upper().split("\\") if each]
    if not shapes:
        return None
    seen = np.ones(shape, np.bool_)
    for name in shapes:
        part = _open_part(ds, where, name, shape, spacing)
        if part is None:
            cautions.append(_UNREAD(name=name))
            return None
        # All shapes at once: the least of the image stays visible.
        seen &= part
    if seen.mean() < _LEAST_LEFT:
        cautions.append(_HIDES_ALL())
        return None
    if seen.all():
        return None
    steps.append(_APPLIED(shapes=tuple(shapes)))
    value = (numbers(where, "ShutterPresentationValue") or (0.0,))[0]
    return Shutter(~seen, round(255 * min(max(value, 0.0), _WHITE) / _WHITE))


def take_shutter(ds: Dataset, made: Dataset) -> None:
    """Give an object that says anew how an image is shown the shutter of the image."""
    where = in_frame(ds, "FrameDisplayShutterSequence", "ShutterShape")
    if "ShutterShape" not in where or "BITMAP" in text(where, "ShutterShape").upper():
        return
    for keyword in _KEYWORDS:
        if keyword in where:
            setattr(made, keyword, where[keyword].value)
    if "ShutterPresentationValue" not in made:
        made.ShutterPresentationValue = 0


def _open_part(
    ds: Dataset, where: Dataset, name: str, shape: tuple[int, int], spacing: PixelSpacing | None
) -> NDArray[np.bool_] | None:
    """Where a shape lets the picture be seen; None for one that cannot be read.

    Rows and columns are counted from 1, and the edges themselves are seen.
    """
    rows, columns = np.ogrid[1 : shape[0] + 1, 1 : shape[1] + 1]
    if name == "RECTANGULAR":
        edges = [numbers(where, keyword) for keyword in _EDGES]
        if any(len(edge) != 1 for edge in edges):
            return None
        left, right, upper, lower = (edge[0] for edge in edges)
        if left > right or upper > lower:
            return None
        inside = (columns >= left) & (columns <= right) & (rows >= upper) & (rows <= lower)
        return np.asarray(inside, np.bool_)
    if name == "CIRCULAR":
        middle, radius = (numbers(where, keyword) for keyword in _KEYWORDS[5:7])
        if len(middle) != 2 or len(radius) != 1 or radius[0] <= 0:
            return None
        # The radius counts pixels along a row, which may not be as high as they are wide.
        high = spacing.row / spacing.column if spacing else 1.0
        away = ((rows - middle[0]) * high) ** 2 + (columns - middle[1]) ** 2
        return np.asarray(away <= radius[0] ** 2, np.bool_)
    if name == "POLYGONAL":
        points = numbers(where, "VerticesOfThePolygonalShutter")
        if len(points) < 6 or len(points) % 2:
            return None
        corners = np.rint(np.array(points).reshape(-1, 2)[:, ::-1]) - 1
        if np.abs(corners).max() > 1 << 20:
            return None
        drawn = np.zeros(shape, np.uint8)
        cv2.fillPoly(drawn, [corners.astype(np.int32)], (1,))
        return drawn > 0
    if name == "BITMAP":
        group = numbers(where, "ShutterOverlayGroup")
        hidden = bitmap_of(ds, int(group[0]), shape) if group else None
        return None if hidden is None else ~hidden
    return None
