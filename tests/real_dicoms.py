"""The real DICOM files that the installed packages hold; none is downloaded.

pydicom-data comes with the extra ``test``: where it is missing, tests fail rather than skip.
"""

from __future__ import annotations

from pathlib import Path

import data_store
import pydicom

OF_PYDICOM = Path(pydicom.__file__).parent / "data" / "test_files"
OF_PYDICOM_DATA = Path(data_store.__path__[0]) / "data"


def real_files(pattern: str = "*") -> list[Path]:
    """All files of pydicom's own tests and of pydicom-data whose names fit a pattern."""
    found = [*OF_PYDICOM.rglob(pattern), *OF_PYDICOM_DATA.rglob(pattern)]
    return sorted(path for path in found if path.is_file())


def real_file(name: str) -> Path:
    """The one file of this name; where both packages hold it, pydicom's."""
    return real_files(name)[0]
