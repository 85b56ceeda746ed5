"""A model's page: from the card and the records on it alone, whatever these hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from made_audit import made_audit
from tiny_model import tiny_card

from app.core.model.card import ModelCard
from app.review.report.document.blocks import Table, texts
from app.review.report.document.markdown import markdown
from app.review.report.document.pdf import pdf
from app.review.report.findings import find
from app.review.report.model_page import Records, model_page, records_of
from app.review.report.model_page.records import default_folders
from model_zoo import BUNDLED


def said(card: ModelCard, records: Records) -> str:
    return "\n".join(texts(model_page(card, records).blocks))


@pytest.mark.parametrize("folder", sorted(p.parent for p in BUNDLED.glob("*/card.json")))
def test_each_bundled_models_figures_stand_on_its_page(folder: Path) -> None:
    card = ModelCard.load(folder / "card.json")
    page = model_page(card, records_of(card, default_folders(folder)))
    words = "\n".join(texts(page.blocks))
    area = card.metrics["held_out"]["auc"]
    assert f"{area['value']:.3f} ({area['low']:.3f}–{area['high']:.3f})" in words
    for limit in card.limits:
        assert limit in words
    assert card.licence in words
    assert card.data["sha256"] in words
    for threshold in card.operating_points.values():
        assert f"{threshold:.3f}" in words
    assert pdf(page).startswith(b"%PDF")
    assert card.title in markdown(page)


def test_another_figure_in_the_card_is_another_figure_on_the_page() -> None:
    held_out = {"auc": {"value": 0.8765, "low": 0.8, "high": 0.9}, "n": 10, "patients": 9}
    card = tiny_card(metrics={"held_out": held_out})
    assert "0.876 (0.800–0.900)" in said(card, Records())
    assert "0.876" not in said(tiny_card(), Records())


def test_a_site_report_on_these_weights_brings_slices_and_failures(tmp_path: Path) -> None:
    audit = made_audit()
    audit = replace(audit, card=tiny_card(weights_sha256="a" * 64))
    report = find(audit, names=True).as_dict()
    (tmp_path / "audit_here.json").write_text(json.dumps(report))
    records = records_of(audit.card, [tmp_path])
    words = said(audit.card, records)
    assert "View: AP" in words
    assert report["worst_misses"][0]["name"] in words
    assert f"{report['auc']['value']:.3f}" in words
    other = tiny_card(weights_sha256="b" * 64)
    assert not records_of(other, [tmp_path]).reports


def test_a_missed_target_is_stated_as_such() -> None:
    metrics = {"calibration": {"ece": {"value": 0.05, "low": 0.04, "high": 0.06}}}
    page = model_page(tiny_card(metrics=metrics), Records())
    rows = [row for each in page.blocks if isinstance(each, Table) for row in each.rows]
    row = next(row for row in rows if row[0] == "Calibration error on held-out patients")
    assert row[1:3] == ("NOT reached", "at most 0.02")
    better = {"calibration": {"ece": {"value": 0.02, "low": 0.01, "high": 0.03}}}
    assert "NOT reached" not in said(tiny_card(metrics=better), Records())


def test_what_nobody_foresaw_is_on_the_page_too(tmp_path: Path) -> None:
    card = tiny_card(metrics={"new thing": {"auc": {"value": 0.123, "low": 0.1, "high": 0.2}}})
    record = {"model": card.title, "maps": {"changed": {"value": 0.9, "low": 0.8, "high": 0.95}}}
    (tmp_path / "heatmap_sanity.json").write_text(json.dumps(record))
    words = said(card, records_of(card, [tmp_path]))
    assert "new thing · auc" in words
    assert "0.123" in words
    assert "heatmap sanity" in words
    assert "maps · changed" in words


@pytest.mark.parametrize(
    "metrics",
    [
        {"held_out": None, "calibration": [], "operating_points": 3},
        {"held_out": {"auc": {"value": "high"}}, "spread": {"risk_coverage": [1, {}]}},
        {"kind": {}, "hard_validation": {"clusters": "four"}, "calibration": {"bins": [None, {}]}},
        {"cross_validation": {"auc": {"value": float("nan")}}},
    ],
)
def test_a_card_that_anybody_wrote_gives_a_page(metrics: dict) -> None:
    page = model_page(tiny_card(metrics=metrics), Records())
    assert pdf(page).startswith(b"%PDF")


def test_files_that_are_no_records_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("[1]")
    (tmp_path / "c.json").write_bytes(b"\xff\xfe")
    (tmp_path / "d.json").write_text('{"models": {"tiny 1.0": 3}}')
    (tmp_path / "e.json").mkdir()
    assert records_of(tiny_card(), [tmp_path, tmp_path / "none"]) == Records()
