"""A folder audited by a real, tiny network: rows, kept scores, bad files, readers, cancelling."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from factories import write_dicom
from tiny_data import write_training_folder
from tiny_model import save_tiny, tiny_card

from app.core.base import translation, translation_file
from app.core.base.errors import ReviewError
from app.core.base.reasons import codes, texts, told
from app.core.gate.rules import AGE_OUTSIDE
from app.core.model.card import pack_hashes
from app.core.model.results import Status
from app.core.reading.verdicts import Verdict
from app.inference.runtime.classifier import Classifier
from app.review.audit import Cancelled, Readers, audit_folder, load, run, save
from app.review.audit.score_cache import JUDGING, KeptScore, ScoreCache, default_path
from app.review.comparison.evaluation import CLASSES
from app.review.verdicts.store import VerdictStore

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=6)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("models"))


@pytest.fixture
def no_network(monkeypatch):
    """From here on nothing may be scored."""

    def use() -> None:
        monkeypatch.setattr(run, "score", lambda *_, **__: pytest.fail("the network was asked"))

    return use


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_audit_and_its_second_time(data, model, no_network):
    before, told = files_of(data), []
    audit = audit_folder(data, model, on_progress=lambda *done: told.append(done))
    assert [row.name for row in audit.rows] == sorted(
        p.relative_to(data).as_posix() for p in data.rglob("*.png")
    )
    assert audit.labels.tolist() == [0] * 6 + [1] * 6
    assert audit.card.name == "tiny"
    assert audit.model_folder == model
    assert told[-1] == (12, 12)
    row = audit.rows[-1]
    assert row.patient == "person5"
    assert row.columns == {"pneumonia kind": "virus", "image size": "<=256 px"}
    assert len(row.content_hash) == 64
    assert len(row.perceptual_hash) == 32
    no_network()
    again = audit_folder(data, model)
    assert again.rows == audit.rows
    assert again.problems == audit.problems
    assert files_of(data) == before


def test_scores_are_found_again_wherever_the_files_lie(data, model, tmp_path, no_network):
    first = audit_folder(data, model)
    moved = shutil.copytree(data, tmp_path / "moved")
    (moved / "NORMAL" / "IM-0000-0001.png").rename(moved / "NORMAL" / "other.png")
    no_network()
    assert sorted(audit_folder(moved, model).p) == sorted(first.p)
    assert audit_folder(moved, model).data_sha256 == first.data_sha256


def test_the_kept_scores_name_nobody(data, model):
    audit_folder(data, model)
    kept = default_path().read_bytes()
    for word in (b"person", b"IM-0", b"NORMAL", str(data).encode(), data.name.encode()):
        assert word not in kept
    if sys.platform != "win32":
        assert default_path().stat().st_mode & 0o077 == 0


def test_kept_reasons_are_codes_that_any_language_words(data, model, tmp_path, no_network):
    folder = shutil.copytree(data, tmp_path / "adults")
    for number in range(3):
        write_dicom(folder / "NORMAL" / f"{number}.dcm", PatientAge=f"0{number + 6}0Y")
    first = audit_folder(folder, model)
    aged = {row.name: row.reasons for row in first.rows if row.name.endswith(".dcm")}
    assert [AGE_OUTSIDE.code in codes(reasons) for reasons in aged.values()] == [True] * 3
    no_network()
    german = translation_file.read(ROOT / "resources" / "translations" / "opacity_de.ts")
    translation.install(lambda text: german.get(text, text), "de")
    try:
        again = audit_folder(folder, model)
        said = [" ".join(texts(row.reasons)) for row in again.rows if row.name in aged]
    finally:
        translation.install(None)
    assert again.rows == first.rows
    assert all(re.search(r"Patient ist \d0 Jahre alt", each) for each in said)


def test_an_audit_of_an_older_version_is_still_read(data, model, tmp_path):
    """There a reason was its sentence."""
    audit = audit_folder(data, model)
    save(audit, tmp_path / "audit.json")
    head, first, *others = (tmp_path / "audit.json").read_text().splitlines()
    old = json.loads(first) | {"reasons": ["The view is lateral (LL), not a frontal view"]}
    (tmp_path / "audit.json").write_text("\n".join([head, json.dumps(old), *others]) + "\n")
    assert texts(load(tmp_path / "audit.json").rows[0].reasons) == tuple(old["reasons"])


def test_another_card_or_file_asks_for_new_scores(tmp_path):
    kept = KeptScore(Status.OK, (told("why"),), 0.25, "a", b"b", "c")
    cards = [
        tiny_card(),
        tiny_card(weights_sha256="other"),
        tiny_card(calibration={"slope": 2.0, "intercept": 0.0, "prevalence": 0.5}),
        tiny_card(age_years=None),
    ]
    first = ScoreCache(cards[0], tmp_path / "s.sqlite")
    first.keep(b"file", kept)
    first.close()
    found = [ScoreCache(card, tmp_path / "s.sqlite") for card in cards]
    assert [each.get(b"file") for each in found] == [kept, None, None, None]
    assert found[0].get(b"other file") is None
    for each in found:
        each.close()
        assert each.get(b"file") is None


@pytest.mark.slow
def test_a_change_of_any_module_that_reads_or_judges_empties_the_cache(tmp_path):
    """What is loaded to score an image lies in the packages whose sources are part of the key."""
    code = (
        "import sys, app.inference.scoring.pipeline\n"
        "print(*(m for m in sys.modules if m.startswith('app.')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {".".join(name.split(".")[:2]) for name in loaded.stdout.split()} == set(JUDGING)
    copy = tmp_path / "app"
    shutil.copytree(ROOT / "app", copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = _code_of(tmp_path)
    assert before == _code_of(ROOT)
    deep = max((copy / "core").rglob("*.py"), key=lambda path: len(path.parts))
    deep.write_text(deep.read_text(encoding="utf-8") + "\n# mended\n", encoding="utf-8")
    assert _code_of(tmp_path) != before


def _code_of(root: Path) -> str:
    code = "from app.review.audit.score_cache import code_hash; print(code_hash())"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_a_damaged_cache_is_done_without(data, model, opacity_home):
    (opacity_home / "audit").mkdir()
    default_path().write_bytes(b"no database at all" * 100)
    assert len(audit_folder(data, model).scored) == 12


def test_bad_files_stay_in_the_table_with_their_reason(data, model, tmp_path):
    folder = shutil.copytree(data, tmp_path / "bad")
    (folder / "NORMAL" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    write_dicom(folder / "NORMAL" / "foot.dcm", BodyPartExamined="FOOT")
    write_dicom(
        folder / "PNEUMONIA" / "child.dcm",
        PatientID="17",
        PatientSex="F",
        PatientAge="004Y",
        ViewPosition="AP",
        BodyPartExamined="CHEST",
    )
    audit = audit_folder(folder, model)
    rows = {row.name: row for row in audit.rows}
    assert rows["NORMAL/broken.png"].status is Status.UNREADABLE
    assert rows["NORMAL/foot.dcm"].status is Status.REFUSED
    assert rows["NORMAL/foot.dcm"].reasons
    child = rows["PNEUMONIA/child.dcm"]
    assert (child.patient, child.columns["view"], child.columns["sex"]) == ("|17", "AP", "F")
    assert (child.columns["age group"], child.columns["image size"]) == ("1-5", "<=256 px")
    assert audit.counts["refused"] == audit.counts["unreadable"] == 1
    assert audit.problems == (
        "Refused by the model's gates, so not scored: 1.",
        "Files that cannot be read: 1.",
    )
    frame = audit.frame()
    assert len(frame) == 15
    assert frame["p"].isna().sum() == 2
    assert set(frame["class"]) == set(CLASSES)
    assert frame.loc[frame["name"] == "PNEUMONIA/child.dcm", "sex"].item() == "F"


def test_one_class_and_copies_are_told(data, model, tmp_path):
    (tmp_path / "one" / "NORMAL").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        shutil.copy(data / "NORMAL" / "IM-0000-0001.png", tmp_path / "one" / "NORMAL" / name)
    audit = audit_folder(tmp_path / "one", model)
    assert "All scored images are NORMAL" in audit.problems[0]
    assert audit.problems[1] == "Images that have the very pixels of another one: 1."
    assert audit.figures(0.5)["auc"].value is None


def test_readers_label_what_they_read_blind(data, model, tmp_path):
    first = audit_folder(data, model)
    store = tmp_path / "verdicts.sqlite"

    def say(position: int, reader: str, label: str, visible: bool = False) -> None:
        with VerdictStore(store) as verdicts:
            verdicts.add(
                Verdict(
                    first.rows[position].identity,
                    reader,
                    None,
                    datetime.now(UTC),
                    label,
                    score_visible=visible,
                    heatmap_visible=False,
                )
            )

    say(0, "Ada", "PNEUMONIA")
    say(1, "Ada", "NORMAL")
    say(1, "Bo", "NORMAL")
    say(2, "Ada", "NORMAL")
    say(2, "Bo", "PNEUMONIA")
    say(3, "Bo", "PNEUMONIA", visible=True)
    blind = audit_folder(data, model, Readers(store))
    assert [row.name for row in blind.rows] == [first.rows[0].name, first.rows[1].name]
    assert blind.labels.tolist() == [1, 0]
    assert blind.rows[1].columns["readers"] == "2"
    assert blind.problems[:2] == (
        "Files without a verdict that counts: 9. Left out.",
        "Images on which readers disagree: 1. Left out.",
    )
    everyone = audit_folder(data, model, Readers(store, blind_only=False))
    assert len(everyone.rows) == 3
    assert not audit_folder(data, model, Readers(tmp_path / "none.sqlite")).rows


def _counted(answers, counts):
    def counting(self, inputs, maps=False):
        counts.append(len(inputs))
        return answers(self, inputs, maps)

    return counting


def test_images_that_the_model_was_trained_on(data, model, tmp_path, monkeypatch):
    plain = audit_folder(data, model)
    trained = [bytes.fromhex(row.content_hash)[:16] for row in plain.rows[:4]]
    near = [row.perceptual_hash for row in plain.rows[4:5]]
    known = save_tiny(
        tmp_path,
        "known",
        data={"content_hashes": pack_hashes(trained), "perceptual_hashes": pack_hashes(near)},
    )
    without = audit_folder(data, known)
    assert [row.seen for row in without.rows[:6]] == ["exact"] * 4 + ["near", ""]
    assert without.counts["seen_in_training"] == 5
    assert "trained on 5 of the images" in without.problems[0]
    table = ["content_hash,patient,fold,label,p"]
    random = np.random.default_rng(0)
    for i in range(200):
        own = trained[i].hex() if i < 3 else f"{i:032x}"
        label = int(random.random() < 0.5)
        table.append(f"{own},patient{i},0,{label},{0.2 + 0.5 * label + random.random() * 0.2:.4f}")
    (known / "oof_scores.csv").write_text("\n".join(table), encoding="utf-8")
    fewer = []
    monkeypatch.setattr(Classifier, "answers", _counted(Classifier.answers, fewer))
    default_path().unlink()
    honest = audit_folder(data, known)
    # What has an out-of-fold score needs no network.
    assert sum(fewer) == 9
    assert audit_folder(data, known).rows == honest.rows
    assert sum(fewer) == 9
    assert [row.out_of_fold for row in honest.rows[:5]] == [True] * 3 + [False] * 2
    assert honest.rows[0].p != without.rows[0].p
    assert honest.rows[3].p == without.rows[3].p
    assert (honest.counts["out_of_fold"], honest.counts["seen_in_training"]) == (3, 2)
    assert audit_folder(data, known, out_of_fold=False).rows == without.rows


def test_cancelled_and_gone_on_with(data, model):
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 20

    with pytest.raises(Cancelled):
        audit_folder(data, model, cancelled=cancelled)
    assert len(audit_folder(data, model).scored) == 12


def test_saved_and_loaded(data, model, tmp_path):
    audit = audit_folder(data, model)
    save(audit, tmp_path / "a.jsonl")
    back = load(tmp_path / "a.jsonl")
    assert back == audit
    assert back.figures(0.5, intervals=False) is not None
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    for damaged in (lines[:-1], ["{}", *lines[1:]], ["no json"], [lines[0], "[]"]):
        (tmp_path / "b.jsonl").write_text("\n".join(damaged))
        with pytest.raises(ReviewError, match="cannot be read"):
            load(tmp_path / "b.jsonl")
