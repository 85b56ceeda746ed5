"""Priors are found by the headers that the list knows and by those it does not."""

from pathlib import Path

import pytest
from factories import write_dicom

from app.core.image.radiograph import Header
from app.core.worklist.priors import read_header
from app.core.worklist.scan import Item
from app.jobs import prior_finder
from app.jobs.prior_finder import PriorFinder


@pytest.fixture
def finder(qtbot):
    made = PriorFinder()
    yield made
    made.close()


@pytest.fixture
def items(tmp_path):
    made = []
    for year in range(2000, 2060):
        path = tmp_path / f"{year}.dcm"
        write_dicom(path, PatientID="7", StudyDate=f"{year}0101")
        made.append(Item(path, path.name))
    return made


CURRENT = Header(is_dicom=True, patient_id="7", study_date="20300101", study_instance_uid="1")


def test_headers_are_read_once_and_the_newest_earlier_one_comes_first(
    finder, items, qtbot, monkeypatch
):
    read, progress = [], []
    finder.progressed.connect(lambda *counts: progress.append(counts))
    monkeypatch.setattr(
        prior_finder, "read_header", lambda path: read.append(path) or read_header(path)
    )
    known = [(items[0], Header(is_dicom=True, patient_id="8"))]
    known += [(item, None) for item in items[1:]]
    for _ in range(2):
        with qtbot.waitSignal(finder.found, timeout=20_000) as told:
            finder.find(CURRENT, known)
        found = told.args[0]
        assert [prior.item.shown for prior in found[:2]] == ["2029.dcm", "2028.dcm"]
        assert len(found) == 29
    assert progress == [(50, 60)] * 2
    assert len(read) == 59, "the list's own header is believed, the others are kept"


def test_only_the_newest_request_is_answered(finder, items, qtbot):
    with qtbot.assertNotEmitted(finder.found), qtbot.waitSignal(finder.image_ready) as told:
        finder.find(CURRENT, [(item, None) for item in items])
        finder.read(items[3].path)
    assert told.args[0].path == items[3].path


def test_a_prior_that_cannot_be_read_is_told(finder, tmp_path, qtbot):
    with qtbot.waitSignal(finder.failed) as told:
        finder.read(tmp_path / "gone.dcm")
    assert "no longer there" in told.args[0].what


def test_whatever_goes_wrong_is_told_and_quotes_nothing(finder, qtbot, monkeypatch, caplog):
    def broken(_path):
        raise RuntimeError("Secret^Name")

    monkeypatch.setattr(prior_finder, "read_radiograph", broken)
    with qtbot.waitSignal(finder.failed) as told:
        finder.read(Path("a.dcm"))
    assert "RuntimeError" in str(told.args[0])
    assert "Secret" not in str(told.args[0]) + caplog.text
