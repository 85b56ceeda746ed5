"""The page of heatmaps: made in a process, shown by cell, with what they are worth."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import partial

import cv2
import pytest
from factories import chest_like
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tiny_model import save_tiny

from app.core.model.card import ModelCard
from app.gui.audit import maps_page
from app.gui.audit.maps_text import sanity_words, share_words
from app.gui.settings.remembered import Settings
from app.jobs.maps_process import MapsProcess
from app.review.audit import Audit, AuditRow
from app.review.audit.maps import MeanShare, maps_of_audit
from app.review.audit.maps_worker import to_json

WAIT = 240_000


@pytest.fixture
def audit(tmp_path):
    """Two found, one missed, one false alarm, one left alone out of fold."""
    model = save_tiny(tmp_path / "models")
    rows = []
    for at, (p, label) in enumerate(((0.9, 1), (0.8, 1), (0.2, 1), (0.7, 0), (0.1, 0))):
        path = tmp_path / f"image{at}.png"
        cv2.imwrite(str(path), chest_like(seed=at))
        rows.append(AuditRow(path.name, path, label, p=p, out_of_fold=at == 4))
    return Audit(tuple(rows), ModelCard.load(model / "card.json"), tmp_path, model)


@pytest.fixture
def answering(monkeypatch, tmp_path):
    """Let the page's process answer this at once; the real one has its test in test_maps.

    As the real one it reads its request, and ends when nobody wants the answer.
    """

    def answer(result):
        said = tmp_path / "answer.json"
        said.write_text(json.dumps(result) + "\n")
        code = f"import sys; sys.stdin.readline(); sys.stdout.write(open({str(said)!r}).read())"
        command = (sys.executable, "-c", code if result else "import sys; sys.stdin.read()")
        monkeypatch.setattr(maps_page, "MapsProcess", partial(MapsProcess, command=command))

    return answer


@pytest.fixture
def made(qtbot, opacity_home):
    """Makes the page, in a window."""
    pages = []

    def make():
        page = maps_page.MapsPage(Settings())
        qtbot.addWidget(page)
        page.resize(920, 700)
        page.show()
        pages.append(page)
        return page

    yield make
    for page in pages:
        page.shutdown()


def test_without_an_audit_there_is_nothing_to_make(made):
    page = made()
    page.show_audit(None)
    assert not page.make.isEnabled()
    assert page.trust.text() == ""


@pytest.mark.slow
def test_maps_are_made_shown_by_cell_and_walked(made, audit, qtbot, answering):
    answering({"result": to_json(maps_of_audit(audit, 0.5, "layer-cam"))})
    page = made()
    page.show_audit(audit)
    page.show_threshold(0.5)
    assert "Choose a method" in page.gallery.empty.text()
    assert page.cards["tp"].words.text() == "n = 2"
    page.method.setCurrentIndex(page.method.findData("layer-cam"))
    with qtbot.waitSignal(page.process.made, timeout=WAIT):
        QTest.mouseClick(page.make, Qt.MouseButton.LeftButton)
        assert page.cancel.isVisible()
        assert not page.method.isEnabled()
    assert page.make.isVisible()
    # The misses first: they are what an audit is about.
    assert page.gallery.title.text().startswith("Missed pneumonias  ·  LayerCAM")
    assert page.gallery.count == 1
    assert page.gallery.heatmaps.isChecked()
    assert page.cards["fn"].picture.marked
    assert "outside the lungs" in page.cards["tp"].words.text()
    assert "rank correlation" in page.trust.text()
    assert "out of fold" in page.trust.text()

    page.cards["tp"].picture.setFocus()
    QTest.keyClick(page.cards["tp"].picture, Qt.Key.Key_Return)
    assert page.gallery.count == 2
    path = audit.rows[0].path
    page.gallery.pictures.want_heatmaps(audit.rows[:1])
    assert page.gallery.pictures.heatmap(path).method == "LayerCAM"
    assert page.gallery.pictures.heatmap(path).full_scale == page._maps.full_scale
    with qtbot.waitSignal(page.open_asked) as asked:
        page.gallery.grid.opened.emit(0)
    assert sorted(asked.args[0]) == [0, 1]
    assert asked.args[1] == 0

    # Another threshold: the maps stay, and it is said that their cells are not today's.
    page.show_threshold(0.85)
    assert "made at the threshold 0.500" in page.trust.text()
    page.show_audit(audit)
    assert page.cards["tp"].words.text() == "n = 1"
    assert page._maps is None


@pytest.mark.slow
def test_maps_in_view_keep_their_threshold_and_late_ones_their_audit(made, audit, qtbot, answering):
    maps = maps_of_audit(audit, 0.5, "layer-cam")
    answering(None)
    page = made()
    page.show_audit(audit)
    page.show_threshold(0.5)
    page.make.click()
    page.process.made.emit(maps)
    qtbot.waitUntil(lambda: page._maps is maps, timeout=WAIT)
    with qtbot.waitSignal(page.process.cancelled, timeout=WAIT):
        page.process.cancel()

    # Made again at another threshold and given up: those in view are still of the first.
    page.show_threshold(0.85)
    page.make.click()
    with qtbot.waitSignal(page.process.cancelled, timeout=WAIT):
        page.cancel.click()
    assert "made at the threshold 0.500" in page.trust.text()

    # Another audit came while they were made: their positions are not those of its rows.
    page.show_audit(replace(audit, rows=audit.rows[:2]))
    page.process.made.emit(maps)
    assert page._maps is None


def test_a_failure_is_told_and_the_choice_remembered(made, audit, qtbot, answering):
    answering({"error": ["It failed.", "It was to work.", "Try again."]})
    page = made()
    page.show_audit(audit)
    page.method.setCurrentIndex(page.method.findData("occlusion"))
    with qtbot.waitSignal(page.failed, timeout=WAIT) as told:
        page.make.click()
    assert told.args[0].what == "It failed."
    assert page.make.isVisible()
    assert made().method.currentData() == "occlusion"


def test_it_can_be_cancelled(made, audit, qtbot, answering):
    answering(None)
    page = made()
    page.show_audit(audit)
    page.make.click()
    assert page.process.running
    with qtbot.waitSignal(page.process.cancelled, timeout=WAIT):
        page.cancel.click()
    assert page.make.isVisible()


def test_words():
    assert share_words(MeanShare.of([])) == "not known"
    assert share_words(MeanShare.of([0.25])) == "25%, n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}1"
    assert share_words(MeanShare(0.3, 0.1, 0.5, 9)).startswith("30% (10%–50%), n")
    assert sanity_words(True, 0.8, 0.7, 0.9, 8).startswith("▲ Do not trust")
    assert "change, as they must" in sanity_words(False, 0.1, 0.0, 0.2, 8)
