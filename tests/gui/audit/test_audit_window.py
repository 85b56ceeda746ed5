"""The bench on its own: a job that does what it is told, made scores, the real figures' thread."""

import time
from pathlib import Path

import numpy as np
import pytest
from made_audit import made_audit
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from app.core.base.errors import ReviewError
from app.gui.audit.audit_rows import Order
from app.gui.audit.audit_window import AuditWindow
from app.gui.audit.calibration_page import CalibrationPage
from app.gui.audit.curves_page import CurvesPage
from app.gui.settings.remembered import Settings
from app.jobs.audit_figures import AuditFigures

WAIT = 60_000
EVERY = frozenset(("tp", "fn", "fp", "tn"))


class Job(QObject):
    progress = Signal(int, int)
    audited = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    running = False

    def __init__(self):
        super().__init__()
        self.asked = []

    def audit(self, folder, model="", labels=None, out_of_fold=True):
        self.running = True
        self.asked.append((folder, labels))

    def cancel(self):
        if self.running:
            self.running = False
            self.cancelled.emit()


@pytest.fixture
def make(qtbot, opacity_home):
    made = []

    def build():
        figures = AuditFigures()
        bench = AuditWindow(Settings(), Job(), figures)
        qtbot.addWidget(bench)
        bench.job = bench.controller._job
        bench.resize(1280, 800)
        bench.show()
        made.append((bench, figures))
        return bench

    yield build
    for bench, figures in made:
        bench.shutdown()
        figures.close()


@pytest.fixture
def bench(make):
    made = make()
    made.tabs.choose(CurvesPage)
    return made


def drop(bench, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    bench.dropEvent(
        QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                   Qt.KeyboardModifier.NoModifier)
    )  # fmt: skip


def test_before_anything_it_says_what_to_do(bench):
    assert bench.stack.currentWidget() is bench.start
    assert bench.start.folder_button.isVisible()
    assert not bench.source.labels.isEnabled()


def test_a_folder_is_dropped_and_progress_can_be_cancelled(bench, tmp_path):
    drop(bench, tmp_path)
    assert bench.job.asked == [(tmp_path, None)]
    bench.job.progress.emit(3, 12)
    assert "3 of 12" in bench.start.progress_words.text()
    assert bench.start.progress.value() == 3
    QTest.mouseClick(bench.start.cancel_button, Qt.MouseButton.LeftButton)
    assert not bench.job.running
    assert bench.start.folder_button.isVisible()
    drop(bench, tmp_path)
    QTest.keyClick(bench, Qt.Key.Key_Escape)
    assert not bench.job.running


def test_a_dropped_csv_labels_its_own_folder(bench, tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("path,label\n")
    drop(bench, table)
    assert bench.job.asked == [(tmp_path, table)]


def test_what_cannot_be_audited_is_said(bench, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("x")
    drop(bench, note)
    assert "neither a folder nor a CSV" in bench.errors.text.text()
    drop(bench, tmp_path)
    assert not bench.errors.isVisible()
    bench.job.running = False
    bench.job.failed.emit(ReviewError("No labels here.", "Two folders.", "Choose another."))
    assert "No labels here." in bench.errors.text.text()
    assert bench.start.folder_button.isVisible()


def test_a_cell_shows_its_images(bench):
    audit = made_audit()
    bench.controller.show(audit)
    matrix = audit.matrix(bench.controller.threshold)
    assert bench.gallery.count == matrix.count("fn")
    QTest.mouseClick(bench.matrix.cells["fp"], Qt.MouseButton.LeftButton)
    assert bench.gallery.count == matrix.count("fp")
    assert bench.gallery.title.text().startswith("False alarms")
    control = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(bench.matrix.cells["fn"], Qt.MouseButton.LeftButton, control)
    assert bench.gallery.count == matrix.count("fp") + matrix.count("fn")
    assert bench.matrix.cells["fn"].isChecked()
    assert bench.matrix.cells["fp"].isChecked()
    QTest.mouseClick(bench.matrix.all_button, Qt.MouseButton.LeftButton)
    assert bench.gallery.count == len(audit.scored)


def test_the_matrix_by_keys(bench, qtbot):
    bench.controller.show(made_audit())
    bench.activateWindow()
    qtbot.waitUntil(bench.isActiveWindow, timeout=WAIT)
    QTest.keyClick(bench.gallery.grid, Qt.Key.Key_M)
    assert bench.matrix.cells["fn"].hasFocus()
    QTest.keyClick(bench.matrix.cells["fn"], Qt.Key.Key_Down)
    assert bench.matrix.cells["tn"].hasFocus()
    QTest.keyClick(bench.matrix.cells["tn"], Qt.Key.Key_Space)
    assert bench.gallery.title.text().startswith("Normals left alone")
    QTest.keyClick(bench.matrix.cells["tn"], Qt.Key.Key_G)
    assert bench.gallery.grid.hasFocus()


def test_matrix_gallery_and_figures_follow_a_drag_together(bench):
    audit = made_audit(400)
    bench.controller.show(audit)
    plot = bench.tabs.page.histogram
    view = plot.plot.getViewBox()
    for wanted in (0.2, 0.81):
        scene = view.mapViewToScene(QPointF(wanted, 0.0))
        place = plot.plot.mapFromScene(scene)
        event = Qt.MouseButton.LeftButton
        QTest.mousePress(plot.plot.viewport(), event, pos=place)
        assert bench.controller.threshold == pytest.approx(wanted, abs=0.01)
        threshold = bench.controller.threshold
        matrix = audit.matrix(threshold)
        assert bench.matrix.cells["fn"].count == matrix.count("fn") == bench.gallery.count
        sensitivity = audit.figures(threshold, intervals=False)["sensitivity"].value
        assert bench.figures.table.texts()[0][1] == f"{sensitivity:.3f}"
        assert bench.threshold.number.value() == pytest.approx(threshold, abs=1e-3)


def test_a_point_dragged_along_the_roc_curve_is_a_threshold(bench):
    audit = made_audit(400)
    bench.controller.show(audit)
    page = bench.tabs.page
    curves = audit.curves(bands=False)
    at = len(curves.thresholds) // 3
    point = QPointF(curves.false_positive_rate[at], curves.sensitivity[at])
    found = page.roc.threshold_at(point)
    figures = audit.figures(found, intervals=False)
    assert figures["sensitivity"].value == pytest.approx(point.y())
    assert 1 - figures["specificity"].value == pytest.approx(point.x())
    page.roc.moved.emit(found)
    assert bench.controller.threshold == found
    x, y = (values[0] for values in page.roc._point.getData())
    assert (x, y) == pytest.approx((point.x(), point.y()))


def test_a_drag_over_ten_thousand_images_takes_less_than_50_ms(bench, qtbot):
    audit = made_audit(10_000, decimals=6)
    bench.controller.show(audit)
    bench.controller._statistician.cancel()
    bench.controller._statistician.close()
    bench.controller._statistician.request = lambda *_: None
    bench.controller.choose_cells(EVERY)
    bench.gallery.pictures._service.request = lambda _path: None
    qtbot.wait(50)
    taken = []
    for threshold in np.linspace(0.2, 0.8, 15):
        before = time.thread_time()
        bench.tabs.page.threshold_moved.emit(float(threshold))
        qtbot.wait(1)
        taken.append(time.thread_time() - before)
    assert bench.gallery.count == 10_000
    # The time of this thread, painting included: other programs do not count.
    assert np.median(taken) < 0.05, taken


def test_intervals_come_after_the_values(bench, qtbot):
    audit = made_audit(200)
    bench.controller.show(audit)
    assert bench.figures.table.texts()[0][2] == ""
    qtbot.waitUntil(lambda: bool(bench.figures.table.texts()[0][2]), timeout=WAIT)
    assert "bootstrap over patients" in bench.figures.method.text()
    qtbot.waitUntil(lambda: "(" in bench.tabs.page.roc.heading.text(), timeout=WAIT)


def test_one_class_only_is_said(bench, qtbot):
    audit = made_audit(60)
    audit = audit.subset(np.flatnonzero(audit.labels == 1))
    bench.controller.show(audit)
    assert "undefined" in bench.tabs.page.roc.heading.text()
    texts = {row[0]: row[1] for row in bench.figures.table.texts()}
    assert texts["Specificity"] == texts["AUC (ROC)"] == "–"
    bench.controller.set_threshold(0.3)
    bench.tabs.choose(CalibrationPage)


def test_no_score_at_all_breaks_nothing(bench):
    bench.controller.show(made_audit(0))
    for page in (CalibrationPage, CurvesPage):
        bench.tabs.choose(page)
    bench.controller.set_threshold(0.3)
    assert bench.gallery.count == 0


def test_pages_learn_of_an_audit_when_they_come_into_view(bench):
    bench.controller.show(made_audit(200))
    bench.controller.set_threshold(0.25)
    page = bench.tabs.choose(CalibrationPage)
    assert page.decision._line.value() == 0.25
    assert "0.250" in page.words.text()
    bench.controller.set_threshold(0.75)
    assert "one false alarm weighs as much as 3.0 pneumonias found" in page.words.text()
    bench.tabs.choose(CurvesPage)
    assert bench.tabs.page.histogram._line.value() == 0.75


def test_the_layout_is_remembered(make):
    first = make()
    first.tabs.choose(CalibrationPage)
    first.gallery.set_order(Order.UNSURE)
    first.gallery.grid.set_side(208)
    first.open("/some/where")
    first.shutdown()
    second = make()
    assert isinstance(second.tabs.page, CalibrationPage)
    assert second.gallery.wanted_order is Order.UNSURE
    assert second.gallery.grid.side == 208
    assert second._recent() == [str(Path("/some/where"))]


def test_nothing_is_cut_off_at_1280_by_800(bench):
    bench.controller.show(made_audit(400))
    assert bench.size().width() == 1280
    assert bench.size().height() == 800
    assert bench.centralWidget().minimumSizeHint().width() <= 1280
    for part in (bench.matrix, bench.threshold, bench.gallery.order, bench.source.out_of_fold):
        place = part.mapTo(bench, QPoint(0, 0))
        assert bench.rect().contains(part.rect().translated(place)), part
