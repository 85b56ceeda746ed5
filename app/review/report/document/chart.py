"""A chart as shapes, in points from the top left corner, drawn alike on paper and on a screen.

Colours are roles, which the paper and the window's themes fill in: nothing may be told by colour
alone, so lines also differ in dashes and marks in shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Points = tuple[tuple[float, float], ...]

ROLES = ("ink", "muted", "faint", "first", "second", "warn", "ground")
PAPER = {
    "ink": "#14181d",
    "muted": "#5b6470",
    "faint": "#d5dae0",
    "first": "#0f5ca8",
    "second": "#a33b00",
    "warn": "#774700",
    "ground": "#ffffff",
}
"""The roles on paper; each but the faint one reads on white (contrast 4.5 or more)."""


@dataclass(frozen=True)
class Line:
    """A line through points; ``dash`` holds lengths on and off."""

    points: Points
    role: str = "ink"
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Area:
    """A filled outline."""

    points: Points
    role: str = "faint"
    opacity: float = 1.0


@dataclass(frozen=True)
class ChartMark:
    """A small sign: ``circle``, ``square``, ``diamond`` or ``triangle``; hollow for a weak one."""

    x: float
    y: float
    role: str = "ink"
    shape: str = "circle"
    size: float = 5.0
    hollow: bool = False

    def outline(self) -> Points:
        """The corners of all but a circle."""
        r = self.size / 2
        around = {
            "square": ((-r, -r), (r, -r), (r, r), (-r, r)),
            "diamond": ((0, -1.3 * r), (1.3 * r, 0), (0, 1.3 * r), (-1.3 * r, 0)),
            "triangle": ((0, -1.2 * r), (1.2 * r, r), (-1.2 * r, r)),
        }[self.shape]
        return tuple((self.x + dx, self.y + dy) for dx, dy in around)


@dataclass(frozen=True)
class Label:
    """A text; (x, y) is its base line's start, middle or end. A turned one reads upwards."""

    x: float
    y: float
    text: str
    role: str = "ink"
    size: float = 7.5
    anchor: str = "start"
    bold: bool = False
    turned: bool = False


Shape = Line | Area | ChartMark | Label


@dataclass(frozen=True)
class Chart:
    """Shapes on a sheet of so many points; ``words`` say the same for who does not see it."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    words: str

    def texts(self) -> list[str]:
        """What stands in it."""
        return [shape.text for shape in self.shapes if isinstance(shape, Label)]


class Axes:
    """Collects shapes in the units of the data.

    Parameters
    ----------
    width, height
        Of the whole chart, points.
    x, y
        The ranges of the data, low and high.
    margins
        Left, top, right, bottom: room for ticks and words.
    """

    def __init__(
        self,
        width: float,
        height: float,
        x: tuple[float, float] = (0.0, 1.0),
        y: tuple[float, float] = (0.0, 1.0),
        margins: tuple[float, float, float, float] = (38.0, 18.0, 8.0, 30.0),
    ) -> None:
        self.width, self.height = width, height
        self._x, self._y = x, y
        self.left, self.top, right, bottom = margins
        self.right, self.bottom = width - right, height - bottom
        self._shapes: list[Shape] = []

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the data lies on the sheet."""
        along = (x - self._x[0]) / (self._x[1] - self._x[0])
        up = (y - self._y[0]) / (self._y[1] - self._y[0])
        return (
            self.left + along * (self.right - self.left),
            self.bottom - up * (self.bottom - self.top),
        )

    def add(self, *shapes: Shape) -> None:
        """Shapes that are in points already."""
        self._shapes += shapes

    def frame(
        self,
        title: str,
        x_words: str,
        y_words: str,
        x_ticks: Sequence[float],
        y_ticks: Sequence[float],
        format_: Callable[[float], str] = "{:g}".format,
        y_format: Callable[[float], str] | None = None,
    ) -> None:
        """Title, grid, ticks and the words at the axes."""
        self.add(Label(self.left, 10, title, size=8.5, bold=True))
        for value in y_ticks:
            _, y = self.at(self._x[0], value)
            self.add(Line(((self.left, y), (self.right, y)), "faint", 0.5))
            words = (y_format or format_)(value)
            self.add(Label(self.left - 4, y + 2.5, words, "muted", 7, "end"))
        for value in x_ticks:
            x, _ = self.at(value, self._y[0])
            self.add(Line(((x, self.bottom), (x, self.bottom + 3)), "muted", 0.5))
            self.add(Label(x, self.bottom + 11, format_(value), "muted", 7, "middle"))
        self.add(Line(((self.left, self.bottom), (self.right, self.bottom)), "muted", 0.7))
        middle = (self.left + self.right) / 2
        self.add(Label(middle, self.bottom + 23, x_words, "muted", 7.5, "middle"))
        self.add(Label(9, (self.top + self.bottom) / 2, y_words, "muted", 7.5, "middle",
                       turned=True))  # fmt: skip

    def line(
        self,
        points: Iterable[tuple[float, float]],
        role: str = "first",
        width: float = 1.4,
        dash: tuple[float, ...] = (),
    ) -> None:
        """A curve; fewer than two points draw nothing."""
        places = tuple(self.at(x, y) for x, y in points)
        if len(places) > 1:
            self.add(Line(places, role, width, dash))

    def area(
        self, points: Iterable[tuple[float, float]], role: str = "first", opacity: float = 0.18
    ) -> None:
        """A filled outline."""
        self.add(Area(tuple(self.at(x, y) for x, y in points), role, opacity))

    def mark(
        self,
        x: float,
        y: float,
        role: str = "ink",
        shape: str = "circle",
        size: float = 5.0,
        hollow: bool = False,
    ) -> None:
        """A sign at a point."""
        self.add(ChartMark(*self.at(x, y), role, shape, size, hollow))

    def label(
        self,
        x: float,
        y: float,
        text: str,
        role: str = "ink",
        anchor: str = "start",
        shift: tuple[float, float] = (0.0, 0.0),
        bold: bool = False,
    ) -> None:
        """Words at a point; ``shift`` in points, right and down."""
        across, down = self.at(x, y)
        self.add(Label(across + shift[0], down + shift[1], text, role, anchor=anchor, bold=bold))

    def rule(self, x: float, words: str = "", role: str = "ink") -> None:
        """An upright dashed line through the whole height, its words on top."""
        low, high = self.at(x, self._y[0]), self.at(x, self._y[1])
        self.add(Line((low, high), role, 0.9, (3, 2)))
        share = (x - self._x[0]) / (self._x[1] - self._x[0])
        anchor = "start" if share < 0.25 else "end" if share > 0.75 else "middle"
        if words:
            self.add(Label(high[0], high[1] - 2, words, role, 7, anchor))

    def legend(self, *entries: tuple[str, str, tuple[float, ...]]) -> None:
        """Words, colour and dashes of each curve, in a line below the title."""
        x = self.left
        for words, role, dash in entries:
            self.add(Line(((x, 20), (x + 16, 20)), role, 1.4, dash))
            self.add(Label(x + 20, 22.5, words, role, 7))
            # Fonts differ between forms: the width is an estimate on the safe side.
            x += 20 + 4.6 * len(words) + 12

    def chart(self, words: str) -> Chart:
        """What was collected."""
        return Chart(self.width, self.height, tuple(self._shapes), words)
