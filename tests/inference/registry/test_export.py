"""A model's file that goes out: the same bytes each time, and nothing private in it."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from tiny_model import save_tiny

from app.core.base.errors import ModelError, OutputError
from app.core.model.card import pack_hashes
from app.inference.registry.archive import export_model, import_model, pack, without_private
from app.inference.registry.models import list_models

PRIVATE = {
    "data": {
        "folder": "Mrs-Smiths-images",
        "sha256": "ab",
        "content_hashes": pack_hashes([b"\xff\xff/png.jpg" + bytes(6)]),
        "note": "see /home/jane/images",
        "skipped": 2,
    },
    "settings": {
        "data": "Mrs-Smiths-images",
        "labels": "C:\\study\\labels.csv",
        "patients": "/home/jane/patients.csv",
        "seed": 3,
    },
    "metrics": {
        "against_active": {"why_not": "The folder /srv/models/old holds no model.keras."},
        "smith.jpeg": 1,
        "epochs": [{"loss": 0.5}],
    },
    "limits": ("Only for children.", "Measured on smith_0001.dcm"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("built"), "mine", **PRIVATE)


@pytest.fixture
def folder(built, tmp_path):
    return Path(shutil.copytree(built, tmp_path / "models" / "mine"))


@pytest.fixture
def parcel(folder, tmp_path):
    path = tmp_path / "mine.opacity"
    export_model(folder, path)
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_model_gives_the_same_bytes(folder, parcel, tmp_path):
    elsewhere = shutil.copytree(folder, tmp_path / "elsewhere" / "copied")
    assert pack(Path(elsewhere)) == parcel.read_bytes()
    # What came in goes out again as it came.
    assert pack(import_model(parcel)) == parcel.read_bytes()


def test_nothing_private_goes_out(parcel):
    parts = members(parcel)
    assert list(parts) == ["manifest.json", "card.json", "model.keras", "model.onnx"]
    told = (parts["manifest.json"] + parts["card.json"]).decode().lower()
    for word in ("smith", "jane", "study", "/home", "/srv", ".csv", ".dcm"):
        assert word not in told
    card = json.loads(parts["card.json"])
    # What is not private stays: hashes tell later which images the model has seen.
    assert card["data"]["content_hashes"] == PRIVATE["data"]["content_hashes"]
    assert card["settings"] == {"seed": 3}
    assert card["metrics"]["epochs"] == [{"loss": 0.5}]
    assert card["limits"][0] == "Only for children."


def test_the_bundled_card_loses_only_its_folder():
    card = next(entry.card for entry in list_models() if entry.bundled)
    clean = without_private(card)
    assert set(card.data) - set(clean.data) == {"folder"}
    assert clean.metrics == card.metrics
    assert clean.limits == card.limits
    assert clean.licence == card.licence


def test_a_damaged_model_is_not_exported(folder, tmp_path):
    (folder / "model.keras").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="cannot be read"):
        export_model(folder, tmp_path / "out.opacity")
    assert not (tmp_path / "out.opacity").exists()


def test_no_place_to_write(folder, tmp_path):
    with pytest.raises(OutputError, match="could not be written"):
        export_model(folder, tmp_path / "nowhere" / "out.opacity")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError):
        export_model(folder, tmp_path / "taken")
    assert not list(tmp_path.glob(".*"))
