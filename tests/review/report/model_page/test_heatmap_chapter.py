"""The chapter on heatmaps: figures of card and record, a flag, and nothing where none is."""

from __future__ import annotations

from tiny_model import tiny_card

from app.review.report.document import blocks as parts
from app.review.report.model_page.heatmap import heatmap_blocks
from app.review.report.model_page.records import Records


def measured(every=0.1, flagged=False):
    share = {"value": 0.4, "low": 0.3, "high": 0.5, "images": 20}
    return {
        "sanity": {
            "images": 16,
            "last": {"value": 0.2, "low": 0.1, "high": 0.3},
            "every": {"value": every, "low": every, "high": every},
            "flagged": flagged,
        },
        "outside_lungs": share,
        "outside_body": share,
        "deletion_insertion": {
            "deletion": 0.31, "insertion": 0.82, "random_deletion": 0.6, "random_insertion": 0.61
        },
    }  # fmt: skip


def facts(blocks):
    return dict(next(each for each in blocks if isinstance(each, parts.Facts)).rows)


def test_what_was_measured():
    card = tiny_card(metrics={"heatmap": {"balance": {"value": 1.0}, **measured()}})
    record = {"methods": {"layer-cam": {"title": "LayerCAM", **measured(0.25)}}}
    blocks = heatmap_blocks(card, Records(others={"heatmaps": record}))
    rows = facts(blocks)
    assert rows["Images compared"] == "16"
    assert rows["Deletion, and in a random order"] == "0.31 (0.60)"
    assert rows["Share of what moved the logit that is on the map"].startswith("1.000")
    assert not [b for b in blocks if isinstance(b, parts.Paragraph) and b.kind == "caution"]
    table = next(each for each in blocks if isinstance(each, parts.Table))
    assert table.rows[0][0] == "LayerCAM"
    assert "0.250" in table.rows[0][1]


def test_a_map_that_does_not_change_is_flagged_first():
    card = tiny_card(metrics={"heatmap": measured(0.9, flagged=True)})
    first = heatmap_blocks(card, Records())[0]
    assert first.kind == "caution"
    assert "do not trust it" in first.text


def test_nothing_measured_and_nonsense():
    assert heatmap_blocks(tiny_card(), Records()) == []
    assert heatmap_blocks(tiny_card(metrics={"heatmap": 3}), Records()) == []
    rows = facts(heatmap_blocks(tiny_card(metrics={"heatmap": {"sanity": "x"}}), Records()))
    assert rows["Images compared"] == "–"
