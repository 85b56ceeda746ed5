"""Two models side by side: which images flip, what is left out, and the list of them."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from audits import audit_of, changed

from app.core.base.errors import OutputError, ReviewError
from app.core.model.card import pack_hashes
from app.review.audit.two_models import KINDS, side_by_side
from app.review.statistics.paired import mcnemar

LABELS = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
FIRST = [0.9, 0.2, 0.1, 0.8, 0.3, 0.1, 0.7, 0.9, 0.2, 0.6]
SECOND = [0.9, 0.7, 0.3, 0.1, 0.2, 0.6, 0.2, 0.8, 0.1, 0.7]


def both(first=FIRST, second=SECOND, **kwargs):
    return audit_of(first, LABELS, model="old", **kwargs), audit_of(
        second, LABELS, model="new", **kwargs
    )


def test_every_kind_of_flip():
    flips = side_by_side(*both()).flips(0.5, 0.5)
    assert set(flips) == set(KINDS)
    assert {kind: places.tolist() for kind, places in flips.items()} == {
        "newly_missed": [3],
        "newly_caught": [1],
        "both_missed": [2, 4],  # the one of which both are surer comes first
        "newly_false_alarm": [5],
        "newly_cleared": [6],
        "both_false_alarm": [7, 9],
    }


def test_each_model_has_its_own_threshold():
    flips = side_by_side(*both()).flips(0.15, 0.75)
    assert flips["newly_missed"].tolist() == [3, 1, 4]
    assert flips["both_missed"].tolist() == [2]


def test_figures_are_those_of_the_comparison():
    pair = side_by_side(*both())
    compared = pair.compared(0.5, 0.5)
    assert (compared.first.model, compared.second.model) == ("old 1.0", "new 1.0")
    assert compared.counts == {"NORMAL": 5, "PNEUMONIA": 5}
    ill = pair.labels == 1
    right = [(scores >= 0.5) == ill for scores in pair.p]
    assert compared.mcnemar["all"] == mcnemar(right[0], right[1], None)
    # Another threshold for the second model alone.
    strict = pair.compared(0.5, 0.95)
    assert strict.second.figures["sensitivity"].value == 0.0
    assert strict.first.figures == compared.first.figures


def test_mcnemar_counts_patients_where_they_are_known():
    patients = ["a"] * 5 + ["b"] * 5
    pair = side_by_side(*both(patients=patients))
    assert "clustered" in pair.compared(0.5, 0.5).mcnemar["all"].method


def test_images_are_matched_by_name_content_and_label():
    first, second = both()
    second = changed(second, 0, content_hash="f" * 64)
    second = changed(second, 1, label=0)
    second = changed(second, 2, p=None)
    pair = side_by_side(first, second)
    assert pair.positions[:, 0].tolist() == [3, 4, 5, 6, 7, 8, 9]
    assert pair.positions[0].tolist() == [3, 2]  # the third of the second audit has no score
    assert pair.unmatched == 5
    with pytest.raises(ReviewError, match="no scored image in common"):
        side_by_side(first, audit_of([0.5], [0]))


def test_training_images_and_their_patients_are_left_out_unless_wanted():
    first, second = both(patients=["a", "a", "b", "c", "d", "e", "f", "g", "h", "i"])
    first = changed(first, 0, seen="exact")
    first = changed(first, 2, seen="exact", out_of_fold=True)
    second = changed(second, 9, seen="near")
    pair = side_by_side(first, second)
    assert pair.positions[:, 0].tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert pair.overlap.excluded == {
        "total": 3,
        "same_pixels": 1,
        "near_duplicates": 1,
        "same_patient": 1,
    }
    everything = side_by_side(first, second, with_seen=True)
    assert len(everything.positions) == 10
    assert everything.overlap.excluded["total"] == 0


def test_all_images_seen_leaves_an_empty_comparison():
    first, second = both()
    for at in range(10):
        second = changed(second, at, seen="exact")
    pair = side_by_side(first, second)
    assert len(pair.positions) == 0
    assert pair.overlap.same_pixels == 10
    assert pair.compared(0.5, 0.5).auc_difference.value is None
    assert not any(len(places) for places in pair.flips(0.5, 0.5).values())


def test_one_class_only():
    first, second = audit_of([0.9, 0.1], [1, 1]), audit_of([0.1, 0.2], [1, 1])
    pair = side_by_side(first, second)
    assert pair.compared(0.5, 0.5).auc_difference.value is None
    assert pair.flips(0.5, 0.5)["newly_missed"].tolist() == [0]


def test_the_list_as_a_table_and_as_a_csv(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    first, second = both(folder=folder)
    first, second = (changed(each, 3, name="=cmd.png") for each in (first, second))
    pair = side_by_side(first, second)
    frame = pair.frame(0.5, 0.5)
    assert frame["kind"].tolist()[:2] == ["newly_missed", "newly_caught"]
    assert len(frame) == 8
    out = tmp_path / "list.csv"
    pair.write_list(out, 0.5, 0.5)
    with out.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert rows[0]["name"] == "'=cmd.png"  # no spreadsheet takes it for a formula
    assert (rows[0]["p_first"], rows[0]["p_second"]) == ("0.8", "0.1")
    assert rows[1]["label"] == "PNEUMONIA"
    with pytest.raises(OutputError):
        pair.write_list(folder / "list.csv", 0.5, 0.5)
    assert list(folder.iterdir()) == []


def test_the_threshold_of_a_model_may_have_been_set_on_these_images():
    data = {"calibration_content_hashes": pack_hashes([bytes.fromhex("ab" * 16)])}
    first, second = audit_of(FIRST, LABELS, data=data), audit_of(SECOND, LABELS)
    first, second = (changed(each, 1, content_hash="ab" * 32) for each in (first, second))
    assert side_by_side(first, second).overlap.calibrated == (1, 0)
    assert np.all(side_by_side(first, second).overlap.kept)
