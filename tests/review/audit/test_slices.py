"""Slices of an audit: what they are cut by, their figures, and what is said of odd ones."""

from __future__ import annotations

import numpy as np
import pytest
from audits import failing_in_ap

from app.review.audit import slices
from app.review.audit.figures import BY_PATIENT, WILSON
from app.review.audit.slice_groups import DIFFERENT_FOR_EACH, SAME_FOR_ALL, groups
from app.review.audit.slices import AUC, SENSITIVITY, SPECIFICITY, Slicer
from app.review.statistics import figures


def members(columns: list[dict[str, str]]) -> dict[tuple[str, str], list[int]]:
    made, _ = groups(columns)
    return {(g.column, g.value): np.flatnonzero(g.member).tolist() for g in made}


def test_values_and_what_is_not_stated():
    assert members([{"view": "AP"}, {"view": "PA"}, {}, {"view": " AP "}]) == {
        ("view", "AP"): [0, 3],
        ("view", "PA"): [1],
        ("view", "not stated"): [2],
    }


def test_numbers_are_cut_into_quarters_with_ties_together():
    values = [1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    cut = members([{"score": f"{value},5"} for value in values] + [{}, {"score": "NaN"}])
    assert [len(rows) for rows in cut.values()] == [3, 3, 3, 3, 2]
    assert list(cut) == [
        ("score", "1.5"),
        ("score", "2.5 to 4.5"),
        ("score", "5.5 to 7.5"),
        ("score", "8.5 to 10.5"),
        ("score", "not stated"),
    ]


def test_parts_of_a_list_overlap():
    cut = members([{"labels": "Pneumonia"}, {"labels": "Effusion|Pneumonia"}, {"labels": "Mass"}])
    assert cut["labels", "Pneumonia"] == [0, 1]
    assert cut["labels", "Effusion"] == [1]


def test_columns_that_make_no_slices_are_told():
    columns = [{"file": f"{i}.png", "site": "A", "age": str(i), "age group": "60-79" if i % 2 else
                "80+"} for i in range(40)]  # fmt: skip
    made, left_out = groups(columns)
    assert left_out == {"file": DIFFERENT_FOR_EACH, "site": SAME_FOR_ALL}
    assert {g.column for g in made} == {"age group"}  # the bands stand for the ages


def test_rare_values_share_a_slice():
    columns = [{"reader": f"r{i % 30:02d}" if i < 90 else "r00"} for i in range(120)]
    cut = members(columns)
    assert len(cut) == 26
    assert sum(len(rows) for rows in cut.values()) == 120


def made() -> tuple:
    audit = failing_in_ap()
    rows = audit.scored
    return audit.p, audit.labels, [r.patient for r in rows], [dict(r.columns) for r in rows]


@pytest.mark.parametrize("figure", [SENSITIVITY, SPECIFICITY, AUC])
def test_the_worst_slice_comes_first_and_small_ones_last(figure):
    table = Slicer(*made()).table(0.5, figure)
    assert (table.slices[0].column, table.slices[0].value) == ("view", "AP")
    assert table.slices[0].adjusted < 0.05
    assert table.slices[-1].value == "three"
    assert table.slices[-1].small
    assert table.slices[-1].p is None
    values = [each.estimate.value for each in table.slices if not each.small]
    assert values == sorted(values)
    # The two views are one test; "one" and "two" are not each other's rest.
    assert table.tests == 3
    by_value = {each.value: each for each in table.slices}
    assert by_value["AP"].p == by_value["PA"].p
    frame = table.frame()
    assert frame[figure].tolist()[0] == table.slices[0].estimate.value
    assert len(frame) == 5


def test_figures_are_those_of_the_evaluation():
    p, labels, patients, columns = made()
    slicer = Slicer(p, labels, patients, columns)
    expected = figures.summary(p, p >= 0.4, labels, patients)
    for figure in (SENSITIVITY, SPECIFICITY, AUC):
        whole = slicer.table(0.4, figure).whole
        assert whole.estimate == expected[figure]
        assert whole.method == BY_PATIENT
        assert whole.p is None


def test_without_patients_the_intervals_are_wilsons_and_delongs():
    p, labels, _, columns = made()
    slicer = Slicer(p, labels, [None] * len(p), columns)
    ap = slicer.table(0.5, SENSITIVITY).slices[0]
    hits = (p[ap.positions] >= 0.5)[labels[ap.positions] == 1]
    assert ap.estimate == figures.wilson(int(hits.sum()), len(hits))
    assert ap.method == WILSON
    area = slicer.table(0.5, AUC).slices[0]
    assert area.estimate == figures.delong(p[area.positions], labels[area.positions])


def test_a_slice_of_one_and_slices_of_one_class():
    p, labels, patients, columns = made()
    columns[7] = {"view": "lateral", "folder": "one"}
    for at, row in enumerate(columns):
        row["class"] = "ill" if labels[at] else "healthy"
    slicer = Slicer(p, labels, patients, columns)
    own = SENSITIVITY if labels[7] else SPECIFICITY
    single = next(s for s in slicer.table(0.5, own).slices if s.value == "lateral")
    assert single.note == slices.SINGLE
    assert single.estimate.value in (0.0, 1.0)
    assert single.estimate.high - single.estimate.low > 0.7
    ill = next(s for s in slicer.table(0.5, SPECIFICITY).slices if s.value == "ill")
    assert (ill.note, ill.estimate.value, ill.p) == (slices.NO_NORMAL, None, None)
    healthy = next(s for s in slicer.table(0.5, SENSITIVITY).slices if s.value == "healthy")
    assert healthy.note == slices.NO_PNEUMONIA
    area = next(s for s in slicer.table(0.5, AUC).slices if s.value == "ill")
    assert area.note == slices.ONE_CLASS
    # All pneumonias lie in that slice: there is nothing to compare it with.
    all_of_them = next(s for s in slicer.table(0.5, SENSITIVITY).slices if s.value == "ill")
    assert (all_of_them.note, all_of_them.p) == (slices.REST_TOO_SMALL, None)


def test_an_auc_is_worked_out_once_and_follows_no_threshold(monkeypatch):
    slicer = Slicer(*made())
    first = slicer.table(0.5, AUC)
    monkeypatch.setattr(slices, "auc_against_rest", lambda *_: pytest.fail("again"))
    second = slicer.table(0.9, AUC)
    assert second.slices == first.slices
    assert second.threshold == 0.9


def test_no_images_and_no_columns():
    table = Slicer(np.zeros(0), np.zeros(0, np.int64), [], []).table(0.5)
    assert table.slices == ()
    assert table.whole.estimate.value is None
    p, labels, patients, _ = made()
    assert Slicer(p, labels, patients, [{}] * len(p)).table(0.5).slices == ()


def test_a_figure_that_slices_do_not_have():
    with pytest.raises(ValueError, match="accuracy"):
        Slicer(*made()).table(0.5, "accuracy")
