"""What the reading panel and the worklist say of verdicts, in words. No Qt."""

from __future__ import annotations

from app.core.base.translation import tr
from app.core.model.results import Call
from app.core.reading.verdicts import Agreement, Verdict
from app.gui.verdict.reading_protocols import ReadingState, RowReading


def agreement_words(agreement: Agreement) -> str:
    """The judgement in one word."""
    return {
        Agreement.AGREE: tr("agree"),
        Agreement.DISAGREE: tr("disagree"),
        Agreement.UNSURE: tr("unsure"),
    }[agreement]


def label_words(label: str) -> str:
    """A label; the two that the network knows in the person's language."""
    known = {Call.PNEUMONIA.value: tr("pneumonia"), Call.NORMAL.value: tr("normal")}
    return known.get(label, label)


def verdict_words(verdict: Verdict) -> str:
    """A verdict in a few words: judgement, label, key image.

    Where no label says it, the call it was given on does: at another operating point, or by another
    model, the one beside it may be the opposite by now.
    """
    if verdict.acknowledges:
        return tr("acknowledged: cannot be read")
    parts = [_judgement_words(verdict)] if verdict.agreement else []
    if verdict.label:
        parts.append(label_words(verdict.label))
    if not parts:
        parts.append(tr("not judged"))
    if verdict.key_image:
        parts.append(tr("key image"))
    return ", ".join(parts)


def _judgement_words(verdict: Verdict) -> str:
    assert verdict.agreement is not None
    if verdict.call is None or verdict.label in list(Call):
        return agreement_words(verdict.agreement)
    call = label_words(verdict.call.value)
    return {
        Agreement.AGREE: tr("agree with {call}", call=call),
        Agreement.DISAGREE: tr("disagree with {call}", call=call),
        Agreement.UNSURE: tr("unsure"),
    }[verdict.agreement]


def row_words(row: RowReading) -> str:
    """What the column of the verdicts says; empty for an unread image."""
    if row.verdict is None or not row.verdict.is_read:
        key = row.verdict is not None and row.verdict.key_image
        return tr("key image") if key else ""
    return verdict_words(row.verdict)


def readers_words(row: RowReading) -> str:
    """Who gave a verdict."""
    given = (row.verdict, *row.others) if row.verdict else row.others
    return ", ".join(verdict.reader for verdict in given)


def unsaved_words(verdict: Verdict | None, why: str, here: bool = True) -> str:
    """That a verdict is not on disk: on the image in view, or on one before."""
    if not here:
        return tr("✗ NOT SAVED, on another image. {why}", why=why)
    if verdict is None:
        return tr("✗ NOT SAVED. {why}", why=why)
    return tr("✗ NOT SAVED: {verdict}. {why}", verdict=verdict_words(verdict), why=why)


def state_words(state: ReadingState) -> str:
    """The lines below the reading panel's fields, the urgent one first."""
    lines = []
    if state.unsaved:
        lines.append(state.unsaved)
    elif state.saving:
        lines.append(tr("Saving…"))
    elif state.message:
        lines.append(state.message)
    if state.has_image:
        lines.append(_own_words(state))
    lines.extend(
        tr("{reader}: {verdict}", reader=other.reader, verdict=verdict_words(other))
        for other in state.row.others
    )
    if state.row.other_pixels:
        lines.append(
            tr("▲ A verdict was given under the same UID on other pixels: it does not count here.")
        )
    return "\n".join(line for line in lines if line)


def _own_words(state: ReadingState) -> str:
    verdict = state.row.verdict
    if verdict is None or not verdict.is_read:
        if state.unreadable:
            return tr("Unread: there is no image to judge.")
        if state.row.sealed and state.has_score:
            return tr("Unread. Blinded: give your own label first.")
        return tr("Unread")
    when = verdict.given_at.astimezone().strftime("%H:%M")
    blind = "" if verdict.score_visible or verdict.call is None else tr(", score not seen")
    return tr(
        "Saved {when}: {verdict}{blind}", when=when, verdict=verdict_words(verdict), blind=blind
    )
