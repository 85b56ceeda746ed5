"""The chapter on the fitness gate: what the record holds is on the page, what it lacks is not."""

import json

from tiny_model import tiny_card

from app.review.report.document.blocks import Table, texts
from app.review.report.model_page import Records, records_of
from app.review.report.model_page.out_of_distribution import fitness_blocks

SHARE = {"value": 0.875, "low": 0.8, "high": 0.9}
RECORD = {
    "model": "tiny 1.0",
    "children": {"calibration": {"n": 1038, "refused": SHARE, "cautioned": SHARE}},
    "adults": {},
    "other things": {},
    "greys cut off": {"nih-adult-dev": {"n": 296, "refused": SHARE, "cautioned": SHARE}},
    "text over the lungs": {"text 5 % high": {"n": 260, "cautioned": SHARE}},
    "leave one package out": {
        "rule": "at most so many",
        "packages": {
            "skimage": {
                "n": 26,
                "refused": SHARE,
                "layers": ["block4_add", "features"],
                "factor": 1.5,
                "rule_met": True,
            },
            "pydicom": {"n": 59, "refused": SHARE, "layers": ["x"], "rule_met": False},
        },
    },
    "untested": ["a thing"],
}
CARD = tiny_card(fitness={"sha256": "a" * 64, "caution": 1.0, "refuse": 2.5})


def test_each_part_of_the_record_stands_in_the_chapter(tmp_path):
    (tmp_path / "fitness.json").write_text(json.dumps(RECORD))
    blocks = fitness_blocks(CARD, records_of(CARD, [tmp_path]))
    images, packages = (block for block in blocks if isinstance(block, Table))
    share = "0.875 (0.800 to 0.900)"
    assert ("greys cut off: nih-adult-dev", "296", share, share) in images.rows
    assert ("text over the lungs: text 5 % high", "260", "–", share) in images.rows
    assert packages.rows[0] == ("skimage", "block4_add, features", "1.5", "26", share)
    assert packages.rows[1] == ("pydicom", "x (no choice met the rule)", "–", "59", share)
    words = "\n".join(texts(blocks))
    assert "at most so many" in words
    assert "a thing" in words


def test_a_record_without_these_parts_has_no_such_rows():
    said = "\n".join(texts(fitness_blocks(CARD, Records(fitness={"children": {}}))))
    assert "Package left out" not in said
    assert "text over the lungs" not in said
    assert fitness_blocks(tiny_card(), Records(fitness=RECORD)) == []
    broken = {"leave one package out": {"packages": {"a": 3}}, "greys cut off": {"b": None}}
    assert fitness_blocks(CARD, Records(fitness=broken))
