"""The folders of sweeps, below ``home()/sweeps``: settings, database, ledger, log."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.core.base.errors import OutputError, ReviewError
from app.core.base.home import home
from app.core.base.translation import tr
from app.core.settings.sweep import SweepConfig
from app.training.sweep.ledger import LEDGER_NAME, TrialRow, read_ledger

CONFIG_NAME = "sweep.json"
LOG_NAME = "workers.log"
_BEFORE = f"{CONFIG_NAME}.before"


@dataclass(frozen=True)
class SweepFolder:
    """One sweep on disk; ``config`` is None where its settings cannot be read."""

    folder: Path
    config: SweepConfig | None

    def rows(self) -> list[TrialRow]:
        """Its trials, as the ledger tells them."""
        return read_ledger(self.folder / LEDGER_NAME)


def sweeps_dir() -> Path:
    """Where the sweeps lie."""
    return home() / "sweeps"


def open_sweep(config: SweepConfig) -> Path:
    """The folder of a study, made where it is not there yet, with its settings written down.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    folder = sweeps_dir() / config.study
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / CONFIG_NAME).exists():
            shutil.copy2(folder / CONFIG_NAME, folder / _BEFORE)
        fresh = folder / f"{CONFIG_NAME}.new"
        fresh.write_text(config.to_json(), encoding="utf-8")
        fresh.chmod(0o600)  # a storage URL may hold a password
        fresh.replace(folder / CONFIG_NAME)
    except OSError as error:
        raise OutputError(
            tr(
                "The folder of the sweep cannot be written: {reason}.",
                reason=error.strerror or error,
            ),
            tr("Opacity keeps each sweep's settings and results on disk."),
            tr("Free some space, or set OPACITY_HOME to a folder you may write to."),
        ) from error
    return folder


def take_back(folder: Path) -> None:
    """Give a study the settings back that it had before the last ``open_sweep``: these do not fit.

    A study that has none yet keeps what it was given.
    """
    with contextlib.suppress(OSError):
        (folder / _BEFORE).replace(folder / CONFIG_NAME)


def list_sweeps() -> list[SweepFolder]:
    """Every sweep on disk, the one last worked on first."""
    try:
        folders = [child for child in sweeps_dir().iterdir() if (child / CONFIG_NAME).is_file()]
        folders.sort(key=lambda folder: (folder / CONFIG_NAME).stat().st_mtime, reverse=True)
    except OSError:
        return []
    return [SweepFolder(folder, _config(folder)) for folder in folders]


def _config(folder: Path) -> SweepConfig | None:
    try:
        return SweepConfig.load(folder / CONFIG_NAME)
    except (OSError, ValueError, TypeError, ReviewError):
        return None
