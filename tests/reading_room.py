"""A view that only remembers and a store on disk, for the tests of the reading controller."""

from pathlib import Path

import numpy as np
import pytest

from app.core.base.errors import ReviewError
from app.core.image.radiograph import Header, Radiograph
from app.core.model.results import Prediction, Status
from app.core.reading.verdicts import UNKNOWN, Region, RegionKind
from app.core.worklist.identity import identity_of
from app.core.worklist.scan import Item
from app.gui.verdict import viewing_state
from app.gui.verdict.reading_controller import ReadingController
from app.review.verdicts.store import VerdictStore

ITEMS = [Item(Path(f"/in/{n}.dcm"), f"in/{n}.dcm") for n in range(4)]
REGION = (Region(RegionKind.ELLIPSE, ((1.0, 2.0), (5.0, 6.0))),)


def image_of(n):
    pixels = np.full((4, 5), 100 + n, np.uint16)
    return Radiograph(ITEMS[n].path, pixels, header=Header(sop_instance_uid=f"1.2.{n}"))


class View:
    def __init__(self):
        self.state = None
        self.ai_shown = True
        self.regions = ()
        self.known = {}
        self.errors = []
        self.asked = 0
        self.moved = []
        self.heatmap = True
        self.unread = True
        self.reread = []
        self.hidden = 0
        self.scores = {0: 0.9, 1: 0.1, 2: 0.7}
        self.controller = None

    def show_reading(self, state):
        self.state = state

    def show_regions(self, regions):
        self.regions = regions

    def show_ai(self, shown):
        self.ai_shown = shown

    def refresh_rows(self, images):
        pass

    def set_identity(self, item, image):
        self.known[item.path] = image

    def identity_of(self, item):
        return self.known.get(item.path, UNKNOWN)

    def prediction_of(self, item):
        p = self.scores.get(ITEMS.index(item))
        return Prediction(Status.REFUSED) if p is None else Prediction(Status.OK, (), p, 0.5, "net")

    def heatmap_in_sight(self):
        return self.heatmap and self.ai_shown

    def next_unread(self):
        self.moved.append("next")
        return self.unread

    def highest_unread(self):
        return self.next_unread()

    def unread_out_of_sight(self):
        return self.hidden

    def go_to(self, item):
        self.moved.append(item)
        self.controller.choose(item)
        return True

    def ask_reader(self, known):
        self.asked += 1

    def show_error(self, error):
        self.errors.append(error)

    def read_again(self, item):
        self.reread.append(item)
        self.controller.expect()


class Service:
    """The store itself, answering only when told, as a thread would."""

    def __init__(self, path):
        self.store = VerdictStore(path)
        self.controller = None
        self.waiting = []
        self.identities = []
        self.number = 0
        self.failure = None

    def add(self, verdict, seen):
        return self._later(lambda: self.store.add(verdict, seen))

    def undo(self, reader, number):
        return self._later(lambda: self.store.undo(reader, number))

    def redo(self, reader, number):
        return self._later(lambda: self.store.redo(reader, number))

    def identify(self, generation, image):
        self.identities.append((generation, image))

    def _later(self, act):
        self.number += 1
        self.waiting.append((self.number, act))
        return self.number

    def see(self):
        while self.identities:
            generation, image = self.identities.pop(0)
            identity = identity_of(image) if isinstance(image, Radiograph) else image
            self.controller.identified(generation, identity)

    def answer(self):
        self.see()
        while self.waiting:
            number, act = self.waiting.pop(0)
            before = self.store.book.newest
            try:
                if self.failure:
                    raise self.failure
                entry = act()
            except ReviewError as error:
                self.controller.arrived(self.store.book.entries_after(before))
                self.controller.not_saved(number, error)
            else:
                self.controller.arrived(self.store.book.entries_after(before))
                self.controller.saved(number, entry)


def show(room, n):
    """Image ``n`` comes to the screen."""
    room.choose(ITEMS[n])
    room.shown(image_of(n))
    room.service.see()


def stored(room, n, reader="Ada"):
    """What is on disk."""
    return room.service.store.latest(identity_of(image_of(n)), reader)


@pytest.fixture
def room(tmp_path, monkeypatch):
    """The controller between the two; Ada reads, faster than people do."""
    monkeypatch.setattr(viewing_state, "PAUSE_SECONDS", 0.0)
    service = Service(tmp_path / "verdicts.sqlite")
    view = View()
    controller = ReadingController(view, service)
    service.controller = view.controller = controller
    controller.set_reader("Ada")
    yield controller
    service.store.close()
