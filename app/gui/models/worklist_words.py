"""What the worklist says in words: titles, cells, headings, tooltips."""

from __future__ import annotations

from app.core.results import Call
from app.core.translation import tr
from app.gui.controllers.reading_words import readers_words, row_words, verdict_words
from app.gui.models.arrangement import NEEDS_EYES, Arrangement, Column, Row, State
from app.gui.privacy import privacy
from app.gui.wording import age_words, date_words, score_words

TITLES = {
    Column.SCORE: "Score",
    Column.CALL: "Call",
    Column.NAME: "Name",
    Column.PATIENT_ID: "Patient ID",
    Column.VIEW: "View",
    Column.AGE: "Age",
    Column.STATE: "State",
    Column.VERDICT: "Read",
    Column.READER: "Reader",
    Column.PATIENT: "Patient",
    Column.STUDY_DATE: "Study date",
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
            return {Call.PNEUMONIA: "PNEUMONIA", Call.NORMAL: "NORMAL", None: "–"}[row.call]
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
            return tr("gone") if row.gone else row.state.value


def tooltip(row: Row) -> str:
    """The whole path and ID, which the table may cut short, and why there is no score."""
    lines = [privacy.image_path(row.item.path, row.item.shown)]
    if row.gone:
        lines.append(tr("The file is no longer there."))
    if row.header.patient_id:
        lines.append(f"Patient ID {privacy.shown(row.header.patient_id)}")
    if row.prediction is None:
        lines.append("Not yet scored.")
    elif row.needs_eyes:
        lines.append("No score.")
    if row.prediction:
        lines.extend(map(privacy.sentence, row.prediction.reasons))
    if row.reading.verdict:
        lines.append(tr("You: {verdict}", verdict=verdict_words(row.reading.verdict)))
    lines.extend(
        tr("{reader}: {verdict}", reader=other.reader, verdict=verdict_words(other))
        for other in row.reading.others
    )
    if row.reading.other_pixels:
        lines.append(tr("A verdict under the same UID was given on other pixels."))
    return "\n".join(lines)


def heading(arrangement: Arrangement, section: int, ranked_by_score: bool) -> str:
    """A section's heading with its counts, which no filter changes."""
    total = arrangement.totals.get(section, 0)
    hidden = total - arrangement.seen.get(section, 0)
    if section == NEEDS_EYES:
        states = arrangement.states
        counts = [f"{states[state]:,} {state}" for state in _WITHOUT_SCORE if states[state]]
        words = f"Needs your eyes: {', '.join(counts)}"
    else:
        words = f"Scored: {total:,}" + (", highest first" if ranked_by_score else "")
    return words + (f" · {hidden:,} hidden by the filter" if hidden else "")


def heading_tooltip(section: int, words: str) -> str:
    """What a section holds, and how it folds."""
    if section == NEEDS_EYES:
        what, key = "Refused, unreadable or not yet scored: only a person can judge these.", "E"
    else:
        what, key = "Scored images, each study ranked by its worst image.", "S"
    return f"{words}\n{what}\nClick or {key}: fold or unfold."
