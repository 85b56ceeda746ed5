"""Decisions on labels: on disk at once, undone, and a CSV that a training takes as it is."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
from doubtful_audit import doubtful_audit
from tiny_data import write_training_folder
from tiny_model import tiny_card

from app.core.base.errors import OutputError, ReviewError
from app.core.model.results import Status
from app.core.worklist.patients import Naming
from app.review.audit import Audit, AuditRow
from app.review.audit.relabelling import LEAVE_OUT, Relabelling, relabelled_dir
from app.review.holdout import locks
from app.review.holdout.locks import LockedImage
from app.training.data.layout import read_layout


def audit_of(folder: Path, **changes) -> Audit:
    rows = []
    for path in sorted(folder.rglob("*.png")):
        rows.append(
            AuditRow(
                path.relative_to(folder).as_posix(),
                path,
                int(path.parent.name == "PNEUMONIA"),
                patient=Naming(is_kermany=True).patient_of(path.name),
                content_hash=hashlib.sha256(path.read_bytes()).hexdigest(),
                p=0.5,
                **changes,
            )
        )
    return Audit(tuple(rows), tiny_card("m"), folder)


@pytest.fixture
def folder(tmp_path):
    return write_training_folder(tmp_path / "hospital", per_class=12)


def test_decisions_survive_and_are_undone_one_by_one(folder):
    rows = audit_of(folder).rows
    first = Relabelling(folder)
    assert first.undo() is None
    first.decide(rows[0], "PNEUMONIA", "Dr A")
    first.decide(rows[1], LEAVE_OUT)
    first.decide(rows[0], "NORMAL")
    again = Relabelling(folder)
    assert again.of(rows[0]) == "NORMAL"
    assert again.label_of(rows[1]) is None
    assert again.undo().decision == "NORMAL"
    assert again.of(rows[0]) == "PNEUMONIA"
    assert again.last.name == rows[1].name
    again.undo()
    third = Relabelling(folder)
    assert third.decisions == {rows[0].content_hash: "PNEUMONIA"}
    assert third.last.reader == "Dr A"
    assert third.label_of(rows[0]) == 1
    assert third.of(rows[1]) == ""


def test_the_csv_is_what_a_training_reads(folder):
    audit = audit_of(folder)
    before = sorted(p.relative_to(folder) for p in folder.rglob("*"))
    relabelling = Relabelling(folder)
    relabelling.decide(audit.rows[0], "PNEUMONIA")
    relabelling.decide(audit.rows[1], LEAVE_OUT)
    relabelling.decide(audit.rows[2], "NORMAL")  # looked at, and right
    hard = {audit.rows[3].content_hash}
    path = relabelling.write_csv(audit, hard, 2.5)
    assert path == relabelled_dir() / "hospital.csv"
    layout = read_layout(folder, path)
    plain = {entry.name: entry for entry in read_layout(folder).entries}
    found = {entry.name: entry for entry in layout.entries}
    assert len(found) == len(plain) - 1
    assert audit.rows[1].name not in found
    changed = found[audit.rows[0].name]
    assert (changed.label, changed.original) == (1, 0)
    assert [e.name for e in layout.entries if e.weight != 1] == [audit.rows[3].name]
    assert found[audit.rows[3].name].weight == 2.5
    # The same patients as without it, so that the same ones are held out again.
    assert {e.patient for e in layout.entries} == {""}
    assert sorted(p.relative_to(folder) for p in folder.rglob("*")) == before
    with path.open(encoding="utf-8") as file:
        assert [row["decided"] for row in csv.DictReader(file)][:2] == ["yes", "yes"]


def test_patients_and_labels_of_an_earlier_csv_stay(folder):
    rows = list(audit_of(folder).rows)
    rows[0] = AuditRow(
        rows[0].name,
        rows[0].path,
        1,
        patient="csv|7",
        content_hash=rows[0].content_hash,
        columns={"original_label": "normal", "split": "train"},
        status=Status.UNREADABLE,
    )
    path = Relabelling(folder).write_csv(Audit(tuple(rows), tiny_card("m"), folder))
    (entry,) = (e for e in read_layout(folder, path).entries if e.name == rows[0].name)
    assert (entry.patient, entry.split, entry.label, entry.original) == ("csv|7", "train", 1, 0)


def test_exact_copies_are_decided_at_once(folder):
    (folder / "PNEUMONIA" / "copy.png").write_bytes(
        (folder / "NORMAL" / "IM-0000-0001.png").read_bytes()
    )
    audit = audit_of(folder)
    relabelling = Relabelling(folder)
    by_name = {row.name: row for row in audit.rows}
    relabelling.decide(by_name["NORMAL/IM-0000-0001.png"], "PNEUMONIA")
    assert relabelling.label_of(by_name["PNEUMONIA/copy.png"]) == 1
    assert relabelling.of(by_name["PNEUMONIA/copy.png"]) == "PNEUMONIA"


def test_another_folder_of_the_same_name_has_files_of_its_own(folder, tmp_path):
    row = audit_of(folder).rows[0]
    Relabelling(folder).decide(row, "PNEUMONIA")
    other = write_training_folder(tmp_path / "elsewhere" / "hospital", per_class=12)
    assert Relabelling(other).csv_path.name == "hospital-2.csv"
    assert Relabelling(other).of(row) == ""
    moved = tmp_path / "moved" / "hospital"
    moved.parent.mkdir()
    folder.rename(moved)
    assert Relabelling(moved).of(row) == "PNEUMONIA"


def test_a_line_that_was_cut_off_is_dropped_and_a_damaged_history_is_left_alone(folder):
    rows = audit_of(folder).rows
    relabelling = Relabelling(folder)
    relabelling.decide(rows[0], "PNEUMONIA")
    with relabelling.history_path.open("a", encoding="utf-8") as file:
        file.write('{"at": "2026')
    again = Relabelling(folder)
    again.decide(rows[1], "NORMAL")
    assert len(Relabelling(folder).decisions) == 2
    lines = relabelling.history_path.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["folder"] == str(folder)
    relabelling.history_path.write_text("nonsense\n" * 3, encoding="utf-8")
    with pytest.raises(ReviewError, match="earlier decisions on labels cannot be read"):
        Relabelling(folder)
    assert relabelling.history_path.read_text(encoding="utf-8") == "nonsense\n" * 3


def test_a_decision_that_could_not_be_written_does_not_hold(folder, monkeypatch):
    row = audit_of(folder).rows[0]
    relabelling = Relabelling(folder)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("app.review.audit.relabelling.os.fsync", full)
        with pytest.raises(OutputError, match="was not saved: No space left"):
            relabelling.decide(row, "PNEUMONIA")
    assert relabelling.of(row) == ""
    assert Relabelling(folder).of(row) == ""
    Relabelling(folder).decide(row, "PNEUMONIA")
    assert Relabelling(folder).of(row) == "PNEUMONIA"


def test_the_documented_example_runs(tmp_path, capsys):
    guide = (Path(__file__).parents[3] / "docs" / "audit-api.md").read_text(encoding="utf-8")
    example = guide.split("## Suspicious labels")[1].split("```python\n")[1].split("```")[0]
    audit = doubtful_audit(tmp_path / "hospital")
    locks.lock(audit.folder, [LockedImage(row.content_hash) for row in audit.rows])
    exec(example, {"audit": audit})
    said = capsys.readouterr().out
    assert "PNEUMONIA/image3.png 0.01" in said
    assert str(relabelled_dir() / "hospital.csv") in said
    assert "looked at 0 times since" in said
