"""What a training says in the terminal: sentences for a person, a bar on a terminal, JSON."""

from __future__ import annotations

import io

from rich.console import Console

from app.cli.training_teller import training_told
from app.core.base import events


def _told(terminal, *told):
    out = io.StringIO()
    with training_told(False, Console(file=out, force_terminal=terminal, width=120)) as tell:
        for event in told:
            tell(event)
    return out.getvalue()


EPOCH = events.EpochEnded(2, 5, 12.0, {"loss": 0.25, "val_auc": 0.99}, True)


def test_a_terminal_shows_the_steps_of_an_epoch():
    said = _told(True, events.StepEnded(2, 10, 40, 0.5), events.StepEnded(2, 30, 40, 0.3), EPOCH)
    assert "Epoch 2" in said
    assert "30/40" in said
    assert "loss 0.3000" in said
    assert "Epoch 2/5 (12 s): loss=0.25" not in said
    assert "loss 0.25, val_auc 0.99  best so far" in said


def test_a_file_gets_sentences_and_no_bar():
    said = _told(False, events.StepEnded(2, 10, 40, 0.5), EPOCH)
    assert said == "Epoch 2/5 (12 s): loss 0.25, val_auc 0.99  best so far\n"


def test_words_in_brackets_are_no_markup():
    assert _told(False, events.Notice("[red] is a folder")) == "[red] is a folder\n"


def test_json_lines_are_whole_events(capsys):
    with training_told(True) as tell:
        tell(EPOCH)
    (line,) = capsys.readouterr().out.splitlines()
    assert events.from_line(line) == EPOCH
