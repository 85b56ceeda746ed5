"""The ledger: ranking, verdicts, what mattered, and the files it is written to."""

import csv
import io
import itertools

import pytest

from app.training.sweep.ledger import (
    FINE,
    OVER,
    UNDER,
    TrialRow,
    best_low,
    importances,
    ranked,
    read_ledger,
    verdict,
    write_csv,
    write_ledger,
)


def row(number: int, training: float, validation: float, **changes) -> TrialRow:
    values = {
        "accuracy": training,
        "val_accuracy": validation,
        "val_auc": validation,
        "val_loss": 1 - validation,
    }
    fields = {
        "number": number,
        "state": "complete",
        "settings": {"nodes_dense": number},
        "values": values,
        "intervals": {"val_accuracy": (validation - 0.01, validation + 0.01)},
        "folds": (({"loss": 0.5},), ({"loss": 0.4},)),
        "seconds": 1.5,
    }
    return TrialRow(**{**fields, **changes})


def test_the_best_comes_first_and_a_low_loss_is_better():
    rows = [row(0, 0.9, 0.9), row(1, 0.9, 0.97), row(2, 0.9, 0.95)]
    assert [r.number for r in ranked(rows, "val_accuracy")] == [1, 2, 0]
    assert [r.number for r in ranked(rows, "val_loss")] == [1, 2, 0]


def test_what_did_not_end_has_no_rank():
    failed = TrialRow(3, "failed", {}, reason="out of memory")
    assert [r.number for r in ranked([failed, row(1, 0.9, 0.9)], "val_auc")] == [1]
    assert best_low([failed]) == 0.0
    assert verdict(failed, 0.5) == ""


@pytest.mark.parametrize(
    ("training", "validation", "expected"),
    [(0.999, 0.95, OVER), (0.97, 0.96, FINE), (0.90, 0.90, UNDER), (0.96, 0.97, FINE)],
)
def test_verdicts(training, validation, expected):
    # The best trial's validation accuracy begins at 0.955.
    assert verdict(row(0, training, validation), 0.955) == expected


def test_importances_of_a_full_grid_are_those_of_an_analysis_of_variance():
    rows = []
    for number, (a, b, c) in enumerate(itertools.product((0, 1), (0, 1, 2), ("x", "y"))):
        value = 0.5 + 0.2 * a + 0.05 * b  # c does nothing
        rows.append(row(number, value, value, settings={"a": a, "b": b, "c": c}))
    shares = importances(rows, "val_accuracy")
    # Variances: 0.2² / 4 and 0.05² * 2/3, which add up to the whole.
    whole = 0.01 + 0.0025 * 2 / 3
    assert list(shares) == ["a", "b", "c"]
    assert shares["a"] == pytest.approx(0.01 / whole)
    assert shares["b"] == pytest.approx(1 - 0.01 / whole)
    assert shares["c"] == pytest.approx(0, abs=1e-12)


def test_importances_need_two_trials():
    assert importances([row(0, 0.9, 0.9)], "val_auc") == {}


def test_the_ledger_comes_back_as_it_was(tmp_path):
    path = tmp_path / "ledger.jsonl"
    rows = [row(0, 0.9, 0.8), TrialRow(1, "failed", {"epochs": 3}, reason="NaN")]
    write_ledger(path, rows)
    assert read_ledger(path) == rows
    assert read_ledger(tmp_path / "none.jsonl") == []


def test_the_table_is_ranked_and_keeps_failures_with_their_reason():
    rows = [
        row(0, 0.9, 0.9),
        row(1, 0.99, 0.95),
        TrialRow(2, "failed", {"nodes_dense": 9}, reason="NaN"),
    ]
    out = io.StringIO()
    write_csv(out, rows, "val_accuracy")
    table = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [line["trial"] for line in table] == ["1", "0", "2"]
    assert table[0]["gap"] == "0.0400"
    assert table[0]["verdict"] == OVER
    assert (table[2]["reason"], table[2]["val_accuracy"]) == ("NaN", "")
