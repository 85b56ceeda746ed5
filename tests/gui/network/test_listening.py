"""Listening, the inbox and sending, in the real window, with DCMTK on the other side."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace

import cv2
import dcmtk
import numpy as np
import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox

from app.core.base.reasons import texts
from app.core.base.translation import tr
from app.core.worklist.inbox import inbox_dir
from app.gui.worklist.arrangement import State
from app.jobs import folder_watcher
from app.network.config import Caller, Listening, NetworkConfig, Node, load, save

WAIT = 60_000


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(folder_watcher, "_SOON_S", 0.3)
    monkeypatch.setattr(folder_watcher, "_QUIET_S", 0.3)


@pytest.fixture
def port(opacity_home):
    free = dcmtk.free_port()
    save(NetworkConfig(Listening(port=free)))
    return free


@pytest.fixture
def listening(window, qtbot, port):
    """The window, listening since Ctrl+L."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.arrivals.process.ready is not None, timeout=WAIT)
    return window


def send(port, *paths):
    done = dcmtk.run("storescu", "-nh", "-aec", "OPACITY", "127.0.0.1", port, *paths)
    assert done.returncode == 0, done.stderr
    return done


def picture(path, seed=1, **tags):
    return write_dicom(path, chest_like(seed=seed).astype(np.uint16) * 10, **tags)


def settings_page(window, title):
    window.desk.show_settings(title)
    page = next(page for page in window.desk.dialog.pages if page.title == title)
    assert page.isVisible()
    return page


def test_nothing_listens_before_somebody_says_so(window, port):
    assert not window.arrivals.process.running
    assert not window.arrivals.sign.isVisible()
    assert not window.commands["listen"].isChecked()
    assert not dcmtk.is_open(port)


@pytest.mark.slow
def test_ctrl_l_listens_and_stops_and_is_kept(listening, qtbot, port):
    arrivals = listening.arrivals
    assert arrivals.sign.isVisible()
    assert arrivals.sign.text() == "Listening"
    assert f"port {port}" in arrivals.sign.toolTip()
    assert listening.commands["listen"].isChecked()
    assert load().listening.on
    assert dcmtk.run("echoscu", "-aec", "OPACITY", "127.0.0.1", port).returncode == 0
    qtbot.keyClick(listening, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not arrivals.process.running, timeout=WAIT)
    assert not arrivals.sign.isVisible()
    assert not listening.commands["listen"].isChecked()
    assert not load().listening.on


@pytest.mark.slow
def test_what_arrives_is_told_then_fills_the_open_inbox_live(listening, qtbot, tmp_path, port):
    other = tmp_path / "other"
    other.mkdir()
    for number in range(2):
        cv2.imwrite(str(other / f"{number}.png"), chest_like(seed=number))
    with qtbot.waitSignal(listening.service.finished, timeout=WAIT):
        listening.open([str(other)])
    current = listening.controller.current
    uid = "1.2.3.44"
    send(port, picture(tmp_path / "a.dcm", 1), picture(tmp_path / "b.dcm", 2, SOPInstanceUID=uid))
    qtbot.waitUntil(lambda: listening.arrivals.sign.text().endswith("2 new in the inbox"),
                    timeout=WAIT)  # fmt: skip
    assert "2 new images are in the inbox" in listening.notice_bar.text.text()
    assert listening.controller.current is current
    assert len(listening.worklist_model.rows) == 2

    with qtbot.waitSignal(listening.service.finished, timeout=WAIT):
        qtbot.mouseClick(listening.arrivals.sign, Qt.MouseButton.LeftButton)
    assert listening.opened == (str(inbox_dir()),)
    assert listening.arrivals.sign.text() == "Listening"
    assert len(listening.worklist_model.rows) == 2
    # Until the reader touches something, the highest unread image is in view.
    QTest.keyClick(listening.worklist.table, Qt.Key.Key_Home)
    current = listening.controller.current
    assert current is not None

    # Live: a third one, and another picture under a UID that is there.
    send(port, picture(tmp_path / "c.dcm", 3), picture(tmp_path / "d.dcm", 4, SOPInstanceUID=uid))
    rows = listening.worklist_model.rows

    def cautioned():
        return [row for row in rows if "same SOPInstanceUID" in " ".join(texts(row.reasons))]

    qtbot.waitUntil(lambda: len(rows) == 4 and len(cautioned()) == 2, timeout=WAIT)
    qtbot.waitUntil(lambda: all(row.prediction for row in rows), timeout=WAIT)
    assert all(row.state is State.CAUTION for row in cautioned())
    assert listening.controller.current.path == current.path


@pytest.mark.slow
def test_a_port_in_use_is_told_and_the_command_is_off_again(window, qtbot, port):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        window.commands["listen"].trigger()
        qtbot.waitUntil(lambda: window.arrivals.problem is not None, timeout=WAIT)
    assert "in use" in window.notice_bar.text.text()
    assert not window.commands["listen"].isChecked()
    assert "in use" in window.arrivals.state_words
    window.commands["listen"].trigger()
    qtbot.waitUntil(lambda: window.arrivals.process.ready is not None, timeout=WAIT)


def test_the_window_learns_when_the_receiver_dies(listening, qtbot, port):
    listening.arrivals.process._process.kill()
    qtbot.waitUntil(lambda: listening.arrivals.problem is not None, timeout=WAIT)
    assert "receiver process" in listening.notice_bar.text.text()
    assert not listening.arrivals.sign.isVisible()


@pytest.mark.slow
def test_the_settings_say_what_holds_and_warn_beyond_this_computer(listening, qtbot, port):
    page = settings_page(listening, tr("New images"))
    assert page.listen.isChecked()
    assert f"port {port}" in page.state.text()
    assert page.warning.isHidden()
    page.address.setEditText("0.0.0.0")
    assert page.warning.isVisible()
    assert "At least one allowed caller" in page.warning.text()
    dialog = listening.desk.dialog
    assert not dialog.keep()
    assert "allowed caller" in dialog.errors.text.text()
    page.callers.setPlainText("FRIEND@127.0.0.1\nOTHER")
    page.title_field.setText("ROOM2")
    other = dcmtk.free_port()
    page.port.setValue(other)
    with qtbot.waitSignal(listening.arrivals.process.finished, timeout=WAIT):
        dialog.buttons.button(QDialogButtonBox.StandardButton.Apply).click()
    qtbot.waitUntil(
        lambda: (
            listening.arrivals.process.ready is not None
            and listening.arrivals.process.ready.port == other
        ),
        timeout=WAIT,
    )
    assert "as ROOM2" in page.state.text()
    assert load().listening.callers == (Caller("FRIEND", "127.0.0.1"), Caller("OTHER"))
    echo = ("-aec", "ROOM2", "127.0.0.1", other)
    assert dcmtk.run("echoscu", "-aet", "STRANGER", *echo).returncode != 0
    qtbot.waitUntil(lambda: "STRANGER" in page.state.text(), timeout=WAIT)
    assert dcmtk.run("echoscu", "-aet", "FRIEND", *echo).returncode == 0
    dialog.reject()


@pytest.mark.slow
def test_nodes_are_set_up_tested_and_sent_to(window, qtbot, tmp_path, port):
    folder = tmp_path / "theirs"
    folder.mkdir()
    theirs = dcmtk.free_port()
    server = subprocess.Popen([dcmtk.program("storescp"), "-od", folder, str(theirs)])
    try:
        page = settings_page(window, tr("DICOM nodes"))
        page.add_button.click()
        for column, words in ((0, "PACS"), (1, "127.0.0.1"), (2, str(theirs)), (3, "THEIRS")):
            page.table.item(0, column).setText(words)
        page.test_button.click()
        qtbot.waitUntil(lambda: "PACS answers" in page.answer.text(), timeout=WAIT)
        page.table.item(0, 2).setText(str(dcmtk.free_port()))
        page.test_button.click()
        qtbot.waitUntil(lambda: "nobody listens there" in page.answer.text(), timeout=WAIT)
        page.table.item(0, 2).setText(str(theirs))
        assert window.desk.dialog.keep()
        window.desk.dialog.reject()
        assert load().nodes == (Node("PACS", "127.0.0.1", theirs, "THEIRS"),)

        files = [picture(tmp_path / f"{number}.dcm", number) for number in range(3)]
        (tmp_path / "no.dcm").write_text("no image")
        dialog = window.arrivals.send([*files, tmp_path / "no.dcm"])
        assert "not encrypted" in dialog.hint.text()
        assert list(folder.iterdir()) == []
        dialog.send_button.click()
        qtbot.waitUntil(lambda: dialog.words.text() == "3 of 4 sent", timeout=WAIT)
        results = [dialog.table.item(row, 1).text() for row in range(4)]
        assert results == ["✓ Sent."] * 3 + ["✗ Not sent: it is no DICOM object."]
        assert len(list(folder.iterdir())) == 3
    finally:
        server.kill()
        server.wait()
    dialog.send_button.click()
    qtbot.waitUntil(lambda: dialog.words.text() == "Nothing was sent", timeout=WAIT)
    assert "cannot be reached" in dialog.errors.text.text()
    dialog.close_button.click()


def test_sending_can_be_cancelled_and_says_of_each_file_what_became_of_it(
    window, qtbot, tmp_path, monkeypatch
):
    from app.network import sender

    def slow(files, node, *, told, cancelled):
        for number, path in enumerate(files):
            while number and not cancelled():
                time.sleep(0.01)
            told(
                sender.SendResult(
                    path, not number, "Sent." if not number else "Not sent: cancelled."
                )
            )
        return [sender.SendResult(path, not n, "") for n, path in enumerate(files)]

    monkeypatch.setattr(sender, "send", slow)
    save(replace(load(), nodes=(Node("PACS", "127.0.0.1"),)))
    dialog = window.arrivals.send([tmp_path / "a.dcm", tmp_path / "b.dcm"])
    dialog.send_button.click()
    qtbot.waitUntil(lambda: dialog.words.text() == "1 of 2", timeout=WAIT)
    assert dialog.close_button.text() == "Cancel"
    dialog.close_button.click()
    qtbot.waitUntil(lambda: dialog.words.text() == "1 of 2 sent", timeout=WAIT)
    assert dialog.table.item(1, 1).text() == "✗ Not sent: cancelled."
    dialog.reject()


def test_without_a_node_there_is_nothing_to_press(window, tmp_path):
    dialog = window.arrivals.send([tmp_path / "a.dcm"])
    assert not dialog.send_button.isEnabled()
    assert "No node is set up" in dialog.hint.text()
    window.arrivals.use_nodes((Node("PACS", "127.0.0.1"),))
    assert dialog.send_button.isEnabled()
    dialog.reject()
