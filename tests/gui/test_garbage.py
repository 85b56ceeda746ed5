"""What Python has to clear away is cleared in the window's thread, or two locks may meet."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from app.gui.garbage import GarbageCollector


@pytest.fixture
def window(qtbot):
    """A parent that takes the place of the window, and gives the collection back at its end."""
    parent = QObject()
    yield parent
    if gc.isenabled():
        return
    parent.deleteLater()
    qtbot.waitUntil(gc.isenabled)


class Cycle:
    """Garbage that says which thread cleared it away."""

    def __init__(self, cleared: list[int]) -> None:
        self.itself, self.cleared = self, cleared

    def __del__(self) -> None:
        self.cleared.append(threading.get_ident())


def litter(cleared: list[int]) -> None:
    for _ in range(20 * gc.get_threshold()[0]):
        Cycle(cleared)


def in_thread(cleared: list[int]) -> int:
    thread = threading.Thread(target=litter, args=(cleared,))
    thread.start()
    thread.join()
    assert thread.ident is not None
    return thread.ident


def test_a_thread_clears_nothing_away_while_the_window_lives(qtbot, window):
    collector = GarbageCollector(window)
    cleared: list[int] = []
    in_thread(cleared)
    assert cleared == []
    qtbot.waitUntil(lambda: len(cleared) > 1000)
    assert set(cleared) == {threading.get_ident()}
    assert collector.parent() is window


def test_without_it_the_thread_does():
    """The test above can fail."""
    cleared: list[int] = []
    assert in_thread(cleared) in cleared


def test_the_last_window_gives_it_back(qtbot):
    first, second = QObject(), QObject()
    GarbageCollector(first)
    GarbageCollector(second)
    first.deleteLater()
    qtbot.wait(20)
    assert not gc.isenabled()
    second.deleteLater()
    qtbot.waitUntil(gc.isenabled)


def test_the_main_window_has_one(qtbot, opacity_home):
    from app.gui.main_window import MainWindow

    made = MainWindow()
    assert not gc.isenabled()
    made.close()
    assert made.service.close(30)
    made.deleteLater()
    qtbot.waitUntil(gc.isenabled)
