"""A chart as a drawing of reportlab: vectors in the PDF."""

from __future__ import annotations

from itertools import chain
from typing import Any

from app.review.export.pdf_text import BOLD, REGULAR, letters
from app.review.report.document.chart import PAPER, Area, Chart, ChartMark, Label, Line


def drawing(chart: Chart) -> Any:
    """The chart; reportlab counts upwards from the lower left corner, the chart downwards."""
    from reportlab.graphics import shapes as rl
    from reportlab.lib.colors import HexColor, toColor

    known = letters()

    def colour(role: str) -> Any:
        return HexColor(PAPER[role])

    def flat(points: Any) -> list[float]:
        return list(chain.from_iterable((x, chart.height - y) for x, y in points))

    made = rl.Drawing(chart.width, chart.height)
    for shape in chart.shapes:
        match shape:
            case Line():
                made.add(
                    rl.PolyLine(
                        flat(shape.points), strokeColor=colour(shape.role),
                        strokeWidth=shape.width, strokeDashArray=list(shape.dash) or None,
                        strokeLineJoin=1,
                    )
                )  # fmt: skip
            case Area():
                fill = toColor(colour(shape.role)).clone(alpha=shape.opacity)
                made.add(rl.Polygon(flat(shape.points), fillColor=fill, strokeColor=None))
            case ChartMark():
                fill = colour("ground" if shape.hollow else shape.role)
                look = {"fillColor": fill, "strokeColor": colour(shape.role), "strokeWidth": 1}
                if shape.shape == "circle":
                    up = chart.height - shape.y
                    made.add(rl.Circle(shape.x, up, shape.size / 2, **look))
                else:
                    made.add(rl.Polygon(flat(shape.outline()), **look))
            case Label():
                # Names of slices may be in any script; what the font lacks is a white square.
                text = "".join(c if ord(c) in known else "\ufffd" for c in shape.text)
                words = rl.String(
                    0, 0, text, fontName=BOLD if shape.bold else REGULAR,
                    fontSize=shape.size, fillColor=colour(shape.role), textAnchor=shape.anchor,
                )  # fmt: skip
                place = rl.Group(words)
                place.translate(shape.x, chart.height - shape.y)
                if shape.turned:
                    place.rotate(90)
                made.add(place)
    return made
