"""A file that was replaced after it was scored: nothing of the new image under the old score."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from itertools import product
from pathlib import Path

import cv2
import pytest
from factories import chest_like, write_dicom
from pydicom.uid import generate_uid
from reviewed import heatmap, reviewed

from app.core.base.errors import ReviewError
from app.core.reading.verdicts import ImageIdentity
from app.review.export.completing import Completer
from app.review.export.reviewed import Format, ReviewedImage
from app.review.export.run import Plan, export
from app.review.export.stand_ins import Deidentification

HOW = Deidentification(b"salt" * 8)


def dicom(path: Path, patient: str, seed: int, **tags: object) -> Path:
    uid = {"SeriesInstanceUID": generate_uid(), **tags}
    return write_dicom(path, chest_like(90, 80, seed), PatientID=patient, **uid)


def listed(path: Path) -> ReviewedImage:
    """As the worklist holds it: without pixels."""
    return replace(reviewed(path), radiograph=None, heatmap=None)


def completer(image: ReviewedImage) -> Completer:
    return Completer(
        lambda *_: image.verdict, "Ada Reader", lambda _: (image.prediction, heatmap())
    )


@pytest.mark.parametrize(
    ("wanted", "how"),
    [
        *product((Format.STRUCTURED_REPORT, Format.SECONDARY_CAPTURE, Format.PNG), (None, HOW)),
        (Format.DICOM, HOW),  # copied only de-identified
    ],
)
def test_another_patients_image_gets_no_object_with_the_score_of_the_first(
    tmp_path: Path, wanted: Format, how: Deidentification | None
) -> None:
    path = dicom(tmp_path / "opened.dcm", "FIRST", 1)
    image = listed(path)
    dicom(path, "SECOND", 2)
    plan = Plan(frozenset({wanted, Format.CSV}), tmp_path / "out", deidentification=how)
    outcome = export([image], plan, completer(image))
    assert [each.name for each in outcome.written] == ["opacity-review.csv"]
    assert len(outcome.problems) == 1
    assert "has changed" in outcome.problems[0].words
    (row,) = csv.DictReader(StringIO(outcome.written[0].read_text("utf-8-sig")))
    second = HOW.pseudonym("\0SECOND")
    assert row["patient_id"] not in ("SECOND", second)


@pytest.mark.parametrize("known_by", ["pixels", "uid", "header"])
def test_a_replaced_file_is_told_by_whatever_is_known(tmp_path: Path, known_by: str) -> None:
    path = dicom(tmp_path / "opened.dcm", "FIRST", 1, SOPInstanceUID="1.2.3")
    image = listed(path)
    assert image.identity is not None
    dicom(path, "SECOND", 2, SOPInstanceUID="1.2.3" if known_by == "pixels" else "1.2.4")
    known = {
        "pixels": image.identity,
        "uid": ImageIdentity("", "1.2.3"),
        "header": None,
    }[known_by]
    with pytest.raises(ReviewError, match="has changed"):
        completer(image)(replace(image, identity=known), True, False)


def test_a_picture_without_a_header_is_told_by_its_pixels(tmp_path: Path) -> None:
    path = tmp_path / "opened.png"
    cv2.imwrite(str(path), chest_like(90, 80, 1))
    image = listed(path)
    assert completer(image)(image, True, True).radiograph is not None
    cv2.imwrite(str(path), chest_like(90, 80, 2))
    with pytest.raises(ReviewError, match="has changed"):
        completer(image)(image, True, True)
