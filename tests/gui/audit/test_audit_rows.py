"""The orders of a gallery, and what its images are called."""

import numpy as np
import pytest
from made_audit import made_audit

from app.gui.audit.audit_rows import Order, Picked, ordered
from app.gui.audit.text import cell_of, cells_words, estimate_words, source_words
from app.review.audit import CELLS, AuditRow
from app.review.statistics.figures import Estimate


def row(p, label):
    return AuditRow("a.png", "a.png", label, p=p)


ROWS = [row(0.9, 1), row(0.2, 1), row(0.7, 0), row(0.4, 0), row(0.55, 1)]


def test_the_most_wrong_comes_first_whatever_its_label():
    assert ordered(ROWS, Order.WRONG, 0.5).tolist() == [1, 2, 4, 3, 0]


def test_the_least_sure_is_nearest_to_the_threshold_in_logits():
    assert ordered(ROWS, Order.UNSURE, 0.5).tolist() == [4, 3, 2, 1, 0]
    # 0.98 is further from 0.9 than 0.7 is, in what the network adds up.
    assert ordered([row(0.98, 1), row(0.7, 1)], Order.UNSURE, 0.9).tolist() == [1, 0]


def test_scores_of_nought_and_one_have_a_place_too():
    order = ordered([row(0.0, 1), row(1.0, 1), row(0.5, 1)], Order.UNSURE, 0.5)
    assert order[0] == 2


def test_as_listed_and_by_score():
    assert ordered(ROWS, Order.GIVEN, 0.5).tolist() == [0, 1, 2, 3, 4]
    assert ordered(ROWS, Order.SCORE, 0.5).tolist() == [0, 2, 4, 3, 1]


def test_without_a_score_an_image_comes_last():
    assert ordered([row(None, 1), row(0.9, 1)], Order.WRONG, 0.5).tolist() == [1, 0]


@pytest.mark.parametrize("order", list(Order))
def test_picked_rows_are_ordered_as_plain_ones(order):
    audit = made_audit(200)
    picked = Picked(audit, np.arange(200)[::-3])
    assert ordered(picked, order, 0.4).tolist() == ordered(list(picked), order, 0.4).tolist()


def test_picked_rows_are_those_of_the_audit():
    audit = made_audit(50)
    picked = Picked(audit, [7, 3])
    assert list(picked) == [audit.scored[7], audit.scored[3]]
    assert picked.places_of(audit.scored[3]).tolist() == [False, True]
    assert picked[1:].positions.tolist() == [3]


@pytest.mark.parametrize(("p", "label", "cell"), [
    (0.5, 1, "tp"), (0.49, 1, "fn"), (0.5, 0, "fp"), (0.49, 0, "tn"), (None, 1, None),
    (float("nan"), 1, None),
])  # fmt: skip
def test_the_cell_agrees_with_the_matrix(p, label, cell):
    assert cell_of(row(p, label), 0.5) == cell


def test_every_image_is_in_the_cell_where_the_matrix_has_it():
    audit = made_audit(300)
    matrix = audit.matrix(0.37)
    for cell in CELLS:
        for position in matrix.rows(cell):
            assert cell_of(audit.scored[position], 0.37) == cell


def test_words_for_cells_together():
    assert cells_words(("fp", "fn")) == "All wrong calls"
    assert cells_words(()) == cells_words(CELLS) == "All scored images"
    assert cells_words(("fn",)) == "Missed pneumonias"
    assert cells_words(("tp", "fn", "fp")) == "Pneumonias found, Missed pneumonias, False alarms"


def test_words_for_figures_that_are_undefined_or_have_no_interval():
    assert estimate_words(Estimate(None)) == ("–", "")
    assert estimate_words(Estimate(0.5)) == ("0.500", "")
    assert estimate_words(Estimate(0.5, 0.25, 0.75)) == ("0.500", "0.250 – 0.750")


def test_a_flattering_score_is_called_so():
    assert "flatters" in source_words(AuditRow("a", "a", 1, p=0.1, seen="exact"))
    assert "flatters" in source_words(AuditRow("a", "a", 1, p=0.1, seen="near"))
    told = source_words(AuditRow("a", "a", 1, p=0.1, seen="exact", out_of_fold=True))
    assert "never saw" in told
    assert not source_words(AuditRow("a", "a", 1, p=0.1))
