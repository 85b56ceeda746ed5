"""From the bench to the training panel and back to the flips, on the real window."""

from __future__ import annotations

import numpy as np
import pytest
from doubtful_audit import doubtful_audit
from tiny_model import tiny_card
from tiny_settings import tiny

from app.core.base.events import RunEnded, to_line
from app.gui.audit.changed_calls_model import KIND, LABEL
from app.gui.audit.flips_page import FlipsPage
from app.gui.audit.labels_page import LabelsPage
from app.gui.settings.remembered import Settings
from app.review.comparison.compare import compare
from app.training.data.layout import DataSource
from app.training.result.changed_calls import Flip, write_flips
from app.training.runs.runs import EVENTS_NAME, new_run

FLIPS = (
    Flip("newly_caught", "PNEUMONIA/image1.png", 0.2, 0.8, "newly_caught"),
    Flip("newly_missed", "PNEUMONIA/image2.png", 0.9, 0.1, "newly_missed"),
    Flip("newly_cleared", "PNEUMONIA/image3.png", 0.7, 0.2, "newly_missed"),
)


def figures():
    """Real ones: thirty images, one of them relabelled."""
    random = np.random.default_rng(3)
    before = np.arange(30) % 2
    after = before.copy()
    after[3] = 0
    old, new = random.random(30), np.clip(after + random.normal(0, 0.4, 30), 0, 1)
    cards = tiny_card("old"), tiny_card("new")
    patients = [f"p{i}" for i in range(30)]
    sides = [
        compare((cards[0], old), (cards[1], new), labels, patients).as_dict()
        for labels in (after, before)
    ]
    return {**sides[0], "original_labels": {**sides[1], "relabelled": 1}}


def finished_run(folder, labels="", flips=FLIPS, comparison=None):
    run_dir = new_run(tiny("dense", folder, labels=str(labels)))
    comparison = figures() if comparison is None else comparison
    ended = RunEnded("somewhere", "new", 2, 2, False, {}, comparison)
    (run_dir / EVENTS_NAME).write_text(to_line(ended) + "\n", encoding="utf-8")
    write_flips(run_dir, flips)
    return run_dir


@pytest.fixture
def audit(tmp_path):
    return doubtful_audit(tmp_path / "hospital")


@pytest.fixture
def page(qtbot):
    page = FlipsPage(Settings())
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    yield page
    page.shutdown()


def test_both_sets_of_labels_and_what_got_worse_first(page, qtbot, audit):
    finished_run(audit.folder)
    page.show_audit(audit)
    assert "new 1.0 against old 1.0 on patients" in page.heading.text()
    assert "neither was trained: 30 images (" in page.heading.text()
    assert "Relabelled among them: 1." in page.heading.text()
    for words in ("by the corrected labels", "by the labels before", "Newly missed"):
        assert words in page.figures.text()
    cells = [[page.model.index(row, column).data() for column in (KIND, LABEL)] for row in range(3)]
    assert cells == [
        ["newly missed", "PNEUMONIA"],
        ["newly caught", "PNEUMONIA"],
        ["newly cleared", "NORMAL, was PNEUMONIA"],
    ]
    qtbot.waitUntil(lambda: page.desk.view.radiograph is not None, timeout=20000)
    assert "image2.png" in page.desk.about.text()
    page.kind.setCurrentIndex(3)
    page.kind.activated.emit(3)
    assert [flip.name for flip in page.flips] == ["PNEUMONIA/image1.png"]
    with qtbot.waitSignal(page.open_asked) as asked:
        page.desk.opened.emit(0)
    positions, place = asked.args
    assert audit.scored[positions[place]].name == "PNEUMONIA/image1.png"


def test_no_training_yet_and_one_that_was_not_compared(page, audit):
    page.show_audit(audit)
    assert "No training on this folder yet" in page.empty.text()
    run_dir = finished_run(audit.folder, flips=(), comparison={"why_not": "it failed with X."})
    page.show_run(run_dir)
    assert "Not compared: it failed with X." in page.empty.text()
    assert not page.flips


@pytest.mark.slow
def test_there_and_back(window, qtbot, audit):
    window.audits.show()
    bench = window.audits.bench
    bench.controller.show(audit)
    labels = bench.tabs.choose(LabelsPage)
    qtbot.waitUntil(lambda: bool(labels.controller.lines), timeout=60000)
    labels.buttons["NORMAL"].click()
    labels.train_button.click()
    panel = window.training_panel
    source = panel.data.controller.source
    assert source.folder == audit.folder
    assert source.labels.name == "hospital.csv"
    assert not window.training_dock.isHidden()
    qtbot.waitUntil(lambda: panel.data.controller.ready, timeout=20000)
    assert panel.data.controller.summary.images == 30
    run_dir = finished_run(audit.folder, source.labels)
    panel.run_ended.emit(run_dir)
    assert isinstance(bench.tabs.page, FlipsPage)
    assert bench.tabs.page.flips[0].kind == "newly_missed"


def test_a_training_of_other_images_does_not_open_the_bench(window, audit):
    window.audits.show()
    bench = window.audits.bench
    before = type(bench.tabs.page)
    window.training_panel.data.controller.choose(DataSource(audit.folder))
    window.training_panel.run_ended.emit(finished_run(audit.folder))
    assert type(bench.tabs.page) is before
