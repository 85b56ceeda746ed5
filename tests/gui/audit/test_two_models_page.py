"""The page of two models: what flips, the image twice, heatmaps of both, and the list."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
from audits import audit_of, changed
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.core.base.errors import ReviewError
from app.core.model.results import Heatmap
from app.gui.audit import models_page
from app.gui.audit.models_page import ModelsPage
from app.gui.audit.two_models_controller import TwoModelsController
from app.gui.settings.remembered import Settings
from app.inference.registry import models as registry
from app.review.audit.two_models import side_by_side

WAIT = 60_000
LABELS = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
FIRST = [0.9, 0.2, 0.1, 0.8, 0.7, 0.1, 0.7, 0.9, 0.2, 0.6]
SECOND = [0.9, 0.7, 0.3, 0.1, 0.2, 0.6, 0.2, 0.8, 0.1, 0.7]


class Job(QObject):
    """Audits when it is told to; the real one is in ``test_audit_process``."""

    progress = Signal(int, int)
    audited = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, _parent=None):
        super().__init__()
        self.asked, self.running = [], False

    def audit(self, folder, model, labels, out_of_fold):
        self.asked.append((folder, model, labels, out_of_fold))
        self.running = True

    def answer(self, audit):
        self.running = False
        self.audited.emit(audit)

    def cancel(self):
        if self.running:
            self.running = False
            self.cancelled.emit()

    def close(self):
        pass


class Explainer(QObject):
    """Gives heatmaps at once; the real one is in ``test_pairs_process``."""

    made, failed, cancelled = Signal(object), Signal(object), Signal()
    running = False

    def __init__(self, _parent=None):
        super().__init__()
        self.asked = []

    def make(self, models, files):
        self.asked.append((models, list(files)))
        some = Heatmap(np.ones((4, 4), np.float32), 1.0, "Grad-CAM")
        none = Heatmap(np.zeros((4, 4), np.float32), 1.0, "Grad-CAM")
        self.made.emit(dict.fromkeys(files, (some, none)))

    def cancel(self):
        pass

    close = cancel


@pytest.fixture
def audits(tmp_path):
    folder = tmp_path / "data"
    for name in ("NORMAL", "PNEUMONIA"):
        (folder / name).mkdir(parents=True)
    first = audit_of(FIRST, LABELS, folder=folder, model="old")
    second = audit_of(SECOND, LABELS, folder=folder, model="new")
    for row in first.rows:
        cv2.imwrite(str(row.path), np.full((40, 30), 90, np.uint8))
    return (
        replace(first, model_folder=tmp_path / "old"),
        replace(second, model_folder=tmp_path / "new"),
    )


@pytest.fixture
def page(qtbot, opacity_home, tiny_models, monkeypatch):
    shutil.copytree(tiny_models, opacity_home / "models")
    monkeypatch.setattr(registry, "BUNDLED", opacity_home / "none")
    monkeypatch.setattr(models_page, "AuditProcess", Job)
    monkeypatch.setattr(models_page, "PairsProcess", Explainer)
    made = ModelsPage(Settings())
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    yield made
    made.shutdown()


@pytest.fixture
def shown(page, audits, qtbot):
    page.show_audit(audits[0])
    page.show_threshold(0.5)
    page.beside.click()
    page.process.answer(audits[1])
    qtbot.waitUntil(lambda: "McNemar" in page.words.text(), timeout=WAIT)
    return page


def counts(page):
    return [int(button.text().split("\n")[0]) for button in page.flips.buttons.values()]


def test_the_same_images_are_audited_with_the_other_model(page, audits):
    page.show_audit(None)
    assert "Audit a folder first" in page.empty.text()
    assert not page.beside.isEnabled()
    page.show_audit(audits[0])
    assert "old 1.0" in page.empty.text()
    page.beside.click()
    assert page.process.asked == [(audits[0].folder, "tiny-a", None, True)]
    assert page.cancel_button.isVisible()
    page.cancel_button.click()
    assert page.beside.isVisible()


def test_six_counts_the_figures_and_the_first_image(shown, qtbot):
    assert counts(shown) == [2, 1, 1, 1, 1, 2]
    words = shown.words.text()
    assert "new 1.0 against old 1.0 on the same images: 10 (" in words
    assert "AUC" in words
    assert "1 newly caught, 2 newly missed" in words
    assert shown.flips.buttons["newly_missed"].isChecked()
    assert shown.about.text().startswith("1 of 2")
    first, second = (caption.text() for caption in shown.view.captions)
    assert first == "old 1.0: 0.800, called pneumonia (threshold 0.500)"
    assert second == "new 1.0: 0.100, called normal (threshold 0.500)"
    qtbot.waitUntil(lambda: shown.view.views[1].radiograph is not None, timeout=WAIT)


def test_keys_walk_a_kind_and_stop_at_its_ends(shown):
    shown.view.views[0].setFocus()
    for key, place in ((Qt.Key.Key_Space, 2), (Qt.Key.Key_Space, 2), (Qt.Key.Key_Up, 1)):
        QTest.keyClick(shown.view.views[0], key)
        assert shown.about.text().startswith(f"{place} of 2")
    opened = []
    shown.open_asked.connect(lambda positions, place: opened.append((positions.tolist(), place)))
    QTest.keyClick(shown.view.views[0], Qt.Key.Key_Return)
    assert opened == [([3, 4], 0)]


def test_a_kind_is_chosen_and_shown_in_the_gallery(shown):
    asked = []
    shown.gallery_asked.connect(lambda at, words: asked.append((at.tolist(), words)))
    shown.flips.buttons["both_false_alarm"].click()
    assert shown.about.text().startswith("1 of 2")
    shown.gallery_button.click()
    assert asked == [([7, 9], "False alarms of both")]


def test_both_thresholds_are_followed(shown, qtbot):
    shown.show_threshold(0.95)
    assert counts(shown) == [0, 2, 3, 3, 0, 0]
    assert "no image" in shown.view.views[0].message.lower()
    shown.show_threshold(0.5)
    shown.point.addItem("strict", 0.85)
    shown.point.setCurrentIndex(shown.point.count() - 1)
    shown.point.activated.emit(shown.point.currentIndex())
    assert counts(shown) == [2, 0, 2, 0, 3, 0]
    qtbot.waitUntil(lambda: "0 newly caught" in shown.words.text(), timeout=WAIT)


def test_heatmaps_of_both_are_made_for_what_comes_next_too(shown, audits, qtbot):
    qtbot.waitUntil(lambda: shown.view.views[1].radiograph is not None, timeout=WAIT)
    shown.view.views[0].setFocus()
    QTest.keyClick(shown.view.views[0], Qt.Key.Key_H)
    [(models, files)] = shown.explainer.asked
    assert models == tuple(audit.model_folder for audit in audits)
    assert files == [audits[0].rows[at].path for at in (3, 4)]
    assert shown.view.views[0].heatmap.evidence.max() == 1.0
    # The second model found nothing, and the page says so.
    assert "The heatmap is empty" in shown.view.notes[1].text()
    shown.next.click()
    qtbot.waitUntil(lambda: shown.view.views[0].heatmap is not None, timeout=WAIT)
    assert len(shown.explainer.asked) == 1
    shown.heatmaps.setChecked(False)
    assert shown.view.views[0].heatmap is None


def test_late_heatmaps_of_a_model_that_was_put_aside_are_dropped(shown, audits, tmp_path, qtbot):
    asked, given = [], shown.explainer.make
    shown.explainer.make = lambda models, files: asked.append((models, files))
    shown.heatmaps.setChecked(True)
    shown.explainer.running = True
    third = replace(audits[1], model_folder=tmp_path / "third")
    shown.process.answer(third)
    qtbot.waitUntil(lambda: shown.controller.pair.second is third, timeout=WAIT)
    shown.explainer.running = False
    given(*asked[0])
    assert [models[1].name for models, _ in asked] == ["new", "third"]
    assert shown.view.views[0].heatmap is None


def test_training_images_are_left_out_until_they_are_wanted(page, audits, qtbot):
    first, second = audits
    for at in range(10):
        second = changed(second, at, seen="exact")
    page.show_audit(first)
    page.show_threshold(0.5)
    page.beside.click()
    page.process.answer(second)
    qtbot.waitUntil(lambda: "All images (10)" in page.empty.text(), timeout=WAIT)
    assert page.stack.currentWidget() is page.empty
    page.with_seen.setChecked(True)
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.bench, timeout=WAIT)
    assert sum(counts(page)) == 8


def test_the_list_is_saved_and_never_among_the_images(shown, audits, tmp_path, qtbot, monkeypatch):
    for place, fits in ((tmp_path / "list", True), (audits[0].folder / "list.csv", False)):
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_, place=place: (str(place), "")
        )
        with qtbot.waitSignal(shown.noticed if fits else shown.failed, timeout=WAIT) as told:
            shown.save_button.click()
    assert "images" in told.args[0].expected
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows].count("newly_missed") == 2
    assert {row["model_second"] for row in rows} == {"new 1.0"}


def test_an_audit_that_fails_is_told_and_another_can_be_asked_for(page, audits, qtbot):
    page.show_audit(audits[0])
    page.beside.click()
    page.process.running = False
    with qtbot.waitSignal(page.failed, timeout=WAIT):
        page.process.failed.emit(ReviewError("It failed.", "", ""))
    assert page.beside.isVisible()


class View:
    """Takes whatever the controller shows."""

    def __getattr__(self, name):
        return lambda *_: None


def test_a_late_audit_of_another_folder_is_dropped(qtbot, audits):
    job, finder = Job(), models_page.PairFinder()
    controller = TwoModelsController(View(), job, finder)
    controller.show_audit(audits[0])
    controller.put_beside("m")
    job.answer(audit_of([0.5], [1]))
    assert controller.second is None
    finder.close()


class Finder(QObject):
    """Answers when it is told to."""

    matched, compared, failed = Signal(object), Signal(object, object), Signal(object)

    def match(self, first, second, with_seen):
        self.matched.emit(side_by_side(first, second, with_seen=with_seen))

    def compare(self, *_asked):
        pass

    cancel = compare


def test_late_figures_of_other_thresholds_are_not_shown(qtbot, audits):
    job, finder, view, words = Job(), Finder(), View(), []
    view.show_words = words.append
    controller = TwoModelsController(view, job, finder)
    controller.show_audit(audits[0])
    controller.put_beside("m")
    job.answer(audits[1])
    figures = controller.pair.compared(0.5, 0.5)
    controller.show_threshold(0.95)
    finder.compared.emit(controller.pair, figures)
    assert words == [""]
    controller.compare()
    finder.compared.emit(controller.pair, controller.pair.compared(*controller.thresholds))
    assert "McNemar" in words[-1]
