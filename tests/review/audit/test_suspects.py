"""Suspicious labels: planted errors are found, on made scores and on the real collection's."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from tiny_model import tiny_card

from app.core.image.preprocess import perceptual_hash
from app.review.audit import Audit, AuditRow
from app.review.audit.suspects import conflicting_copies, find_suspects, label_issues

OOF = Path(__file__).parents[3] / "model_zoo" / "best-2" / "oof_scores.csv"


def picture_hash(seed: int) -> bytes:
    frame = np.random.default_rng(seed).integers(0, 256, (224, 224), dtype=np.uint8)
    return perceptual_hash(frame)


def row(i: int, label: int, p: float, **changes) -> AuditRow:
    content = hashlib.sha256(str(i).encode()).hexdigest()
    fields = {"content_hash": content, "perceptual_hash": picture_hash(i), **changes}
    return AuditRow(f"{i}.png", Path(f"{i}.png"), label, p=p, **fields)


def audit_of(rows) -> Audit:
    return Audit(tuple(rows), tiny_card("m"), Path("folder"))


def scores(labels, seed=1):
    """A good network's: 0.02 to 0.3 for the normals, 0.7 to 0.98 for the pneumonias."""
    random = np.random.default_rng(seed)
    return np.abs((1 - labels) - random.uniform(0.7, 0.98, len(labels)))


def test_planted_errors_in_the_real_collections_scores():
    """Of 100 labels turned over among the surest 4,000, nearly all are found."""
    with OOF.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    labels = np.array([int(one["label"]) for one in table])
    p = np.array([float(one["p"]) for one in table])
    right = np.where(labels == 1, p, 1 - p)
    turned = np.random.default_rng(5).choice(np.argsort(-right)[:4000], 100, replace=False)
    wrong = labels.copy()
    wrong[turned] = 1 - wrong[turned]
    found = label_issues(wrong, p)
    assert found[turned].mean() > 0.95
    assert found.sum() < 260  # of 5,216: the planted ones, those it finds anyway, and few more
    assert label_issues(labels, p).sum() < 100


def test_nothing_is_found_where_nothing_is_wrong():
    labels = np.arange(200) % 2
    assert not label_issues(labels, scores(labels)).any()


def test_the_most_suspicious_comes_first_and_copies_before_all():
    labels = np.arange(100) % 2
    p = scores(labels)
    given = labels.copy()
    given[[10, 20]] = 1
    p[10], p[20] = 0.04, 0.02
    rows = [row(i, int(given[i]), float(p[i])) for i in range(100)]
    rows.append(row(100, 1 - int(given[4]), float(p[4]), perceptual_hash=rows[4].perceptual_hash))
    found = find_suspects(audit_of(rows))
    assert {rows[one.index].name for one in found.found[:2]} == {"4.png", "100.png"}
    by_index = {one.index: one for one in found.found}
    assert by_index[4].copies == (100,)
    assert by_index[100].copies == (4,)
    rest = [one.index for one in found.found[2:]]
    assert rest == [20, 10]
    assert by_index[20].self_confidence == pytest.approx(0.02)
    assert by_index[20].unlikely
    assert (found.looked_at, found.left_out, found.why_not) == (101, 0, "")


def test_a_score_of_a_network_that_knows_the_label_proves_nothing():
    labels = np.arange(60) % 2
    p = scores(labels)
    p[0] = 0.98  # a normal that looks like pneumonia
    rows = [row(i, int(labels[i]), float(p[i]), seen="exact") for i in range(60)]
    found = find_suspects(audit_of(rows))
    assert (found.found, found.looked_at, found.left_out) == ((), 0, 60)
    assert "here are 0 NORMAL" in found.why_not
    rows = [row(i, int(labels[i]), float(p[i]), seen="exact", out_of_fold=True) for i in range(60)]
    assert [one.index for one in find_suspects(audit_of(rows)).found] == [0]


def test_one_class_only():
    rows = [row(i, 1, 0.9) for i in range(30)]
    found = find_suspects(audit_of(rows))
    assert not found.found
    assert "0 NORMAL and 30 PNEUMONIA" in found.why_not


def test_copies_with_the_same_label_are_no_conflict():
    same = [picture_hash(1)] * 3
    assert conflicting_copies(np.array([1, 1, 1]), ["a", "b", "c"], same) == {}
    assert conflicting_copies(np.array([1, 0, 1]), ["a", "b", "c"], same) == {
        0: (1,),
        1: (0, 2),
        2: (1,),
    }


def test_pictures_without_a_hash_are_no_copies_of_each_other():
    assert conflicting_copies(np.array([0, 1]), ["", ""], [b"", b""]) == {}
    assert conflicting_copies(np.array([0, 1]), ["a", "a"], [b"", b""]) == {0: (1,), 1: (0,)}
