"""A settings file that somebody wrote by hand, or that was damaged: the window opens."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import QByteArray, QSettings

from app.core.base.home import home
from app.gui.main_window import MainWindow
from app.inference.registry import models

ODD = {
    "words": "x",
    "a huge number": "9" * 40,
    "a negative number": "-7",
    "no number": "nan",
    "a list": ["a", "b", "3"],
    "bytes": QByteArray(bytes(range(256))),
    "deep JSON": "[" * 5000,
    "other JSON": '{"a": {"b": [1, null, 1e999]}}',
    "a line break": "a\nb\x00c",
}


@pytest.fixture
def started(qtbot, opacity_home, tiny_models, monkeypatch, tmp_path):
    """Starts a window, tries its settings dialog, and closes it again."""
    monkeypatch.chdir(tmp_path)  # where a place for the verdicts such as "x" is made
    shutil.copytree(tiny_models, opacity_home / "models")
    monkeypatch.setattr(models, "BUNDLED", opacity_home / "none")

    def start():
        made = MainWindow()
        made.show()
        made.desk.show_settings("")
        made.close()
        assert made.service.close(30)
        made.deleteLater()
        qtbot.wait(1)

    return start


@pytest.mark.slow
def test_the_window_opens_whatever_its_settings_say(started, monkeypatch):
    asked: set[str] = set()
    value = QSettings.value

    def heard(self, key, *rest, **named):
        asked.add(key)
        return value(self, key, *rest, **named)

    monkeypatch.setattr(QSettings, "value", heard)
    started()
    assert len(asked) > 20
    for words, odd in ODD.items():
        store = QSettings(str(home() / "window.ini"), QSettings.Format.IniFormat)
        store.clear()
        for key in sorted(asked):
            store.setValue(key, odd)
        store.sync()
        try:
            started()
        except Exception as error:
            raise AssertionError(f"{words}: {type(error).__name__}: {error}") from error
