"""The leaderboard in the terminal: its order, and what it says while a sweep runs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from sweep_rows import make_rows

from app.cli.sweep_board import SORTS, SweepBoard, board
from app.core.base import events
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.training.sweep.ledger import LEDGER_NAME, ranked, write_ledger

ROWS = make_rows(60)
STARTED = events.SweepStarted("f", "first", 216, 57, 2, "CPU", 600.0)


@pytest.fixture
def told(tmp_path):
    """A board, and what it has written so far."""

    def make(sort="val_accuracy", terminal=False):
        write_ledger(tmp_path / LEDGER_NAME, ROWS)
        out = io.StringIO()
        console = Console(file=out, force_terminal=terminal, width=170, no_color=True)
        config = SweepConfig("first", TrainConfig(data="d", arch="dense"))
        return SweepBoard(config, tmp_path, sort, console), out

    return make


@pytest.mark.parametrize("sort", SORTS)
def test_any_figure_sorts_the_board(sort):
    figure, highest_first = SORTS[sort]
    values = [figure(row) for row in board(ROWS, "val_accuracy", sort)]
    assert len(values) == len(ranked(ROWS, "val_accuracy"))
    assert values == sorted(values, reverse=highest_first)


def test_the_end_shows_intervals_gap_verdict_importance_and_failures(told):
    shown, out = told(sort="seconds")
    shown.show_end()
    lines = out.getvalue()
    quickest = board(ROWS, "val_accuracy", "seconds")[0]
    assert lines.index("verdict") < lines.index(f"{quickest.values['val_accuracy']:.4f} (")
    assert any(word in lines for word in ("over-fitting", "under-fitting", "fine"))
    assert "Share of the variance that each setting explains alone: " in lines
    assert "Trial 17 failed: Out of memory." in lines


def test_a_file_is_told_each_new_best_once(told):
    shown, out = told()
    shown.take(STARTED)
    for done in (57, 58):
        shown.take(events.SweepProgress(done, 1, 216, 90.0))
    shown.close()
    best = ranked(ROWS, "val_accuracy")[0]
    said = out.getvalue()
    assert "Study first: 216 settings of dense, 57 done" in said
    assert said.count(f"best so far is trial {best.number}") == 1


def test_a_terminal_shows_the_board_with_bar_and_time_left_while_it_runs(told):
    shown, out = told(terminal=True)
    shown.take(STARTED)
    shown.take(events.SweepProgress(80, 1, 216, 90.0))
    shown.close()
    said = out.getvalue()
    assert "80/216" in said
    assert "2 min left" in said
    assert f"{ranked(ROWS, 'val_accuracy')[0].values['val_accuracy']:.4f} (" in said


def test_nothing_complete(tmp_path):
    write_ledger(tmp_path / LEDGER_NAME, [])
    out = io.StringIO()
    config = SweepConfig("first", TrainConfig(data="d", arch="dense"))
    SweepBoard(config, tmp_path, "gap", Console(file=out)).show_end()
    assert "No trial is complete." in out.getvalue()
