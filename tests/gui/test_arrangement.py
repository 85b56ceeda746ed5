from pathlib import Path

import pytest

from app.core.images import Header
from app.core.reasons import told
from app.core.results import Prediction, Status
from app.core.worklist import Item
from app.gui.models.arrangement import (
    NEEDS_EYES,
    RANKED,
    Column,
    Filter,
    Row,
    State,
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
    words = {NEEDS_EYES: "EYES", RANKED: "RANKED"}
    return [words.get(e) or ROWS[e].name.split(".")[0] for e in arrangement.entries]


def test_what_needs_eyes_comes_first_then_the_worst_study():
    assert listed(arrange(ROWS, Filter())) == [
        *("EYES", "refused", "unreadable", "waiting"),
        *("RANKED", "a2", "a1", "high", "caution", "low"),
    ]
    assert arrange(ROWS, Filter()).place_in_study == {5: "first", 4: "last"}


def test_the_states():
    states = [r.state for r in ROWS]
    assert states == [
        *(State.WAITING, State.SCORED, State.SCORED, State.REFUSED),
        *(State.SCORED, State.SCORED, State.UNREADABLE, State.CAUTION),
    ]


@pytest.mark.parametrize("call", ["NORMAL", "PNEUMONIA"])
def test_a_filter_by_call_never_hides_what_has_no_call(call):
    arrangement = arrange(ROWS, Filter(call=call))
    assert listed(arrangement)[:4] == ["EYES", "refused", "unreadable", "waiting"]
    assert arrangement.totals == {NEEDS_EYES: 3, RANKED: 5}
    wanted = {"NORMAL": {"low", "a1"}, "PNEUMONIA": {"high", "a2", "caution"}}
    assert set(listed(arrangement)[5:]) == wanted[call]


def test_a_filter_by_text_narrows_but_the_count_stays():
    arrangement = arrange(ROWS, Filter(text="p10"))
    assert listed(arrangement) == ["EYES", "RANKED", "a2", "a1"]
    assert arrangement.totals[NEEDS_EYES] == 3
    assert arrangement.seen[NEEDS_EYES] == 0


def test_sections_stay_apart_whatever_the_order():
    by_name = arrange(ROWS, Filter(), Column.NAME, descending=False)
    assert listed(by_name)[:4] == ["EYES", "refused", "unreadable", "waiting"]
    assert listed(by_name)[5:] == ["a1", "a2", "caution", "high", "low"]
    by_patient = arrange(ROWS, Filter(), Column.PATIENT_ID, descending=False)
    assert listed(by_patient)[5:8] == ["caution", "a1", "a2"]


@pytest.mark.parametrize("column", list(Column))
@pytest.mark.parametrize("descending", [False, True])
def test_the_waiting_never_bury_what_will_get_no_score(column, descending):
    rows = [row(f"{n:03}.dcm") for n in range(50)]
    for late in rows[::10]:
        late.take(Prediction(Status.REFUSED, (told("why"),)), Header(study_instance_uid="A"))
    rows[49].header = Header(study_instance_uid="A")  # waits again, of a study that is known
    order = arrange(rows, Filter(), column, descending).entries[1:]
    assert {rows[n].state for n in order[:5]} == {State.REFUSED}
    assert {rows[n].state for n in order[5:]} == {State.WAITING}
    assert arrange(rows, Filter(text="none")).states == {State.REFUSED: 5, State.WAITING: 45}


def test_a_folded_section_keeps_its_heading_and_count():
    arrangement = arrange(ROWS, Filter(), folded=frozenset({NEEDS_EYES}))
    assert listed(arrangement)[:2] == ["EYES", "RANKED"]
    assert arrangement.totals[NEEDS_EYES] == 3


def test_numbers_sort_as_numbers():
    assert sorted(["b10", "b9", "a11", "10"], key=natural_key) == ["10", "a11", "b9", "b10"]
