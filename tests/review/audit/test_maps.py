"""An audit's heatmaps: a sample of each cell, one scale, figures; through the process too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from factories import chest_like
from tiny_model import save_tiny

from app.core.base.errors import ModelError, ReviewError
from app.core.model.card import ModelCard
from app.inference.attribution import heatmaps
from app.review.audit import Audit, AuditRow
from app.review.audit.maps import MeanShare, maps_of_audit, maps_of_files, sample
from app.review.audit.maps_worker import from_json, to_json
from app.review.comparison.trial import Cancelled

P = (0.9, 0.8, 0.2, 0.7, 0.1, 0.3)
LABELS = (1, 1, 1, 0, 0, 0)


@pytest.fixture
def model(tmp_path):
    return save_tiny(tmp_path / "models", cam_full_scale=2.0)


@pytest.fixture
def audit(tmp_path, model):
    """Two found, one missed, one false alarm, two left alone."""
    rows = []
    for at, (p, label) in enumerate(zip(P, LABELS, strict=True)):
        path = tmp_path / f"image{at}.png"
        cv2.imwrite(str(path), chest_like(seed=at))
        rows.append(AuditRow(path.name, path, label, p=p))
    return Audit(tuple(rows), ModelCard.load(model / "card.json"), tmp_path, model)


@pytest.mark.slow
def test_the_cells_and_what_is_measured(audit):
    told = []
    found = maps_of_audit(audit, 0.5, "grad-cam", lambda *step: told.append(step))
    assert {cell: each.positions for cell, each in found.cells.items()} == {
        "tp": (0, 1), "fn": (2,), "fp": (3,), "tn": (4, 5)
    }  # fmt: skip
    assert found.full_scale == 2.0  # the card's own
    cell = found.cells["tp"]
    np.testing.assert_allclose(cell.mean, cell.maps.mean(axis=0))
    assert cell.picture.shape == (32, 32)
    assert cell.perturbed == 2
    assert 0 <= cell.areas.deletion <= 1
    assert cell.outside_lungs.images <= 2
    assert found.sanity.images == 6
    assert told[-1] == (told[-1][1], told[-1][1])
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.slow
def test_maps_are_those_of_the_files(audit, model):
    from app.core.image.preprocess import frame_of, model_input
    from app.core.image.reader import read_radiograph

    found = maps_of_audit(audit, 0.5, "occlusion")
    inputs = np.stack(
        [model_input(frame_of(read_radiograph(audit.scored[at].path)), 32) for at in (0, 1)]
    )
    np.testing.assert_allclose(
        found.cells["tp"].maps, heatmaps(model, inputs, "occlusion"), atol=1e-5
    )
    np.testing.assert_array_equal(
        found.cells["tp"].picture, np.round(inputs[..., 0].mean(axis=0)).astype(np.uint8)
    )
    called = np.concatenate([found.cells["tp"].maps, found.cells["fp"].maps]).max(axis=(1, 2))
    assert found.full_scale == pytest.approx(np.percentile(called, 90))


def test_a_sample_is_drawn_at_random_and_the_same_each_time(audit):
    rows = audit.rows * 20
    large = Audit(rows, audit.card, audit.folder, audit.model_folder)
    drawn = sample(large, 0.5, 24)
    assert len(drawn["tp"]) == 24
    assert len(drawn["fn"]) == 20
    assert drawn == sample(large, 0.5, 24)
    assert set(drawn["tp"]) <= set(large.matrix(0.5).tp.tolist())
    assert len(set(drawn["tp"])) == 24
    assert drawn["tp"] == tuple(sorted(drawn["tp"]))


@pytest.mark.slow
def test_what_cannot_be_read_is_left_out(audit, model, tmp_path):
    audit.rows[1].path.unlink()
    found = maps_of_audit(audit, 0.5)
    assert found.cells["tp"].positions == (0,)
    audit.rows[2].path.write_bytes(b"no image")
    assert "fn" not in maps_of_audit(audit, 0.5).cells
    with pytest.raises(ReviewError, match="No image"):
        maps_of_files(model, {"fn": [(0, tmp_path / "none.png")], "tp": []}, "grad-cam")


def test_it_can_be_cancelled(audit):
    with pytest.raises(Cancelled):
        maps_of_audit(audit, 0.5, cancelled=lambda: True)


@pytest.mark.slow
def test_a_network_without_a_grid(audit, tmp_path):
    audit = Audit(audit.rows, audit.card, audit.folder, save_tiny(tmp_path / "x", cam_layer=""))
    with pytest.raises(ModelError, match="has none"):
        maps_of_audit(audit, 0.5, "layer-cam")


def test_means_of_shares():
    assert MeanShare.of([None]).images == 0
    assert MeanShare.of([0.4, None]).images == 1
    assert np.isnan(MeanShare.of([0.4]).low)
    share = MeanShare.of([0.1, 0.3, None, 0.5])
    # 1.96 x 0.2 / sqrt(3)
    assert (share.value, share.low, share.high) == pytest.approx((0.3, 0.0737, 0.5263), abs=1e-4)
    assert share.images == 3


@pytest.mark.slow
def test_through_the_process_it_is_the_same(audit):
    files = {
        cell: [[at, str(audit.scored[at].path)] for at in positions]
        for cell, positions in sample(audit, 0.5).items()
    }
    request = {"task": "maps", "model": str(audit.model_folder), "method": "grad-cam"}
    with subprocess.Popen(
        [sys.executable, "-m", "app.review.audit.maps_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as process:
        # Its end would cancel.
        process.stdin.write(json.dumps({**request, "files": files}) + "\n")
        process.stdin.flush()
        *steps, last = map(json.loads, process.stdout)
    assert process.returncode == 0
    found = from_json(last["result"])
    assert steps[-1]["done"] == steps[-1]["total"]
    here = maps_of_audit(audit, 0.5)
    assert json.dumps(to_json(from_json(json.loads(json.dumps(to_json(here)))))) == json.dumps(
        to_json(here)
    )
    assert found.sanity.every.value == pytest.approx(here.sanity.every.value, abs=1e-3)
    for cell, each in here.cells.items():
        np.testing.assert_allclose(found.cells[cell].maps, each.maps, atol=1e-5)
        np.testing.assert_array_equal(found.cells[cell].picture, each.picture)
