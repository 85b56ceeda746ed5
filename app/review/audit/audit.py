"""An audited folder: its rows, and what follows from them at any threshold."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.reasons import Reason, groups, texts
from app.core.model.card import ModelCard
from app.core.model.results import Status
from app.review.audit.curves import Curves, curves_of
from app.review.audit.figures import Figures, ScoredSample, at_threshold, of_scores
from app.review.audit.readers import LabelsFrom
from app.review.audit.resampling import Resamples
from app.review.audit.rows import AuditRow
from app.review.audit.thresholds import Matrix, SortedScores
from app.review.comparison.evaluation import CLASSES, groups_to_resample
from app.review.statistics.figures import Estimate, Labels, Scores

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Audit:
    """A model on a labelled folder. Everything but the fields is worked out once, when asked for.

    Parameters
    ----------
    rows
        Every labelled file, in the order of their names.
    card
        Of the audited model.
    folder
        The audited folder.
    model_folder
        Where the model lies.
    label_source
        Where the labels come from, in words.
    problems
        What a reader of the figures must know, in words, without the name of any file.
    labels_from
        Where the labels come from, as ``audit_folder`` takes it: to audit the same with another
        model.
    """

    rows: tuple[AuditRow, ...] = field(repr=False)
    card: ModelCard = field(repr=False)
    folder: Path
    model_folder: Path = Path()
    label_source: str = ""
    problems: tuple[str, ...] = ()
    labels_from: LabelsFrom = None

    @cached_property
    def scored(self) -> tuple[AuditRow, ...]:
        """The rows with a score: all positions and arrays below count these."""
        return tuple(row for row in self.rows if row.scored)

    @cached_property
    def with_caution(self) -> tuple[AuditRow, ...]:
        """The scored rows that have a caution."""
        return tuple(row for row in self.scored if row.reasons)

    @cached_property
    def cautions(self) -> Counter[Reason]:
        """How many scored rows have a caution, by what it is."""
        return Counter(group for row in self.with_caution for group in groups(row.reasons))

    @cached_property
    def p(self) -> Scores:
        """Shape (n,), probabilities of the scored rows."""
        return np.array([row.p for row in self.scored], dtype=np.float64)

    @cached_property
    def labels(self) -> Labels:
        """Shape (n,), 1 for pneumonia."""
        return np.array([row.label for row in self.scored], dtype=np.int64)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The patient of each scored row; an image of nobody known is a patient of its own."""
        return tuple(row.patient or f"\n{i}" for i, row in enumerate(self.scored))

    @cached_property
    def data_sha256(self) -> str:
        """One hash over all readable images and labels, as a model's card has of its data."""
        lines = sorted(f"{r.content_hash} {CLASSES[r.label]}" for r in self.rows if r.content_hash)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Images by class, and files that were refused or cannot be read."""
        return {
            "NORMAL": int((self.labels == 0).sum()),
            "PNEUMONIA": int((self.labels == 1).sum()),
            "refused": sum(row.status is Status.REFUSED for row in self.rows),
            "unreadable": sum(row.status is Status.UNREADABLE for row in self.rows),
            "out_of_fold": sum(row.out_of_fold for row in self.scored),
            "seen_in_training": sum(bool(r.seen) and not r.out_of_fold for r in self.scored),
        }

    @property
    def threshold(self) -> float:
        """The model's default operating point, at which an audit begins."""
        return self.card.threshold

    def matrix(self, threshold: float) -> Matrix:
        """The confusion matrix at a threshold, with the positions of each cell's images."""
        return self._sorted.matrix(threshold)

    def figures(self, threshold: float, intervals: bool = True) -> Figures:
        """The figures at a threshold.

        Parameters
        ----------
        threshold
            On the probability.
        intervals
            The first figures with intervals take a second or two for ten thousand images; without
            them, and after that, a few milliseconds.
        """
        matrix = self.matrix(threshold)
        sample = self._resampled if intervals else self._plain
        found, methods = at_threshold(sample, matrix)
        of_all, methods_of_all = self._intervals_of_scores if intervals else self._of_scores
        return Figures(
            matrix,
            {**found, **of_all},
            {**methods, **methods_of_all},
            self._groups_and_words[1],
        )

    def curves(self, bands: bool = True) -> Curves:
        """The curves; the bands around them take a second or two the first time."""
        return self._curves_with_bands if bands else self._curves

    def subset(self, positions: Sequence[int] | NDArray[np.int64]) -> Audit:
        """The audit of some of the scored rows alone: a slice."""
        rows = tuple(self.scored[int(i)] for i in positions)
        return replace(self, rows=rows)

    def frame(self) -> pandas.DataFrame:
        """Every row as a table, one column for each column that any row has.

        Returns
        -------
        pandas.DataFrame
            ``name``, ``path``, ``label`` (0 or 1), ``class``, ``patient``, ``p`` (NaN without a
            score), ``status``, ``reasons``, ``out_of_fold``, ``seen``, ``content_hash``, and the
            rows' ``columns``.
        """
        import pandas

        fixed = [
            {
                "name": row.name,
                "path": str(row.path),
                "label": row.label,
                "class": CLASSES[row.label],
                "patient": row.patient,
                "p": np.nan if row.p is None else row.p,
                "status": row.status.value,
                "reasons": " ".join(texts(row.reasons)),
                "out_of_fold": row.out_of_fold,
                "seen": row.seen,
                "content_hash": row.content_hash,
            }
            for row in self.rows
        ]
        taken = set(fixed[0]) if fixed else set()
        # A column of the CSV that is called as one of ours is kept beside it.
        named: list[dict[str, Any]] = [
            {(f"{k} (csv)" if k in taken else k): v for k, v in row.columns.items()}
            for row in self.rows
        ]
        return pandas.DataFrame([a | b for a, b in zip(fixed, named, strict=True)])

    # -- worked out once ---------------------------------------------------------------------------

    @cached_property
    def _sorted(self) -> SortedScores:
        return SortedScores.of(self.p, self.labels)

    @cached_property
    def _groups_and_words(self) -> tuple[list[str] | None, dict[str, Any]]:
        return groups_to_resample([row.patient for row in self.scored], self.labels)

    @cached_property
    def _patients(self) -> NDArray[np.int64]:
        groups = self._groups_and_words[0]
        if groups is None:
            return np.arange(len(self.p))
        return np.asarray(np.unique(np.asarray(groups), return_inverse=True)[1], dtype=np.int64)

    def _sample(self, resamples: Resamples | None) -> ScoredSample:
        known = self._groups_and_words[0] is not None
        return ScoredSample(self.p, self.labels, self._sorted, resamples, known, self._patients)

    @cached_property
    def _plain(self) -> ScoredSample:
        return self._sample(None)

    @cached_property
    def _resampled(self) -> ScoredSample:
        if not len(self.p):
            return self._plain
        return self._sample(Resamples.of(self.p, self.labels, self._groups_and_words[0]))

    @cached_property
    def _of_scores(self) -> tuple[dict[str, Estimate], dict[str, str]]:
        return of_scores(self._plain)

    @cached_property
    def _intervals_of_scores(self) -> tuple[dict[str, Estimate], dict[str, str]]:
        return of_scores(self._resampled)

    @cached_property
    def _curves(self) -> Curves:
        return curves_of(self._plain)

    @cached_property
    def _curves_with_bands(self) -> Curves:
        return curves_of(self._resampled)
