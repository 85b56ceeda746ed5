"""Models' files made to take time or memory: refused at once, in a process of their own."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import h5py
import pytest

ROOT = Path(__file__).resolve().parents[3]
CHECK = """
import resource, sys
from pathlib import Path
from app.core.base.errors import ModelError
from app.inference.runtime import model_file
import h5py
path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    if sys.argv[2] == "members":
        model_file.check_members(path.read_bytes())
    else:
        model_file.check_file(path, None)
except ModelError as error:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    print(error.what)
"""


def refusal(path, kind):
    """MiB that it took, and the words; the start of Python and its imports do not count."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(path), kind],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    used, words = done.stdout.splitlines()
    return int(used), words


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
    began = time.monotonic()
    used, words = refusal(keras_file(tmp_path / "m.keras", weights.getvalue()), "members")
    assert "second link" in words
    assert used < 100
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("part", ["weights", "config"])
def test_what_unpacks_to_many_times_its_size_is_refused_unread(tmp_path, part):
    bomb = {part: bytes(2**28)}
    used, words = refusal(keras_file(tmp_path / "m.keras", **bomb), "file")
    assert "unpacks to more" in words
    assert used < 100
