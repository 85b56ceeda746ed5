"""Audits a folder: finds files and labels, scores what is not scored yet, makes the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from app.core.base.translation import tr
from app.core.image.reader import read_radiograph
from app.core.model.results import Status
from app.core.reading.verdicts import ImageIdentity
from app.core.worklist.identity import identity_of
from app.core.worklist.patients import Naming, naming_of
from app.core.worklist.scan import Item
from app.inference.registry.models import find_model
from app.inference.runtime.classifier import Classifier
from app.inference.scoring.pipeline import score
from app.review.audit import problems
from app.review.audit.audit import Audit
from app.review.audit.columns import columns_of, facts_of
from app.review.audit.labels import LabelledFile, labelled_files
from app.review.audit.readers import LabelsFrom, Readers
from app.review.audit.rows import AuditRow
from app.review.audit.score_cache import KeptScore, ScoreCache, file_hash
from app.review.comparison.trial import Cancelled
from app.review.holdout.out_of_fold import OutOfFold
from app.review.holdout.overlap import Seen
from app.review.verdicts.history import VerdictHistory

OnProgress = Callable[[int, int], None]
Asked = Callable[[], bool]


def audit_folder(
    folder: str | Path,
    model: str | Path | None = None,
    labels: str | Path | Readers | None = None,
    on_progress: OnProgress = lambda done, total: None,
    cancelled: Asked = lambda: False,
    *,
    out_of_fold: bool = True,
    on_notice: Callable[[str], None] = lambda text: None,
) -> Audit:
    """Score a labelled folder with a model; what was scored before is not scored again.

    Parameters
    ----------
    folder
        Never written to.
    model
        Name or folder of a model; None for the active one.
    labels
        A CSV with the columns path and label and any others; ``Readers`` for their verdicts; None
        for the names of the subfolders (NORMAL, PNEUMONIA, at any depth), with the columns of a
        ``labels.csv`` in the folder where there is one.
    on_progress
        Called with the number of files that are done and how many there are.
    cancelled
        Asked between files.
    out_of_fold
        Whether an image on which the model was trained has its out-of-fold score, where the model
        comes with such scores. Its own score of such an image flatters.
    on_notice
        Takes a sentence for the person, such as that the GPU's memory was too small.

    Raises
    ------
    ModelError
        When the model cannot be used.
    TrainingDataError
        When the folder or the CSV cannot be used, or nothing is labelled.
    Cancelled
        When it was cancelled. What was scored until then is kept.
    """
    folder = Path(folder)
    classifier = Classifier(find_model(str(model) if model else None), on_notice)
    classifier.require_pneumonia()
    seen = Seen.of(classifier.card)
    folds = OutOfFold.of(classifier.folder) if out_of_fold else None
    source = labels if isinstance(labels, Readers) or labels is None else Path(labels)
    book = source.book() if isinstance(source, Readers) else None
    found = labelled_files(folder, source, cancelled)
    naming = naming_of(file.name for file in found.files)
    told = _Told(len(found.files), on_progress)
    wanted = _with_verdicts(found.files, source, book, told) if book is not None else found.files
    rows = []
    cache = ScoreCache(classifier.card)

    def honest(content_hash: str) -> float | None:
        # What the model held out is scored by itself; and other models have other scores.
        if folds is None or not seen.training.has(content_hash):
            return None
        return folds.get(content_hash)

    try:
        for file, kept, identity in _scored(wanted, classifier, cache, cancelled, honest):
            rows.append(_placed(_row(file, kept, identity, naming), seen, honest))
            told.one_more()
    finally:
        cache.close()
    if cancelled() or told.done < told.total:
        raise Cancelled(tr("The audit was cancelled."))
    extra: tuple[str, ...] = ()
    if isinstance(source, Readers) and book is not None:
        rows, extra = problems.by_readers(rows, source, book, len(found.files))
    rows.sort(key=lambda row: row.name)
    audit = Audit(
        tuple(rows),
        classifier.card,
        folder,
        classifier.folder,
        found.source,
        found.problems,
        source,
    )
    return replace(audit, problems=(*found.problems, *extra, *problems.of(audit, seen)))


@dataclass
class _Told:
    """The progress, told as it grows."""

    total: int
    tell: OnProgress
    done: int = 0

    def one_more(self) -> None:
        self.done += 1
        self.tell(self.done, self.total)


def _with_verdicts(
    files: tuple[LabelledFile, ...], source: LabelsFrom, book: VerdictHistory, told: _Told
) -> Iterator[LabelledFile]:
    """The files that a reader has labelled: scoring the others would be work for nothing."""
    assert isinstance(source, Readers)
    for file in files:
        identity = _identity(file.item.path) if len(book) else None
        if identity is not None and source.opinions(book, identity):
            yield file
        else:
            told.one_more()


def _identity(path: Path) -> ImageIdentity | None:
    try:
        return identity_of(read_radiograph(path))
    except Exception:  # unreadable: nobody gave it a class
        return None


def _scored(
    files: Iterator[LabelledFile] | tuple[LabelledFile, ...],
    classifier: Classifier,
    cache: ScoreCache,
    cancelled: Asked,
    honest: Callable[[str], float | None],
) -> Iterator[tuple[LabelledFile, KeptScore, ImageIdentity]]:
    """Every file's outcome, those that are kept before those around them that are not.

    Where ``honest`` knows an out-of-fold score by the content hash, the network is not asked, and
    what is kept is without a score of its own.
    """
    known: list[tuple[LabelledFile, KeptScore]] = []
    new: dict[Path, tuple[LabelledFile, bytes | None]] = {}

    def to_score() -> Iterator[Item]:
        for file in files:
            if cancelled():
                return
            hashed = file_hash(file.item.path)
            kept = cache.get(hashed) if hashed is not None else None
            if kept is not None and _answers(kept, honest):
                known.append((file, kept))
                continue
            new[file.item.path] = (file, hashed)
            yield file.item

    waiting = to_score()
    # The network is loaded only when there is something for it to do.
    if (first := next(waiting, None)) is not None:
        items = chain([first], waiting)
        for scored in score(items, classifier, cancelled=cancelled, hashes=True, known=honest):
            yield from _drained(known)
            file, hashed = new.pop(scored.item.path)
            prediction = scored.prediction
            kept = KeptScore(
                prediction.status,
                prediction.reasons,
                None if honest(scored.content_hash) is not None else prediction.p_pneumonia,
                scored.content_hash,
                scored.perceptual_hash,
                scored.identity.content_hash,
            )
            # Another decoder may read tomorrow what nothing reads today.
            if hashed is not None and prediction.status is not Status.UNREADABLE:
                cache.keep(hashed, kept)
            yield file, kept, scored.identity
    yield from _drained(known)


def _answers(kept: KeptScore, honest: Callable[[str], float | None]) -> bool:
    """Whether a kept outcome has a score, needs none, or has one out of fold."""
    missing = kept.status is Status.OK and kept.p is None
    return not missing or honest(kept.content_hash) is not None


def _drained(
    known: list[tuple[LabelledFile, KeptScore]],
) -> Iterator[tuple[LabelledFile, KeptScore, ImageIdentity]]:
    while known:
        file, kept = known.pop(0)
        yield file, kept, ImageIdentity(kept.identity_hash)


def _row(file: LabelledFile, kept: KeptScore, identity: ImageIdentity, naming: Naming) -> AuditRow:
    facts = facts_of(file.item.path)
    header = facts.header
    return AuditRow(
        file.name,
        file.item.path,
        file.label if file.label is not None else -1,
        naming.key(file.name, header, file.patient) or None,
        kept.content_hash,
        columns_of(file.name, facts, file.columns),
        kept.status,
        kept.reasons,
        kept.p,
        perceptual_hash=kept.perceptual_hash,
        identity=replace(identity, sop_instance_uid=header.sop_instance_uid),
    )


def _placed(row: AuditRow, seen: Seen, honest: Callable[[str], float | None]) -> AuditRow:
    """A row with what is known of its part in the model's training."""
    if row.status is not Status.OK:
        return row
    row = replace(row, seen=seen.training.match(row.content_hash, row.perceptual_hash))
    p = honest(row.content_hash)
    return row if p is None else replace(row, p=p, out_of_fold=True)
