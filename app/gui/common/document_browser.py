"""Shows a document of ``app.review.report.document`` in the window, in the theme's colours."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QTextBrowser, QWidget

from app.gui.common import theme
from app.gui.common.privacy import privacy
from app.review.report.document import blocks as parts
from app.review.report.document.chart import Area, Chart, ChartMark, Label, Line

_SHARPNESS = 2.0
_CHART_SCALE = 1.25
_PICTURE = 150


class DocumentBrowser(QTextBrowser):
    """Text to read, select and search through; charts and pictures stand in it.

    Parameters
    ----------
    name
        For people who do not see it.
    parent
        Qt parent.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self._document: parts.Document | None = None
        self._charts: list[Chart] = []
        self._pictures: list[bytes] = []
        self._headings: list[str] = []
        theme.changes.happened.connect(self._show_again)
        privacy.changed.connect(self._show_again)

    def show_document(self, document: parts.Document) -> None:
        """Show a document from its beginning."""
        self._document = document
        self._charts, self._pictures, self._headings = [], [], []
        self.setHtml(self._html(document))

    def go_to(self, heading: str) -> None:
        """Scroll to the last heading of that text; nothing happens where there is none."""
        for place in reversed(range(len(self._headings))):
            if self._headings[place] == heading:
                self.scrollToAnchor(f"heading-{place}")
                return

    def loadResource(self, kind: int, url: QUrl | str) -> object:
        """Charts are painted when the text asks for them; nothing is loaded from elsewhere."""
        which, _, place = QUrl(url).toString().partition(":")
        if which == "chart":
            return painted(self._charts[int(place)])
        if which == "picture":
            return QImage.fromData(self._pictures[int(place)])
        return None

    def _show_again(self, _hidden: bool = False) -> None:
        if self._document is not None:
            at = self.verticalScrollBar().value()
            self.show_document(self._document)
            self.verticalScrollBar().setValue(at)

    # -- as rich text ----------------------------------------------------------------------------

    def _html(self, document: parts.Document) -> str:
        body = "".join(self._element(block) for block in document.blocks)
        muted = theme.MUTED.name()
        return (
            f"<h1>{_text(document.title)}</h1><p style='color:{muted}'>"
            f"{_text(document.subtitle)}</p>{body}"
        )

    def _element(self, block: parts.Block) -> str:
        match block:
            case parts.Heading(text=text, level=level):
                self._headings.append(text)
                anchor = f"<a name='heading-{len(self._headings) - 1}'></a>"
                return f"<h{level + 1}>{anchor}{_text(text)}</h{level + 1}>"
            case parts.Paragraph(text=text, kind="caution"):
                return (
                    f"<table width='100%' cellpadding='8' bgcolor='{theme.WARNING_GROUND.name()}'>"
                    f"<tr><td style='color:{theme.WARNING_TEXT.name()}'>▲ {_text(text)}</td></tr>"
                    "</table>"
                )
            case parts.Paragraph(text=text, kind=kind):
                style = f" style='color:{theme.MUTED.name()}'" if kind == "note" else ""
                return f"<p{style}>{_text(text)}</p>"
            case parts.Bullets(texts=texts):
                return "<ul>" + "".join(f"<li>{_text(each)}</li>" for each in texts) + "</ul>"
            case parts.Tiles(tiles=tiles):
                rows = tuple((tile.name, tile.value, tile.below) for tile in tiles)
                return self._table(parts.Table((), rows, 1))
            case parts.Facts(rows=rows):
                return self._table(parts.Table((), rows, 2))
            case parts.Table():
                return self._table(block)
            case parts.Charts():
                return self._row_of_charts(block)
            case parts.Pictures():
                return self._rows_of_pictures(block)
            case parts.Break():
                return ""

    def _table(self, block: parts.Table) -> str:
        def row(cells: tuple[str, ...], tag: str, ground: str = "") -> str:
            found = "".join(
                f"<{tag} align='{'right' if place >= block.words else 'left'}'>{_text(cell)}"
                f"</{tag}>"
                for place, cell in enumerate(cells)
            )
            return f"<tr{ground}>{found}</tr>"

        striped = f" bgcolor='{theme.FAINT_LINE.name()}'"
        rows = [
            row(cells, "td", striped if place % 2 and len(block.rows) > 3 else "")
            for place, cells in enumerate(block.rows)
        ]
        head = row(block.head, "th") if block.head else ""
        return f"<table cellspacing='0' cellpadding='4'>{head}{''.join(rows)}</table>"

    def _row_of_charts(self, block: parts.Charts) -> str:
        captions = [*block.captions, *[""] * (len(block.charts) - len(block.captions))]
        cells = []
        for chart, caption in zip(block.charts, captions, strict=True):
            self._charts.append(chart)
            width, height = (round(each * _CHART_SCALE) for each in (chart.width, chart.height))
            cells.append(
                f"<td><img src='chart:{len(self._charts) - 1}' width='{width}' height='{height}' "
                f"alt='{escape(chart.words)}'><br>{_text(caption)}</td>"
            )
        rows = [cells[at : at + 2] for at in range(0, len(cells), 2)]
        return (
            "<table cellpadding='6'>"
            + "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
            + "</table>"
        )

    def _rows_of_pictures(self, block: parts.Pictures) -> str:
        cells = []
        for picture in block.pictures:
            images = ""
            for data in picture.images:
                self._pictures.append(data)
                images += (
                    f"<img src='picture:{len(self._pictures) - 1}' width='{_PICTURE}' "
                    f"alt='{escape(picture.words)}'> "
                )
            lines = "<br>".join(_text(line) for line in picture.caption)
            cells.append(f"<td>{images}<br>{lines}</td>")
        rows = [cells[at : at + 2] for at in range(0, len(cells), 2)]
        return (
            "<table cellpadding='8'>"
            + "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
            + "</table>"
        )


def _text(text: str) -> str:
    return escape(privacy.sentence(text)).replace("\n", "<br>")


# -- charts --------------------------------------------------------------------------------------


def painted(chart: Chart) -> QImage:
    """A chart in the theme's colours, sharp on a dense screen."""
    scale = _CHART_SCALE * _SHARPNESS
    image = QImage(
        round(chart.width * scale), round(chart.height * scale),
        QImage.Format.Format_ARGB32_Premultiplied,
    )  # fmt: skip
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    for shape in chart.shapes:
        _draw(painter, shape)
    painter.end()
    return image


def _colour(role: str) -> QColor:
    return {
        "ink": theme.TEXT,
        "muted": theme.MUTED,
        "faint": theme.LINE,
        "first": theme.ACCENT,
        "second": theme.FINDING,
        "warn": theme.WARNING,
        "ground": theme.PANEL,
    }[role]


def _draw(painter: QPainter, shape: Line | Area | ChartMark | Label) -> None:
    colour = QColor(_colour(shape.role))
    match shape:
        case Line():
            pen = QPen(colour, shape.width)
            if shape.dash:
                pen.setDashPattern([each / shape.width for each in shape.dash])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF([QPointF(*point) for point in shape.points]))
        case Area():
            colour.setAlphaF(shape.opacity)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF([QPointF(*point) for point in shape.points]))
        case ChartMark():
            painter.setPen(QPen(colour, 1))
            painter.setBrush(_colour("ground") if shape.hollow else colour)
            if shape.shape == "circle":
                painter.drawEllipse(QPointF(shape.x, shape.y), shape.size / 2, shape.size / 2)
            else:
                painter.drawPolygon(QPolygonF([QPointF(*point) for point in shape.outline()]))
        case Label():
            _write(painter, shape, colour)


def _write(painter: QPainter, label: Label, colour: QColor) -> None:
    font = QFont()
    font.setBold(label.bold)
    font.setPixelSize(100)
    # Drawn large and made small: pixel sizes are whole numbers.
    share = label.size / 100
    width = QFontMetricsF(font).horizontalAdvance(label.text) * share
    before = {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    painter.save()
    painter.translate(label.x, label.y)
    if label.turned:
        painter.rotate(-90)
    painter.translate(-before, 0)
    painter.scale(share, share)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(QPointF(0, 0), label.text)
    painter.restore()
