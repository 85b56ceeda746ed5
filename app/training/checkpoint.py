"""A run's last whole epoch on disk, so that it can go on where it was cut off.

``checkpoint.json`` names the folder of the newest complete checkpoint, and is switched over only
when that folder is complete: a crash or a full disk in between leaves the one before.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.core.errors import ReviewError

POINTER = "checkpoint.json"
_NETWORK = "network.keras"
_BEST = "best.npz"


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Parameters
    ----------
    data_sha256
        Which images and labels it is trained on; see ``Dataset.sha256``.
    batch_size
        Images per step, perhaps smaller than the settings say.
    history
        Metrics of each epoch so far.
    best_epoch
        The epoch whose weights are kept, from 1.
    """

    data_sha256: str
    batch_size: int
    history: tuple[dict[str, float], ...]
    best_epoch: int


def save_checkpoint(run_dir: Path, model: Any, best: list[Any], progress: Progress) -> None:
    """Keep the network with its optimizer's state, the best weights and the progress.

    Raises
    ------
    OSError
        When the disk is full or the folder cannot be written; the checkpoint before stays.
    """
    epoch = len(progress.history)
    folder = run_dir / f"checkpoint-{epoch}"
    shutil.rmtree(folder, ignore_errors=True)
    before = _folder(run_dir)
    try:
        folder.mkdir(parents=True)
        model.save(folder / _NETWORK)
        if progress.best_epoch != epoch:
            if before is not None and (before / _BEST).exists():
                # The best weights do not change: a link costs no room.
                _link(before / _BEST, folder / _BEST)
            else:
                np.savez(folder / _BEST, *best)
        (folder / "progress.json").write_text(json.dumps(asdict(progress)), encoding="utf-8")
        fresh = run_dir / f"{POINTER}.new"
        fresh.write_text(json.dumps({"folder": folder.name}), encoding="utf-8")
        _to_disk(fresh)
        fresh.replace(run_dir / POINTER)
    except (OSError, RuntimeError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise
        raise OSError(errno.EIO, str(error)) from error  # HDF5 tells a full disk in either way
    if before is not None and before != folder:
        shutil.rmtree(before, ignore_errors=True)


def load_checkpoint(run_dir: Path) -> tuple[Any, list[Any], Progress] | None:
    """The network (compiled, with its optimizer's state), the best weights and the progress.

    Returns
    -------
    tuple or None
        None where the run has no complete checkpoint.

    Raises
    ------
    ReviewError
        When there is one that cannot be read.
    """
    folder = _folder(run_dir)
    if folder is None:
        return None
    import keras

    try:
        raw = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        progress = Progress(**{**raw, "history": tuple(raw["history"])})
        model = keras.saving.load_model(folder / _NETWORK, safe_mode=True)
        best = model.get_weights()
        if (folder / _BEST).exists():
            with np.load(folder / _BEST, allow_pickle=False) as stored:
                best = [stored[f"arr_{at}"] for at in range(len(best))]
    except Exception as error:  # Keras raises many kinds for a damaged file
        raise ReviewError(
            f"The checkpoint of the run {run_dir.name} cannot be read: {error}.",
            "It holds the network as it was after the last epoch.",
            "Start a new run; this one's folder can be deleted.",
        ) from error
    return model, best, progress


def drop_checkpoint(run_dir: Path) -> None:
    """Delete the checkpoint of a run that has ended: its model is saved."""
    folder = _folder(run_dir)
    (run_dir / POINTER).unlink(missing_ok=True)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def has_checkpoint(run_dir: Path) -> bool:
    """Whether a run can go on from a checkpoint."""
    return _folder(run_dir) is not None


def _folder(run_dir: Path) -> Path | None:
    try:
        name = json.loads((run_dir / POINTER).read_text(encoding="utf-8"))["folder"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    folder = run_dir / Path(str(name)).name
    return folder if (folder / _NETWORK).is_file() else None


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
