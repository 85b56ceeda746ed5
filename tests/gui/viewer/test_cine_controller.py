"""Stepping and playing, without a window."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from app.core.base.errors import ReviewError
from app.core.image.radiograph import Header, Radiograph
from app.gui.viewer.cine_controller import CineController


class Reader:
    """A ``FrameSource`` that remembers what it was asked for."""

    def __init__(self):
        self.asked, self.cancelled = [], 0

    def show(self, path, frame, following):
        self.asked.append((path.name, frame, following))

    def cancel(self):
        self.cancelled += 1


class View:
    """A ``FilmView`` that remembers what it showed."""

    def __init__(self):
        self.said = []

    def show_frame(self, radiograph):
        self.said.append(("frame", radiograph.frame))

    def show_damage(self, frame, frames, error):
        self.said.append(("damage", frame, frames))

    def show_playing(self, rate):
        self.said.append(("playing", rate))

    def show_film(self, frames):
        self.said.append(("film", frames))


def radiograph(frames=5, frame=0, rate=None):
    return Radiograph(
        Path("film.dcm"), np.zeros((2, 2), np.uint8), header=Header(frames=frames),
        frame=frame, frame_rate=rate,
    )  # fmt: skip


@pytest.fixture
def film():
    view, source = View(), Reader()
    controller = CineController(view, source)
    controller.show_image(radiograph(rate=25.0))
    view.said.clear()
    return SimpleNamespace(view=view, source=source, controller=controller)


def test_steps_go_round_in_both_directions(film):
    for _ in range(2):
        film.controller.step(-1)
    film.controller.step(1)
    assert film.source.asked == [("film.dcm", 4, 0), ("film.dcm", 3, 4), ("film.dcm", 4, 0)]


def test_playing_waits_for_a_slow_frame_and_stepping_stops_it(film):
    film.controller.toggle()
    film.controller.tick()
    film.controller.tick()
    assert len(film.source.asked) == 1
    film.controller.ready(1, radiograph(frame=1))
    film.controller.tick()
    film.controller.step(1)
    assert film.view.said == [("playing", 25.0), ("frame", 1), ("playing", 0.0)]
    film.controller.tick()
    assert [frame for _, frame, _ in film.source.asked] == [1, 2, 3]


def test_a_frame_that_is_no_longer_wanted_is_not_shown(film):
    film.controller.step(1)
    film.controller.step(1)
    film.controller.ready(1, radiograph(frame=1))
    film.controller.damaged(1, ReviewError("", "", ""))
    assert film.view.said == []
    film.controller.ready(2, radiograph(frame=2))
    assert film.view.said == [("frame", 2)]


def test_playing_goes_on_beyond_a_damaged_frame(film):
    film.controller.toggle()
    film.controller.tick()
    film.controller.damaged(1, ReviewError("", "", ""))
    film.controller.tick()
    assert ("damage", 1, 5) in film.view.said
    assert film.source.asked[-1][1] == 2


def test_a_frame_of_another_image_under_the_same_path_is_not_shown(film):
    film.controller.step(1)
    film.controller.ready(1, replace(radiograph(frame=1), header=Header(sop_instance_uid="9")))
    assert film.view.said == [("damage", 1, 5)]


def test_another_image_ends_the_playing(film):
    film.controller.toggle()
    film.controller.show_image(radiograph(frames=1))
    assert film.view.said == [("playing", 25.0), ("playing", 0.0), ("film", 1)]
    film.controller.toggle()
    film.controller.step(1)
    film.controller.show_image(None)
    assert film.source.asked == []
    assert not film.controller.playing


@pytest.mark.parametrize(("said", "used"), [(None, 15.0), (1000.0, 60.0), (0.001, 0.2)])
def test_speed(film, said, used):
    film.controller.show_image(radiograph(rate=said))
    film.controller.toggle()
    assert film.view.said[-1] == ("playing", used)
