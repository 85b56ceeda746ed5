"""Where the user's own files live: trained models and run folders. Never the opened folder."""

from __future__ import annotations

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
