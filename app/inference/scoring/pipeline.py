"""From files to predictions: decode in threads ahead of the network, in the order given.

A bad file is an outcome with its reason, never an exception.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import Reason
from app.core.dicom.orientation import to_upright
from app.core.gate.rules import judge, judge_shown
from app.core.image import preprocess
from app.core.image.display import render
from app.core.image.radiograph import Header, Radiograph
from app.core.image.reader import read_radiograph
from app.core.model.results import (
    DECODER_FAILED,
    WIDE_RANGE,
    Heatmap,
    Prediction,
    ProbabilityRange,
    Status,
)
from app.core.reading.verdicts import UNKNOWN, ImageIdentity
from app.core.worklist.identity import identity_of, identity_of_file
from app.core.worklist.scan import Item
from app.inference.runtime import device
from app.inference.runtime.classifier import Answers, Classifier
from app.inference.scoring.out_of_distribution import judge_unlikeness

log = logging.getLogger(__name__)

DECODERS = min(device.cores(), 8) + 1
"""One more than there are cores, for one that waits for the disk."""


@dataclass(frozen=True)
class Scored:
    """One file's outcome.

    ``identity`` is that by which verdicts on it are found; empty for a file that cannot be opened.
    ``content_hash`` and ``perceptual_hash`` are empty unless ``score`` was asked for them, or
    the file is unreadable. ``heatmap`` and ``shown`` (rows, columns; uint8) are there only when
    heatmaps were asked for.
    """

    item: Item
    prediction: Prediction
    header: Header = field(default_factory=Header)
    content_hash: str = ""
    perceptual_hash: bytes = b""
    heatmap: Heatmap | None = field(default=None, repr=False)
    shown: NDArray[np.uint8] | None = field(default=None, repr=False)
    identity: ImageIdentity = UNKNOWN


@dataclass(frozen=True)
class _Decoded:
    scored: Scored
    inputs: NDArray[np.float32] | None


def score(
    items: Iterable[Item],
    classifier: Classifier,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    batch_size: int = 32,
    hashes: bool = False,
    heatmaps: bool = False,
    known: Callable[[str], float | None] = lambda content_hash: None,
) -> Iterator[Scored]:
    """Score files.

    Parameters
    ----------
    items
        Read lazily, a few batches ahead of the network. At its end it is asked again after each
        batch, so that a queue may be filled while its last batch is handed on.
    classifier
        The model.
    cancelled
        Asked between files; when true, the iteration ends with what is complete.
    batch_size
        Images that go through the network together.
    hashes, heatmaps
        What else to compute.
    known
        The probability of an image by its content hash, where it is not the network's to tell;
        asked only with ``hashes``. Such an image keeps it and gets the network's cautions; what
        the gate in the network would refuse it for is a caution, too.

    Yields
    ------
    Scored
        One for each item, in the order of ``items``.

    Raises
    ------
    ModelError
        When the model itself cannot be used.
    """
    classifier.require_pneumonia()
    classifier.load()
    source = iter(items)
    ahead: deque[Future[_Decoded]] = deque()
    with ThreadPoolExecutor(DECODERS, thread_name_prefix="decode") as pool:
        try:
            waiting: list[_Decoded] = []
            scorable = 0
            while not cancelled():
                while len(ahead) < batch_size + 2 * DECODERS and (item := next(source, None)):
                    ahead.append(pool.submit(_decode, item, classifier, hashes, heatmaps, known))
                if not ahead and not waiting:
                    break
                if ahead:
                    waiting.append(ahead.popleft().result())
                    scorable += waiting[-1].inputs is not None
                # A folder of refused files must not keep its rows back until its end. After the
                # last batch the source is asked once more: it may have been filled meanwhile.
                if not ahead or scorable == batch_size or len(waiting) >= 2 * batch_size:
                    yield from _finish(waiting, classifier, heatmaps)
                    waiting, scorable = [], 0
        finally:
            pool.shutdown(cancel_futures=True)


def score_one(
    radiograph: Radiograph, classifier: Classifier, with_heatmap: bool = True
) -> tuple[Prediction, Heatmap | None]:
    """Score one decoded image; the heatmap is None when it is refused or not asked for."""
    classifier.require_pneumonia()
    refused, cautions = _judged(radiograph, classifier)
    if refused is not None:
        return refused, None
    shown = render(radiograph)
    cautions = (*cautions, *judge_shown(shown).cautions)
    frame = preprocess.frame_of(radiograph, shown)
    inputs = preprocess.model_input(frame, classifier.card.input_size)[None]
    known = [(cautions, radiograph.steps)]
    ((prediction, heatmap),) = _outcomes(inputs, known, classifier, with_heatmap)
    return prediction, _over_stored(heatmap, radiograph.header)


def given(
    radiograph: Radiograph, classifier: Classifier
) -> tuple[NDArray[np.float32] | None, tuple[Reason, ...]]:
    """What the network is given of an image, and how it was made.

    Returns
    -------
    inputs : ndarray or None
        Shape (s, s), float32, 0..255, value for value; None for an image that is refused before.
    words : tuple of Reason
        The steps in their order, or the reasons of the refusal.
    """
    refused, _ = _judged(radiograph, classifier)
    if refused is not None:
        return None, refused.reasons
    inputs = preprocess.model_input(preprocess.frame_of(radiograph), classifier.card.input_size)
    return inputs[..., 0], _all_steps(radiograph.steps, classifier)


def _judged(
    radiograph: Radiograph, classifier: Classifier
) -> tuple[Prediction | None, tuple[Reason, ...]]:
    """The refusal, or None; and the cautions."""
    judgement = judge(radiograph, classifier.card.age_years)
    if judgement.refusals:
        model, steps = classifier.card.title, radiograph.steps
        return Prediction(Status.REFUSED, judgement.refusals, model=model, steps=steps), ()
    return None, judgement.cautions


def _outcomes(
    inputs: NDArray[np.float32],
    known: Sequence[tuple[tuple[Reason, ...], tuple[Reason, ...]]],
    classifier: Classifier,
    heatmaps: bool,
) -> list[tuple[Prediction, Heatmap | None]]:
    """What the network says of images, and whether it may say it: every path ends here.

    ``known`` has each image's cautions so far and the steps taken with it.
    """
    card = classifier.card
    answers = classifier.answers(inputs, maps=heatmaps)
    outcomes: list[tuple[Prediction, Heatmap | None]] = []
    for at, (cautions, steps) in enumerate(known):
        unlikeness = None if answers.unlikeness is None else float(answers.unlikeness[at])
        judgement = judge_unlikeness(unlikeness, card)
        if judgement.refusals:
            refused = Prediction(
                Status.REFUSED,
                judgement.refusals,
                model=card.title,
                device=classifier.device_name,
                steps=_all_steps(steps, classifier),
            )
            outcomes.append((refused, None))
            continue
        cautions = (*cautions, *judgement.cautions)
        heatmap = None if answers.maps is None else classifier.heatmap(answers, at)
        outcomes.append((_prediction(answers, at, cautions, steps, classifier), heatmap))
    return outcomes


def _over_stored(heatmap: Heatmap | None, header: Header) -> Heatmap | None:
    """The map over the picture as it is stored, which may have been turned for the score."""
    turn = to_upright(header.patient_orientation)
    return heatmap if heatmap is None or turn is None else heatmap.set_back(turn)


def _all_steps(steps: tuple[Reason, ...], classifier: Classifier) -> tuple[Reason, ...]:
    size = classifier.card.input_size
    return (*steps, *preprocess.steps(), preprocess.RESAMPLED(input_size=size))


def _prediction(
    answers: Answers,
    at: int,
    cautions: tuple[Reason, ...],
    steps: tuple[Reason, ...],
    classifier: Classifier,
) -> Prediction:
    card, kind, spread = classifier.card, classifier.card.kind, classifier.card.spread
    sure = None
    if answers.ranges is not None and spread is not None:
        low, high = (float(ends[at]) for ends in answers.ranges)
        sure = ProbabilityRange(low, high, high - low > spread.wide)
        if sure.is_wide:
            # A caution as others are: it goes wherever the score goes.
            cautions = (*cautions, WIDE_RANGE(low=low, high=high))
    return Prediction(
        Status.OK,
        cautions,
        p_pneumonia=float(answers.p[at]),
        threshold=card.threshold,
        model=card.title,
        device=classifier.device_name,
        steps=_all_steps(steps, classifier),
        range=sure,
        p_bacterial=None if answers.bacterial is None else float(answers.bacterial[at]),
        kind_threshold=kind.threshold if kind else None,
    )


def _decode(
    item: Item,
    classifier: Classifier,
    hashes: bool,
    keep_shown: bool,
    known: Callable[[str], float | None],
) -> _Decoded:
    model = classifier.card.title
    try:
        radiograph = read_radiograph(item.path)
        refused, cautions = _judged(radiograph, classifier)
        shown = render(radiograph)
        frame = preprocess.frame_of(radiograph, shown)
        if refused is None:
            cautions = (*cautions, *judge_shown(shown).cautions)
    except UnreadableImage as error:
        return _unreadable(item, error.reason, model)
    except Exception as error:  # a decoder's own bug: this file's loss must not be the others'
        # The message of a decoder's exception may quote the header: only its kind is logged.
        log.error("decoding failed with %s", type(error).__name__)
        return _unreadable(item, DECODER_FAILED(name=type(error).__name__), model)
    prediction = refused or Prediction(Status.OK, cautions, steps=radiograph.steps)
    content_hash = preprocess.content_hash(shown) if hashes else ""
    p = known(content_hash) if hashes and refused is None else None
    if p is not None:
        prediction = replace(
            prediction, p_pneumonia=p, threshold=classifier.card.threshold, model=model
        )
    scored = Scored(
        item,
        prediction,
        radiograph.header,
        content_hash,
        preprocess.perceptual_hash(frame) if hashes else b"",
        shown=shown if keep_shown and refused is None else None,
        identity=identity_of(radiograph),
    )
    size = classifier.card.input_size
    # A network without gate and range has no caution to give.
    needless = p is not None and not classifier.card.fitness and classifier.card.spread is None
    if refused or needless:
        return _Decoded(scored, None)
    return _Decoded(scored, preprocess.model_input(frame, size))


def _unreadable(item: Item, reason: Reason, model: str) -> _Decoded:
    prediction = Prediction(Status.UNREADABLE, (reason,), model=model)
    return _Decoded(Scored(item, prediction, identity=identity_of_file(item.path)), None)


def _finish(decoded: list[_Decoded], classifier: Classifier, heatmaps: bool) -> Iterator[Scored]:
    """Run the network over what is to be scored and yield all in order."""
    batch = [d.inputs for d in decoded if d.inputs is not None]
    before = [d.scored.prediction for d in decoded if d.inputs is not None]
    known = [(prediction.reasons, prediction.steps) for prediction in before]
    results = iter(_outcomes(np.stack(batch), known, classifier, heatmaps) if batch else ())
    for each in decoded:
        if each.inputs is None:
            yield each.scored
            continue
        prediction, heatmap = next(results)
        if each.scored.prediction.p_pneumonia is not None:
            yield replace(each.scored, prediction=_with_reasons_of(prediction, each))
            continue
        heatmap = _over_stored(heatmap, each.scored.header)
        shown = each.scored.shown if prediction.status is Status.OK else None
        yield replace(each.scored, prediction=prediction, heatmap=heatmap, shown=shown)


def _with_reasons_of(outcome: Prediction, known: _Decoded) -> Prediction:
    """The score that was known beforehand, with what the network says against it."""
    score, reasons = known.scored.prediction, outcome.reasons
    if outcome.status is Status.REFUSED:
        reasons = (*score.reasons, *reasons)
    return replace(score, reasons=reasons)
