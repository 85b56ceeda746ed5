"""The PDF report: a page for each image, and a list in front where there are several.

Image and heatmap stand side by side, since a heatmap hides what it marks. What the network says
and what the reader says stand in two places, each with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app import __version__
from app.core.results import Call, Status
from app.core.translation import tr
from app.core.verdicts import Agreement, Verdict
from app.review.exports.pdf_text import BOLD, REGULAR, letters, markup
from app.review.exports.picture import colour_bar, legend, shown, with_heatmap
from app.review.exports.reviewed import MAKER, NOT_FOR_DIAGNOSIS, ReviewedImage, person_words

_PAGE_MARGIN = 42.0
_LONGEST_SIDE = 1100
_JPEG_QUALITY = 90
_GAP = 10.0
_PICTURE_HEIGHT = 300.0
_MOST_NOTE = 6000
"""Letters of a note: the store holds more than a report should."""
_GREY, _PALE, _FINDING, _TEXT = "#5b6470", "#d5dae0", "#a33b00", "#14181d"


class PdfReport:
    """Takes images one after the other, so that only their small pictures stay in memory.

    Parameters
    ----------
    deidentified
        Whether the images are without identity; the report has no date then either.
    made_at
        The day and time of the report, local.
    """

    def __init__(self, *, deidentified: bool, made_at: datetime) -> None:
        letters()
        self._deidentified = deidentified
        self._made_at = made_at
        self._styles = _styles()
        self._pages: list[list[Any]] = []
        self._rows: list[ReviewedImage] = []

    def add(self, image: ReviewedImage) -> None:
        """Add one image.

        An image without pixels (it could not be read) gets a page with the reason.
        """
        self._pages.append(self._page(image))
        self._rows.append(replace(image, radiograph=None, heatmap=None))

    def build(self) -> bytes:
        """The finished file.

        Returns
        -------
        bytes
            PDF 1.4, A4; fonts are embedded except for Chinese, Japanese and Korean.
        """
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate

        flow: list[Any] = []
        if len(self._pages) > 1:
            flow += [*self._summary(), PageBreak()]
        for place, page in enumerate(self._pages):
            flow += ([PageBreak()] if place else []) + page
        file = BytesIO()
        width, height = A4
        frame = Frame(
            _PAGE_MARGIN, 50, width - 2 * _PAGE_MARGIN, height - 50 - 62,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip
        document = BaseDocTemplate(
            file,
            pagesize=A4,
            title=tr("Chest X-ray review"),
            author=MAKER,
            creator=f"{MAKER} {__version__}",
            subject=NOT_FOR_DIAGNOSIS,
            # Without this the file's ID and dates would tell the moment of the export.
            invariant=1 if self._deidentified else 0,
        )
        document.addPageTemplates(PageTemplate("page", [frame], onPage=self._frame_page))
        document.build(flow)
        return file.getvalue()

    # Parts ----------------------------------------------------------------------------------

    def _frame_page(self, canvas: Any, _document: Any) -> None:
        from reportlab.lib.colors import HexColor
        from reportlab.lib.pagesizes import A4

        width, height = A4
        right = width - _PAGE_MARGIN
        canvas.saveState()
        canvas.setFillColor(HexColor(_TEXT))
        canvas.setFont(BOLD, 11)
        canvas.drawString(_PAGE_MARGIN, height - 40, tr("Chest X-ray review"))
        canvas.setFillColor(HexColor(_FINDING))
        canvas.drawRightString(right, height - 40, tr("Not for primary diagnosis"))
        canvas.setStrokeColor(HexColor(_PALE))
        canvas.line(_PAGE_MARGIN, height - 48, right, height - 48)
        canvas.line(_PAGE_MARGIN, 40, right, 40)
        canvas.setFillColor(HexColor(_GREY))
        canvas.setFont(REGULAR, 7.5)
        made = f"{MAKER} {__version__}"
        if not self._deidentified:
            made += "  ·  " + tr("made on {day}", day=f"{self._made_at:%Y-%m-%d %H:%M}")
        words = tr("For research and triage support, not a medical device.")
        canvas.drawString(_PAGE_MARGIN, 28, f"{made}  ·  {words}")
        canvas.drawRightString(right, 28, tr("Page {number}", number=canvas.getPageNumber()))
        canvas.restoreState()

    def _page(self, image: ReviewedImage) -> list[Any]:
        from reportlab.platypus import KeepTogether, Spacer

        flow = [self._line("title", Path(image.item.shown).name)]
        if len(Path(image.item.shown).parts) > 1:
            flow.append(self._line("caption", image.item.shown))
        flow.append(self._line("muted", _patient_line(image)))
        flow.append(Spacer(1, 6))
        flow.append(self._pictures(image))
        flow.append(Spacer(1, 10))
        flow += self._outcome(image)
        flow.append(Spacer(1, 8))
        flow.append(KeepTogether([*self._verdict(image.verdict)]))
        flow.append(Spacer(1, 8))
        flow.append(self._facts(_fact_rows(image)))
        return flow

    def _line(self, style: str, text: str) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(markup(text) or "&nbsp;", self._styles[style])

    def _pictures(self, image: ReviewedImage) -> Any:
        from reportlab.platypus import Image, Spacer, Table

        if image.radiograph is None:
            return self._line("reasons", tr("The image could not be read."))
        grey = shown(image, _LONGEST_SIDE)
        pictures = [grey] if image.heatmap is None else [grey, with_heatmap(image, grey)]
        width = (511.0 - _GAP) / 2
        scale = min(width / grey.shape[1], _PICTURE_HEIGHT / grey.shape[0])
        size = (grey.shape[1] * scale, grey.shape[0] * scale)
        cells: list[Any] = [Image(_jpeg(each), *size) for each in pictures]
        captions = [self._line("caption", tr("Image"))]
        if image.heatmap is not None:
            below: list[Any] = [
                self._line("caption", tr("With heatmap: {what}", what=legend(image)))
            ]
            if not image.heatmap.is_empty:
                below.append(
                    Image(_jpeg(colour_bar(512, 20, image.look.palette)), 150, 6, hAlign="LEFT")
                )
                below.append(self._line("caption", "0 %  –  100 %"))
            captions.append(below)
        else:
            cells.append(Spacer(1, 1))
            captions.append(self._line("caption", legend(image)))
        return Table(
            [cells, captions],
            colWidths=[width + _GAP / 2] * 2,
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), _GAP / 2),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ],
        )

    def _outcome(self, image: ReviewedImage) -> list[Any]:
        prediction = image.prediction
        flow = [self._line("heading", tr("What the network says"))]
        if prediction is None:
            return [*flow, self._line("score", tr("Not yet scored"))]
        if prediction.p_pneumonia is None or prediction.threshold is None:
            flow.append(self._line("score", tr("No score. This is not a normal result.")))
        else:
            words = {
                Call.PNEUMONIA: tr("PNEUMONIA: at or above the threshold"),
                Call.NORMAL: tr("NORMAL: below the threshold"),
            }[prediction.call or Call.NORMAL]
            flow.append(
                self._line("score", f"{score_digits(prediction.p_pneumonia, prediction.threshold)}")
            )
            flow.append(_scale(prediction.p_pneumonia, prediction.threshold))
            style = "finding" if prediction.call is Call.PNEUMONIA else "call"
            flow.append(self._line(style, words))
        if prediction.reasons:
            ok = prediction.status is Status.OK
            title = tr("Read with caution") if ok else tr("Needs your eyes")
            flow.append(self._line("reasons", "\n".join((f"▲ {title}", *prediction.reasons))))
        return flow

    def _verdict(self, verdict: Verdict | None) -> list[Any]:
        flow = [self._line("heading", tr("What the reader says"))]
        if verdict is None:
            return [*flow, self._line("body", tr("No verdict has been given."))]
        rows = [(tr("Verdict"), _agreement_words(verdict.agreement))]
        if verdict.label:
            rows.append((tr("Own label"), verdict.label))
        if verdict.reader and not self._deidentified:
            day = verdict.given_at.astimezone().strftime("%Y-%m-%d %H:%M")
            rows.append((tr("Reader"), f"{verdict.reader}, {day}"))
        if verdict.reason:
            rows.append((tr("Reason"), verdict.reason))
        if verdict.note:
            rows.append((tr("Note"), verdict.note[:_MOST_NOTE]))
        if verdict.regions:
            labels = ", ".join(each.label for each in verdict.regions if each.label)
            count = str(len(verdict.regions))
            rows.append((tr("Regions drawn"), f"{count}: {labels}" if labels else count))
        rows.append((tr("In sight then"), _sight_words(verdict)))
        if verdict.key_image:
            rows.append((tr("Key image"), tr("Yes")))
        return [*flow, self._facts(rows)]

    def _facts(self, rows: Sequence[tuple[str, str]]) -> Any:
        from reportlab.platypus import Table

        cells = [[self._line("muted", name), self._line("body", value)] for name, value in rows]
        return Table(
            cells,
            colWidths=[110, 401],
            hAlign="LEFT",
            splitInRow=1,
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ],
        )

    def _summary(self) -> list[Any]:
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import LongTable, Spacer

        images = self._rows
        flow = [self._line("title", tr("{count} images", count=len(images)))]
        models = sorted({i.prediction.model for i in images if i.prediction and i.prediction.model})
        thresholds = sorted(
            {
                f"{i.prediction.threshold:.6g}"
                for i in images
                if i.prediction and i.prediction.threshold
            }
        )
        flow.append(self._line("muted", tr(
            "Model {model}  ·  threshold {threshold}",
            model=", ".join(models) or "–", threshold=", ".join(thresholds) or "–",
        )))  # fmt: skip
        flow.append(Spacer(1, 6))
        heads = ("", tr("Image"), tr("Patient"), tr("Score"), tr("Call"), tr("Verdict"))
        rows = [[self._line("head", each) for each in heads]]
        for number, image in enumerate(images, 1):
            rows.append([self._line("cell", each) for each in _summary_row(number, image)])
        table = LongTable(
            rows,
            colWidths=[26, 150, 125, 48, 70, 92],
            repeatRows=1,
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(_PALE)),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ],
        )
        return [*flow, table]


def pdf_report(
    images: Sequence[ReviewedImage],
    *,
    deidentified: bool,
    made_at: datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> bytes:
    """A report on images that are all in memory; see ``PdfReport`` for a list that is not."""
    report = PdfReport(deidentified=deidentified, made_at=made_at)
    for done, image in enumerate(images, 1):
        report.add(image)
        progress(done)
    return report.build()


def score_digits(value: float, threshold: float) -> str:
    """Three digits, or as many as tell the score from the threshold: the call is made unrounded."""
    return f"{value:.6f}" if f"{value:.3f}" == f"{threshold:.3f}" else f"{value:.3f}"


def _summary_row(number: int, image: ReviewedImage) -> tuple[str, ...]:
    prediction, verdict = image.prediction, image.verdict
    score = call = ""
    if prediction is not None and prediction.p_pneumonia is not None:
        score = score_digits(prediction.p_pneumonia, prediction.threshold or 0.0)
        call = str(prediction.call or "")
    elif prediction is not None:
        call = tr("no score")
    said = ""
    if verdict is not None:
        words = (_agreement_words(verdict.agreement) if verdict.agreement else "", verdict.label)
        said = ", ".join(each for each in words if each)
    name = person_words(image.header.patient_name)
    patient = ", ".join(each for each in (name, image.header.patient_id) if each)
    name_of_file = Path(image.item.shown).name
    return str(number), _breakable(name_of_file), patient, score, call, said


def _breakable(path: str) -> str:
    # A path without spaces would run over the edge of its column.
    return path if len(path) <= 60 else f"…{path[-59:]}"


def _patient_line(image: ReviewedImage) -> str:
    header = image.header
    age = "" if header.age_years is None else tr("{age:.0f} years", age=header.age_years)
    if header.age_years is not None and header.age_years < 2:
        age = tr("{age:.0f} months", age=header.age_years * 12)
    day = header.study_date
    if len(day) == 8 and day.isdigit():
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    name = person_words(header.patient_name)
    parts = (name, header.patient_id, header.sex, age, day, header.modality, header.view)
    return "  ·  ".join(each for each in parts if each)


def _fact_rows(image: ReviewedImage) -> list[tuple[str, str]]:
    prediction = image.prediction
    name, version = image.model
    rows = [(tr("Model"), name or "–"), (tr("Version"), version or "–")]
    if prediction is not None and prediction.threshold is not None:
        point = f" ({image.operating_point})" if image.operating_point else ""
        rows.append((tr("Operating point"), f"{prediction.threshold:.6g}{point}"))
    if prediction is not None and prediction.device:
        rows.append((tr("Device"), prediction.device))
    if prediction is not None and prediction.steps:
        rows.append((tr("Preprocessing"), "; ".join(prediction.steps)))
    rows.append((tr("Purpose"), tr("Not for primary diagnosis")))
    return rows


def _agreement_words(agreement: Agreement | None) -> str:
    if agreement is None:
        return "–"
    return {
        Agreement.AGREE: tr("Agrees"),
        Agreement.DISAGREE: tr("Disagrees"),
        Agreement.UNSURE: tr("Unsure"),
    }[agreement]


def _sight_words(verdict: Verdict) -> str:
    if verdict.score_visible and verdict.heatmap_visible:
        return tr("Score and heatmap")
    if verdict.score_visible:
        return tr("The score, not the heatmap")
    if verdict.heatmap_visible:
        return tr("The heatmap, not the score")
    return tr("Neither score nor heatmap")


def _jpeg(pixels: NDArray[np.uint8]) -> BytesIO:
    picture = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1])
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return BytesIO(data.tobytes())


def _scale(value: float, threshold: float) -> Any:
    """The score on a scale from 0 to 1, with the threshold as a mark."""
    from reportlab.graphics.shapes import Drawing, Line, Polygon, Rect, String
    from reportlab.lib.colors import HexColor

    width, height, bar = 300.0, 30.0, 8.0
    drawing = Drawing(width, height, hAlign="LEFT")
    base = height - 16
    drawing.add(Rect(0, base, width, bar, fillColor=HexColor(_PALE), strokeColor=None))
    colour = HexColor(_FINDING if value >= threshold else _GREY)
    drawing.add(Rect(0, base, width * value, bar, fillColor=colour, strokeColor=None))
    x = width * threshold
    drawing.add(Line(x, base - 3, x, base + bar + 3, strokeColor=HexColor(_TEXT), strokeWidth=1.4))
    words = tr("threshold {threshold:.3f}", threshold=threshold)
    anchor = "start" if threshold < 0.2 else "end" if threshold > 0.8 else "middle"
    drawing.add(String(x, base - 11, words, textAnchor=anchor, fontName=REGULAR, fontSize=7.5))
    needle = width * value
    top = base + bar
    drawing.add(Polygon([needle, top, needle - 4, top + 7, needle + 4, top + 7], fillColor=colour))
    return drawing


def _styles() -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, font: str, size: float, colour: str = _TEXT, **more: Any) -> Any:
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=size * 1.35, textColor=HexColor(colour),
            splitLongWords=1, **more,
        )  # fmt: skip

    return {
        "title": style("title", BOLD, 13),
        "heading": style("heading", BOLD, 9.5, spaceAfter=2),
        "score": style("score", BOLD, 18),
        "call": style("call", BOLD, 10),
        "finding": style("finding", BOLD, 10, _FINDING),
        "reasons": style("reasons", REGULAR, 9, _FINDING, spaceBefore=3),
        "body": style("body", REGULAR, 8.5),
        "muted": style("muted", REGULAR, 8.5, _GREY),
        "caption": style("caption", REGULAR, 7.5, _GREY),
        "head": style("head", BOLD, 8),
        "cell": style("cell", REGULAR, 8),
    }
