"""What a reader draws over an image: measurements and regions, and how each is moved.

Points are (column, row) in pixels of the stored image, as in ``app.core.reading.verdicts.Region``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from app.core.reading.measure import Point
from app.core.reading.verdicts import Region, RegionKind


class MarkKind(StrEnum):
    """What a mark is; the last three are regions."""

    LENGTH = "length"
    ANGLE = "angle"
    RATIO = "ratio"
    RECTANGLE = RegionKind.RECTANGLE.value
    ELLIPSE = RegionKind.ELLIPSE.value
    POLYGON = RegionKind.POLYGON.value


REGION_KINDS = (MarkKind.RECTANGLE, MarkKind.ELLIPSE, MarkKind.POLYGON)
POINTS = {
    MarkKind.LENGTH: 2,
    MarkKind.ANGLE: 3,
    MarkKind.RATIO: 4,
    MarkKind.RECTANGLE: 2,
    MarkKind.ELLIPSE: 2,
}
"""How many points make one of a kind; a polygon has at least three and no limit."""
LEAST_CORNERS = 3
_ELLIPSE_STEPS = 64


@dataclass(frozen=True)
class Mark:
    """One thing drawn.

    Parameters
    ----------
    kind
        What it is.
    points
        Length: both ends. Angle: end, vertex, end. Ratio: the ends of the heart's line, then those
        of the thorax's. Regions: as ``Region`` has them.
    label
        Of a region, in the reader's words.
    frame
        Number of the frame, from 1.
    """

    kind: MarkKind
    points: tuple[Point, ...]
    label: str = ""
    frame: int = 1

    @property
    def is_region(self) -> bool:
        """Whether it belongs to the verdict."""
        return self.kind in REGION_KINDS

    @property
    def handles(self) -> tuple[Point, ...]:
        """What can be taken hold of: the points, or the four corners of a box."""
        if self.kind not in (MarkKind.RECTANGLE, MarkKind.ELLIPSE):
            return self.points
        (left, top), (right, bottom) = self.points
        return (left, top), (right, top), (right, bottom), (left, bottom)

    def moved(self, by: Point) -> Mark:
        """The whole mark elsewhere."""
        across, down = by
        return replace(self, points=tuple((x + across, y + down) for x, y in self.points))

    def with_handle(self, handle: int, to: Point) -> Mark:
        """One handle elsewhere; a box stays a box, the lines of a ratio stay straight."""
        points = list(self.points)
        if self.kind in (MarkKind.RECTANGLE, MarkKind.ELLIPSE):
            (left, top), (right, bottom) = points
            left, right = (to[0], right) if handle in (0, 3) else (left, to[0])
            top, bottom = (to[1], bottom) if handle in (0, 1) else (top, to[1])
            return replace(self, points=((left, top), (right, bottom)))
        points[handle] = to
        if self.kind is MarkKind.RATIO:
            other = handle ^ 1
            if self.lies_across:
                points[other] = (points[other][0], to[1])
            else:
                points[other] = (to[0], points[other][1])
        return replace(self, points=tuple(points))

    @property
    def lies_across(self) -> bool:
        """Whether the lines of a ratio run along the rows of the stored image."""
        (x0, y0), (x1, y1) = self.points[-2:]
        return abs(x1 - x0) >= abs(y1 - y0)

    def outlines(self) -> list[tuple[Point, ...]]:
        """The lines that make it, each as points in a row; those of a region are closed."""
        if self.kind is MarkKind.RATIO:
            return [self.points[:2], self.points[2:]]
        if self.kind is MarkKind.RECTANGLE:
            return [(*self.handles, self.handles[0])]
        if self.kind is MarkKind.ELLIPSE:
            return [tuple(_ellipse(*self.points))]
        if self.kind is MarkKind.POLYGON:
            return [(*self.points, self.points[0])]
        return [self.points]

    def distance(self, point: Point) -> float:
        """How far a point is from its lines, in image pixels."""
        return min(
            _from_segment(point, a, b) for line in self.outlines() for a, b in pairwise(line)
        )


def within(mark: Mark, columns: float, rows: float) -> Mark:
    """The mark with every point on the image, and a ratio's lines still straight."""
    points = tuple((min(max(x, 0.0), columns), min(max(y, 0.0), rows)) for x, y in mark.points)
    return replace(mark, points=points)


def moved_within(mark: Mark, by: Point, columns: float, rows: float) -> Mark:
    """The mark moved as far as it can go without leaving the image or losing its shape."""
    xs, ys = [x for x, _ in mark.points], [y for _, y in mark.points]
    across = min(max(by[0], -min(xs)), columns - max(xs))
    down = min(max(by[1], -min(ys)), rows - max(ys))
    return mark.moved((across, down))


def region_of(mark: Mark) -> Region:
    """A region as the verdict keeps it."""
    return Region(RegionKind(mark.kind.value), mark.points, mark.label, mark.frame)


def mark_of(region: Region) -> Mark:
    """A kept region as a mark that can be moved."""
    return Mark(MarkKind(region.kind.value), region.points, region.label, region.frame)


def box_of(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the box around points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _ellipse(one: Point, other: Point) -> Iterator[Point]:
    x, y = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
    a, b = abs(other[0] - one[0]) / 2, abs(other[1] - one[1]) / 2
    for step in range(_ELLIPSE_STEPS + 1):
        turn = 2 * math.pi * step / _ELLIPSE_STEPS
        yield x + a * math.cos(turn), y + b * math.sin(turn)


def _from_segment(point: Point, start: Point, end: Point) -> float:
    across, down = end[0] - start[0], end[1] - start[1]
    square = across * across + down * down
    share = 0.0
    if square > 0:
        along = (point[0] - start[0]) * across + (point[1] - start[1]) * down
        share = min(1.0, max(0.0, along / square))
    return math.hypot(
        point[0] - start[0] - share * across,
        point[1] - start[1] - share * down,
    )
