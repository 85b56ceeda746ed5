"""Where the user's own files live: trained models and run folders. Never the opened folder."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder of everything Opacity keeps: ``OPACITY_HOME``, else the user's data folder."""
    chosen = os.environ.get("OPACITY_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("opacity", False))


def models_dir() -> Path:
    """The folder of the models that were trained here; it may not exist yet."""
    return home() / "models"


def runs_dir() -> Path:
    """The folder of the training runs; it may not exist yet."""
    return home() / "runs"


def close_to_others() -> None:
    """Take everybody else's rights from what lies there: readings and images of patients.

    Nothing is made, links are not followed, and what is another user's stays as it is. A folder
    that the person's own home lies in, or is, is nobody's to close.
    """
    top = home()
    with contextlib.suppress(OSError):
        if os.name == "nt" or is_nobodys(top):
            return
        if not top.stat().st_mode & 0o077:
            return  # nobody else comes past it, whatever lies below
        _close(top.stat(), top)
        for folder, _, names in os.walk(top):
            for path in (Path(folder), *(Path(folder, name) for name in names)):
                with contextlib.suppress(OSError):
                    if not path.is_symlink():
                        _close(path.stat(), path)


def is_nobodys(top: Path) -> bool:
    """Whether a folder holds more than Opacity's: the person's own home lies in it, or is it."""
    return Path.home().resolve().is_relative_to(top.resolve())


def _close(status: os.stat_result, path: Path) -> None:
    if status.st_mode & 0o077 and status.st_uid == os.getuid():
        path.chmod(status.st_mode & 0o7700)
