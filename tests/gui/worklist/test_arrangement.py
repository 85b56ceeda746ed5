import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.base.reasons import told
from app.core.image.radiograph import Header
from app.core.model.results import Prediction, ProbabilityRange, Status
from app.core.model.triage import Triage
from app.core.reading.verdicts import UNREADABLE, Agreement, ImageIdentity, Verdict
from app.core.worklist.scan import Item
from app.gui.verdict.reading_protocols import RowReading
from app.gui.worklist.arrangement import (
    BELOW,
    NO_SCORE,
    QUEUE,
    READ,
    SUSPICIOUS,
    UNSURE,
    Filter,
    Row,
    State,
    WorklistColumn,
    arrange,
    natural_key,
)


def row(name, p=None, status=None, study="", reasons=(), **header):
    made = Row(Item(Path(f"/in/{name}"), f"in/{name}"))
    if p is not None:
        made.take(
            Prediction(Status.OK, reasons, p, 0.5), Header(study_instance_uid=study, **header)
        )
    elif status is not None:
        made.take(Prediction(status, (told("why"),)), Header(study_instance_uid=study, **header))
    return made


ROWS = [
    row("waiting.png"),
    row("low.png", 0.1),
    row("high.png", 0.9),
    row("refused.dcm", status=Status.REFUSED),
    row("a1.dcm", 0.3, study="A", patient_id="P10"),
    row("a2.dcm", 0.95, study="A", patient_id="P10"),
    row("unreadable.png", status=Status.UNREADABLE),
    row("caution.dcm", 0.5, reasons=(told("old"),), patient_id="P9"),
]


def listed(arrangement):
    words = {
        **{NO_SCORE: "NONE", UNSURE: "UNSURE", SUSPICIOUS: "SUSPICIOUS"},
        **{BELOW: "BELOW", READ: "READ", QUEUE: "QUEUE"},
    }
    return [words.get(e) or ROWS[e].name.split(".")[0] for e in arrangement.entries]


def test_the_groups_stand_in_their_order_and_the_queue_last():
    assert listed(arrange(ROWS, Filter())) == [
        *("NONE", "refused", "unreadable"),
        *("UNSURE", "caution"),
        *("SUSPICIOUS", "a2", "high"),
        *("BELOW", "a1", "low"),
        *("QUEUE", "waiting"),
    ]


def test_a_study_stands_together_within_its_group():
    rows = [*ROWS, row("a3.dcm", 0.7, study="A"), row("b.dcm", 0.93)]
    found = arrange(rows, Filter())
    names = [rows[e].name for e in found.entries if e >= 0]
    assert names[3:7] == ["a2.dcm", "a3.dcm", "b.dcm", "high.png"]
    assert found.place_in_study == {5: "first", 8: "last"}


def test_what_is_read_goes_to_its_own_group_whatever_it_was():
    rows = [row("a.png", 0.9), row("b.png", status=Status.UNREADABLE), row("c.png", 0.1)]
    image = ImageIdentity("a" * 64)
    given = Verdict(image, "Ada", Agreement.AGREE, datetime.now(UTC))
    gone = Verdict(ImageIdentity(f"{UNREADABLE}1"), "Ada", None, datetime.now(UTC))
    rows[0].reading, rows[1].reading = RowReading(given), RowReading(gone)
    assert arrange(rows, Filter()).entries == [BELOW, 2, READ, 0, 1]


@pytest.mark.parametrize(
    ("low", "high", "reasons", "section"),
    [
        (0.6, 0.9, (), SUSPICIOUS),
        (0.5, 0.9, (), SUSPICIOUS),
        (0.49, 0.9, (), UNSURE),
        (0.6, 0.9, ("old",), UNSURE),
    ],
)
def test_a_score_whose_range_crosses_the_threshold_or_with_a_caution_is_unsure(
    low, high, reasons, section
):
    made = row("x.png", 0.7, reasons=reasons)
    made.prediction = dataclasses.replace(made.prediction, range=ProbabilityRange(low, high, False))
    assert made.section == section
    below = row("y.png", 0.3, reasons=reasons)
    below.prediction = dataclasses.replace(
        below.prediction, range=ProbabilityRange(1 - high, 1 - low, False)
    )
    # At 0.5 the threshold itself is a pneumonia: a range that ends there crosses.
    crosses = section == UNSURE or low == 0.5
    assert below.section == (UNSURE if crosses else BELOW)


def test_the_states():
    states = [r.state for r in ROWS]
    assert states == [
        *(State.WAITING, State.SCORED, State.SCORED, State.REFUSED),
        *(State.SCORED, State.SCORED, State.UNREADABLE, State.CAUTION),
    ]


@pytest.mark.parametrize("call", list(Triage))
def test_a_filter_by_call_never_hides_what_has_no_call(call):
    arrangement = arrange(ROWS, Filter(call=call))
    assert {"refused", "unreadable", "waiting"} <= set(listed(arrangement))
    assert arrangement.totals == {NO_SCORE: 2, UNSURE: 1, SUSPICIOUS: 2, BELOW: 2, QUEUE: 1}
    wanted = {
        Triage.BELOW: {"low", "a1"},
        Triage.SUSPICIOUS: {"high", "a2"},
        Triage.UNSURE: {"caution"},
    }
    scored = {"low", "a1", "high", "a2", "caution"}
    assert scored & set(listed(arrangement)) == wanted[call]


def test_a_filter_by_text_narrows_but_the_count_stays():
    arrangement = arrange(ROWS, Filter(text="p10"))
    assert listed(arrangement) == ["NONE", "UNSURE", "SUSPICIOUS", "a2", "BELOW", "a1", "QUEUE"]
    assert arrangement.totals[NO_SCORE] == 2
    assert arrangement.seen[NO_SCORE] == 0


def test_sections_stay_apart_whatever_the_order():
    by_name = arrange(ROWS, Filter(), WorklistColumn.NAME, descending=False)
    assert listed(by_name) == [
        *("NONE", "refused", "unreadable", "UNSURE", "caution"),
        *("SUSPICIOUS", "a2", "high", "BELOW", "a1", "low", "QUEUE", "waiting"),
    ]
    by_patient = arrange(ROWS, Filter(), WorklistColumn.PATIENT_ID, descending=True)
    assert listed(by_patient)[5:8] == ["SUSPICIOUS", "a2", "high"]


@pytest.mark.parametrize("column", list(WorklistColumn))
@pytest.mark.parametrize("descending", [False, True])
def test_the_waiting_never_bury_what_will_get_no_score(column, descending):
    rows = [row(f"{n:03}.dcm") for n in range(50)]
    for late in rows[::10]:
        late.take(Prediction(Status.REFUSED, (told("why"),)), Header(study_instance_uid="A"))
    rows[49].header = Header(study_instance_uid="A")  # waits again, of a study that is known
    order = arrange(rows, Filter(), column, descending).entries
    assert (order[0], order[6]) == (NO_SCORE, QUEUE)
    assert {rows[n].state for n in order[1:6]} == {State.REFUSED}
    assert {rows[n].state for n in order[7:]} == {State.WAITING}
    assert arrange(rows, Filter(text="none")).states == {State.REFUSED: 5}


def test_a_folded_section_keeps_its_heading_and_count():
    arrangement = arrange(ROWS, Filter(), folded=frozenset({NO_SCORE}))
    assert listed(arrangement)[:2] == ["NONE", "UNSURE"]
    assert arrangement.totals[NO_SCORE] == 2


def test_numbers_sort_as_numbers():
    assert sorted(["b10", "b9", "a11", "10"], key=natural_key) == ["10", "a11", "b9", "b10"]
