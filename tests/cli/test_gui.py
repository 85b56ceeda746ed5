"""`python main.py --verdicts FILE PATH`: what reaches the window."""

import pytest

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
