"""A document as PDF: A4, fonts embedded, charts as lines and not as pixels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from typing import Any

from app import __version__
from app.review.export.pdf_parts import FINDING, GREY, PAGE_MARGIN, PALE, TEXT, frame_page, styles
from app.review.export.pdf_text import BOLD, REGULAR, letters, markup
from app.review.export.reviewed import MAKER, NOT_FOR_DIAGNOSIS
from app.review.report.document import blocks as parts
from app.review.report.document.pdf_chart import drawing

_WIDTH = 511.0
_GAP = 9.0
_KEPT_WHOLE = 6
"""A table of so many rows is not broken over two pages."""


def pdf(document: parts.Document) -> bytes:
    """The document as a PDF file.

    Parameters
    ----------
    document
        Its pictures are JPEG files.

    Returns
    -------
    bytes
        PDF 1.4, A4.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Spacer

    letters()
    looks = _looks()
    flow: list[Any] = [_text(looks, "title", document.title)]
    flow += [_text(looks, "muted", document.subtitle), Spacer(1, 8)]
    for block in document.blocks:
        flow += _flowables(block, looks)
    file = BytesIO()
    width, height = A4
    frame = Frame(
        PAGE_MARGIN, 50, width - 2 * PAGE_MARGIN, height - 50 - 58,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    made = BaseDocTemplate(
        file,
        pagesize=A4,
        title=document.title,
        author=MAKER,
        creator=f"{MAKER} {__version__}",
        subject=NOT_FOR_DIAGNOSIS,
        lang=document.language,
        invariant=1,
    )
    on_page = partial(frame_page, title=document.running, made=document.made)
    made.addPageTemplates(PageTemplate("page", [frame], onPage=on_page))
    made.build(_kept_together(flow))
    return file.getvalue()


def _looks() -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, font: str, size: float, colour: str = TEXT, **more: Any) -> Any:
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=size * 1.4, textColor=HexColor(colour),
            splitLongWords=1, **more,
        )  # fmt: skip

    return styles() | {
        "title": style("title", BOLD, 17),
        "h1": style("h1", BOLD, 12.5, spaceBefore=13, spaceAfter=4),
        "h2": style("h2", BOLD, 9.5, spaceBefore=8, spaceAfter=2),
        "text": style("text", REGULAR, 9, spaceAfter=4),
        "note": style("note", REGULAR, 7.5, GREY, spaceAfter=4),
        "bullet": style("bullet", REGULAR, 9, leftIndent=11, bulletIndent=1, spaceAfter=2),
        "caution": style(
            "caution", REGULAR, 9, FINDING, borderColor=HexColor(FINDING), borderWidth=0.7,
            borderPadding=(4, 6, 5, 6), leftIndent=7, rightIndent=7, spaceBefore=7, spaceAfter=9,
        ),
        "figure": style("figure", REGULAR, 8, alignment=2),
        "figure-head": style("figure-head", BOLD, 8, alignment=2),
        "value": style("value", BOLD, 16),
        "value-caution": style("value-caution", BOLD, 16, FINDING),
    }  # fmt: skip


def _text(looks: dict[str, Any], name: str, text: str, **more: Any) -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph(markup(text) or "&nbsp;", looks[name], **more)


def _kept_together(flow: list[Any]) -> list[Any]:
    """No heading stays alone at the foot of a page."""
    from reportlab.platypus import CondPageBreak, Paragraph

    found: list[Any] = []
    for each in flow:
        if isinstance(each, Paragraph) and each.style.name in ("h1", "h2"):
            found.append(CondPageBreak(130 if each.style.name == "h1" else 90))
        found.append(each)
    return found


def _flowables(block: parts.Block, looks: dict[str, Any]) -> list[Any]:
    from reportlab.platypus import KeepTogether, PageBreak, Spacer

    match block:
        case parts.Heading():
            return [_text(looks, f"h{block.level}", block.text)]
        case parts.Paragraph(kind="caution"):
            return [_text(looks, "caution", f"▲ {block.text}")]
        case parts.Paragraph():
            return [_text(looks, "note" if block.kind == "note" else "text", block.text)]
        case parts.Bullets():
            return [_text(looks, "bullet", each, bulletText="•") for each in block.texts]
        case parts.Tiles():
            return [_tiles(block, looks), Spacer(1, 8)]
        case parts.Facts():
            return [_facts(block, looks), Spacer(1, 4)]
        case parts.Table():
            made = _table(block, looks)
            few = len(block.rows) <= _KEPT_WHOLE
            return [KeepTogether([made]) if few else made, Spacer(1, 5)]
        case parts.Charts():
            return [*_charts(block, looks), Spacer(1, 4)]
        case parts.Pictures():
            return [*_pictures(block, looks)]
        case parts.Break():
            return [PageBreak()]


_BARE = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), _GAP),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
]


def _tiles(block: parts.Tiles, looks: dict[str, Any]) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Table

    cells = [
        [
            _text(looks, "caption", tile.name),
            _text(looks, "value-caution" if tile.caution else "value", tile.value),
            _text(looks, "caption", tile.below),
        ]
        for tile in block.tiles
    ]
    look = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEABOVE", (0, 0), (-1, 0), 1.2, HexColor(TEXT)),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), _GAP),
    ]
    return Table([cells], colWidths=[_WIDTH / len(cells)] * len(cells), style=look)


def _facts(block: parts.Facts, looks: dict[str, Any]) -> Any:
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.platypus import Table

    cells = [
        [_text(looks, "muted", name), _text(looks, "body", value)] for name, value in block.rows
    ]
    names = (stringWidth(name, REGULAR, 8.5) for name, _ in block.rows)
    left = min(210.0, max(names, default=0.0) + 14)
    return Table(cells, colWidths=[left, _WIDTH - left], hAlign="LEFT", splitInRow=1, style=_BARE)


def _table(block: parts.Table, looks: dict[str, Any]) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable

    def row(cells: Sequence[str], head: bool, strong: bool = False) -> list[Any]:
        names = ("head", "figure-head") if head or strong else ("cell", "figure")
        return [_text(looks, names[place >= block.words], cell) for place, cell in enumerate(cells)]

    rows = [row(block.head, True)]
    rows += [row(cells, False, place in block.strong) for place, cells in enumerate(block.rows)]
    look = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(GREY)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(PALE)),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    return LongTable(rows, colWidths=_widths(block), repeatRows=1, hAlign="LEFT", style=look)


def _widths(block: parts.Table) -> list[float]:
    """Widths of columns, points: as given, else by the longest text, within the page."""
    if block.widths is not None:
        return [share / sum(block.widths) * _WIDTH for share in block.widths]
    from reportlab.pdfbase.pdfmetrics import stringWidth

    wanted = [
        max(
            stringWidth(cell, BOLD if place in (0, *(n + 1 for n in block.strong)) else REGULAR, 8)
            for place, cell in enumerate(column)
        )
        + 12
        for column in zip(block.head, *block.rows, strict=True)
    ]
    over = sum(wanted) - _WIDTH
    if over <= 0:
        return wanted
    # The widest column of words gives way; the figures keep their lines.
    widest = max(range(block.words), key=lambda place: wanted[place], default=0)
    wanted[widest] = max(60.0, wanted[widest] - over)
    scale = min(1.0, _WIDTH / sum(wanted))
    return [each * scale for each in wanted]


def _charts(block: parts.Charts, looks: dict[str, Any]) -> list[Any]:
    from reportlab.platypus import KeepTogether, Table

    captions = [*block.captions, *[""] * (len(block.charts) - len(block.captions))]
    pairs = list(zip(block.charts, captions, strict=True))
    found: list[Any] = []
    while pairs:
        room, taken = _WIDTH, 0
        while taken < len(pairs) and pairs[taken][0].width <= room + 0.5:
            room -= pairs[taken][0].width + _GAP
            taken += 1
        taken = max(1, taken)
        now, pairs = pairs[:taken], pairs[taken:]
        cells = [[drawing(chart) for chart, _ in now]]
        if any(caption for _, caption in now):
            cells.append([_text(looks, "caption", caption) for _, caption in now])
        widths = [chart.width + _GAP for chart, _ in now]
        found.append(KeepTogether([Table(cells, colWidths=widths, hAlign="LEFT", style=_BARE)]))
    return found


def _pictures(block: parts.Pictures, looks: dict[str, Any]) -> list[Any]:
    from reportlab.platypus import Table

    room = (_WIDTH - _GAP * (block.columns - 1)) / block.columns
    rows = []
    for start in range(0, len(block.pictures), block.columns):
        row: list[Any] = [
            _picture(each, room, looks) for each in block.pictures[start : start + block.columns]
        ]
        rows.append(row + [""] * (block.columns - len(row)))
    if not rows:
        return []
    look = [*_BARE, ("BOTTOMPADDING", (0, 0), (-1, -1), 8)]
    return [Table(rows, colWidths=[room + _GAP] * block.columns, hAlign="LEFT", style=look)]


def _picture(picture: parts.Picture, room: float, looks: dict[str, Any]) -> list[Any]:
    from reportlab.lib.utils import ImageReader
    from reportlab.platypus import Image, Table

    each = (room - 3 * (len(picture.images) - 1)) / max(1, len(picture.images))
    shown = []
    for data in picture.images:
        width, height = ImageReader(BytesIO(data)).getSize()
        scale = min(each / width, 1.25 * each / height)
        shown.append(Image(BytesIO(data), width * scale, height * scale))
    look = [*_BARE, ("RIGHTPADDING", (0, 0), (-1, -1), 3)]
    side_by_side = Table([shown], colWidths=[each + 3] * len(shown), hAlign="LEFT", style=look)
    first, *others = picture.caption or ("",)
    words = [_text(looks, "head", first)] + [_text(looks, "caption", line) for line in others]
    return [*([side_by_side] if shown else []), *words]
