"""Heatmaps of two networks by the real child process."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.core.model.results import Call, Heatmap
from app.jobs.pairs_process import PairsProcess
from app.review.audit.pairs import from_json, to_json

WAIT = 180_000


@pytest.mark.slow
def test_both_heatmaps_of_each_image(qtbot, tmp_path, opacity_home):
    models = tuple(
        save_tiny(tmp_path / "m", name, seed=seed) for name, seed in (("a", 1), ("b", 5))
    )
    folder = write_training_folder(tmp_path / "data", per_class=2)
    files = sorted((folder / "PNEUMONIA").iterdir())
    broken = folder / "broken.png"
    broken.write_bytes(b"no picture")
    process, told = PairsProcess(), []
    process.progress.connect(lambda done, total: told.append((done, total)))
    with qtbot.waitSignal(process.made, timeout=WAIT) as made:
        process.make(models, [*files, broken])
    found = made.args[0]
    assert set(found) == {*files, broken}
    assert found[broken] == (None, None)
    first, second = found[files[0]]
    assert first.evidence.shape == second.evidence.shape
    assert not np.array_equal(first.evidence, second.evidence)
    assert told[-1] == (6, 6)


def test_a_model_that_is_none_is_told(qtbot, tmp_path, opacity_home):
    process = PairsProcess()
    with qtbot.waitSignal(process.failed, timeout=WAIT) as failed:
        process.make((tmp_path, tmp_path), [tmp_path / "a.png"])
    assert "model" in failed.args[0].what


def test_heatmaps_as_json_and_back():
    evidence = np.arange(6, dtype=np.float32).reshape(2, 3)
    found = [[Heatmap(evidence, 2.5, "Grad-CAM", Call.NORMAL), None]]
    [[again, none]] = from_json(to_json(found))
    assert none is None
    assert np.array_equal(again.evidence, evidence)
    assert (again.full_scale, again.method, again.toward) == (2.5, "Grad-CAM", Call.NORMAL)
    with pytest.raises(KeyError):
        from_json({})
