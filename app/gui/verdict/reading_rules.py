"""What follows from what a reader says: sealing, labels, fields. Plain functions, no Qt."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

from app.core.model.results import Call, Prediction
from app.core.reading.verdicts import Act, Agreement, ImageIdentity, Verdict
from app.gui.verdict.reading_protocols import Draft, RowReading
from app.review.verdicts.history import VerdictHistory

NETWORKS = tuple(call.value for call in Call)


def is_sealed(book: VerdictHistory, image: ImageIdentity, reader: str, blinded: bool) -> bool:
    """Whether the network must not be seen: until this reader has judged the image once.

    An undo seals nothing again: what was seen cannot be unseen. A UID alone opens nothing: other
    pixels may have been judged under it.
    """
    if not image.content_hash:
        return blinded
    return blinded and not any(
        entry.act is Act.GIVEN and entry.verdict.reader == reader and entry.verdict.is_read
        for entry in book.history(image)
    )


def row_reading(
    book: VerdictHistory, image: ImageIdentity, reader: str, blinded: bool
) -> RowReading:
    """What the worklist shows of an image's verdicts."""
    sealed = is_sealed(book, image, reader, blinded)
    if not image.content_hash and not image.sop_instance_uid:
        return RowReading(sealed=sealed)
    readers = book.readers_of(image)
    own = readers.pop(reader, None)
    # What the others think gives the network's opinion away as well.
    others = () if sealed else tuple(readers.values())
    return RowReading(own, others, bool(book.other_pixels(image)), sealed)


def agreement_with(label: str, call: Call | None, before: Agreement | None) -> Agreement | None:
    """How a label stands to the network's call; words of the reader's own decide nothing."""
    if call is None:
        return None
    if label not in NETWORKS:
        return before
    return Agreement.AGREE if label == call.value else Agreement.DISAGREE


def draft_for(agreement: Agreement, call: Call, draft: Draft) -> Draft:
    """To agree says the network's label; one that contradicts the key is dropped."""
    if agreement is Agreement.AGREE and (not draft.label or draft.label in NETWORKS):
        return replace(draft, label=call.value)
    if agreement is Agreement.DISAGREE and draft.label == call.value:
        return replace(draft, label="")
    return draft


def carried(standing: Verdict | None, made: Verdict) -> Verdict:
    """A judgement that stands while other words are written beside it.

    It stays one on the call of then, whatever the network says at another operating point or by
    another model now; and as blind as it was, unless its label or its regions are others.
    """
    if standing is None or not standing.is_read or not made.is_read:
        return made
    same = (standing.label, standing.regions) == (made.label, made.regions)
    return replace(
        made,
        p_pneumonia=standing.p_pneumonia,
        threshold=standing.threshold,
        call=standing.call,
        model=standing.model,
        score_visible=standing.score_visible or (made.score_visible and not same),
        heatmap_visible=standing.heatmap_visible or (made.heatmap_visible and not same),
    )


def are_other_pixels(one: ImageIdentity, other: ImageIdentity) -> bool:
    """Whether two looks at a file decoded different images: it changed in between."""
    decoded = all(each.content_hash and not each.is_unreadable for each in (one, other))
    return decoded and one.content_hash != other.content_hash


def draft_of(verdict: Verdict | None) -> Draft:
    """The fields of a verdict."""
    if verdict is None:
        return Draft()
    return Draft(*(getattr(verdict, field.name) for field in fields(Draft)))


def merged(draft: Draft, was: Draft, now: Draft) -> Draft:
    """Another verdict is in force: what the reader typed meanwhile stays, the rest follows."""
    return Draft(
        *(
            getattr(now if getattr(draft, name) == getattr(was, name) else draft, name)
            for name in (field.name for field in fields(Draft))
        )
    )


def made_verdict(
    image: ImageIdentity,
    reader: str,
    agreement: Agreement | None,
    draft: Draft,
    prediction: Prediction | None,
    *,
    score_visible: bool,
    heatmap_visible: bool,
) -> Verdict:
    """A verdict given now, with what the network says of the image."""
    call = prediction.call if prediction else None
    return Verdict(
        image=image,
        reader=reader,
        agreement=agreement,
        given_at=datetime.now(UTC),
        label=draft.label,
        reason=draft.reason,
        note=draft.note,
        key_image=draft.key_image,
        regions=draft.regions,
        score_visible=score_visible,
        heatmap_visible=heatmap_visible,
        p_pneumonia=prediction.p_pneumonia if prediction else None,
        threshold=prediction.threshold if prediction else None,
        call=call,
        model=prediction.model if prediction and call else "",
    )
