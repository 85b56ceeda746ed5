"""What Python has to clear away is cleared in the window's thread, or two locks may meet."""

import gc
import threading

import pytest
from PySide6.QtCore import QTimer

from app.gui import application
from app.gui.common.garbage import GarbageCollector


@pytest.fixture
def by_python():
    """As Python is on its own."""
    gc.enable()
    yield
    gc.disable()


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


def test_a_thread_clears_nothing_away_while_there_is_a_collector(qtbot, qapp, by_python):
    collector = GarbageCollector(qapp)
    cleared: list[int] = []
    in_thread(cleared)
    assert cleared == []
    qtbot.waitUntil(lambda: len(cleared) > 1000)
    assert set(cleared) == {threading.get_ident()}
    collector.stop()
    assert gc.isenabled()
    collector.deleteLater()


def test_without_it_the_thread_does(by_python):
    """The test above can fail."""
    cleared: list[int] = []
    assert in_thread(cleared) in cleared


def test_the_program_has_one_while_it_runs(qapp, opacity_home, by_python):
    seen = []

    def look_and_close() -> None:
        seen.append(gc.isenabled())
        qapp.closeAllWindows()

    QTimer.singleShot(100, look_and_close)
    assert application.run([]) == 0
    assert seen == [False]
    assert gc.isenabled()
