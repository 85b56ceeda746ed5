"""CSV and JSON that programs and spreadsheets read, and a report in any script."""

from __future__ import annotations

import csv
import json
import re
import zlib
from dataclasses import replace
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from reviewed import PYDICOM, REASON, reviewed

from app.core.base.reasons import told
from app.core.model.results import Prediction, ProbabilityRange, Status
from app.core.worklist.scan import Item
from app.review.export.pdf import PdfReport, pdf_report, score_digits
from app.review.export.pdf_parts import summary_row
from app.review.export.pdf_text import markup
from app.review.export.reviewed import NOT_FOR_DIAGNOSIS, ReviewedImage
from app.review.export.tables import csv_table, json_table

GREEK = PYDICOM / "charset_files" / "chrGreek.dcm"


def rows(image: ReviewedImage) -> list[dict[str, str]]:
    data = csv_table([image], deidentified=False)
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"))))


def test_a_row_has_score_model_threshold_verdict_and_what_it_is_not_for() -> None:
    (row,) = rows(reviewed(GREEK))
    assert float(row["p_pneumonia"]) == 0.7310001
    assert row["call"] == "PNEUMONIA"
    assert float(row["threshold"]) == 0.42
    assert (row["model"], row["model_version"]) == ("best", "1.2.0")
    assert (row["verdict"], row["label"], row["reader"]) == ("disagree", "NORMAL", "Ada Reader")
    assert row["regions"] == "3"
    assert row["heatmap_visible"] == "no"
    assert row["patient_name"] == "Διονυσιος"
    assert row["notice"] == NOT_FOR_DIAGNOSIS


def test_the_table_begins_with_a_byte_order_mark_and_ends_lines_as_excel_does() -> None:
    data = csv_table([reviewed(GREEK)], deidentified=False)
    assert data.startswith(b"\xef\xbb\xbfimage,")
    assert data.endswith(b"\r\n")
    assert not csv_table([], deidentified=False, bom=False).startswith(b"\xef")


@pytest.mark.parametrize(
    "note", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "＝1", '=HYPERLINK("x")']
)
def test_a_formula_is_no_formula(note: str) -> None:
    (row,) = rows(reviewed(GREEK, note=note))
    assert row["note"] == f"'{note}"
    whole = json.loads(json_table([reviewed(GREEK, note=note)], deidentified=False))
    assert whole["images"][0]["verdict"]["note"] == note


def test_numbers_below_zero_stay_numbers_and_names_that_are_no_text_do_not_stop_it() -> None:
    image = reviewed(GREEK, prediction=Prediction(Status.OK, (), -0.5, 0.42, "best 1"))
    broken = replace(image, item=Item(image.item.path, "caf\udce9.dcm"))
    (row,) = rows(broken)
    assert row["p_pneumonia"] == "-0.5"
    assert row["image"] == "caf\\udce9.dcm"
    assert json.loads(json_table([broken], deidentified=False))


def test_json_has_the_regions() -> None:
    image = reviewed(GREEK)
    whole = json.loads(json_table([image], deidentified=False))
    assert whole["notice"] == NOT_FOR_DIAGNOSIS
    regions = whole["images"][0]["verdict"]["regions"]
    assert [each["kind"] for each in regions] == ["rectangle", "ellipse", "polygon"]
    assert image.verdict is not None
    assert regions[0]["points"] == [list(p) for p in image.verdict.regions[0].points]


def test_json_has_the_codes_of_the_reasons_beside_their_words() -> None:
    image = reviewed(GREEK)
    (one,) = json.loads(json_table([image], deidentified=False))["images"]
    assert one["reasons"] == REASON
    assert one["reason_codes"] == [{"code": "told", "params": {"text": REASON}}]


def test_without_a_verdict_or_a_score_the_row_is_there_and_empty() -> None:
    (row,) = rows(reviewed(GREEK, verdict=None, prediction=None))
    assert row["status"] == "not scored"
    assert row["verdict"] == row["p_pneumonia"] == ""


def _text(pdf: bytes) -> bytes:
    """All streams of a PDF, inflated: enough to see which fonts and how many pages it has."""
    parts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"".join(parts)


@pytest.mark.parametrize(
    "name", ["chrGreek", "chrRuss", "chrH32", "chrI2", "chrX2", "chrHbrw", "chrArab", "chrGerm"]
)
def test_a_report_on_a_name_in_any_script(name: str) -> None:
    image = reviewed(PYDICOM / "charset_files" / f"{name}.dcm", note="Σκιά <b>& 影 😀\n\x07next")
    pdf = pdf_report([image], deidentified=False, made_at=datetime(2026, 3, 4))
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1


def test_a_list_has_a_page_for_each_image_and_one_in_front() -> None:
    images = [reviewed(GREEK), reviewed(GREEK, verdict=None), reviewed(GREEK, radiograph=None)]
    pdf = pdf_report(images, deidentified=False, made_at=datetime(2026, 3, 4))
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 4


def test_the_interval_stands_by_the_score_and_the_cautions_in_the_table_in_front() -> None:
    image = _unsure()
    report = PdfReport(deidentified=False, made_at=datetime(2026, 3, 4))
    said = [part.text for part in report._outcome(image) if hasattr(part, "text")]
    assert "likely between 0.145 and 0.951" in said
    row = summary_row(1, image)
    assert "0.644\nlikely between 0.145 and 0.951" in row
    assert any(REASON in cell and "both sides of the threshold" in cell for cell in row)
    assert "likely" not in "".join(summary_row(1, reviewed(GREEK)))
    pdf = pdf_report([image] * 30, deidentified=False, made_at=datetime(2026, 3, 4))
    assert len(re.findall(rb"/Type /Page\b", pdf)) > 30


def _unsure() -> ReviewedImage:
    sure = ProbabilityRange(0.145, 0.951, True)
    return reviewed(
        GREEK, prediction=Prediction(Status.OK, (told(REASON),), 0.644, 0.7, "best 1", range=sure)
    )


def test_a_note_of_pages_is_broken_over_them() -> None:
    image = reviewed(GREEK, note="words " * 2000)
    pdf = pdf_report([image], deidentified=False, made_at=datetime(2026, 3, 4))
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 2


def test_a_word_without_end_does_not_stop_a_report() -> None:
    image = reviewed(GREEK, note="x" * 3000)
    long = replace(image, item=Item(image.item.path, "/".join(["y" * 200] * 4)))
    assert pdf_report([long, long], deidentified=False, made_at=datetime(2026, 3, 4))


def test_each_script_gets_a_font_that_has_it() -> None:
    assert markup("Ä Ω Ж") == "Ä Ω Ж"
    assert markup("a<b & c") == "a&lt;b &amp; c"
    assert markup("影") == '<font name="STSong-Light">影</font>'
    assert "HeiseiKakuGo" in markup("やまだ 影")
    assert "HYGothic" in markup("김")
    assert markup("שרון") == "ןורש", "in the order in which it is drawn"
    assert "\ufffd" in markup("\U0001f9ff")


def test_a_score_at_the_threshold_shows_on_which_side_it_is() -> None:
    assert score_digits(0.4199999, 0.42) == "0.420000"
    assert score_digits(0.73, 0.42) == "0.730"


def test_a_de_identified_report_has_no_date() -> None:
    image = reviewed(GREEK)
    pdf = pdf_report([image], deidentified=True, made_at=datetime(2031, 3, 4))
    assert b"2031" not in _text(pdf)
    assert f"{datetime.now():D:%Y%m}".encode() not in _text(pdf)


def test_the_fonts_come_with_their_licence() -> None:
    from importlib import resources

    fonts = resources.files("resources") / "fonts"
    assert "Bitstream" in (fonts / "LICENSE").read_text(encoding="utf-8")
    assert Path(str(fonts / "DejaVuSans.ttf")).stat().st_size > 100_000
