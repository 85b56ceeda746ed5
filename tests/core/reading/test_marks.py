"""How marks are moved, and what of them is near."""

import pytest

from app.core.reading.marks import (
    POINTS,
    Mark,
    MarkKind,
    mark_of,
    moved_within,
    region_of,
    within,
)
from app.core.reading.verdicts import Region, RegionKind

BOX = Mark(MarkKind.RECTANGLE, ((10, 20), (30, 60)))
RATIO = Mark(MarkKind.RATIO, ((20, 10), (40, 10), (5, 30), (65, 30)))


@pytest.mark.parametrize("kind", [MarkKind.RECTANGLE, MarkKind.ELLIPSE])
def test_a_corner_moves_and_the_opposite_one_stays(kind):
    box = Mark(kind, BOX.points)
    assert box.handles == ((10, 20), (30, 20), (30, 60), (10, 60))
    for handle, opposite in ((0, 2), (1, 3), (2, 0), (3, 1)):
        moved = box.with_handle(handle, (100, 200))
        assert moved.handles[handle] == (100, 200)
        assert moved.handles[opposite] == box.handles[opposite]


def test_both_ends_of_a_line_of_the_ratio_stay_level():
    moved = RATIO.with_handle(1, (50, 17))
    assert moved.points == ((20, 17), (50, 17), (5, 30), (65, 30))
    on_its_side = Mark(MarkKind.RATIO, ((10, 20), (10, 40), (30, 5), (30, 65)))
    assert on_its_side.with_handle(2, (33, 1)).points[2:] == ((33, 1), (33, 65))


@pytest.mark.parametrize(
    ("mark", "point", "distance"),
    [
        (Mark(MarkKind.LENGTH, ((0, 0), (10, 0))), (5, 3), 3),
        (Mark(MarkKind.LENGTH, ((0, 0), (10, 0))), (13, 4), 5),
        (Mark(MarkKind.LENGTH, ((3, 4), (3, 4))), (0, 0), 5),
        (BOX, (20, 40), 10),
        (BOX, (10, 40), 0),
        (RATIO, (30, 12), 2),
        (RATIO, (50, 28), 2),
        (Mark(MarkKind.POLYGON, ((0, 0), (10, 0), (10, 10))), (4, 6), 2**0.5),
    ],
)
def test_a_mark_is_hit_on_its_lines(mark, point, distance):
    assert mark.distance(point) == pytest.approx(distance)


def test_an_ellipse_is_hit_on_its_curve_not_on_its_box():
    circle = Mark(MarkKind.ELLIPSE, ((0, 0), (20, 20)))
    assert circle.distance((0, 10)) == pytest.approx(0, abs=0.05)
    assert circle.distance((10, 10)) == pytest.approx(10, abs=0.05)
    assert circle.distance((0, 0)) == pytest.approx(10 * 2**0.5 - 10, abs=0.05)


def test_nothing_leaves_the_image():
    assert within(Mark(MarkKind.LENGTH, ((-5, 3), (500, 90))), 100, 80).points == (
        (0, 3),
        (100, 80),
    )
    assert moved_within(BOX, (-50, 50), 100, 100).points == ((0, 60), (20, 100))


@pytest.mark.parametrize("kind", list(RegionKind))
def test_regions_go_to_the_verdict_and_come_back(kind):
    region = Region(kind, ((1.5, 2.0), (30.0, 40.0), (5.0, 60.0))[: POINTS.get(MarkKind(kind), 3)])
    assert region_of(mark_of(region)) == region
    assert mark_of(region).is_region
