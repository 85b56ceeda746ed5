"""The bench's report page: a real report by the real process, and where none may be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.gui.audit.report_page import ReportPage
from app.gui.settings.remembered import Settings
from app.review.audit import audit_folder

WAIT = 300_000


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path):
    folder = write_training_folder(tmp_path / "site", per_class=12)
    audit = audit_folder(folder, save_tiny(tmp_path / "models"))
    made = ReportPage(Settings())
    qtbot.addWidget(made)
    made.show_audit(audit)
    made.show_threshold(1.0)
    made.show()
    yield made
    made.shutdown()


@pytest.mark.slow
def test_a_report_is_written_with_what_was_asked_for(page, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    page.names.setChecked(True)
    with qtbot.waitSignal(page.process.done, timeout=WAIT):
        page.write(file)
        assert not page.button.isEnabled()
        assert page.stop.isVisible()
    words = file.read_text(encoding="utf-8")
    assert "At the threshold 1.000 the model misses 12 of 12 pneumonias" in words
    assert words.count("data:image/jpeg") == 24
    assert "person" in words
    assert page.button.isEnabled()
    assert page.open_button.isVisible()
    # The audit that was handed over is gone again.
    from app.core.base.home import home

    assert not list((home() / "audit").glob("audit.*"))


def test_cancelled_it_writes_nothing(page, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.process.cancelled, timeout=WAIT):
        page.write(tmp_path / "report.pdf")
        page.stop.click()
    assert not (tmp_path / "report.pdf").exists()
    assert "nothing was written" in page.state.text()


def test_a_report_among_the_images_is_refused(page, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.failed) as told:
        page.write(tmp_path / "site" / "report.pdf")
    assert "being read" in told.args[0].what
    assert not page.process.running
