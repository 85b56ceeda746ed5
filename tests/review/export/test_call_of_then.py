"""A verdict answers the call of its day: every export names it, whatever the network says now."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import highdicom
import pytest
from reviewed import PYDICOM_DATA, dciodvfy_errors, reviewed

from app.core.model.results import Call
from app.core.reading.verdicts import Agreement, Verdict
from app.review.export.pdf_parts import given_on_words
from app.review.export.reviewed import ReviewedImage
from app.review.export.source import encoded, read_source
from app.review.export.structured_report import structured_report
from app.review.export.tables import csv_table, json_table

SOURCE = PYDICOM_DATA / "RG1_UNCR.dcm"


@pytest.fixture
def turned() -> ReviewedImage:
    """Disagreed with NORMAL at 0.8; at the threshold of now, 0.42, the call is PNEUMONIA."""
    image = reviewed(SOURCE)
    assert image.verdict is not None
    assert image.prediction is not None
    assert image.prediction.call is Call.PNEUMONIA
    given = replace(
        image.verdict,
        agreement=Agreement.DISAGREE,
        label="",
        p_pneumonia=0.7310001,
        threshold=0.8,
        call=Call.NORMAL,
        model="best 1.2.0",
    )
    return replace(image, verdict=given)


def _verdict(image: ReviewedImage) -> Verdict:
    assert image.verdict is not None
    return image.verdict


def test_tables_and_the_pdf_name_it(turned: ReviewedImage) -> None:
    (row,) = csv.DictReader(StringIO(csv_table([turned], deidentified=False).decode("utf-8-sig")))
    assert (row["call"], row["verdict"], row["call_at_verdict"]) == (
        "PNEUMONIA",
        "disagree",
        "NORMAL",
    )
    whole = json.loads(json_table([turned], deidentified=False))
    assert whole["images"][0]["verdict"]["call_at_verdict"] == "NORMAL"
    words = given_on_words(_verdict(turned))
    assert words == "NORMAL, score 0.731 at threshold 0.8 (best 1.2.0)"
    assert given_on_words(replace(_verdict(turned), call=None)) == ""


def test_the_structured_report_names_it(turned: ReviewedImage, tmp_path: Path) -> None:
    written = tmp_path / "sr.dcm"
    written.write_bytes(encoded(structured_report(turned, read_source(SOURCE))))
    report = highdicom.sr.srread(written)
    _, reader = report.content.get_image_measurement_groups()
    words = "Verdict given on score 0.731, call NORMAL, threshold 0.8, model best 1.2.0"
    assert any(words in text for text in _all_texts(reader))
    assert not dciodvfy_errors(written) - dciodvfy_errors(SOURCE)


def _all_texts(group: object) -> list[str]:
    items = list(group[0].ContentSequence)  # type: ignore[index]
    return [str(item.TextValue) for item in items if item.ValueType == "TEXT"]
