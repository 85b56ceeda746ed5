"""Heatmaps of an audit: the mean map of each cell, where its mass lies, whether it can be trusted.

Of each cell of the confusion matrix a random sample is looked at (``LOOKED_AT``), since the slower
methods take a second an image. All maps of one call have one scale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError, UnreadableImage
from app.core.base.translation import tr
from app.core.image.anatomy import body_box, lungs_box, outside
from app.core.image.preprocess import frame_of, model_input
from app.core.image.reader import read_radiograph
from app.core.model.calibration import probabilities_by
from app.review.audit.thresholds import CELLS, Cell
from app.review.comparison.trial import Cancelled

if TYPE_CHECKING:
    from app.inference.attribution.deletion import Areas
    from app.inference.attribution.sanity import Sanity
    from app.review.audit.audit import Audit

LOOKED_AT = 24
"""Most images of one cell."""
PERTURBED = 8
"""Most images of one cell whose deletion and insertion curves are taken."""
CHECKED = 8
"""Most images whose maps are compared with those under random weights."""
_LEAST_SCALE = 1e-6
_EMPTY = 0.01

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class MeanShare:
    """A share, mean over images with its 95 % interval (normal), and over how many of them.

    ``value`` is NaN for none; ``low`` and ``high`` are for less than two.
    """

    value: float
    low: float
    high: float
    images: int

    @classmethod
    def of(cls, values: Sequence[float | None]) -> MeanShare:
        """The mean of those that are known."""
        known = np.array([value for value in values if value is not None], np.float64)
        if not len(known):
            return cls(np.nan, np.nan, np.nan, 0)
        mean = float(known.mean())
        if len(known) < 2:
            return cls(mean, np.nan, np.nan, 1)
        half = 1.959964 * float(known.std(ddof=1)) / len(known) ** 0.5
        return cls(mean, max(mean - half, 0.0), min(mean + half, 1.0), len(known))


@dataclass(frozen=True)
class CellMaps:
    """The maps of some images of one cell.

    Parameters
    ----------
    positions
        In ``Audit.scored``, of the images that could be read.
    maps
        Shape (n, rows, columns), float32.
    picture
        Shape (s, s), uint8: the mean of what the network was given.
    outside_body, outside_lungs
        Share of a map's mass outside the box (``app.core.image.anatomy``), over the images that
        have
        evidence and a box.
    empty
        How many maps have no evidence: under 1 % of the scale.
    areas
        Of deletion and insertion, means over ``perturbed`` images; None for none.
    """

    positions: tuple[int, ...]
    maps: NDArray[np.float32] = field(repr=False)
    picture: NDArray[np.uint8] = field(repr=False)
    outside_body: MeanShare
    outside_lungs: MeanShare
    empty: int
    areas: Areas | None
    perturbed: int

    @property
    def mean(self) -> NDArray[np.float32]:
        """Shape (rows, columns): the mean map."""
        return np.asarray(self.maps.mean(axis=0), np.float32)


@dataclass(frozen=True)
class AuditMaps:
    """Maps by one method, on one scale; a cell without readable images is not there."""

    method: str
    full_scale: float
    cells: dict[Cell, CellMaps]
    sanity: Sanity


def sample(audit: Audit, threshold: float, most: int = LOOKED_AT) -> dict[Cell, tuple[int, ...]]:
    """The images of each cell that are looked at, by their positions: drawn at random, in order.

    The same ones each time.
    """
    matrix = audit.matrix(threshold)
    found: dict[Cell, tuple[int, ...]] = {}
    for cell in CELLS:
        positions = matrix.rows(cell)
        if len(positions) > most:
            positions = np.random.default_rng(0).choice(positions, most, replace=False)
        found[cell] = tuple(int(at) for at in np.sort(positions))
    return found


def maps_of_audit(
    audit: Audit,
    threshold: float | None = None,
    method: str = "grad-cam",
    on_progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> AuditMaps:
    """Maps of a sample of each cell; see ``maps_of_files``."""
    chosen = sample(audit, audit.threshold if threshold is None else threshold)
    files = {
        cell: [(at, audit.scored[at].path) for at in positions]
        for cell, positions in chosen.items()
    }
    return maps_of_files(audit.model_folder, files, method, on_progress, cancelled)


def maps_of_files(
    model: Path,
    files: Mapping[Cell, Sequence[tuple[int, Path]]],
    method: str,
    on_progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> AuditMaps:
    """Maps of files, by cell.

    Parameters
    ----------
    model
        The model's folder.
    files
        Of each cell the images: position in ``Audit.scored``, and path. One that cannot be read
        is left out.
    method
        A key of ``app.inference.attribution.METHODS``.
    on_progress
        Told how many steps are done, of how many.
    cancelled
        Asked between images.

    Raises
    ------
    ModelError
        When the network cannot be loaded, or has no grid to show.
    ReviewError
        When no image can be read.
    Cancelled
        When ``cancelled`` says so.
    """
    from app.inference.attribution import load_network
    from app.inference.attribution.sanity import SEEDS, sanity

    worker = _Worker(load_network(model), method, files, on_progress, cancelled)
    read = {cell: found for cell in files if (found := worker.read(cell)) is not None}
    if not read:
        raise ReviewError(
            tr("No image of the audit can be read."),
            tr("A heatmap needs the image."),
            tr("Check the disk or network share, then audit the folder again."),
        )
    scale = worker.full_scale(read)
    cells = {cell: worker.look(found, scale) for cell, found in read.items()}
    # Those that are called pneumonia first: they have evidence to compare.
    order = [cell for cell in ("tp", "fp", "fn", "tn") if cell in read]
    checked = np.concatenate([read[cell].inputs for cell in order])[:CHECKED]
    worker.step()
    return AuditMaps(method, scale, cells, sanity(worker.model, checked, method, SEEDS[:1]))


@dataclass(frozen=True)
class _Read:
    """What was read of one cell, and its maps."""

    positions: tuple[int, ...]
    frames: list[NDArray[np.uint8]]
    inputs: NDArray[np.float32]
    maps: NDArray[np.float32]


class _Worker:
    """Goes through the cells, counts steps and asks whether anybody still waits."""

    def __init__(
        self,
        model: tuple[Any, Any],
        method: str,
        files: Mapping[Cell, Sequence[tuple[int, Path]]],
        on_progress: Progress,
        cancelled: Callable[[], bool],
    ) -> None:
        self.model, self.method = model, method
        self._files, self._tell, self._cancelled = files, on_progress, cancelled
        self._done = 0
        self._total = 1 + sum(len(each) + min(len(each), PERTURBED) for each in files.values())

    def step(self) -> None:
        if self._cancelled():
            raise Cancelled(tr("The heatmaps were cancelled."))
        self._done += 1
        self._tell(min(self._done, self._total), self._total)

    def read(self, cell: Cell) -> _Read | None:
        from app.inference.attribution import heatmaps

        size = self.model[1].input_size
        positions, frames, inputs, maps = [], [], [], []
        for at, path in self._files[cell]:
            self.step()
            try:
                frame = frame_of(read_radiograph(path))
            except (UnreadableImage, OSError):
                continue
            given = model_input(frame, size)
            positions.append(at)
            frames.append(frame)
            inputs.append(given)
            maps.append(heatmaps(self.model, given[None], self.method)[0])
        if not positions:
            return None
        return _Read(tuple(positions), frames, np.stack(inputs), np.stack(maps))

    def full_scale(self, read: Mapping[Cell, _Read]) -> float:
        """The card's own for Grad-CAM; else the 90th percentile of the peaks, as it has it too."""
        if self.method == "grad-cam":
            return float(self.model[1].cam_full_scale)
        called = [read[cell].maps for cell in ("tp", "fp") if cell in read]
        peaks = np.concatenate(called or [each.maps for each in read.values()]).max(axis=(1, 2))
        return max(float(np.percentile(peaks, 90)), _LEAST_SCALE)

    def look(self, read: _Read, scale: float) -> CellMaps:
        from app.inference.attribution.deletion import areas, mean_areas

        network, card = self.model
        line = card.calibrated
        found = []
        for given, values in list(zip(read.inputs, read.maps, strict=True))[:PERTURBED]:
            self.step()
            found.append(areas(network, given, values, probabilities_by(line)))
        with_evidence = [bool((values >= _EMPTY * scale).any()) for values in read.maps]
        shares = {
            name: [
                outside(values, box) if some and (box := find(frame)) is not None else None
                for values, frame, some in zip(read.maps, read.frames, with_evidence, strict=True)
            ]
            for name, find in (("body", body_box), ("lungs", lungs_box))
        }
        return CellMaps(
            read.positions,
            read.maps,
            np.round(read.inputs[..., 0].mean(axis=0)).astype(np.uint8),
            MeanShare.of(shares["body"]),
            MeanShare.of(shares["lungs"]),
            len(with_evidence) - sum(with_evidence),
            mean_areas(found),
            len(found),
        )
