"""The leak guard's page: lock, look, refuse, unlock with a reason."""

from __future__ import annotations

import pytest
from doubtful_audit import doubtful_audit

from app.core.base.errors import TrainingDataError
from app.gui.audit.locks_page import LocksPage
from app.gui.common.privacy import privacy
from app.gui.settings.remembered import Settings
from app.review.holdout import locks
from app.review.holdout.locks import LockedImage


@pytest.fixture
def audit(tmp_path):
    return doubtful_audit(tmp_path / "hospital-test", per_class=3)


@pytest.fixture
def page(qtbot, audit):
    page = LocksPage(Settings())
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    with qtbot.waitSignal(page.service.ready):
        page.show_audit(audit)
    yield page
    page.shutdown()


def history(page):
    return [page.history.item(row, 1).text() for row in range(page.history.rowCount())]


def test_a_folder_is_locked_and_looks_are_listed(page, qtbot, audit):
    assert "not locked" in page.state.text()
    with qtbot.waitSignal(page.service.ready):
        page.lock_button.click()
    assert "Looks at their figures: 0" in page.state.text()
    assert not page.lock_button.isEnabled()
    row = audit.rows[0]
    locks.look([row.content_hash], locks.BENCH, "best-2 1.0")
    with pytest.raises(TrainingDataError):
        locks.refuse_training([LockedImage(row.content_hash)])
    with qtbot.waitSignal(page.service.ready):
        page.show_audit(audit)
    assert "Looks at their figures: 1" in page.state.text()
    assert history(page) == ["training refused", "figures looked at", "locked"]
    assert [page.history.item(1, column).text() for column in (2, 3)] == [
        "audit bench",
        "best-2 1.0",
    ]
    assert [page.sets.item(0, column).text() for column in (1, 3, 4)] == ["6", "1", "locked"]


def test_unlocking_asks_for_a_reason(page, qtbot):
    with qtbot.waitSignal(page.service.ready):
        page.lock()
    page.unlock_button.click()
    page.prompt.yes_button.click()
    assert locks.guarded_sets()[0].locked
    page.prompt.name.setText("The trial is over.")
    with qtbot.waitSignal(page.service.ready):
        page.prompt.yes_button.click()
    assert history(page) == ["unlocked", "locked"]
    assert page.history.item(0, 4).text() == "The trial is over."
    assert "locked once, and is not now" in page.state.text()
    assert page.lock_button.isEnabled()
    assert not page.unlock_button.isEnabled()


def test_nothing_that_was_asked_for_is_dropped(page, qtbot, audit):
    """A newer request takes the place of the older one's answer, never of what it was to do."""
    page.lock()
    with qtbot.waitSignal(page.service.ready):
        page.show_audit(audit)
    assert locks.guarded_sets()[0].locked
    page.service.unlock(audit, locks.guarded_sets()[0].id, "At the end.")
    page.service.close()
    assert not locks.guarded_sets()[0].locked


def test_a_damaged_database_is_told(page, qtbot, audit, opacity_home):
    (opacity_home / "locks.sqlite").write_bytes(b"no database, only words " * 99)
    with qtbot.waitSignal(page.service.failed):
        page.show_audit(audit)
    assert "cannot be read or written" in page.errors.text.text()


def test_names_are_hidden(page, qtbot):
    with qtbot.waitSignal(page.service.ready):
        page.lock()
    privacy.set_hidden(True)
    try:
        assert "hospital" not in page.sets.item(0, 0).text()
    finally:
        privacy.set_hidden(False)


def test_without_an_audit(qtbot):
    page = LocksPage(Settings())
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.service.ready):
        page.show_audit(None)
    assert "Audit a labelled folder" in page.state.text()
    assert not page.lock_button.isEnabled()
    page.shutdown()
