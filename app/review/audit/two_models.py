"""Two models side by side on the same labelled images: what each misses that the other catches.

The figures are those of ``app.review.comparison.compare``; here are the images, at any two
thresholds.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import ReviewError
from app.core.base.file_names import as_text
from app.core.base.outputs import keep_out, write_whole
from app.core.base.translation import mark, tr
from app.core.model.card import BALANCED, ModelCard
from app.review.audit.audit import Audit
from app.review.audit.rows import AuditRow
from app.review.comparison.compare import Comparison, compare
from app.review.comparison.evaluation import CLASSES
from app.review.export.tables import BYTE_ORDER_MARK, csv_cell
from app.review.holdout.overlap import Seen, Unseen
from app.review.statistics.figures import Labels, Scores

if TYPE_CHECKING:
    import pandas

KINDS = {
    "newly_missed": mark("Newly missed"),
    "newly_caught": mark("Newly caught"),
    "both_missed": mark("Missed by both"),
    "newly_false_alarm": mark("New false alarms"),
    "newly_cleared": mark("Newly cleared"),
    "both_false_alarm": mark("False alarms of both"),
}
"""How the second model's call of an image compares with the first's, where one of them is wrong.
"""


@dataclass(frozen=True)
class TwoModels:
    """Two audits of the same images.

    Parameters
    ----------
    first, second
        The audit in view, usually of the model in use, and that of the model beside it.
    positions
        Shape (k, 2): where each compared image is in ``first.scored`` and ``second.scored``.
    overlap
        What was left out since one of the models was trained on it, or kept as if it were not.
    unmatched
        Images that only one of the two has scored, or with another label or content.
    """

    first: Audit = field(repr=False)
    second: Audit = field(repr=False)
    positions: NDArray[np.int64] = field(repr=False)
    overlap: Unseen
    unmatched: int

    @cached_property
    def p(self) -> tuple[Scores, Scores]:
        """Probabilities of both, each of shape (k,)."""
        return self.first.p[self.positions[:, 0]], self.second.p[self.positions[:, 1]]

    @cached_property
    def labels(self) -> Labels:
        """Shape (k,), 1 for pneumonia."""
        return self.first.labels[self.positions[:, 0]]

    def flips(self, first: float, second: float) -> dict[str, NDArray[np.int64]]:
        """The images of each kind (``KINDS``), as places among the compared ones.

        Parameters
        ----------
        first, second
            Thresholds of the two models.

        Returns
        -------
        dict
            The image whose probability differs most comes first; where both are wrong, the one
            of which both are surest.
        """
        p, ill = self.p, self.labels == 1
        calls = p[0] >= first, p[1] >= second
        only_first, only_second = calls[0] & ~calls[1], calls[1] & ~calls[0]
        apart, sure = np.abs(p[0] - p[1]), np.abs(p[0] - first) + np.abs(p[1] - second)
        of_kind = {
            "newly_missed": (only_first & ill, apart),
            "newly_caught": (only_second & ill, apart),
            "both_missed": (~calls[0] & ~calls[1] & ill, sure),
            "newly_false_alarm": (only_second & ~ill, apart),
            "newly_cleared": (only_first & ~ill, apart),
            "both_false_alarm": (calls[0] & calls[1] & ~ill, sure),
        }
        return {
            kind: (found := np.flatnonzero(member))[np.argsort(-by[found], kind="stable")]
            for kind, (member, by) in of_kind.items()
        }

    def compared(self, first: float, second: float) -> Comparison:
        """Figures of both, the paired difference of their AUCs, and McNemar's tests.

        Parameters
        ----------
        first, second
            Thresholds of the two models.
        """
        rows = [self.first.scored[int(at)] for at in self.positions[:, 0]]
        sides = [
            (_called_at(audit.card, threshold), p)
            for audit, threshold, p in zip(
                (self.first, self.second), (first, second), self.p, strict=True
            )
        ]
        return compare(sides[0], sides[1], self.labels, [row.patient for row in rows])

    def frame(self, first: float, second: float) -> pandas.DataFrame:
        """One row for each image that one of the two models calls wrongly."""
        import pandas

        return pandas.DataFrame(self._rows(first, second), columns=list(_COLUMNS))

    def write_list(self, path: Path, first: float, second: float) -> None:
        """Write the list of these images as a CSV; it names them, and is the user's own.

        Raises
        ------
        OutputError
            When the file cannot be written, or would lie in the audited folder.
        """
        keep_out([path], [self.first.folder])
        text = StringIO()
        text.write(BYTE_ORDER_MARK)
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        for row in self._rows(first, second):
            cells = {**row, "name": as_text(str(row["name"]))}
            writer.writerow([csv_cell(cells[name]) for name in _COLUMNS])
        write_whole(path, text.getvalue().encode("utf-8", "backslashreplace"))

    def _rows(self, first: float, second: float) -> list[Mapping[str, object]]:
        rows: list[Mapping[str, object]] = []
        for kind, places in self.flips(first, second).items():
            for place in places.tolist():
                row = self.first.scored[int(self.positions[place, 0])]
                values = (
                    kind,
                    row.name,
                    CLASSES[row.label],
                    row.patient,
                    float(self.p[0][place]),
                    float(self.p[1][place]),
                    first,
                    second,
                    self.first.card.title,
                    self.second.card.title,
                    row.content_hash,
                )
                rows.append(dict(zip(_COLUMNS, values, strict=True)))
        return rows


_COLUMNS = (
    "kind",
    "name",
    "label",
    "patient",
    "p_first",
    "p_second",
    "threshold_first",
    "threshold_second",
    "model_first",
    "model_second",
    "content_hash",
)


def side_by_side(first: Audit, second: Audit, *, with_seen: bool = False) -> TwoModels:
    """Bring two audits of one folder together.

    Parameters
    ----------
    first, second
        Their images are matched by name, content and label.
    with_seen
        Whether images stay on which one of the models was trained, or on whose patient. Its own
        scores of them flatter it; out-of-fold scores do not and always stay.

    Raises
    ------
    ReviewError
        When the two have no image in common.
    """
    at = {_key(row): i for i, row in enumerate(second.scored)}
    pairs = [(i, at[_key(row)]) for i, row in enumerate(first.scored) if _key(row) in at]
    if not pairs:
        raise ReviewError(
            tr("The two audits have no scored image in common."),
            tr("Two models are compared on the same images with the same labels."),
            tr("Audit the same folder with both."),
        )
    positions = np.array(pairs, dtype=np.int64)
    seen = _seen(first)[positions[:, 0]], _seen(second)[positions[:, 1]]
    # Copies of one image may be exact to one model and near to the other.
    words = [min((w for w in pair if w), default="") for pair in zip(*seen, strict=True)]
    of_training = np.array([bool(word) for word in words], dtype=bool)
    kept = np.ones(len(pairs), bool) if with_seen else ~of_training
    calibrated = tuple(
        _threshold_set_on(audit, side[kept])
        for audit, side in zip((first, second), positions.T, strict=True)
    )
    left_out = [word for word, stays in zip(words, kept, strict=True) if not stays]
    return TwoModels(
        first,
        second,
        positions[kept],
        Unseen(
            kept,
            left_out.count("exact"),
            left_out.count("near"),
            left_out.count("patient"),
            calibrated,
        ),
        len(first.scored) + len(second.scored) - 2 * len(pairs),
    )


def _key(row: AuditRow) -> tuple[str, str, int]:
    return row.name, row.content_hash, row.label


def _seen(audit: Audit) -> NDArray[np.str_]:
    """Why each scored row's own score flatters: ``exact``, ``near``, ``patient``, or empty."""
    trained = {row.patient for row in audit.rows if row.seen} - {None}
    words = [
        "" if row.out_of_fold else row.seen or ("patient" if row.patient in trained else "")
        for row in audit.scored
    ]
    return np.array(words, dtype=np.str_)


def _threshold_set_on(audit: Audit, positions: NDArray[np.int64]) -> int:
    """How many of these images the model's threshold was set on."""
    calibration = Seen.of(audit.card).calibration
    rows = (audit.scored[int(at)] for at in positions)
    return sum(bool(calibration.match(row.content_hash, row.perceptual_hash)) for row in rows)


def _called_at(card: ModelCard, threshold: float) -> ModelCard:
    return replace(card, operating_points={**card.operating_points, BALANCED: threshold})
