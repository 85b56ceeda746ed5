"""The choice of training images, with a view and services that only take notes."""

from pathlib import Path

import pytest

from app.core.base.errors import ReviewError
from app.gui.training.data_controller import DataController
from app.training.data.layout import DataSource
from app.training.data.summary import ClassCount, FolderSummary

FOLDER = Path("/images")
GOOD = FolderSummary(
    FOLDER,
    (ClassCount("NORMAL", 30, 30, 0), ClassCount("PNEUMONIA", 90, 45, 0)),
    found=("NORMAL", "PNEUMONIA"),
)
OTHERS = FolderSummary(
    FOLDER,
    (ClassCount("COVID", 30, 0, 30), ClassCount("NORMAL", 30, 0, 30)),
    found=("COVID", "NORMAL"),
)


class Signal:
    def __init__(self):
        self.slots = []

    def connect(self, slot):
        self.slots.append(slot)

    def emit(self, value):
        for slot in self.slots:
            slot(value)


class FakeCounter:
    def __init__(self):
        self.counted, self.failed = Signal(), Signal()
        self.requests = []

    def request(self, source):
        self.requests.append(source)


class FakeMemory:
    def __init__(self, source):
        self.source = source

    def load(self):
        return self.source

    def save(self, source):
        self.source = source


class FakeView:
    """Keeps the last value of each ``show_``."""

    def __init__(self):
        self.shown = {}

    def __getattr__(self, name):
        if name.startswith("show_"):
            return lambda *values: self.shown.__setitem__(name, values)
        raise AttributeError(name)


class Desk:
    def __init__(self, remembered=None):
        self.view, self.counter, self.memory = FakeView(), FakeCounter(), FakeMemory(remembered)
        self.changes, self.locked = 0, False
        self.controller = DataController(self.view, self.counter, self.memory, lambda: self.locked)
        self.controller.listen(self._changed)
        self.controller.open()

    def _changed(self):
        self.changes += 1


@pytest.fixture
def desk():
    return Desk()


def test_a_counted_folder_is_shown_and_remembered(desk):
    desk.controller.choose_folder(str(FOLDER))
    assert desk.view.shown["show_summary"] == (None,)
    assert desk.controller.counting
    desk.counter.counted.emit(GOOD)
    assert desk.view.shown["show_summary"] == (GOOD,)
    assert desk.view.shown["show_mapping"] == ((), {})
    assert desk.memory.source == DataSource(FOLDER)
    assert (desk.controller.ready, desk.controller.reviewable) == (True, True)
    assert desk.changes == 2


def test_problems_are_shown(desk):
    problem = ReviewError("One class.", "Two.", "Add.")
    desk.controller.choose_folder(str(FOLDER))
    desk.counter.counted.emit(FolderSummary(FOLDER, GOOD.classes[:1], (problem,), ("Careful.",)))
    assert desk.view.shown["show_error"] == ((problem,),)
    assert desk.view.shown["show_cautions"] == (("Careful.",),)
    assert not desk.controller.ready


def test_a_folder_that_cannot_be_counted_is_an_error_and_not_remembered(desk):
    desk.controller.choose_folder("/gone")
    error = ReviewError("Gone.")
    desk.counter.failed.emit(error)
    assert desk.view.shown["show_error"] == ((error,),)
    assert desk.memory.source is None
    assert not desk.controller.ready
    assert not desk.controller.counting


def test_other_class_names_are_asked_for(desk):
    desk.controller.choose_folder(str(FOLDER))
    desk.counter.counted.emit(OTHERS)
    assert desk.view.shown["show_mapping"] == (("COVID", "NORMAL"), {})
    assert (desk.controller.ready, desk.controller.reviewable) == (True, False)
    desk.controller.choose_mapping({"COVID": "PNEUMONIA"})
    assert desk.counter.requests[-1] == DataSource(FOLDER, mapping={"COVID": "PNEUMONIA"})
    # The question stays in sight while the answer is counted.
    assert desk.view.shown["show_mapping"] == (("COVID", "NORMAL"), {})
    desk.counter.counted.emit(
        FolderSummary(
            FOLDER,
            (ClassCount("NORMAL", 30, 0, 30), ClassCount("PNEUMONIA", 30, 0, 30)),
            found=("COVID", "NORMAL"),
        )
    )
    assert desk.view.shown["show_mapping"] == (("COVID", "NORMAL"), {"COVID": "PNEUMONIA"})
    assert desk.controller.reviewable
    before = len(desk.counter.requests)
    desk.controller.choose_mapping({"COVID": "PNEUMONIA"})
    assert len(desk.counter.requests) == before


def test_another_folder_forgets_csvs_and_mapping_and_another_csv_the_mapping(desk):
    desk.controller.choose_folder(str(FOLDER))
    desk.controller.choose_labels("/l.csv")
    desk.controller.choose_patients("/p.csv")
    desk.controller.choose_mapping({"A": ""})
    full = DataSource(FOLDER, Path("/l.csv"), Path("/p.csv"), {"A": ""})
    assert desk.counter.requests[-1] == full
    desk.controller.choose_labels("")
    assert desk.counter.requests[-1] == DataSource(FOLDER, None, Path("/p.csv"))
    desk.controller.choose_patients("")
    assert desk.counter.requests[-1] == DataSource(FOLDER)
    desk.controller.choose_labels("/l.csv")
    desk.controller.choose_folder("/other")
    assert desk.counter.requests[-1] == DataSource(Path("/other"))


def test_without_a_folder_there_is_nothing_to_choose_for(desk):
    desk.controller.choose_labels("/l.csv")
    desk.controller.choose_patients("/p.csv")
    desk.controller.choose_mapping({"A": "B"})
    assert desk.counter.requests == []


def test_a_remembered_mapping_of_classes_that_are_gone_is_dropped():
    desk = Desk(DataSource(FOLDER, mapping={"COVID": "PNEUMONIA"}))
    desk.counter.failed.emit(ReviewError("The mapping names COVID."))
    assert desk.counter.requests[-1] == DataSource(FOLDER)
    desk.counter.counted.emit(GOOD)
    assert desk.controller.ready


def test_nothing_changes_during_a_run(desk):
    desk.controller.choose_folder(str(FOLDER))
    desk.locked = True
    desk.controller.choose_folder("/other")
    desk.controller.choose_mapping({"A": ""})
    assert desk.counter.requests == [DataSource(FOLDER)]


def test_findings_of_these_images_are_told_and_of_others_not(desk):
    class Found:
        warnings, problems = ("Two patients stand on both sides.",), ()

    desk.controller.choose_folder(str(FOLDER))
    desk.counter.counted.emit(GOOD)
    desk.controller.take_findings(DataSource(Path("/other")), Found())
    assert desk.view.shown["show_cautions"] == ((),)
    desk.controller.take_findings(DataSource(FOLDER), Found())
    assert desk.view.shown["show_cautions"] == (("Two patients stand on both sides.",),)
