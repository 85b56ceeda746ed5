"""Saving a model: whole or not at all, on full disks and under taken names."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import pytest
from tiny_model import build_tiny, save_tiny, tiny_card

from app.core.base.errors import OutputError
from app.training.result.bundle import save_bundle, save_weights


@pytest.mark.slow
def test_the_same_weights_give_the_same_file(tmp_path):
    model = build_tiny()
    save_weights(model, tmp_path / "one.keras")
    time.sleep(1.1)  # dates in archives and metadata count seconds
    save_weights(model, tmp_path / "two.keras")
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()


def test_a_name_that_is_taken(tmp_path):
    folder = save_tiny(tmp_path)
    before = (folder / "model.keras").read_bytes()
    with pytest.raises(OutputError, match="already there"):
        save_bundle(build_tiny(seed=2), tiny_card(), tmp_path)
    assert (folder / "model.keras").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    model = build_tiny()
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        save_bundle(model, tiny_card(), tmp_path)
    assert "Free disk space" in caught.value.fix
    assert list(tmp_path.iterdir()) == []
