"""A reviewed image as the exports take it, and the judges of what they write."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import data_store
import numpy as np
import pydicom

from app.core.base.reasons import told
from app.core.image.reader import read_radiograph
from app.core.model.results import GRAD_CAM, Heatmap, Prediction, Status
from app.core.reading.verdicts import Agreement, Region, RegionKind, Verdict
from app.core.worklist.identity import identity_of
from app.core.worklist.scan import Item
from app.review.export.reviewed import ReviewedImage

PYDICOM = Path(pydicom.__file__).parent / "data"
PYDICOM_DATA = Path(data_store.__file__).parent / "data"

REASON = "The header does not name the body part"


def heatmap() -> Heatmap:
    """Full-scale evidence in one place, and none elsewhere."""
    evidence = np.zeros((7, 7), np.float32)
    evidence[2:4, 4:6] = 1.5
    return Heatmap(evidence, 1.5, GRAD_CAM)


_read = lru_cache(maxsize=4)(read_radiograph)


def reviewed(
    path: Path, *, note: str = "A shadow", reader: str = "Ada Reader", **changes: object
) -> ReviewedImage:
    """An image with a score, a heatmap, and a verdict with one region of each kind."""
    radiograph = _read(path)
    rows, columns = radiograph.pixels.shape
    identity = identity_of(radiograph)
    regions = (
        Region(
            RegionKind.RECTANGLE, ((0.2 * columns, 0.2 * rows), (0.5 * columns, 0.4 * rows)), "a"
        ),
        Region(RegionKind.ELLIPSE, ((0.6 * columns, 0.3 * rows), (0.8 * columns, 0.7 * rows)), "b"),
        Region(RegionKind.POLYGON, ((1.0, rows - 9.0), (9.0, rows - 1.0), (12.0, rows + 7.0))),
    )
    verdict = Verdict(
        identity,
        reader,
        Agreement.DISAGREE,
        datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        label="NORMAL",
        reason="Motion",
        note=note,
        regions=regions,
        heatmap_visible=False,
    )
    prediction = Prediction(Status.OK, (told(REASON),), 0.7310001, 0.42, "best 1.2.0", "CPU")
    values: dict[str, object] = {
        "header": radiograph.header,
        "identity": identity,
        "prediction": prediction,
        "verdict": verdict,
        "heatmap": heatmap(),
        "radiograph": radiograph,
        "operating_point": "Balanced",
    }
    return ReviewedImage(Item(path, str(path)), **{**values, **changes})  # type: ignore[arg-type]


def program(name: str, *, beside_python: bool = False) -> str:
    """Where a judging program is; empty where it is not installed.

    Parameters
    ----------
    name
        Of the program.
    beside_python
        Whether a Python package brings it; dcmtk's must not be taken from there.
    """
    own = Path(sys.executable).parent
    if beside_python and (own / name).is_file():
        return str(own / name)
    folders = [Path(f) for f in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")]
    found = next((folder / name for folder in folders if (folder / name).is_file()), None)
    return str(found) if found else shutil.which(name) or ""


def dciodvfy_errors(path: Path) -> set[str]:
    """The errors that dciodvfy finds, without the values that it quotes."""
    judge = program("dciodvfy", beside_python=True)
    assert judge, "dciodvfy is not installed: it comes with the package dicom3tools"
    said = subprocess.run([judge, "-new", str(path)], capture_output=True, check=False)
    lines = (said.stdout + said.stderr).decode(errors="replace").splitlines()
    return {re.sub(r"= <[^>]*>", "", line) for line in lines if line.startswith("Error")}
