"""Models' files made to take time or memory: refused at once, in a process of their own."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from app.inference.registry import archive

ROOT = Path(__file__).resolve().parents[3]
CHECK = """
import sys, time
from pathlib import Path
from app.core.base.errors import ModelError
from app.inference.registry import archive
from app.inference.runtime import model_file
import h5py

def peak():
    # Of this process alone: what getrusage tells, it inherits from its parent.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

path = Path(sys.argv[1])
asked = {
    "members": lambda: model_file.check_members(path.read_bytes()),
    "file": lambda: model_file.check_file(path, None),
    "bundle": lambda: archive.unpack(path),
}[sys.argv[2]]
before, began = peak(), time.process_time()
try:
    asked()
except ModelError as error:
    print(time.process_time() - began)
    print((peak() - before) // 1024)
    print(error.what)
"""
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak of memory"
)


def refusal(path, kind):
    """The words of a refusal within 2 s and 500 MB; Python's start and imports do not count."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(path), kind],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    seconds, megabytes, words = done.stdout.splitlines()
    # Of its own work, which a busy machine beside it does not lengthen.
    assert float(seconds) < 2
    assert int(megabytes) < 500
    return words


def keras_file(path, weights=b"", config=b"{}"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (
            ("metadata.json", b"{}"), ("config.json", config), ("model.weights.h5", weights),
        ):  # fmt: skip
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("links", [1, 12])
def test_a_cycle_of_hard_links_is_refused_at_once(tmp_path, links):
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        group = file.create_group("layers")
        for number in range(links):
            group[f"again{number}"] = group
    path = keras_file(tmp_path / "m.keras", weights.getvalue())
    assert "second link" in refusal(path, "members")


@pytest.mark.parametrize("part", ["weights", "config"])
def test_what_unpacks_to_many_times_its_size_is_refused_unread(tmp_path, part):
    path = keras_file(tmp_path / "m.keras", **{part: bytes(2**28)})
    assert "unpacks to more" in refusal(path, "file")


@pytest.mark.parametrize("kind", ["compressed", "never written", "many small"])
def test_weights_that_claim_more_than_their_file_holds_are_refused(tmp_path, kind):
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        if kind == "compressed":
            file.create_dataset("w", data=np.zeros(2**25, np.float32), compression=9, chunks=True)
        elif kind == "never written":
            file.create_dataset("w", (2**20, 2**20), np.float32, compression=9, chunks=(64, 64))
        else:
            for number in range(100):
                file.create_dataset(f"w{number}", (2**18,), np.float32, chunks=(64,))
    assert len(weights.getvalue()) < 2**20
    path = keras_file(tmp_path / "m.keras", weights.getvalue())
    assert "more numbers than its size allows" in refusal(path, "members")


def test_ever_more_groups_are_refused(tmp_path):
    weights = io.BytesIO()
    with h5py.File(weights, "w", libver="latest") as file:
        for number in range(20_000):
            file.create_group(str(number))
    path = keras_file(tmp_path / "m.keras", weights.getvalue())
    assert "more than 8192" in refusal(path, "members")


def values(size):
    """Ever more empty objects: each takes twenty times its text."""
    return b"[" + b"{}," * (size // 3) + b"0]"


def test_settings_of_ever_more_values_are_refused(tmp_path):
    noise = np.random.default_rng(1).bytes(2**23)  # else the ratio alone would refuse it
    path = keras_file(tmp_path / "m.keras", noise, values(2**24 - 16))
    assert "more values" in refusal(path, "file")


def bundle(path, members, method):
    told = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in members.items()
    }
    manifest = {"format": archive.FORMAT, "name": "m", "files": told}
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("manifest.json", json.dumps(manifest))
        for name, data in members.items():
            made.writestr(name, data)
    return path


def test_a_bundle_of_less_than_a_megabyte_that_unpacks_to_gigabytes(tmp_path):
    path = tmp_path / "m.opacity"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", "{}")
        made.writestr("card.json", values(2**25 - 16))
        with made.open("model.keras", "w", force_zip64=True) as member:
            for _ in range(2100 // 4):
                member.write(bytes(2**22))
    assert path.stat().st_size < 3e6
    assert "unpacks to more" in refusal(path, "bundle")


def test_a_bundle_that_lies_about_what_it_unpacks_to(tmp_path):
    members = {"card.json": b"{}", "model.keras": bytes(2**28)}
    path = bundle(tmp_path / "m.opacity", members, zipfile.ZIP_DEFLATED)
    size = struct.pack("<I", 2**28)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 100)))
    assert "model's file" in refusal(path, "bundle")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_card_of_ever_more_values_is_refused(tmp_path, method):
    noise = np.random.default_rng(1).bytes(2**24)  # as above
    members = {"card.json": values(2**25 - 16), "model.keras": noise}
    path = bundle(tmp_path / "m.opacity", members, method)
    assert "more values" in refusal(path, "bundle")
