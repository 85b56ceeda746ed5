"""Pictures of other things than chests, from packages, each without its header."""

from __future__ import annotations

import dataclasses
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import UnreadableImage
from app.core.gate.rules import judge
from app.core.image.display import render
from app.core.image.preprocess import content_hash, shrink
from app.core.image.radiograph import Header
from app.core.image.reader import looks_like_image, read_radiograph

PACKAGES = {
    "skimage": ("skimage", "data"),
    "pydicom": ("pydicom", "data"),
    "pydicom-data": ("data_store", ""),
    "deid-data": ("deid_data", ""),
}
"""Distribution, and where its pictures lie: importable module, folder in it."""

CHESTS = ("RG1_",)
"""How the names of real chest radiographs (of an adult) among them begin."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """One picture without its header; ``refused``: the first gate refuses it all the same."""

    name: str
    frame: NDArray[np.uint8]
    content: str
    refused: bool


def without_headers(package: str) -> dict[str, Picture]:
    """A package's pictures by their content: each once, however often it lies there."""
    module, below = PACKAGES[package]
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is missing: python -m pip install '.[benchmark,test]'")
    found = pictures(Path(spec.submodule_search_locations[0]) / below)
    return {picture.content: picture for picture in found}


def pictures(folder: Path) -> list[Picture]:
    """Every picture below a folder that can be read, in the order of their paths."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and looks_like_image(path))
    with ThreadPoolExecutor(2) as pool:
        return [picture for picture in pool.map(_picture, paths) if picture is not None]


def _picture(path: Path) -> Picture | None:
    try:
        radiograph = read_radiograph(path)
    except UnreadableImage:
        return None
    bare = dataclasses.replace(radiograph, header=Header(frames=radiograph.header.frames))
    shown = render(radiograph)
    return Picture(path.name, shrink(shown), content_hash(shown), bool(judge(bare, None).refusals))
