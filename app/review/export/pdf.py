"""The PDF report: a page for each image, and a list in front where there are several.

Image and heatmap stand side by side, since a heatmap hides what it marks. What the network says
and what the reader says stand in two places, each with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from app import __version__
from app.core.base import counts
from app.core.base.reasons import texts
from app.core.base.translation import tr
from app.core.model.results import Call, Status
from app.core.model.triage import doubts
from app.core.reading.verdicts import Verdict
from app.review.export.pdf_parts import (
    PAGE_MARGIN,
    PALE,
    agreement_words,
    fact_rows,
    frame_page,
    given_on_words,
    jpeg,
    likely_words,
    patient_line,
    score_digits,
    score_scale,
    sight_words,
    styles,
    summary_row,
)
from app.review.export.pdf_text import letters, markup
from app.review.export.picture import colour_bar, legend, shown, with_heatmap
from app.review.export.reviewed import MAKER, NOT_FOR_DIAGNOSIS, ReviewedImage

_LONGEST_SIDE = 1100
_GAP = 10.0
_PICTURE_HEIGHT = 300.0
_MOST_NOTE = 6000
"""Letters of a note: the store holds more than a report should."""


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
        self._styles = styles()
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
            PAGE_MARGIN, 50, width - 2 * PAGE_MARGIN, height - 50 - 62,
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
        made = f"{MAKER} {__version__}"
        if not self._deidentified:
            made += "  ·  " + tr("made on {day}", day=f"{self._made_at:%Y-%m-%d %H:%M}")
        on_page = partial(frame_page, title=tr("Chest X-ray review"), made=made)
        document.addPageTemplates(PageTemplate("page", [frame], onPage=on_page))
        document.build(flow)
        return file.getvalue()

    # Parts ----------------------------------------------------------------------------------

    def _page(self, image: ReviewedImage) -> list[Any]:
        from reportlab.platypus import KeepTogether, Spacer

        flow = [self._line("title", Path(image.item.shown).name)]
        if len(Path(image.item.shown).parts) > 1:
            flow.append(self._line("caption", image.item.shown))
        flow.append(self._line("muted", patient_line(image)))
        flow.append(Spacer(1, 6))
        flow.append(self._pictures(image))
        flow.append(Spacer(1, 10))
        flow += self._outcome(image)
        flow.append(Spacer(1, 8))
        flow.append(KeepTogether([*self._verdict(image.verdict)]))
        flow.append(Spacer(1, 8))
        flow.append(self._facts(fact_rows(image)))
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
        cells: list[Any] = [Image(jpeg(each), *size) for each in pictures]
        captions = [self._line("caption", tr("Image"))]
        if image.heatmap is not None:
            below: list[Any] = [
                self._line("caption", tr("With heatmap: {what}", what=legend(image, tr)))
            ]
            if not image.heatmap.is_empty:
                below.append(
                    Image(jpeg(colour_bar(512, 20, image.look.palette)), 150, 6, hAlign="LEFT")
                )
                below.append(self._line("caption", "0 %  –  100 %"))
            captions.append(below)
        else:
            cells.append(Spacer(1, 1))
            captions.append(self._line("caption", legend(image, tr)))
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
            flow.append(score_scale(prediction.p_pneumonia, prediction.threshold))
            if likely := likely_words(prediction):
                flow.append(self._line("muted", likely))
            style = "finding" if prediction.call is Call.PNEUMONIA else "call"
            flow.append(self._line(style, words))
        if doubts(prediction):
            ok = prediction.status is Status.OK
            title = tr("Read with caution") if ok else tr("Needs your eyes")
            flow.append(
                self._line("reasons", "\n".join((f"▲ {title}", *texts(doubts(prediction)))))
            )
        return flow

    def _verdict(self, verdict: Verdict | None) -> list[Any]:
        flow = [self._line("heading", tr("What the reader says"))]
        if verdict is None:
            return [*flow, self._line("body", tr("No verdict has been given."))]
        rows = [(tr("Verdict"), agreement_words(verdict.agreement))]
        if then := given_on_words(verdict):
            rows.append((tr("Network then"), then))
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
        rows.append((tr("In sight then"), sight_words(verdict)))
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
        flow = [self._line("title", counts.images(len(images)))]
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
        heads = (
            "",
            tr("Image"),
            tr("Patient"),
            tr("Score"),
            tr("Call"),
            tr("Cautions"),
            tr("Verdict"),
        )
        rows = [[self._line("head", each) for each in heads]]
        for number, image in enumerate(images, 1):
            rows.append([self._line("cell", each) for each in summary_row(number, image)])
        table = LongTable(
            rows,
            colWidths=[22, 110, 92, 62, 64, 95, 66],
            repeatRows=1,
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(PALE)),
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
