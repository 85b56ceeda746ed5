"""What a page of the PDF report is put together from: words, pictures and styles."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.base.ages import age_words
from app.core.base.reasons import texts
from app.core.base.translation import tr
from app.core.model.results import Prediction
from app.core.model.triage import doubts
from app.core.reading.verdicts import Agreement, Verdict
from app.review.export.pdf_text import BOLD, REGULAR
from app.review.export.reviewed import ReviewedImage, person_words

_JPEG_QUALITY = 90
PAGE_MARGIN = 42.0
GREY, PALE, FINDING, TEXT = "#5b6470", "#d5dae0", "#a33b00", "#14181d"


def score_digits(value: float, threshold: float) -> str:
    """Three digits, or as many as tell the score from the threshold: the call is made unrounded."""
    return f"{value:.6f}" if f"{value:.3f}" == f"{threshold:.3f}" else f"{value:.3f}"


def summary_row(number: int, image: ReviewedImage) -> tuple[str, ...]:
    """The cells of one image in the table in front."""
    prediction, verdict = image.prediction, image.verdict
    score = call = ""
    if prediction is not None and prediction.p_pneumonia is not None:
        score = score_digits(prediction.p_pneumonia, prediction.threshold or 0.0)
        score = "\n".join(filter(None, (score, likely_words(prediction))))
        call = str(prediction.call or "")
    elif prediction is not None:
        call = tr("no score")
    said = ""
    if verdict is not None:
        words = (agreement_words(verdict.agreement) if verdict.agreement else "", verdict.label)
        said = ", ".join(each for each in words if each)
    name = person_words(image.header.patient_name)
    patient = ", ".join(each for each in (name, image.header.patient_id) if each)
    name_of_file = Path(image.item.shown).name
    against = "\n".join(texts(doubts(prediction))) if prediction is not None else ""
    return str(number), _breakable(name_of_file), patient, score, call, against, said


def likely_words(prediction: Prediction) -> str:
    """The range of the probability; empty where the network does not tell it."""
    if prediction.range is None:
        return ""
    low, high = prediction.range.low, prediction.range.high
    return tr("likely between {low} and {high}", low=f"{low:.3f}", high=f"{high:.3f}")


def _breakable(path: str) -> str:
    # A path without spaces would run over the edge of its column.
    return path if len(path) <= 60 else f"…{path[-59:]}"


def patient_line(image: ReviewedImage) -> str:
    """Who, when and what, in one line."""
    header = image.header
    age = "" if header.age_years is None else age_words(header.age_years)
    day = header.study_date
    if len(day) == 8 and day.isdigit():
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    name = person_words(header.patient_name)
    parts = (name, header.patient_id, header.sex, age, day, header.modality, header.view)
    return "  ·  ".join(each for each in parts if each)


def fact_rows(image: ReviewedImage) -> list[tuple[str, str]]:
    """Model, version, operating point and how the score came about, as name and words."""
    prediction = image.prediction
    name, version = image.model
    rows = [(tr("Model"), name or "–"), (tr("Version"), version or "–")]
    if prediction is not None and prediction.threshold is not None:
        point = f" ({image.operating_point})" if image.operating_point else ""
        rows.append((tr("Operating point"), f"{prediction.threshold:.6g}{point}"))
    if prediction is not None and prediction.device:
        rows.append((tr("Device"), prediction.device))
    if prediction is not None and prediction.steps:
        rows.append((tr("Preprocessing"), "; ".join(texts(prediction.steps))))
    rows.append((tr("Purpose"), tr("Not for primary diagnosis")))
    return rows


def agreement_words(agreement: Agreement | None) -> str:
    """A verdict in a word."""
    if agreement is None:
        return "–"
    return {
        Agreement.AGREE: tr("Agrees"),
        Agreement.DISAGREE: tr("Disagrees"),
        Agreement.UNSURE: tr("Unsure"),
    }[agreement]


def given_on_words(verdict: Verdict) -> str:
    """What the network said when the verdict was given, which may differ by now; may be empty."""
    if verdict.call is None or verdict.p_pneumonia is None or verdict.threshold is None:
        return ""
    return tr(
        "{call}, score {p:.3f} at threshold {threshold:.6g} ({model})",
        call=verdict.call.value,
        p=verdict.p_pneumonia,
        threshold=verdict.threshold,
        model=verdict.model,
    )


def sight_words(verdict: Verdict) -> str:
    """What of the network the reader saw."""
    if verdict.score_visible and verdict.heatmap_visible:
        return tr("Score and heatmap")
    if verdict.score_visible:
        return tr("The score, not the heatmap")
    if verdict.heatmap_visible:
        return tr("The heatmap, not the score")
    return tr("Neither score nor heatmap")


def jpeg(pixels: NDArray[np.uint8]) -> BytesIO:
    """A picture as a file in memory, grey or red, green, blue; uint8."""
    picture = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1])
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return BytesIO(data.tobytes())


def score_scale(value: float, threshold: float) -> Any:
    """The score on a scale from 0 to 1, with the threshold as a mark."""
    from reportlab.graphics.shapes import Drawing, Line, Polygon, Rect, String
    from reportlab.lib.colors import HexColor

    width, height, bar = 300.0, 30.0, 8.0
    drawing = Drawing(width, height, hAlign="LEFT")
    base = height - 16
    drawing.add(Rect(0, base, width, bar, fillColor=HexColor(PALE), strokeColor=None))
    colour = HexColor(FINDING if value >= threshold else GREY)
    drawing.add(Rect(0, base, width * value, bar, fillColor=colour, strokeColor=None))
    x = width * threshold
    drawing.add(Line(x, base - 3, x, base + bar + 3, strokeColor=HexColor(TEXT), strokeWidth=1.4))
    words = tr("threshold {threshold:.3f}", threshold=threshold)
    anchor = "start" if threshold < 0.2 else "end" if threshold > 0.8 else "middle"
    drawing.add(String(x, base - 11, words, textAnchor=anchor, fontName=REGULAR, fontSize=7.5))
    needle = width * value
    top = base + bar
    drawing.add(Polygon([needle, top, needle - 4, top + 7, needle + 4, top + 7], fillColor=colour))
    return drawing


def frame_page(canvas: Any, _document: Any, title: str, made: str) -> None:
    """Draw the head and the foot of a page: what it is, what it is not for, when it was made."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.pagesizes import A4

    width, height = A4
    right = width - PAGE_MARGIN
    canvas.saveState()
    canvas.setFillColor(HexColor(TEXT))
    canvas.setFont(BOLD, 11)
    canvas.drawString(PAGE_MARGIN, height - 40, title)
    canvas.setFillColor(HexColor(FINDING))
    canvas.drawRightString(right, height - 40, tr("Not for primary diagnosis"))
    canvas.setStrokeColor(HexColor(PALE))
    canvas.line(PAGE_MARGIN, height - 48, right, height - 48)
    canvas.line(PAGE_MARGIN, 40, right, 40)
    canvas.setFillColor(HexColor(GREY))
    canvas.setFont(REGULAR, 7.5)
    words = tr("For research and triage support, not a medical device.")
    canvas.drawString(PAGE_MARGIN, 28, f"{made}  ·  {words}")
    canvas.drawRightString(right, 28, tr("Page {number}", number=canvas.getPageNumber()))
    canvas.restoreState()


def styles() -> dict[str, Any]:
    """Every kind of paragraph, by name."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, font: str, size: float, colour: str = TEXT, **more: Any) -> Any:
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=size * 1.35, textColor=HexColor(colour),
            splitLongWords=1, **more,
        )  # fmt: skip

    return {
        "title": style("title", BOLD, 13),
        "heading": style("heading", BOLD, 9.5, spaceAfter=2),
        "score": style("score", BOLD, 18),
        "call": style("call", BOLD, 10),
        "finding": style("finding", BOLD, 10, FINDING),
        "reasons": style("reasons", REGULAR, 9, FINDING, spaceBefore=3),
        "body": style("body", REGULAR, 8.5),
        "muted": style("muted", REGULAR, 8.5, GREY),
        "caption": style("caption", REGULAR, 7.5, GREY),
        "head": style("head", BOLD, 8),
        "cell": style("cell", REGULAR, 8),
    }
