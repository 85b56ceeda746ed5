"""The look at the images, with a view and a service that only take notes."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal

from app.core.base.errors import ReviewError
from app.gui.training.inspection_controller import InspectionController
from app.training.data.findings import Inspection
from app.training.data.layout import DataSource, Layout

HERE = DataSource(Path("/images"))
LAYOUT = Layout(HERE.folder, (), ("A", "B", "C"))
FOUND = Inspection(LAYOUT, (), (), (), 0, (), 0, (), 0, 0, (), ())


class FakeInspector(QObject):
    progressed = Signal(int, int)
    inspected = Signal(object)
    failed = Signal(object)
    sampled = Signal(object)

    def __init__(self):
        super().__init__()
        self.requests, self.samples, self.cancels = [], [], 0

    def request(self, source):
        self.requests.append(source)

    def request_samples(self, found, seed, per_class):
        self.samples.append((seed, per_class))

    def cancel(self):
        self.cancels += 1


class FakeView:
    """Keeps the last value of each ``show_``, and what was told."""

    def __init__(self):
        self.shown, self.told = {}, []

    def __getattr__(self, name):
        if name.startswith("show_"):
            return lambda *values: self.shown.__setitem__(name, values)
        raise AttributeError(name)

    def tell_findings(self, source, found):
        self.told.append((source, found))


class Desk:
    def __init__(self):
        self.view, self.inspector = FakeView(), FakeInspector()
        seeds = iter(range(100))
        self.controller = InspectionController(self.view, self.inspector, lambda: next(seeds))


@pytest.fixture
def desk():
    return Desk()


def test_a_look_shows_progress_findings_and_a_first_sample(desk):
    desk.controller.look(HERE)
    assert desk.inspector.requests == [HERE]
    desk.inspector.progressed.emit(50, 200)
    assert desk.view.shown["show_progress"] == ("Reading images: 50 of 200", 0.25)
    desk.inspector.progressed.emit(200, 200)
    assert desk.view.shown["show_progress"] == ("Comparing the images", None)
    desk.inspector.inspected.emit(FOUND)
    assert desk.view.shown["show_progress"] == ("", None)
    assert desk.view.shown["show_findings"] == (FOUND,)
    assert desk.view.told == [(HERE, FOUND)]
    assert desk.inspector.samples == [(0, 5)]
    desk.controller.another_sample()
    assert desk.inspector.samples == [(0, 5), (1, 5)]


def test_the_same_images_are_not_read_twice_unless_asked(desk):
    desk.controller.look(HERE)
    desk.controller.look(HERE)
    desk.inspector.inspected.emit(FOUND)
    desk.controller.look(HERE)
    assert desk.inspector.requests == [HERE]
    desk.controller.look_again()
    assert desk.inspector.requests == [HERE, HERE]
    other = DataSource(HERE.folder, mapping={"A": "B"})
    desk.controller.look(other)
    assert desk.inspector.requests[-1] == other
    assert desk.view.shown["show_findings"] == (None,)


def test_a_cancelled_look_says_so_and_can_begin_anew(desk):
    desk.controller.look(HERE)
    desk.controller.cancel()
    desk.controller.cancel()
    assert desk.inspector.cancels == 1
    assert "stopped" in desk.view.shown["show_error"][0].what
    desk.inspector.progressed.emit(50, 200)
    assert desk.view.shown["show_progress"] == ("", None)
    desk.controller.look(HERE)
    assert desk.inspector.requests == [HERE, HERE]
    assert desk.view.shown["show_error"] == (None,)


def test_a_failed_look_shows_its_reason_and_may_be_repeated(desk):
    error = ReviewError("Gone.")
    desk.controller.look(HERE)
    desk.inspector.failed.emit(error)
    assert desk.view.shown["show_error"] == (error,)
    assert desk.view.shown["show_progress"] == ("", None)
    desk.controller.another_sample()
    assert desk.inspector.samples == []
    desk.controller.look(HERE)
    assert len(desk.inspector.requests) == 2
