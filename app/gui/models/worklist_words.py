"""What the worklist says in words: titles, cells, headings, tooltips."""

from __future__ import annotations

from app.core.reasons import texts
from app.core.results import Call
from app.core.translation import mark, tr
from app.gui.controllers.reading_words import readers_words, row_words, verdict_words
from app.gui.models.arrangement import (
    AS_OPENED,
    NEEDS_EYES,
    Arrangement,
    Column,
    Row,
    State,
    VerdictState,
)
from app.gui.privacy import privacy
from app.gui.wording import age_words, date_words, score_words

TITLES = {
    Column.SCORE: mark("Score"),
    Column.CALL: mark("Call"),
    Column.NAME: mark("Name"),
    Column.PATIENT_ID: mark("Pat. ID"),
    Column.VIEW: mark("View"),
    Column.AGE: mark("Age"),
    Column.STATE: mark("State"),
    Column.VERDICT: mark("Read"),
    Column.READER: mark("Reader"),
    Column.PATIENT: mark("Patient"),
    Column.STUDY_DATE: mark("Study date"),
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
_WITHOUT_SCORE = (State.REFUSED, State.UNREADABLE, State.WAITING)


def cell(row: Row, column: Column) -> str:
    """What a cell of the table says."""
    match column:
        case Column.SCORE | Column.CALL if row.sealed:
            return tr("hidden")
        case Column.SCORE:
            return score_words(row.prediction)
        case Column.CALL:
            return call_words(row.call)
        case Column.NAME:
            return privacy.file_name(row.item.path)
        case Column.PATIENT_ID:
            return privacy.shown(row.header.patient_id)
        case Column.PATIENT:
            return privacy.shown(row.header.patient_name.replace("^", " ").strip())
        case Column.STUDY_DATE:
            return privacy.shown(date_words(row.header.study_date))
        case Column.VERDICT:
            return row_words(row.reading)
        case Column.READER:
            return readers_words(row.reading)
        case Column.VIEW:
            return row.header.view
        case Column.AGE:
            return age_words(row.header.age_years)
        case Column.STATE:
            return tr("gone") if row.gone else tr(STATES[row.state])


def call_words(call: Call | None) -> str:
    """The network's call, a dash where there is none."""
    return {Call.PNEUMONIA: tr("PNEUMONIA"), Call.NORMAL: tr("NORMAL"), None: "–"}[call]


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
        words, ranked_by_score = f"{arrangement.title}: {total:,}", False
    elif section == NEEDS_EYES:
        states = arrangement.states
        counts = [
            f"{states[state]:,} {tr(STATES[state])}" for state in _WITHOUT_SCORE if states[state]
        ]
        words = tr("Needs your eyes: {counts}", counts=", ".join(counts))
    else:
        words = tr("Scored: {total:,}", total=total)
    if read := arrangement.read[section]:
        words += tr(", {read:,} read", read=read)
    if section != NEEDS_EYES and ranked_by_score:
        words += tr(", highest unread first") if read else tr(", highest first")
    return words + (tr(" · {hidden:,} hidden by the filter", hidden=hidden) if hidden else "")


def heading_tooltip(section: int, words: str) -> str:
    """What a section holds, and how it folds."""
    if section == AS_OPENED:
        what = tr("From the audit, in the order of its gallery.")
    elif section == NEEDS_EYES:
        what = tr("Refused, unreadable or not yet scored: only a person can judge these.")
    else:
        what = tr("Scored images, each study ranked by its worst image.")
    return "\n".join((words, what, tr("A click folds or unfolds them.")))
