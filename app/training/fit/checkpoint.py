"""A run's last whole epoch on disk, so that it can go on where it was cut off.

``checkpoint.json`` names the folder of the newest complete checkpoint, and is switched over only
when that folder is complete: a crash or a full disk in between leaves the one before.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError
from app.core.base.json_text import parse_json
from app.core.base.translation import tr

POINTER = "checkpoint.json"
_STATE = "state.npz"
_BEST = "best.npz"
_PROGRESS = "progress.json"


@dataclass(frozen=True)
class RunProgress:
    """How far a run has come.

    Parameters
    ----------
    data_sha256
        Which images, labels and patients; see ``Dataset.split_sha256``.
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


@dataclass(frozen=True)
class Checkpoint:
    """All that a training needs to go on as if it had not been cut off.

    Not Keras' own file: it leaves out the seeds of the dropout, what is spared from weight decay
    and, in mixed precision, the optimizer's state.

    Parameters
    ----------
    state
        The network's weights, the optimizer's variables and the seeds, one after the other.
    best
        The weights of the best epoch.
    progress
        How far the run has come.
    """

    state: tuple[NDArray[Any], ...] = field(repr=False)
    best: tuple[NDArray[Any], ...] = field(repr=False)
    progress: RunProgress

    def restore(self, model: Any) -> None:
        """Put the state into a network that was built and compiled with the same settings.

        Raises
        ------
        ReviewError
            When it does not fit.
        """
        variables = _variables(model)
        if [tuple(v.shape) for v in variables] != [values.shape for values in self.state]:
            raise ReviewError(
                tr("The checkpoint does not fit the network."),
                tr("It was expected to be of the same settings."),
                tr("Start a new run."),
            )
        for variable, values in zip(variables, self.state, strict=True):
            variable.assign(values)


def save_checkpoint(run_dir: Path, model: Any, best: list[Any], progress: RunProgress) -> None:
    """Keep a compiled network's state, the best weights and the progress.

    Raises
    ------
    OSError
        When the disk is full or the folder cannot be written; the checkpoint before stays.
    """
    from keras import ops

    epoch = len(progress.history)
    before = _folder(run_dir)
    folder = run_dir / f"checkpoint-{epoch}"
    if folder == before:  # begun again with a smaller batch: the last good one stays until then
        folder = run_dir / f"checkpoint-{epoch}-{progress.batch_size}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        np.savez(folder / _STATE, *(ops.convert_to_numpy(v) for v in _variables(model)))
        if before is not None and _best_of(before) == (progress.best_epoch, progress.batch_size):
            # The same weights as before: a link costs no room.
            _link(before / _BEST, folder / _BEST)
        else:
            np.savez(folder / _BEST, *best)
        (folder / _PROGRESS).write_text(json.dumps(asdict(progress)), encoding="utf-8")
        for path in folder.iterdir():
            _to_disk(path)
        fresh = run_dir / f"{POINTER}.new"
        fresh.write_text(json.dumps({"folder": folder.name}), encoding="utf-8")
        _to_disk(fresh)
        fresh.replace(run_dir / POINTER)
    except (OSError, ValueError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _os_error(error) from error
    if before is not None and before != folder:
        shutil.rmtree(before, ignore_errors=True)


def load_checkpoint(run_dir: Path) -> Checkpoint | None:
    """The checkpoint of a run; None where there is no complete one.

    Raises
    ------
    ReviewError
        When there is one that cannot be read.
    """
    folder = _folder(run_dir)
    if folder is None:
        return None
    try:
        raw = parse_json((folder / _PROGRESS).read_text(encoding="utf-8"))
        progress = RunProgress(**{**raw, "history": tuple(raw["history"])})
        return Checkpoint(_arrays(folder / _STATE), _arrays(folder / _BEST), progress)
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        why = (str(error).splitlines() or [""])[0].rstrip(".") or type(error).__name__
        raise ReviewError(
            tr("The checkpoint of the run {run} cannot be read: {why}.", run=run_dir.name, why=why),
            tr("It holds the network as it was after the last epoch."),
            tr("Start a new run; this one's folder can be deleted."),
        ) from error


def drop_checkpoint(run_dir: Path) -> None:
    """Delete the checkpoint of a run that has ended: its model is saved.

    One that cannot be deleted is left: that costs room, and must not cost the run.
    """
    folder = _folder(run_dir)
    with contextlib.suppress(OSError):
        (run_dir / POINTER).unlink(missing_ok=True)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def has_checkpoint(run_dir: Path) -> bool:
    """Whether a run can go on from a checkpoint."""
    return _folder(run_dir) is not None


def _folder(run_dir: Path) -> Path | None:
    try:
        name = parse_json((run_dir / POINTER).read_text(encoding="utf-8"))["folder"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    folder = run_dir / Path(str(name)).name
    return folder if (folder / _STATE).is_file() else None


def _variables(model: Any) -> list[Any]:
    """What changes in a training: weights, the optimizer's variables, seeds."""
    if not model.optimizer.built:  # that of mixed precision does not bear being built twice
        model.optimizer.build(model.trainable_variables)
    seeds = [v for v in model.non_trainable_variables if v.name == "seed_generator_state"]
    return [*model.weights, *model.optimizer.variables, *seeds]


def _arrays(path: Path) -> tuple[NDArray[Any], ...]:
    with np.load(path, allow_pickle=False) as stored:
        return tuple(stored[f"arr_{at}"] for at in range(len(stored.files)))


def _os_error(error: BaseException) -> OSError:
    """What the system said: zipfile, closing, may put an error of its own on top of it."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, OSError):
        found = found.__context__
    if found is not None and found.strerror:
        return found
    return OSError(errno.EIO, (str(error).splitlines() or [type(error).__name__])[0])


def _best_of(folder: Path) -> tuple[int, int] | None:
    """Epoch and batch size of the weights in ``_BEST``; None where the checkpoint is damaged."""
    try:
        raw = parse_json((folder / _PROGRESS).read_text(encoding="utf-8"))
        return int(raw["best_epoch"]), int(raw["batch_size"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
