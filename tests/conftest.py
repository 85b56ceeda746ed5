"""Fixtures for all tests: a home of their own, the real data where they are, image factories."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def opacity_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for each test: nobody's models or runs are read or written."""
    home = tmp_path_factory.mktemp("opacity-home")
    monkeypatch.setenv("OPACITY_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real images beside the checkout; tests that need them skip without them."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real images are not here (../shared/data beside the checkout)")
    return folder


@pytest.fixture
def dicom_factory(tmp_path: Path) -> Callable[..., Path]:
    """``factories.write_dicom`` into the test's folder: ``dicom_factory(pixels, Modality=...)``."""
    from factories import write_dicom

    def make(pixels=None, *, name: str = "image.dcm", **options) -> Path:
        return write_dicom(tmp_path / name, pixels, **options)

    return make
