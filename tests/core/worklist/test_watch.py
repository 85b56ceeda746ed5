"""The watch over opened folders, on a real disk and a clock of the test's own."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import cv2
import pytest
from factories import chest_like

from app.core.worklist.scan import scan
from app.core.worklist.watch import EMPTY_SETTLED_S, SETTLED_S, FolderWatch

LONG_AGO = time.time() - 3600


class Clock:
    """Stands still until told."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "opened"
    (made / "sub").mkdir(parents=True)
    for name in ("a.png", "b.png", "sub/c.png"):
        picture(made / name)
    (made / "notes.txt").write_text("no image")
    return made


def picture(path: Path, seed: int = 1) -> Path:
    cv2.imwrite(str(path), chest_like(64, 64, seed=seed))
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def opened(folder, clock, **options):
    watch = FolderWatch([folder], scan([folder]), clock, **options)
    assert watch.look().gone == ()
    return watch


def later(watch, clock, seconds=SETTLED_S, **options):
    clock.now += seconds
    return watch.look(**options)


def names(items):
    return [item.path.name for item in items]


def test_nothing_happens_where_nothing_happens(folder, clock):
    watch = opened(folder, clock)
    for thorough in (False, True):
        changes = later(watch, clock, 100, thorough=thorough)
        assert (changes.added, changes.changed, changes.gone) == ((), (), ())
        assert not changes.busy


def test_a_new_image_comes_once_and_not_before_it_is_whole(folder, clock):
    watch = opened(folder, clock)
    whole = picture(folder.parent / "whole.png").read_bytes()
    new = folder / "new.png"
    new.write_bytes(whole[:100])
    assert later(watch, clock).added == ()
    assert later(watch, clock, SETTLED_S / 2).added == ()
    new.write_bytes(whole[:900])
    assert later(watch, clock, SETTLED_S / 2).busy
    new.write_bytes(whole)
    assert later(watch, clock).added == ()
    changes = later(watch, clock)
    assert names(changes.added) == ["new.png"]
    assert changes.added[0].shown == f"{folder}{os.sep}new.png"
    assert later(watch, clock).added == ()


def test_an_empty_file_is_waited_for_longer(folder, clock):
    watch = opened(folder, clock)
    (folder / "new.png").touch()
    assert not later(watch, clock).added
    assert not later(watch, clock, EMPTY_SETTLED_S - 0.1).added
    assert names(later(watch, clock).added) == ["new.png"]


def test_a_new_folder_is_looked_into_and_what_is_no_image_stays_out(folder, clock):
    watch = opened(folder, clock)
    (folder / "new" / "deep").mkdir(parents=True)
    picture(folder / "new" / "deep" / "x.png")
    (folder / "new" / ".part.png").write_bytes(b"hidden")
    (folder / "new" / "readme").write_text("no image")
    assert later(watch, clock).added == ()
    assert names(later(watch, clock).added) == ["x.png"]


def test_what_comes_between_scan_and_first_look_is_new(folder, clock):
    items = list(scan([folder]))
    picture(folder / "late.png")
    watch = FolderWatch([folder], items, clock)
    watch.look()
    assert names(later(watch, clock).added) == ["late.png"]


def test_removed_files_and_folders_are_gone_once_and_may_come_back(folder, clock):
    watch = opened(folder, clock)
    (folder / "a.png").unlink()
    shutil.rmtree(folder / "sub")
    assert [path.name for path in later(watch, clock).gone] == ["a.png", "c.png"]
    assert later(watch, clock).gone == ()
    picture(folder / "a.png")
    assert later(watch, clock).changed == ()
    assert names(later(watch, clock).changed) == ["a.png"]
    assert later(watch, clock).changed == ()


def test_a_renamed_file_is_gone_and_new(folder, clock):
    watch = opened(folder, clock)
    (folder / "a.png").rename(folder / "z.png")
    changes = later(watch, clock)
    assert [path.name for path in changes.gone] == ["a.png"]
    assert names(later(watch, clock).added) == ["z.png"]


def test_other_content_under_the_same_name_is_told_by_a_thorough_look(folder, clock):
    watch = opened(folder, clock)
    picture(folder / "b.png", seed=2)
    os.utime(folder / "b.png")
    assert not later(watch, clock).busy
    assert later(watch, clock, thorough=True).busy
    assert names(later(watch, clock).changed) == ["b.png"]


def test_a_file_that_was_half_there_at_the_scan_is_looked_at_closely(folder, clock):
    half = folder / "half.png"
    half.write_bytes((folder / "a.png").read_bytes()[:100])
    watch = opened(folder, clock)
    half.write_bytes((folder / "a.png").read_bytes())
    later(watch, clock)
    assert names(later(watch, clock).changed) == ["half.png"]


def test_a_folder_that_is_away_has_not_lost_its_files(folder, clock):
    watch = opened(folder, clock)
    folder.rename(folder.parent / "elsewhere")
    for _ in range(2):
        changes = later(watch, clock, thorough=True)
        assert (changes.gone, changes.unreachable) == ((), (str(folder),))
    (folder.parent / "elsewhere").rename(folder)
    picture(folder / "new.png")
    assert later(watch, clock).unreachable == ()
    assert names(later(watch, clock).added) == ["new.png"]


def test_links_bring_nothing_twice(folder, clock):
    (folder / "again").symlink_to(folder / "sub", target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "link.png").symlink_to(folder / "a.png")
    watch = opened(folder, clock)
    assert not later(watch, clock).busy
    picture(folder / "sub" / "new.png")
    later(watch, clock)
    assert names(later(watch, clock).added) == ["new.png"]
    assert not later(watch, clock, thorough=True).busy


def test_a_file_that_was_opened_by_name_is_watched_itself(folder, clock):
    path = folder / "a.png"
    watch = FolderWatch([path], scan([path]), clock)
    watch.look()
    picture(folder / "other.png")
    assert not later(watch, clock, thorough=True).busy
    path.unlink()
    assert later(watch, clock, thorough=True).gone == (path,)


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EHOSTDOWN, errno.EACCES])
@pytest.mark.parametrize("opened_as", ["file", "folder"])
def test_a_drive_that_fails_ends_no_watch_and_takes_no_file(
    folder, clock, monkeypatch, code, opened_as
):
    paths = [folder if opened_as == "folder" else folder / "a.png"]
    watch = FolderWatch(paths, scan(paths), clock)
    watch.look()
    real = os.stat

    def failing(path, *arguments, **options):
        if str(folder) in str(path):
            raise OSError(code, os.strerror(code))
        return real(path, *arguments, **options)

    with monkeypatch.context() as broken:
        broken.setattr(os, "stat", failing)
        changes = later(watch, clock, thorough=True)
        assert (changes.added, changes.changed, changes.gone) == ((), (), ())
        # Nor is anything lost where the drive fails while the watch begins.
        again = FolderWatch(paths, [], clock)
        again.look()
    assert later(watch, clock, thorough=True).gone == ()


@pytest.mark.slow
def test_ten_thousand_files_are_looked_at_in_no_time(tmp_path, clock):
    for number in range(10_000):
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG")
    os.utime(tmp_path, (LONG_AGO, LONG_AGO))
    watch = opened(tmp_path, clock)
    started = time.process_time()
    for _ in range(20):
        assert not watch.look().unreachable
    quick = (time.process_time() - started) / 20
    # 10,000 fresh files are asked for their time each; a folder of older ones only for its own.
    assert quick < 0.25
    clock.now += 61
    watch.look()
    started = time.process_time()
    for _ in range(100):
        watch.look()
    assert (time.process_time() - started) / 100 < 0.005
