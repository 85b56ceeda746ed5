"""The watcher's real thread on a real folder."""

from __future__ import annotations

import shutil

import cv2
import pytest
from factories import chest_like

from app.core.worklist.scan import scan
from app.core.worklist.watch import Changes, FolderWatch
from app.jobs import folder_watcher
from app.jobs.folder_watcher import FolderWatcher

WAIT = 15_000


@pytest.fixture
def watcher(qtbot, monkeypatch):
    monkeypatch.setattr(folder_watcher, "_SOON_S", 0.3)
    monkeypatch.setattr(folder_watcher, "_QUIET_S", 0.3)
    made = FolderWatcher()
    yield made
    assert made.close(10)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "opened"
    made.mkdir()
    cv2.imwrite(str(made / "a.png"), chest_like(64, 64))
    return made


def collected(signal):
    got = []
    signal.connect(got.append)
    return got


@pytest.mark.slow
def test_what_comes_and_goes_is_told_once(watcher, folder, qtbot):
    added, gone = collected(watcher.added), collected(watcher.gone)
    watcher.watch([folder], list(scan([folder])))
    cv2.imwrite(str(folder / "b.png"), chest_like(64, 64, seed=2))
    qtbot.waitUntil(lambda: added != [], timeout=WAIT)
    (folder / "a.png").unlink()
    qtbot.waitUntil(lambda: gone != [], timeout=WAIT)
    assert [[item.path.name for item in items] for items in added] == [["b.png"]]
    assert gone == [(folder / "a.png",)]


def test_a_folder_that_is_away_is_told_and_its_return_too(watcher, folder, qtbot):
    away, gone = collected(watcher.unreachable), collected(watcher.gone)
    watcher.watch([folder], list(scan([folder])))
    shutil.move(folder, folder.parent / "elsewhere")
    qtbot.waitUntil(lambda: away == [(str(folder),)], timeout=WAIT)
    shutil.move(folder.parent / "elsewhere", folder)
    qtbot.waitUntil(lambda: away == [(str(folder),), ()], timeout=WAIT)
    assert gone == []


@pytest.mark.slow
def test_nothing_of_a_folder_comes_late_once_another_is_watched(watcher, folder, tmp_path, qtbot):
    other = tmp_path / "other"
    other.mkdir()
    added = collected(watcher.added)
    watcher.watch([folder], list(scan([folder])))
    cv2.imwrite(str(folder / "b.png"), chest_like(64, 64))
    watcher.watch([other], [])
    cv2.imwrite(str(other / "c.png"), chest_like(64, 64))
    qtbot.waitUntil(lambda: added != [], timeout=WAIT)
    assert [[item.path.name for item in items] for items in added] == [["c.png"]]
    watcher.stop()
    assert not watcher.watching


def test_a_share_that_is_away_for_days_does_not_end_the_watch(watcher, folder, qtbot, monkeypatch):
    for name in ("_SOON_S", "_QUIET_S", "_LONGEST_S"):
        monkeypatch.setattr(folder_watcher, name, 1e-4)
    looks = []

    class Away:
        def look(self, _thorough):
            looks.append(1)
            return Changes(unreachable=(str(folder),))

    monkeypatch.setattr(folder_watcher, "FolderWatch", lambda *_: Away())
    watcher.watch([folder], [])
    qtbot.waitUntil(lambda: len(looks) > 1200, timeout=WAIT)


@pytest.mark.slow
def test_a_look_that_fails_is_followed_by_another(watcher, folder, qtbot, monkeypatch, caplog):
    real, failures = FolderWatch.look, []

    def look(watch, thorough=False):
        if len(failures) < 2:
            failures.append(1)
            raise RuntimeError("Secret^Name")
        return real(watch, thorough)

    monkeypatch.setattr(FolderWatch, "look", look)
    added = collected(watcher.added)
    watcher.watch([folder], list(scan([folder])))
    qtbot.waitUntil(lambda: len(failures) == 2, timeout=WAIT)
    cv2.imwrite(str(folder / "b.png"), chest_like(64, 64, seed=2))
    qtbot.waitUntil(lambda: added != [], timeout=WAIT)
    assert "RuntimeError" in caplog.text
    assert "Secret" not in caplog.text
