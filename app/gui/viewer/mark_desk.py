"""The marks on the image in view: which there are, which is selected, and what can be undone.

Without Qt. The marks of each image are kept until the program ends; regions go to the verdict
too, through ``on_regions``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace

from app.core.reading.marks import Mark, mark_of, moved_within, region_of, within
from app.core.reading.measure import Point
from app.core.reading.verdicts import Region

_UNDO_STEPS = 100
Marks = tuple[Mark, ...]


@dataclass
class _Book:
    """The marks of one image, and what they were before each change."""

    marks: Marks = ()
    before: list[Marks] = field(default_factory=list)
    changed: int = 0
    """When it was changed last, on the desk's clock."""


class MarkDesk:
    """Draws, selects, moves, removes and undoes.

    Attributes
    ----------
    on_change
        Called after every change of marks or selection.
    on_regions
        Called with all regions of the image after a change of them that the reader made.
    frame
        The frame in view, from 1: only its marks are seen and touched.
    """

    def __init__(self) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.on_regions: Callable[[tuple[Region, ...]], None] = lambda _regions: None
        self.frame = 1
        self.selected: int | None = None
        self.handle: int | None = None
        self._books: dict[Hashable, _Book] = {}
        self._book = _Book()
        self._size = (0.0, 0.0)
        self._nudging: tuple[int, int | None] | None = None
        self._untold = False
        self._clock = 0
        self._verdicts: list[int] = []

    # What there is --------------------------------------------------------------------------

    @property
    def marks(self) -> Marks:
        """All marks of the image, on whatever frame."""
        return self._book.marks

    @property
    def seen(self) -> list[int]:
        """The numbers of the marks on the frame in view."""
        return [number for number, mark in enumerate(self.marks) if mark.frame == self.frame]

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions of the image."""
        return tuple(region_of(mark) for mark in self.marks if mark.is_region)

    @property
    def selected_mark(self) -> Mark | None:
        """The mark that keys act on."""
        return None if self.selected is None else self.marks[self.selected]

    @property
    def can_undo(self) -> bool:
        """Whether a change of this image's marks can be taken back."""
        return bool(self._book.before)

    @property
    def can_undo_measure(self) -> bool:
        """Whether the last change was one of a measurement, and nothing was judged since.

        A change of a region is a part of the verdict, and is taken back with it.
        """
        before = self._book.before
        since = self._verdicts[-1] if self._verdicts else 0
        if not before or self._book.changed < since:
            return False
        return _measures(before[-1]) != _measures(self.marks)

    @property
    def has_untold(self) -> bool:
        """Whether arrow keys have moved a region since it was told."""
        return self._untold

    def settle(self, undone: bool = False) -> None:
        """A verdict was given, or taken back: undo goes through both kinds as they came."""
        if not undone:
            self._verdicts.append(self._tick())
        elif self._verdicts:
            self._verdicts.pop()

    def _tick(self) -> int:
        self._clock += 1
        return self._clock

    # Which image ----------------------------------------------------------------------------

    def tell(self) -> None:
        """Tell the regions that arrow keys have moved: after a pause, or before anything else."""
        if self._untold:
            self._untold = False
            self.on_regions(self.regions)

    def show(self, key: Hashable | None, columns: float, rows: float) -> None:
        """Another image is in view; None for none."""
        # Not told here: whoever listens may be at the next image already. See ``tell``.
        self._untold = False
        self._size = (columns, rows)
        self._book = _Book() if key is None else self._books.setdefault(key, _Book())
        self.frame = 1
        self._select(None)
        self.on_change()

    def share_with(self, other: MarkDesk) -> None:
        """Show on this desk what was drawn on another, image by image."""
        self._books = other._books

    def set_frame(self, frame: int) -> None:
        """Another frame of the image is in view."""
        if frame != self.frame:
            self.frame = frame
            self._select(None)
            self.on_change()

    def set_regions(self, regions: Iterable[Region]) -> None:
        """Put the regions of the verdict in place of those in view; nobody is told."""
        wanted = tuple(regions)
        if wanted == self.regions:
            return
        marks = tuple(mark_of(region) for region in wanted)
        book = self._book
        # To undo a measurement must not bring regions back that the verdict no longer has.
        past = dict.fromkeys(_measures(before) + marks for before in book.before)
        book.marks = _measures(self.marks) + marks
        past.pop(book.marks, None)
        book.before = list(past)
        self._select(None)
        self.on_change()

    # Selecting ------------------------------------------------------------------------------

    def hit(self, point: Point, reach: float) -> tuple[int, int | None] | None:
        """What lies under a point: a mark and its handle, or its line (handle None).

        Parameters
        ----------
        point
            In image pixels.
        reach
            How near is near enough, in image pixels.
        """
        order = sorted(self.seen, key=lambda number: number != self.selected)
        for number in order:
            near = [
                ((point[0] - x) ** 2 + (point[1] - y) ** 2, handle)
                for handle, (x, y) in enumerate(self.marks[number].handles)
            ]
            square, handle = min(near)
            if square <= reach * reach:
                return number, handle
        for number in order:
            if self.marks[number].distance(point) <= reach:
                return number, None
        return None

    def select(self, number: int | None, handle: int | None = None) -> None:
        """Make a mark the one that keys act on."""
        self._select(number, handle)
        self.on_change()

    def select_next(self, by: int) -> bool:
        """Walk through the handles of all marks in view; False beyond the last, none selected."""
        stops = [(n, h) for n in self.seen for h in range(len(self.marks[n].handles))]
        now = (self.selected, self.handle)
        if self.selected is None:
            place = 0 if by > 0 else len(stops) - 1
        elif now in stops:
            place = stops.index(now) + by
        else:
            place = stops.index((self.selected, 0)) - (by < 0)
        inside = 0 <= place < len(stops)
        self.select(*stops[place] if inside else (None,))
        return inside

    # Changing -------------------------------------------------------------------------------

    def add(self, mark: Mark) -> None:
        """Draw a mark on the frame in view, and select it."""
        self._remember()
        made = within(replace(mark, frame=self.frame), *self._size)
        self._book.marks = (*self.marks, made)
        self._select(len(self.marks) - 1)
        self._changed(made)

    def begin_drag(self) -> None:
        """Whatever ``drag_to`` does from here on is one step for undo."""
        self._remember()

    def drag_handle(self, to: Point) -> None:
        """The selected handle goes elsewhere; call ``begin_drag`` before the first."""
        if self.selected is not None and self.handle is not None:
            columns, rows = self._size
            to = (min(max(to[0], 0.0), columns), min(max(to[1], 0.0), rows))
            self._put(self.marks[self.selected].with_handle(self.handle, to))

    def drag_mark(self, by: Point) -> None:
        """The selected mark goes elsewhere; call ``begin_drag`` before the first."""
        if self.selected is not None:
            self._put(moved_within(self.marks[self.selected], by, *self._size))

    def end_drag(self) -> None:
        """A drag that changed nothing is nothing to undo; one that did is told."""
        if self._book.before and self._book.before[-1] == self.marks:
            self._book.before.pop()
        elif self.selected_mark is not None:
            self._changed(self.selected_mark)

    def nudge(self, by: Point) -> None:
        """Move the selected handle, or the whole mark; steps in a row are one for undo."""
        if self.selected is None:
            return
        if self._nudging != (self.selected, self.handle):
            self._remember()
            self._nudging = (self.selected, self.handle)
        # Told after a pause: each step would be a verdict on disk.
        self._untold = self._untold or self.marks[self.selected].is_region
        if self.handle is None:
            self.drag_mark(by)
        else:
            x, y = self.marks[self.selected].handles[self.handle]
            self.drag_handle((x + by[0], y + by[1]))

    def set_label(self, label: str) -> None:
        """Name the selected region."""
        mark = self.selected_mark
        if mark is not None and mark.label != label:
            self._remember()
            self._put(replace(mark, label=label))
            self._changed(mark)

    def remove_selected(self) -> None:
        """Take the selected mark away."""
        mark = self.selected_mark
        if mark is None:
            return
        self._remember()
        number = self.selected
        self._book.marks = tuple(m for place, m in enumerate(self.marks) if place != number)
        self._select(None)
        self._changed(mark)

    def undo(self) -> None:
        """Take the last change of this image's marks back."""
        if not self._book.before:
            return
        regions = self.regions
        self._book.marks = self._book.before.pop()
        self._select(None)
        self.on_change()
        if self.regions != regions:
            self.on_regions(self.regions)

    def _put(self, mark: Mark) -> None:
        number = self.selected
        assert number is not None
        self._book.marks = (*self.marks[:number], mark, *self.marks[number + 1 :])
        self.on_change()

    def _select(self, number: int | None, handle: int | None = None) -> None:
        self.selected, self.handle = number, handle
        self._nudging = None

    def _remember(self) -> None:
        self._nudging = None
        self._book.changed = self._tick()
        self._book.before.append(self.marks)
        del self._book.before[:-_UNDO_STEPS]

    def _changed(self, mark: Mark) -> None:
        self._nudging = None
        self.on_change()
        if mark.is_region:
            self._untold = False
            self.on_regions(self.regions)


def _measures(marks: Marks) -> Marks:
    return tuple(mark for mark in marks if not mark.is_region)
