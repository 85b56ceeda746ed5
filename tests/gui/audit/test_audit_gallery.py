"""The gallery by itself, with real image files and a source of heatmaps that can be watched."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from factories import chest_like
from made_audit import made_audit
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest

from app.core.model.results import GRAD_CAM, Heatmap
from app.gui.audit.audit_rows import Order, Picked
from app.gui.audit.gallery import GalleryView
from app.gui.audit.tips import tooltip
from app.gui.common.privacy import privacy

WAIT = 30_000


class Heatmaps(QObject):
    ready = Signal(object, object)

    def __init__(self):
        super().__init__()
        self.asked = []

    def request(self, rows):
        self.asked.append([row.path for row in rows])


@pytest.fixture
def gallery(qtbot):
    made = GalleryView()
    qtbot.addWidget(made)
    made.resize(760, 420)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shutdown()


@pytest.fixture
def rows(tmp_path):
    """Six rows whose images lie on the disk, the last one broken."""
    made = []
    for number, row in enumerate(made_audit(6).scored):
        path = tmp_path / f"Jane_Doe_{number}.png"
        cv2.imwrite(str(path), chest_like(seed=number))
        made.append(replace(row, path=path))
    made[-1].path.write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    return made


def test_only_what_is_in_sight_is_read(gallery, qtbot):
    asked = []
    gallery.pictures._service.request = asked.append
    audit = made_audit(10_000)
    gallery.show_rows(Picked(audit, np.arange(10_000)), 0.5, "All")
    gallery.grid.viewport().repaint()
    assert 0 < len(asked) <= 20
    assert gallery.title.text() == "All  ·  10,000"
    QTest.keyClick(gallery.grid, Qt.Key.Key_End)
    gallery.grid.viewport().repaint()
    assert gallery.grid.current == 9_999
    assert len(set(asked)) <= 60


def test_pictures_come_and_a_broken_file_says_so(gallery, rows, qtbot):
    gallery.show_rows(rows, 0.5, "Six")
    pictures = gallery.pictures
    qtbot.waitUntil(lambda: all(pictures.thumbnail(r.path) for r in rows[:5]), timeout=WAIT)
    qtbot.waitUntil(lambda: pictures.is_unreadable(rows[5].path), timeout=WAIT)
    image = gallery.grid.viewport().grab().toImage()
    place = gallery.grid.rect_of(0).center()
    around = {image.pixelColor(place.x() + d, place.y() + d).value() for d in range(-30, 30, 5)}
    assert len(around) > 3, "a picture, not a plain ground"


def test_keys_walk_and_enter_opens_in_the_order_shown(gallery, rows, qtbot):
    gallery.set_order(Order.SCORE)
    gallery.show_rows(rows, 0.5, "Six")
    gallery.grid.setFocus()
    QTest.keyClick(gallery.grid, Qt.Key.Key_Right)
    QTest.keyClick(gallery.grid, Qt.Key.Key_Right)
    QTest.keyClick(gallery.grid, Qt.Key.Key_Left)
    with qtbot.waitSignal(gallery.opened) as opened:
        QTest.keyClick(gallery.grid, Qt.Key.Key_Return)
    order, place = opened.args
    by_score = sorted(range(6), key=lambda at: -rows[at].p)
    assert [rows[at].p for at in order] == [rows[at].p for at in by_score]
    assert place == 1
    assert gallery.current_row is rows[order[1]]


def test_down_goes_a_line_and_nothing_goes_beyond_the_ends(gallery, qtbot):
    audit = made_audit(30)
    gallery.show_rows(Picked(audit, np.arange(30)), 0.5, "All")
    columns = gallery.grid.columns
    QTest.keyClick(gallery.grid, Qt.Key.Key_Down)
    assert gallery.grid.current == columns
    QTest.keyClick(gallery.grid, Qt.Key.Key_Up)
    QTest.keyClick(gallery.grid, Qt.Key.Key_Up)
    assert gallery.grid.current == 0
    QTest.keyClick(gallery.grid, Qt.Key.Key_End)
    assert gallery.grid.current == 29
    assert gallery.grid.viewport().rect().contains(gallery.grid.rect_of(29).center())


def test_the_current_image_stays_current_while_others_come_and_go(gallery):
    audit = made_audit(300)
    gallery.show_rows(Picked(audit, audit.matrix(0.5).fn), 0.5, "Missed pneumonias")
    gallery.grid.set_current(3)
    row = gallery.current_row
    gallery.show_rows(Picked(audit, audit.matrix(0.6).fn), 0.6, "Missed pneumonias")
    assert gallery.current_row is row
    gallery.show_rows(Picked(audit, audit.matrix(0.6).tp), 0.6, "Pneumonias found")
    assert gallery.grid.current == 0


def test_the_order_can_be_by_doubt_and_follows_the_threshold(gallery):
    audit = made_audit(300, decimals=6)
    gallery.set_order(Order.UNSURE)
    gallery.show_rows(Picked(audit, np.arange(300)), 0.5, "All")
    first = gallery.grid.row_at(0)
    assert abs(first.p - 0.5) == min(abs(row.p - 0.5) for row in audit.scored)
    gallery.show_threshold(0.9)
    assert abs(gallery.grid.row_at(0).p - 0.9) < 0.02


def test_nothing_at_this_threshold_is_said(gallery):
    gallery.show_rows(Picked(made_audit(), []), 0.5, "Missed pneumonias")
    assert gallery.empty.isVisible()
    assert "No image" in gallery.empty.text()
    QTest.keyClick(gallery.grid, Qt.Key.Key_Right)
    QTest.keyClick(gallery.grid, Qt.Key.Key_Return)


def test_heatmaps_by_key_and_under_the_mouse(gallery, rows, qtbot):
    source = Heatmaps()
    gallery.show_rows(rows[:5], 0.5, "Five", source)
    qtbot.waitUntil(lambda: all(gallery.pictures.thumbnail(r.path) for r in rows[:5]), timeout=WAIT)
    assert gallery.heatmaps.isVisible()
    assert not source.asked
    qtbot.mouseMove(gallery.grid.viewport(), gallery.grid.rect_of(1).center())
    qtbot.waitUntil(lambda: bool(source.asked), timeout=WAIT)
    hovered = gallery.grid.row_at(1).path
    assert source.asked == [[hovered]]
    before = _mean_red(gallery, 1)
    strong = Heatmap(np.ones((7, 7), np.float32), 1.0, GRAD_CAM)
    source.ready.emit(hovered, strong)
    qtbot.waitUntil(lambda: _mean_red(gallery, 1) > before + 8, timeout=WAIT)
    gallery.grid.setFocus()
    gallery.activateWindow()
    qtbot.waitUntil(gallery.isActiveWindow, timeout=WAIT)
    QTest.keyClick(gallery.grid, Qt.Key.Key_H)
    assert gallery.heatmaps.isChecked()
    qtbot.waitUntil(lambda: len(source.asked[-1]) == 4, timeout=WAIT)
    assert hovered not in source.asked[-1]
    # Another source is another model: its maps alone may be seen.
    gallery.show_rows(rows[:5], 0.5, "Five", Heatmaps())
    assert gallery.pictures.overlay(hovered) is None


def test_no_source_no_switch(gallery, rows):
    gallery.show_rows(rows, 0.5, "Six")
    assert not gallery.heatmaps.isVisible()


def test_an_empty_heatmap_is_told_from_one_that_is_still_to_come(gallery, rows, qtbot):
    source = Heatmaps()
    gallery.show_rows(rows[:1], 0.5, "One", source)
    path = rows[0].path
    assert not gallery.pictures.knows_heatmap(path)
    source.ready.emit(path, Heatmap(np.zeros((7, 7), np.float32), 1.0, GRAD_CAM))
    assert gallery.pictures.knows_heatmap(path)
    assert gallery.pictures.overlay(path) is None


def test_larger_and_smaller_pictures(gallery, rows):
    gallery.show_rows(rows, 0.5, "Six")
    before = gallery.grid.columns
    QTest.keyClick(gallery.grid, Qt.Key.Key_Plus)
    assert gallery.grid.columns < before
    for _ in range(9):
        QTest.keyClick(gallery.grid, Qt.Key.Key_Minus)
    assert gallery.grid.side == 112


def test_the_tool_tip_hides_identity(gallery, rows):
    row = replace(rows[0], patient="csv|Doe", columns={"view": "PA", "ward": "Doe's ward"})
    assert "Jane_Doe" in tooltip(replace(row, name=row.path.name), 0.5)
    privacy.set_hidden(True)
    try:
        told = tooltip(row, 0.5)
        assert "Doe" not in told
        assert "PA" in told
    finally:
        privacy.set_hidden(False)


def test_a_screen_reader_hears_the_current_tile(gallery, rows):
    gallery.show_rows(rows, 0.5, "Six")
    gallery.grid.set_current(2)
    told = gallery.grid.accessibleDescription()
    assert "score" in told
    assert "label" in told


def test_a_click_between_tiles_and_beyond_them_chooses_nothing(gallery, rows):
    gallery.show_rows(rows[:1], 0.5, "One")
    QTest.mouseClick(gallery.grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(700, 380))
    assert gallery.grid.current == 0
    assert gallery.grid.place_at(QPoint(700, 380)) == -1


def _mean_red(gallery, place):
    image = gallery.grid.viewport().grab(gallery.grid.rect_of(place)).toImage()
    colours = [image.pixelColor(x, y) for x in range(40, 130, 6) for y in range(40, 130, 6)]
    return float(np.mean([colour.red() - colour.blue() for colour in colours]))
