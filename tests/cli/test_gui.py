"""`python main.py --verdicts FILE PATH`: what reaches the window."""

import sys

import pytest

from app import cli
from app.cli import gui
from app.gui import application


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], ([], "")),
        (["folder", "file.png"], (["folder", "file.png"], "")),
        (["--verdicts", "/share/v.sqlite", "folder"], (["folder"], "/share/v.sqlite")),
    ],
)
def test_paths_and_verdicts_reach_the_window(words, wanted, monkeypatch):
    opened = []
    monkeypatch.setattr(application, "run", lambda *given: opened.append(given) or 0)
    assert gui.run(gui.parser().parse_args(words)) == 0
    assert opened == [wanted]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a display")
def test_without_a_display_it_says_so(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(application, "run", lambda *given: pytest.fail("Qt would abort"))
    assert cli.main(["folder"]) == 1
    assert "no display to open the window on" in capsys.readouterr().err
