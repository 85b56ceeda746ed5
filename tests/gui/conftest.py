"""The real window on a tiny real model; what it starts must end with the test."""

from __future__ import annotations

import gc
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import QThread, QTimer
from pytestqt.qtbot import QtBot
from tiny_model import save_tiny

from app.gui.application import make_application
from app.gui.common.garbage import collect_what_is_due
from app.gui.main_window import MainWindow
from app.gui.verdict import viewing_state
from app.inference.registry import models
from app.jobs.python_thread import PythonThread

WAIT = 30_000


@pytest.fixture(scope="session")
def qapp() -> object:
    """The application as people get it: theme, icons, style."""
    return make_application()


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models that disagree, and a damaged one, built once."""
    folder = tmp_path_factory.mktemp("models")
    save_tiny(folder, "tiny-a", seed=1)
    save_tiny(folder, "tiny-b", seed=5)
    (folder / "damaged").mkdir()
    (folder / "damaged" / "card.json").write_text("{", encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def no_leaks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail when a test leaves a running thread of ours or a running timer behind."""
    threads: list[QThread] = []
    started = PythonThread.__init__

    def remember(self: PythonThread, name: str) -> None:
        started(self, name)
        threads.append(self)

    monkeypatch.setattr(PythonThread, "__init__", remember)
    before = set(threading.enumerate())
    yield
    assert not [thread.objectName() for thread in threads if thread.isRunning()]
    after = {t for t in threading.enumerate() if t not in before and t.name.startswith("decode")}
    assert not after


@pytest.fixture(scope="package", autouse=True)
def collection() -> Iterator[None]:
    """As in the program: no garbage is collected inside Qt or in another thread."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def cleared_away(collection: None) -> Iterator[None]:
    """After each test, since a test has no event loop of its own."""
    yield
    collect_what_is_due()


@pytest.fixture
def window(
    qtbot: QtBot, opacity_home: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """A shown window with the tiny models as the only ones."""
    shutil.copytree(tiny_models, opacity_home / "models")
    monkeypatch.setattr(models, "BUNDLED", opacity_home / "none")
    # Tests read faster than people.
    monkeypatch.setattr(viewing_state, "PAUSE_SECONDS", 0.0)
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
    yield made
    made.close()
    # What is still being written is written first.
    qtbot.waitUntil(lambda: not made.isVisible(), timeout=WAIT)
    assert made.service.close(30)
    timers = [timer for timer in made.findChildren(QTimer) if timer.isActive()]
    assert not timers, timers
    made.deleteLater()
    qtbot.wait(1)


@pytest.fixture
def mixed_folder(tmp_path: Path) -> Path:
    """Six images to score, one refused, one unreadable, and a study of two."""
    folder = tmp_path / "opened"
    (folder / "sub").mkdir(parents=True)
    for number in range(6):
        picture = chest_like(seed=number)
        picture[: 30 * number] //= 2
        cv2.imwrite(str(folder / f"image{number}.png"), picture)
    study = "1.2.3.4"
    bright = chest_like(seed=9).astype(np.uint16) * 10
    bright[:60] //= 8
    write_dicom(folder / "sub" / "one.dcm", chest_like().astype(np.uint16), StudyInstanceUID=study)
    write_dicom(folder / "sub" / "two.dcm", bright, StudyInstanceUID=study)
    write_dicom(folder / "knee.dcm", BodyPartExamined="KNEE")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    return folder


@pytest.fixture
def open_and_score(window: MainWindow, qtbot: QtBot) -> Callable[[Path], None]:
    """Open a folder in the window and wait for the last score."""

    def run(folder: Path) -> None:
        with qtbot.waitSignal(window.service.finished, timeout=WAIT):
            window.open([str(folder)])
        window.worklist_model.rearrange()

    return run
