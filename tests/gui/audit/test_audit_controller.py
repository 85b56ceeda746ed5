"""What the bench does, with a view that remembers and a job that does what it is told."""

from pathlib import Path

import numpy as np
import pytest
from made_audit import made_audit
from PySide6.QtCore import QObject, Signal

from app.core.base.errors import ReviewError
from app.gui.audit.audit_controller import VERDICTS, AuditController, Wish
from app.review.audit import Readers


class View:
    def __init__(self):
        self.said = []

    def __getattr__(self, name):
        return lambda *values: self.said.append((name, *values))

    def last(self, name):
        return next(each[1:] for each in reversed(self.said) if each[0] == name)

    def count(self, name):
        return sum(each[0] == name for each in self.said)


class Job(QObject):
    progress = Signal(int, int)
    audited = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self):
        super().__init__()
        self.running = False
        self.asked = []

    def audit(self, folder, model="", labels=None, out_of_fold=True):
        self.running = True
        self.asked.append((folder, model, labels, out_of_fold))

    def cancel(self):
        if self.running:
            self.running = False
            self.cancelled.emit()

    def end(self, audit):
        self.running = False
        self.audited.emit(audit)


class Statistician(QObject):
    figures_ready = Signal(object, object)
    bands_ready = Signal(object)
    failed = Signal(object)

    def __init__(self):
        super().__init__()
        self.asked = []

    def request(self, audit, threshold):
        self.asked.append((audit, threshold))


@pytest.fixture
def parts(qapp):
    view, job, statistician = View(), Job(), Statistician()
    return AuditController(view, job, statistician), view, job, statistician


def gallery(view):
    rows, words = view.last("show_gallery")
    return sorted(rows.positions.tolist()), words


def test_an_audit_begins_at_the_operating_point_with_the_missed(parts):
    controller, view, job, _ = parts
    controller.open(Wish(Path("/data"), model="mine"))
    assert job.asked == [(Path("/data"), "mine", None, True)]
    audit = made_audit()
    job.end(audit)
    assert view.last("show_threshold") == (audit.card.threshold,)
    assert gallery(view) == (sorted(audit.matrix(0.5).fn.tolist()), "Missed pneumonias")
    assert view.last("show_matrix") == (audit.matrix(0.5).counts, frozenset({"fn"}))


def test_labels_of_readers_and_of_a_csv(parts):
    controller, _, job, _ = parts
    controller.open(Wish(Path("/data"), labels=VERDICTS))
    assert job.asked[-1][2] == Readers(blind_only=True)
    job.end(made_audit())
    controller.open(Wish(Path("/data"), labels="/data/labels.csv", out_of_fold=False))
    assert job.asked[-1][2:] == (Path("/data/labels.csv"), False)


def test_everything_follows_the_threshold(parts):
    controller, view, _, statistician = parts
    audit = made_audit()
    controller.show(audit)
    controller.set_threshold(0.8)
    matrix = audit.matrix(0.8)
    assert view.last("show_matrix")[0] == matrix.counts
    assert gallery(view)[0] == sorted(matrix.fn.tolist())
    assert view.last("show_figures")[0].matrix.counts == matrix.counts
    assert view.last("show_threshold") == (0.8,)
    assert statistician.asked[-1] == (audit, 0.8)
    said = len(view.said)
    controller.set_threshold(0.8)
    assert len(view.said) == said, "nothing moved"
    controller.set_threshold(7.0)
    assert controller.threshold == 1.0


def test_cells_alone_together_and_all(parts):
    controller, view, _, _ = parts
    audit = made_audit()
    controller.show(audit)
    controller.choose("fp")
    assert gallery(view)[1] == "False alarms"
    controller.choose("fn", True)
    assert gallery(view)[1] == "All wrong calls"
    controller.choose("fp", True)
    controller.choose("fn", True)
    assert controller.cells == frozenset({"fn"}), "one stays chosen"
    controller.choose_cells(frozenset(("tp", "fn", "fp", "tn")))
    assert gallery(view)[0] == list(range(len(audit.scored)))


def test_what_a_page_picks_stays_while_the_threshold_moves(parts):
    controller, view, _, _ = parts
    controller.show(made_audit())
    controller.ask([5, 1], "Two of them")
    assert gallery(view) == ([1, 5], "Two of them")
    assert view.last("show_matrix")[1] == frozenset()
    controller.set_threshold(0.9)
    assert gallery(view) == ([1, 5], "Two of them")
    controller.choose("tn")
    assert gallery(view)[1] == "Normals left alone"


def test_walking_keeps_the_order_of_the_gallery(parts):
    controller, view, _, _ = parts
    audit = made_audit()
    controller.show(audit)
    missed = audit.matrix(0.5).fn
    controller.walk_gallery(np.arange(len(missed))[::-1], 2)
    rows, place, words = view.last("walk")
    assert rows.positions.tolist() == missed[::-1].tolist()
    assert (place, words) == (2, "Missed pneumonias")


def test_late_figures_of_another_threshold_are_dropped(parts):
    controller, view, _, statistician = parts
    audit = made_audit()
    controller.show(audit)
    controller.set_threshold(0.7)
    shown = view.count("show_figures")
    statistician.figures_ready.emit(audit, audit.figures(0.5))
    statistician.figures_ready.emit(made_audit(seed=1), audit.figures(0.7))
    assert view.count("show_figures") == shown
    statistician.figures_ready.emit(audit, audit.figures(0.7))
    assert view.last("show_figures")[0]["sensitivity"].low is not None


def test_another_folder_during_an_audit(parts):
    controller, view, job, _ = parts
    controller.open(Wish(Path("/one")))
    controller.open(Wish(Path("/two")))
    assert [each[0] for each in job.asked] == [Path("/one"), Path("/two")]
    assert not view.count("show_start")


def test_cancelled_there_is_the_start_or_the_audit_before(parts):
    controller, view, job, _ = parts
    controller.open(Wish(Path("/one")))
    controller.cancel()
    assert view.said[-1] == ("show_start",)
    controller.open(Wish(Path("/one")))
    audit = made_audit()
    job.end(audit)
    controller.set_threshold(0.9)
    controller.open(Wish(Path("/two")))
    controller.cancel()
    assert view.last("show_audit") == (audit,)
    assert view.last("show_threshold") == (0.9,)
    assert view.last("show_wish") == (Wish(Path("/one")),), "what is shown is what is said"


def test_an_error_is_said_and_the_audit_before_stays(parts):
    controller, view, job, _ = parts
    error = ReviewError("a", "b", "c")
    controller.open(Wish(Path("/one")))
    job.running = False
    job.failed.emit(error)
    assert view.count("show_start") == 1
    assert view.last("show_errors") == ((error,),)


def test_no_image_at_all(parts):
    controller, view, _, _ = parts
    controller.show(made_audit(0))
    assert gallery(view) == ([], "Missed pneumonias")
    assert view.last("show_figures")[0]["sensitivity"].value is None
