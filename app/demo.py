"""The demo folder: real radiographs that the package pydicom-data brings, as ordinary files.

They are copied into Opacity's own folder, once: site-packages are only read, and nothing is
ever downloaded (pydicom's own helper for these files would try to).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib import metadata, resources
from pathlib import Path

from app.core.base.errors import OutputError, ReviewError
from app.core.base.home import home


def prepare(folder: Path | None = None) -> Path:
    """Lay the demo folder out, copying only what is not there yet.

    Parameters
    ----------
    folder
        Where to; `demo` in Opacity's own folder where none is given.

    Returns
    -------
    Path
        The folder, with a subfolder for each subject.

    Raises
    ------
    ReviewError
        pydicom-data is not installed, or lacks a file of the list.
    OutputError
        The files could not be written.
    """
    folder = home() / "demo" if folder is None else folder
    for source, target in _pairs(folder):
        try:
            if target.is_file() and target.stat().st_size == source.stat().st_size:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            # A copy that stops half-way must not be taken for the file the next time.
            unfinished = target.with_name(f".{target.name}.part")
            shutil.copyfile(source, unfinished)
            unfinished.replace(target)
        except OSError as error:
            raise OutputError(
                f"The demo image {target} could not be written: {error.strerror}.",
                "Expected: a folder that can be written to, with 40 MB of free disk.",
                "To fix it: free some disk, or name another folder in the environment variable "
                "OPACITY_HOME.",
            ) from error
    return folder


def _pairs(folder: Path) -> list[tuple[Path, Path]]:
    listed = json.loads(resources.files("resources").joinpath("demo.json").read_text("utf-8"))
    fix = "To fix it, let Opacity set itself up: python3 main.py demo"
    try:
        package = metadata.distribution(listed["distribution"])
    except metadata.PackageNotFoundError as error:
        raise ReviewError(
            f"The package {listed['distribution']} with the demo's images is not installed.",
            "Expected: it came with the extra `demo`.",
            fix,
        ) from error
    pairs = []
    for entry in listed["files"]:
        source = Path(str(package.locate_file(f"{listed['folder']}/{entry['file']}")))
        if not source.is_file():
            raise ReviewError(
                f"The package {listed['distribution']} {package.version} lacks {entry['file']}.",
                "Expected: every image of resources/demo.json is in it.",
                f"To fix it, remove .venv and let Opacity set itself up again. {fix}",
            )
        pairs.append((source, folder / entry["name"]))
    return pairs


if __name__ == "__main__":
    # The set-up runs this in the environment and reads the folder's path.
    os.umask(0o077)
    try:
        print(prepare())
    except ReviewError as error:
        sys.exit(str(error))
