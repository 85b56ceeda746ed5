"""Reads again what the worklist does not hold of an image: pixels, heatmap, verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.core.image.radiograph import Radiograph
from app.core.image.reader import read_radiograph
from app.core.model.results import Heatmap, Prediction, Status
from app.core.reading.verdicts import UNKNOWN, ImageIdentity, Verdict
from app.core.worklist.identity import identity_of
from app.review.export.reviewed import ReviewedImage
from app.review.export.source import changed, check_unchanged

Explain = Callable[[Radiograph], tuple[Prediction | None, Heatmap | None]]
"""Scores and explains one decoded image; may wait for the network's thread."""


class Completer:
    """What ``export`` asks for each image.

    Parameters
    ----------
    latest
        The verdict in force on an image, None for none; see ``VerdictStore.latest``.
    reader
        Whose verdict comes first; anybody's newest where this reader gave none.
    explain
        None where there is no model.
    """

    def __init__(
        self,
        latest: Callable[[ImageIdentity, str | None], Verdict | None],
        reader: str,
        explain: Explain | None,
    ) -> None:
        self._latest, self._reader, self._explain = latest, reader, explain

    def __call__(self, image: ReviewedImage, pixels: bool, with_heatmap: bool) -> ReviewedImage:
        """The same image with what is wanted of it.

        Raises
        ------
        ReviewError
            When its file cannot be read (any more), or holds another image by now.
        """
        known = image.identity
        radiograph: Radiograph | None = None
        if pixels or known is None or not known.content_hash:
            radiograph = read_radiograph(image.item.path)
            known = _still_the_same(image, identity_of(radiograph))
            image = replace(image, header=radiograph.header, identity=known)
        verdict = None
        if known is not None:
            verdict = self._latest(known, self._reader) if self._reader else None
            verdict = verdict or self._latest(known, None)
        image = replace(image, verdict=verdict)
        if not pixels:
            return image
        assert radiograph is not None
        image = replace(image, radiograph=radiograph)
        if not with_heatmap or self._explain is None or _is_refused(image):
            return image
        prediction, heatmap = self._explain(radiograph)
        before = image.prediction
        if prediction is None:
            return image
        if before is None:
            return replace(image, prediction=prediction, heatmap=heatmap)
        # A map of another model beside the score of this one would mislead.
        return replace(image, heatmap=heatmap if prediction.model == before.model else None)


def _still_the_same(image: ReviewedImage, found: ImageIdentity) -> ImageIdentity:
    """What was found in the file, unless it is not what was judged."""
    path, before = image.item.path, image.identity or UNKNOWN
    check_unchanged(path, image.header.sop_instance_uid, found.sop_instance_uid)
    check_unchanged(path, before.sop_instance_uid, found.sop_instance_uid)
    if before.content_hash and before.content_hash != found.content_hash:
        raise changed(path)
    return found


def _is_refused(image: ReviewedImage) -> bool:
    return image.prediction is not None and image.prediction.status is not Status.OK
