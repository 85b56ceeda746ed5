"""Whoever has seen an image's score on any page does not judge it blind any more."""

import pytest
from model_record import record
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.events import RunEnded, to_line
from app.core.worklist.scan import Item
from app.gui.audit.curves_page import CurvesPage
from app.gui.audit.flips_page import FlipsPage
from app.gui.audit.labels_page import LabelsPage
from app.gui.audit.locks_page import LocksPage
from app.gui.audit.pages import PAGES
from app.inference.registry.models import find_model
from app.review.audit import audit_folder
from app.review.verdicts.store import VerdictStore, default_path
from app.training.result.changed_calls import Flip, write_flips
from app.training.runs.runs import EVENTS_NAME, new_run

WAIT = 300_000


@pytest.fixture
def folder(tmp_path):
    return write_training_folder(tmp_path / "labelled", per_class=4)


@pytest.fixture
def bench(window, qtbot):
    """The bench before its first audit, on a page where the gallery gives way and draws nothing."""
    qtbot.waitUntil(lambda: window.controller.card is not None, timeout=WAIT)
    window.reading.set_reader("Ada")
    window.commands["audit"].trigger()
    bench = window.audits.bench
    bench.tabs.choose(LocksPage)
    return bench


@pytest.fixture
def seen(window, bench, folder):
    """Audit a folder; whether a reader has seen the score of every image of it."""
    bench.controller.show(audit_folder(folder, window.controller.card.name))
    sight = window.reading.controller._sight
    images = [row.identity for row in bench.controller.audit.scored]
    return lambda reader, many=all: many(sight.has_seen_score(reader, image) for image in images)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.shows_images])
def test_a_page_that_lists_images_leaves_none_to_judge_blind(bench, seen, page):
    assert not seen("Ada", any)
    bench.tabs.choose(page)
    assert seen("Ada")


def test_who_reads_next_has_seen_what_is_still_in_sight(window, bench, seen):
    bench.tabs.choose(LabelsPage)
    window.reading.set_reader("Bob")
    assert seen("Bob"), "the page was in view as he came"
    bench.tabs.choose(LocksPage)
    window.reading.set_reader("Cem")
    assert not seen("Cem", any)
    bench.tabs.choose(LabelsPage)
    assert seen("Cem"), "the page is told of the audit already, and comes into view again"
    bench.close()
    window.reading.set_reader("Dora")
    assert not seen("Dora", any)
    window.commands["audit"].trigger()
    assert seen("Dora"), "the window comes back with that page"


def test_the_gallery_in_sight_is_seen_by_who_reads_next(window, bench, seen, qtbot):
    bench.tabs.choose(CurvesPage)
    bench.controller.choose_cells(frozenset(("tp", "fn", "fp", "tn")))
    qtbot.waitUntil(lambda: seen("Ada", any), timeout=20_000)
    window.reading.set_reader("Bob")
    qtbot.waitUntil(lambda: seen("Bob", any), timeout=20_000)


def judge(window, qtbot, path):
    """Give a label with the key, blinded; the verdict as it is on disk."""
    window.worklist.choose(Item(path, str(path)))
    reading = window.reading.controller
    qtbot.waitUntil(lambda: reading.current is not None and reading.current.path == path)
    qtbot.waitUntil(lambda: reading.on_screen, timeout=WAIT)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)
    with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    with VerdictStore(default_path()) as store:
        (verdict,) = store.book.readers_of(reading.image).values()
    return verdict


@pytest.mark.slow
@pytest.mark.parametrize("audited", [False, True])
def test_flips_of_a_training_on_another_folder(
    window, bench, folder, tmp_path, qtbot, open_and_score, audited
):
    other = write_training_folder(tmp_path / "other", per_class=2, side=112)
    flipped, untouched = sorted((other / "PNEUMONIA").iterdir())
    run = new_run(tiny("dense", other))
    ended = RunEnded("somewhere", "new", 2, 2, False, {}, {})
    (run / EVENTS_NAME).write_text(to_line(ended) + "\n", encoding="utf-8")
    write_flips(run, (Flip("newly_missed", f"PNEUMONIA/{flipped.name}", 0.9, 0.1),))
    if audited:
        bench.controller.show(audit_folder(folder, window.controller.card.name))
    page = bench.tabs.choose(FlipsPage)
    bench.show_pages()
    page.show_run(run)
    assert len(page.flips) == 1
    bench.close()
    window.commands["blinded"].setChecked(True)
    open_and_score(other)
    window.reading.controller.advance = False
    assert judge(window, qtbot, flipped).score_visible
    assert not judge(window, qtbot, untouched).score_visible


@pytest.mark.slow
def test_failures_on_the_page_about_the_model(window, folder, qtbot, open_and_score):
    qtbot.waitUntil(lambda: window.controller.card is not None, timeout=WAIT)
    window.reading.set_reader("Ada")
    failed, other = sorted((folder / "PNEUMONIA").iterdir())[:2]
    record(find_model(window.controller.model_name), [failed])
    window.model_page.show()
    page = window.model_page.page
    with qtbot.waitSignal(page.process.ready, timeout=WAIT):
        page.search(folder)
    window.reading.set_reader("Bob")
    page.close()
    window.reading.controller.advance = False
    window.commands["blinded"].setChecked(True)
    open_and_score(folder)
    assert judge(window, qtbot, failed).score_visible
    assert not judge(window, qtbot, other).score_visible
