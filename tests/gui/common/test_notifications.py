import logging
import sys
import threading

from app.core.base.errors import ReviewError
from app.gui.common.notice_bar import NoticeBar
from app.gui.common.notifications import Notification, NotificationManager, Severity


def failing():
    raise ValueError("/data/Secret^Name/image.dcm")


def collected(manager):
    told = []
    manager.listen(told.append)
    return told


def test_an_expected_error_keeps_its_three_parts():
    manager = NotificationManager()
    told = collected(manager)
    manager.error(ReviewError("What.", "Expected.", "Fix."))
    assert told == [Notification(Severity.ERROR, "What.", "Expected.", "Fix.")]


def test_an_unexpected_error_is_told_with_details_and_logged_without_names(caplog):
    manager = NotificationManager()
    told = collected(manager)
    with caplog.at_level(logging.DEBUG):
        try:
            failing()
        except ValueError as error:
            manager.error(error)
    assert "ValueError" in told[0].what
    assert "failing" in told[0].details
    assert "ValueError in failing" in caplog.text
    assert "Secret" not in caplog.text


def test_both_hooks_are_taken_and_given_back():
    before = sys.excepthook, threading.excepthook
    manager = NotificationManager()
    told = collected(manager)
    manager.install()
    try:
        try:
            failing()
        except ValueError:
            sys.excepthook(*sys.exc_info())
        thread = threading.Thread(target=failing)
        thread.start()
        thread.join()
    finally:
        manager.uninstall()
    assert len(told) == 2
    assert (sys.excepthook, threading.excepthook) == before


def test_the_bar_shows_one_after_another(qtbot):
    bar = NoticeBar()
    qtbot.addWidget(bar)
    first = Notification(Severity.NOTICE, "First.")
    second = Notification(Severity.ERROR, "Second.", "Expected.", "Fix.", "Traceback")
    for notification in (first, second, second, first):
        bar.show_notification(notification)
    assert bar.text.text() == "First."
    assert not bar.details_button.isVisibleTo(bar)
    assert bar.close_button.text() == "Next (1)"
    bar.close_button.click()
    assert bar.text.text() == "Second.\nExpected.\nFix."
    bar.details_button.click()
    assert bar.details.isVisibleTo(bar)
    assert bar.details.toPlainText() == "Traceback"
    bar.close_button.click()
    assert bar.isHidden()
