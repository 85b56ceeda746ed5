"""The site report: its words, what it must never tell, and bad input."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from tiny_model import tiny_card

from app.core.base.ages import age_phrase
from app.core.base.reasons import told
from app.core.gate.rules import _MODALITY as modality
from app.core.gate.rules import AGE_OUTSIDE
from app.core.gate.view import _LATERAL as lateral
from app.core.model.results import WIDE_RANGE, Status
from app.review.audit import Audit, AuditRow
from app.review.holdout import locks
from app.review.holdout.locks import LockedImage
from app.review.report.document.blocks import texts
from app.review.report.document.html import html
from app.review.report.document.pdf import pdf
from app.review.report.findings import find
from app.review.report.identity import Names
from app.review.report.pages import site_report
from app.review.report.text import headline, points

SECRETS = ("Mustermann", "1954-03-02", "ward-7")


def audit_of(n: int = 200, spread: float = 2.0, seed: int = 3, **changes) -> Audit:
    """Made scores: the logits of the classes lie ``spread`` apart."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        label = i % 2
        logit = random.normal(spread * (label - 0.5), 1.0)
        name = f"ward-7/Mustermann_{i}/{['NORMAL', 'PNEUMONIA'][label]}/1954-03-02.png"
        rows.append(
            AuditRow(
                name,
                Path("/data") / name,
                label,
                f"Mustermann {i // 2}",
                f"{i:064x}",
                {
                    "view": "AP" if i % 3 else "PA",
                    "patient_name": f"Mustermann {i // 60}",
                    "room": f"ward-7 bed {i // 6}" if i < 36 else "hall",
                },
                p=float(1 / (1 + np.exp(-logit))),
            )
        )
    made = Audit(tuple(rows), tiny_card(**changes), Path("/data/site"), label_source="subfolders")
    return made


def document_of(audit: Audit, **options):
    return site_report(find(audit, **options), (), datetime(2026, 11, 23, 9, 0))


def test_the_numbers_are_those_of_the_audit() -> None:
    audit = audit_of()
    found = find(audit).as_dict()
    figures = audit.figures(0.5)
    assert found["auc"]["value"] == figures["auc"].value
    assert found["confusion"] == dict(figures.matrix.counts)
    assert found["data_sha256"] == audit.data_sha256
    assert found["classes"] == {"PNEUMONIA": 100, "NORMAL": 100}
    assert len(found["worst_misses"]) == min(12, figures.matrix.counts["fn"])
    lowest = min(p for p, label in zip(audit.p, audit.labels, strict=True) if label)
    assert found["worst_misses"][0]["p"] == lowest
    json.dumps(found, allow_nan=False)


def test_nothing_names_a_patient_unless_names_are_asked_for() -> None:
    audit = audit_of()
    rows = list(audit.rows)
    why = f"{rows[0].path} cannot be read (EOFError)."
    rows[0] = replace(rows[0], status=Status.UNREADABLE, p=None, reasons=(told(why),))
    audit = replace(audit, rows=tuple(rows))
    found = find(audit)
    document = site_report(found, (), datetime(2026, 11, 23))
    everything = "\n".join(
        [json.dumps(found.as_dict()), html(document), *texts(document.blocks), document.title]
    )
    for secret in SECRETS:
        assert secret not in everything
    assert "cannot be read (EOFError)" in everything
    named = json.dumps(find(audit, names=True).as_dict())
    for secret in SECRETS:
        assert secret in named


def test_sixty_adults_with_ages_are_the_most_frequent_caution() -> None:
    """Not the five odd ones, as when every age made a sentence of its own."""
    audit = audit_of()
    rows = list(audit.rows)
    for n in range(60):
        age = AGE_OUTSIDE(age=age_phrase(20.0 + n), youngest=1.0, oldest=5.0)
        rows[n] = replace(rows[n], reasons=(age, WIDE_RANGE(low=0.1, high=0.4 + n / 200)))
    for n in range(60, 65):
        rows[n] = replace(rows[n], reasons=(told("The picture is odd"),))
    found = find(replace(audit, rows=tuple(rows)))
    (said,) = [each for each in points(found) if "with a caution" in each]
    assert "65 of 200" in said
    assert "most frequent: 60." in said
    assert AGE_OUTSIDE().group.text() in said
    assert found.as_dict()["cautions"] == {
        "images": 65,
        "codes": {"age-outside-training": 60, "wide-range": 60, "told": 5},
    }


def test_refusals_are_counted_by_what_they_are() -> None:
    audit = audit_of()
    rows = list(audit.rows)
    for n in range(40):
        why = (lateral(view=f"LL {n}"), *([modality(modality="CT")] if n < 10 else []))
        rows[n] = replace(rows[n], status=Status.REFUSED, p=None, reasons=why)
    found = find(replace(audit, rows=tuple(rows))).as_dict()
    assert found["reason_codes"]["refused"] == {"view-lateral": 40, "modality-no-radiograph": 10}
    assert found["reasons"]["refused"] == {
        "The view is lateral, not a frontal view": 40,
        "Modality CT is not a radiograph": 10,
    }


def test_a_value_of_few_patients_is_not_named_and_one_of_many_is() -> None:
    slices = find(audit_of()).as_dict()["slices"]
    rooms = {each["value"] for each in slices if each["column"] == "room"}
    assert "hall" in rooms
    assert rooms - {"hall"} == {"a value of 3 patients"}


@pytest.mark.parametrize(
    "column",
    [
        "PatientID",
        "patientId",
        "PatientName",
        "patientname",
        "StudyDate",
        "DICOMFileName",
        "Image Index",
    ],
)
def test_a_column_that_names_somebody_is_left_out_however_it_is_written(column: str) -> None:
    assert not Names(False).column(column)
    assert Names(True).column(column)


@pytest.mark.parametrize("column", ["room", "Side", "candidate", "age group", "PhysicianGrade"])
def test_a_column_that_names_nobody_stays(column: str) -> None:
    assert Names(False).column(column)


def test_chance_is_said_and_that_no_threshold_mends_it() -> None:
    audit = audit_of(spread=0.0)
    words, caution = headline(find(audit))
    assert "0.5 is chance" in words
    assert caution
    assert any("Use none of these" in each for each in texts(document_of(audit).blocks))


def test_a_drop_against_the_card_is_said() -> None:
    held_out = {"auc": {"value": 0.99, "low": 0.98, "high": 0.995}}
    audit = audit_of(spread=2.0, metrics={"held_out": held_out})
    words, caution = headline(find(audit))
    assert "does worse here" in words
    assert "0.990" in words
    assert caution
    same = {"auc": {"value": 0.92, "low": 0.85, "high": 0.96}}
    words, caution = headline(find(audit_of(metrics={"held_out": same})))
    assert "no difference" in words
    assert not caution


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_is_undefined_in_words_and_still_a_report(label: int) -> None:
    audit = audit_of()
    audit = replace(audit, rows=tuple(row for row in audit.rows if row.label == label))
    found = find(audit)
    assert "one class" in headline(found)[0]
    document = document_of(audit)
    missing = ("PNEUMONIA", "NORMAL")[label == 1]
    assert any(f"no image is labelled {missing}" in each for each in texts(document.blocks))
    assert found.as_dict()["auc"]["value"] is None
    assert found.advice.why_none
    assert pdf(document).startswith(b"%PDF")


def test_no_scored_image_and_no_file_at_all_are_reports_too() -> None:
    audit = audit_of(4)
    refused = [
        replace(row, status=Status.REFUSED, p=None, reasons=(told("a knee"),)) for row in audit.rows
    ]
    for rows in (tuple(refused), ()):
        none = replace(audit, rows=rows)
        document = document_of(none)
        assert "No image could be scored" in "".join(texts(document.blocks))
        assert pdf(document).startswith(b"%PDF")
        json.dumps(find(none).as_dict(), allow_nan=False)


def test_the_lowest_slice_is_named_in_front() -> None:
    audit = audit_of(600)
    rows = tuple(
        replace(row, p=0.01) if row.label and row.columns["view"] == "PA" else row
        for row in audit.rows
    )
    said = " ".join(points(find(replace(audit, rows=rows))))
    assert "Lowest sensitivity of all slices: View PA, 0.000" in said
    assert "p <0.001" in said


def test_overlap_with_training_and_out_of_fold_scores_are_said() -> None:
    audit = audit_of()
    rows = [replace(row, seen="exact", out_of_fold=i < 10) for i, row in enumerate(audit.rows)]
    said = " ".join(points(find(replace(audit, rows=tuple(rows)))))
    assert "used to train the model: 200" in said
    assert "never saw the patient: 10." in said
    assert "so that the figures flatter: 190." in said


def test_looks_at_a_locked_set_are_counted_and_stated() -> None:
    from app.review.holdout import locks

    audit = audit_of()
    locks.lock(audit.folder, [locks.LockedImage(row.content_hash) for row in audit.rows])
    assert "looked at once" in find(audit).looks[0]
    document = document_of(audit)
    assert any("looked at 2 times" in text for text in texts(document.blocks))
    assert locks.guarded_sets()[0].history[-1].place == locks.REPORT


def test_a_page_of_html_escapes_what_a_csv_holds() -> None:
    audit = audit_of()
    rows = tuple(
        replace(row, columns={"scanner": "<script>x</script>" if i % 2 else "b"})
        for i, row in enumerate(audit.rows)
    )
    page = html(document_of(replace(audit, rows=rows)))
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


@pytest.mark.slow
def test_neither_folder_nor_table_nor_test_set_is_named_unless_asked_for() -> None:
    """A folder is often called after its one patient, and a table after its folder."""
    audit = replace(
        audit_of(),
        folder=Path("/data/Roe_Jane"),
        label_source="the table Roe_Jane.csv",
        problems=("Roe_Jane.csv: 1 row (line 3) without a label: left out.",),
        labels_from=Path("/data/Roe_Jane.csv"),
    )
    locks.lock(Path("/data/Roe_Jane"), [LockedImage(audit.rows[0].content_hash)])
    for names in (False, True):
        found = find(audit, names=names)
        document = site_report(found, (), datetime(2026, 11, 23))
        in_json = json.dumps(found.as_dict())
        for text in (in_json, html(document), document.title):
            assert ("Roe_Jane" in text) is names
    unnamed = find(audit)
    neutral = f"a folder with 200 labelled files (data {audit.data_sha256[:12]})"
    assert unnamed.as_dict()["folder"] == neutral
    assert unnamed.as_dict()["labels_from"] == "the table (CSV of labels)"
    assert unnamed.as_dict()["problems"][0].startswith("(CSV of labels): 1 row (line 3)")
    assert neutral in site_report(unnamed, (), datetime(2026, 11, 23)).title
