"""What the worklist says in words: titles, cells, headings, tooltips."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.base.reasons import texts
from app.core.base.translation import mark, tr
from app.core.model.triage import Triage
from app.gui.common.privacy import privacy
from app.gui.common.wording import age_words, date_words, score_words
from app.gui.verdict.text import readers_words, row_words, verdict_words
from app.gui.worklist.arrangement import (
    AS_OPENED,
    BELOW,
    NO_SCORE,
    QUEUE,
    READ,
    SEALED,
    SUSPICIOUS,
    UNSURE,
    Arrangement,
    Row,
    State,
    VerdictState,
    WorklistColumn,
)

TITLES = {
    WorklistColumn.SCORE: mark("Score"),
    WorklistColumn.CALL: mark("Call"),
    WorklistColumn.NAME: mark("Name"),
    WorklistColumn.PATIENT_ID: mark("Pat. ID"),
    WorklistColumn.VIEW: mark("View"),
    WorklistColumn.AGE: mark("Age"),
    WorklistColumn.STATE: mark("State"),
    WorklistColumn.VERDICT: mark("Read"),
    WorklistColumn.READER: mark("Reader"),
    WorklistColumn.PATIENT: mark("Patient"),
    WorklistColumn.STUDY_DATE: mark("Study date"),
}
STATES = {
    State.WAITING: mark("waiting"),
    State.SCORED: mark("scored"),
    State.CAUTION: mark("caution"),
    State.REFUSED: mark("refused"),
    State.UNREADABLE: mark("unreadable"),
}
"""The words for states; ``tr`` them where they are shown."""
VERDICT_STATES = {
    VerdictState.UNREAD: mark("unread"),
    VerdictState.READ: mark("read"),
    VerdictState.AGREE: mark("agree"),
    VerdictState.DISAGREE: mark("disagree"),
    VerdictState.UNSURE: mark("unsure"),
    VerdictState.KEY_IMAGE: mark("key image"),
    VerdictState.OTHERS: mark("read by others"),
    VerdictState.OTHER_PIXELS: mark("other pixels"),
}
_HEADINGS = {
    UNSURE: mark("Unsure, look yourself: {total:,}"),
    SUSPICIOUS: mark("Suspicious: {total:,}"),
    BELOW: mark("Below threshold: {total:,}"),
    SEALED: mark("To read: {total:,}"),
    READ: mark("Read: {total:,}"),
    QUEUE: mark("In the queue: {total:,}"),
}
_TIPS = {
    NO_SCORE: mark("Refused or unreadable: only a person can judge these."),
    UNSURE: mark("Scored, with a caution or with the threshold inside the likely range."),
    SUSPICIOUS: mark("Scored at or above the threshold, without a caution."),
    BELOW: mark("Scored below the threshold. That does not exclude pneumonia."),
    SEALED: mark("Scored, and hidden until you have judged them."),
    READ: mark("You have judged these, or acknowledged that they cannot be read."),
    QUEUE: mark("Not yet scored."),
    AS_OPENED: mark("From the audit, in the order of its gallery."),
}
_RANKED = (UNSURE, SUSPICIOUS, BELOW)


def cell(row: Row, column: WorklistColumn) -> str:
    """What a cell of the table says."""
    match column:
        case WorklistColumn.SCORE | WorklistColumn.CALL if row.sealed:
            return tr("hidden")
        case WorklistColumn.SCORE:
            return score_words(row.prediction)
        case WorklistColumn.CALL:
            return triage_words(row.triage)
        case WorklistColumn.NAME:
            return privacy.file_name(row.item.path)
        case WorklistColumn.PATIENT_ID:
            return privacy.shown(row.header.patient_id)
        case WorklistColumn.PATIENT:
            return privacy.shown(row.header.patient_name.replace("^", " ").strip())
        case WorklistColumn.STUDY_DATE:
            return privacy.shown(date_words(row.header.study_date))
        case WorklistColumn.VERDICT:
            return row_words(row.reading)
        case WorklistColumn.READER:
            return readers_words(row.reading)
        case WorklistColumn.VIEW:
            return row.header.view
        case WorklistColumn.AGE:
            return age_words(row.header.age_years)
        case WorklistColumn.STATE:
            return tr("gone") if row.gone else tr(STATES[row.state])


def triage_words(call: Triage | None) -> str:
    """What the window calls a score, short enough for a column; a dash where there is none."""
    if call is None:
        return "–"
    words = {
        Triage.SUSPICIOUS: tr("Suspicious"),
        Triage.UNSURE: tr("Unsure"),
        Triage.BELOW: tr("Below"),
    }
    return words[call]


def tooltip(row: Row) -> str:
    """The whole path and ID, which the table may cut short, and why there is no score."""
    lines = [privacy.image_path(row.item.path, row.item.shown)]
    if row.gone:
        lines.append(tr("The file is no longer there."))
    if row.header.patient_id:
        lines.append(tr("Patient ID {patient_id}", patient_id=privacy.shown(row.header.patient_id)))
    if row.prediction is None:
        lines.append(tr("Not yet scored."))
    elif row.needs_eyes:
        lines.append(tr("No score."))
    lines.extend(map(privacy.sentence, texts(row.reasons)))
    if row.reading.verdict:
        lines.append(tr("You: {verdict}", verdict=verdict_words(row.reading.verdict)))
    lines.extend(f"{other.reader}: {verdict_words(other)}" for other in row.reading.others)
    if row.reading.other_pixels:
        lines.append(tr("A verdict under the same UID was given on other pixels."))
    return "\n".join(lines)


def heading(arrangement: Arrangement, section: int, ranked_by_score: bool) -> str:
    """A section's heading with its counts, which no filter changes."""
    total = arrangement.totals.get(section, 0)
    hidden = total - arrangement.seen.get(section, 0)
    if section == AS_OPENED:
        words = f"{arrangement.title}: {total:,}"
        if arrangement.read:
            words += tr(", {read:,} read", read=arrangement.read)
    elif section == NO_SCORE:
        states = arrangement.states.items()
        counts = [f"{count:,} {tr(STATES[state])}" for state, count in sorted(states)]
        words = tr("Could not be read: {counts}", counts=", ".join(counts))
    else:
        words = tr(_HEADINGS[section], total=total)
    if ranked_by_score and section in _RANKED:
        words += tr(", highest first")
    return words + (tr(" · {hidden:,} hidden by the filter", hidden=hidden) if hidden else "")


def heading_tooltip(section: int, words: str) -> str:
    """What a section holds, and how it folds."""
    return "\n".join((words, tr(_TIPS[section]), tr("A click folds or unfolds them.")))


def progress(rows: Sequence[Row], following: Row | None, ranked_by_score: bool) -> str:
    """How many images are read, and the score of the one to be read next."""
    words = tr("{read:,} of {total:,} read", read=sum(row.is_read for row in rows), total=len(rows))
    if following is None or not ranked_by_score:
        return words
    if following.needs_eyes:
        return words + tr(", next: {state}", state=tr(STATES[following.state]))
    assert following.prediction is not None
    return words + tr(", next: {score}", score=short_score(following.prediction.p_pneumonia))


def short_score(p: float | None) -> str:
    """A probability with two decimals; never 0 or 1."""
    return "–" if p is None else f"{min(max(p, 0.01), 0.99):.2f}"
