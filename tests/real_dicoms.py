"""The real DICOM files that the installed packages hold; none is downloaded."""

from __future__ import annotations

from pathlib import Path

import pydicom


def real_files() -> list[Path]:
    """All files of pydicom's own tests and, where it is installed, of pydicom-data."""
    folders = [Path(pydicom.__file__).parent / "data" / "test_files"]
    try:
        import data_store
    except ImportError:
        pass
    else:
        folders.append(Path(data_store.__path__[0]) / "data")
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
