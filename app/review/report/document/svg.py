"""A chart as SVG, for a browser."""

from __future__ import annotations

from html import escape

from app.review.report.document.chart import (
    PAPER,
    Area,
    Chart,
    ChartMark,
    Label,
    Line,
    Points,
    Shape,
)


def svg(chart: Chart) -> str:
    """The chart as one ``svg`` element with its words as the title."""
    body = "".join(_element(shape) for shape in chart.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {chart.width:g} {chart.height:g}" '
        f'width="{chart.width:g}" height="{chart.height:g}" role="img" '
        f'font-family="DejaVu Sans, Verdana, sans-serif"><title>{escape(chart.words)}</title>'
        f"{body}</svg>"
    )


def _element(shape: Shape) -> str:
    colour = PAPER[shape.role]
    match shape:
        case Line(points=points, width=width, dash=dash):
            dashes = f' stroke-dasharray="{" ".join(f"{each:g}" for each in dash)}"' if dash else ""
            return (
                f'<polyline points="{_points(points)}" fill="none" stroke="{colour}" '
                f'stroke-width="{width:g}" stroke-linejoin="round"{dashes}/>'
            )
        case Area(points=points, opacity=opacity):
            return (
                f'<polygon points="{_points(points)}" fill="{colour}" fill-opacity="{opacity:g}"/>'
            )
        case ChartMark():
            look = (
                f'fill="{PAPER["ground"] if shape.hollow else colour}" stroke="{colour}" '
                'stroke-width="1"'
            )
            if shape.shape == "circle":
                return (
                    f'<circle cx="{shape.x:.2f}" cy="{shape.y:.2f}" r="{shape.size / 2:g}" {look}/>'
                )
            return f'<polygon points="{_points(shape.outline())}" {look}/>'
        case Label():
            turn = f' transform="rotate(-90 {shape.x:.2f} {shape.y:.2f})"' if shape.turned else ""
            weight = ' font-weight="bold"' if shape.bold else ""
            return (
                f'<text x="{shape.x:.2f}" y="{shape.y:.2f}" font-size="{shape.size:g}" '
                f'fill="{colour}" text-anchor="{shape.anchor}"{weight}{turn}>'
                f"{escape(shape.text)}</text>"
            )


def _points(points: Points) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
