"""Nothing that a person can hand in ends in a traceback.

Each entry is fed with seeded damage; the program's own errors alone may come out. ``OPACITY_FUZZ``
multiplies the number of tries: ``OPACITY_FUZZ=100 pytest tests/fuzz``. A failure names its seed.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import random
import sqlite3
import zipfile
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import chest_like
from made_audit import made_audit
from mutations import ODD, damaged, misspelt, written
from sweep_rows import make_rows
from tiny_model import tiny_card

from app import cli
from app.core.base.errors import ReviewError
from app.core.base.events import EpochEnded, RunEnded, RunFailed, RunStarted, to_line
from app.core.base.home import home, models_dir, runs_dir
from app.core.model.card import ModelCard, missing_parts
from app.core.reading.verdicts import Agreement, ImageIdentity, Region, RegionKind, Verdict
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig

TRIES = 60 * int(os.environ.get("OPACITY_FUZZ", "1"))
BUNDLED = Path(cli.__file__).parents[2] / "model_zoo"

TABLE = (
    "path,label,patient,split,weight,original_label,age,sex,note\n"
    "NORMAL/a.png,NORMAL,7,train,1.5,NORMAL,58,F,\n"
    'PNEUMONIA/b.png,PNEUMONIA,"8",val,1,PNEUMONIA,058Y,M,"x, ""y"""\n'
    "PNEUMONIA/c.png,PNEUMONIA,ANON,test,,,,,\n"
)


def each_seed(feed, tries=TRIES):
    """Feed with a chance by seed; what is not the program's own error names it."""
    for seed in range(tries):
        try:
            feed(random.Random(seed))
        except ReviewError:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error


@pytest.fixture
def folder(tmp_path):
    import cv2

    for name in ("NORMAL/a", "PNEUMONIA/b", "PNEUMONIA/c"):
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / "data" / f"{name}.png"), chest_like(70, 70))
    return tmp_path / "data"


def table(path, chance):
    text = TABLE.replace(",", chance.choice(",;\t|")).replace(
        "\n", chance.choice(("\n", "\r", "\r\n"))
    )
    data = text.encode(chance.choice(("utf-8", "utf-16", "cp1252", "utf-8-sig")))
    path.write_bytes(damaged(data, chance) if chance.random() < 0.9 else chance.randbytes(300))
    return path


def test_tables_of_labels_and_patients(folder, tmp_path):
    from app.review.audit.labels import labelled_files
    from app.training.data.layout import read_layout
    from app.training.data.summary import summarise

    def feed(chance):
        path = table(tmp_path / "t.csv", chance)
        for use in (
            lambda: summarise(folder, labels=path),
            lambda: summarise(folder, patients=path),
            lambda: read_layout(folder, path, path),
            lambda: labelled_files(folder, path),
        ):
            with suppress(ReviewError):
                use()

    each_seed(feed, 4 * TRIES)


def test_tables_at_the_command_line(folder, tmp_path, capsys):
    def feed(chance):
        path = str(table(tmp_path / "t.csv", chance))
        assert cli.main(["inspect", str(folder), "--labels", path]) in (0, 1, 2)
        assert cli.main(["inspect", str(folder), "--patients", path]) in (0, 1, 2)

    each_seed(feed)


def own_model(card_data):
    """A model of the person's own, of which the card alone is fed."""
    place = models_dir() / "mine"
    place.mkdir(parents=True, exist_ok=True)
    (place / "model.keras").touch()
    (place / "card.json").write_bytes(card_data)
    return place


CARD = json.loads((BUNDLED / "best-2" / "card.json").read_text(encoding="utf-8"))
SMALL_CARD = {**CARD, "data": {**CARD["data"], "content_hashes": "", "perceptual_hashes": ""}}


@pytest.mark.slow
def test_cards_in_the_lists_and_the_window(qapp):
    from app.gui.models.text import (
        area_words,
        calibration_words,
        card_words,
        threshold_words,
    )
    from app.inference.registry.models import active, find_model, list_models, previous_name
    from app.review.holdout.out_of_fold import OutOfFold
    from app.review.holdout.overlap import Seen
    from app.review.report.model_page.files import card_document

    def feed(chance):
        place = own_model(written(SMALL_CARD, chance))
        entries = list_models()
        assert [entry.name for entry in entries if entry.bundled and entry.card] == BUNDLED_NAMES
        active(), previous_name(), find_model("mine")
        for entry in entries:
            card_words(entry)
            if entry.card and not entry.bundled:
                entry.card.title.encode()
                missing_parts(entry.card)
                area_words(entry.card), calibration_words(entry.card), threshold_words(entry.card)
                json.loads(entry.card.to_json())
        for use in (
            lambda: card_document(place),
            lambda: Seen.of(ModelCard.load(place / "card.json")),
            lambda: OutOfFold.of(place),
        ):
            with suppress(ReviewError):
                use()

    each_seed(feed, 4 * TRIES)


BUNDLED_NAMES = sorted(path.parent.name for path in BUNDLED.glob("*/card.json"))


@pytest.mark.slow
def test_cards_at_the_command_line(folder, tmp_path, capsys):
    def feed(chance):
        place = own_model(written(SMALL_CARD, chance))
        assert cli.main(["models"]) == 0
        assert cli.main(["models", "--json"]) == 0
        for command in (["promote", "mine"], ["rollback"]):
            assert cli.main(["models", *command]) in (0, 1)
        output = ["-o", str(tmp_path / "out.csv"), "--model", str(place)]
        assert cli.main(["score", str(folder / "NORMAL"), *output]) in (0, 1)

    each_seed(feed)


def test_out_of_fold_scores(tmp_path):
    from app.review.holdout.out_of_fold import NAME, OutOfFold

    lines = (BUNDLED / "best-2" / NAME).read_bytes().splitlines(keepends=True)

    def feed(chance):
        some = lines[:1] + chance.sample(lines[1:], 40)
        if chance.random() < 0.5:
            cells = some[1].rstrip().split(b",")
            cells[chance.randrange(len(cells))] = str(chance.choice(ODD)).encode("utf-8", "replace")
            some[1] = b",".join(cells) + b"\n"
        (tmp_path / NAME).write_bytes(damaged(b"".join(some), chance))
        OutOfFold.of(tmp_path)

    each_seed(feed)


def test_bundles(tmp_path):
    from app.inference.registry.archive import pack, unpack

    whole = pack(BUNDLED / "dense-1")
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def feed(chance):
        path = tmp_path / "model.opacity"
        if chance.random() < 0.3:
            path.write_bytes(damaged(whole, chance))
        else:
            name = chance.choice([name for name in members if name.endswith(".json")])
            changed = {**members, name: written(json.loads(members[name]), chance)}
            if chance.random() < 0.2:
                changed.pop(chance.choice(list(changed)))
            with zipfile.ZipFile(path, "w") as archive:
                for each, data in changed.items():
                    archive.writestr(each, data)
        unpack(path)

    each_seed(feed)


@pytest.mark.slow
def test_the_active_model(tmp_path):
    from app.inference.registry import models

    def feed(chance):
        event = {"what": "promoted", "when": "x", "name": "dense-1", "weights": "x"}
        history = {"format": 1, "history": [event, {"what": "rolled back", "when": "y"}, event]}
        (home() / "active.json").write_bytes(written(history, chance))
        models.active(), models.active_name(), models.previous_name()
        models.roll_back()

    each_seed(feed)


# Databases ----------------------------------------------------------------------------------


def whole_verdicts(path):
    from app.review.verdicts.store import VerdictStore

    with VerdictStore(path, local=False) as store:
        for n in range(12):
            region = Region(RegionKind.ELLIPSE, ((1.0, 2.0), (3.0, 4.0)), "here", 0)
            image = ImageIdentity(f"{n:064x}", "1.2.3")
            store.add(Verdict(image, "Ada", Agreement.AGREE, datetime.now(UTC), regions=(region,)))
    return path.read_bytes()


def any_cell(path, chance):
    """Some cells of a database replaced by what no program writes there."""
    with closing(sqlite3.connect(path)) as store:
        for trigger in [
            row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]:
            store.execute(f"DROP TRIGGER {trigger}")
        store.execute("PRAGMA ignore_check_constraints=ON")
        tables = [
            row[0]
            for row in store.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        for _ in range(chance.choice((1, 1, 3))):
            name = chance.choice(tables)
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({name})")]
            value = chance.choice([v for v in ODD if isinstance(v, str | float | None)])
            if isinstance(value, str):
                value = value.encode("utf-8", "surrogatepass")
                value = value if chance.random() < 0.4 else value.decode("utf-8", "replace")
            cell = "CAST(? AS TEXT)" if chance.random() < 0.3 else "?"
            with suppress(sqlite3.Error):
                store.execute(
                    f"UPDATE {name} SET {chance.choice(columns)} = {cell} WHERE rowid IN "
                    f"(SELECT rowid FROM {name} ORDER BY random() LIMIT 2)",
                    (value,),
                )
        store.commit()


@pytest.mark.slow
def test_databases_of_verdicts(tmp_path):
    from app.review.audit.readers import Readers
    from app.review.verdicts.store import VerdictStore

    whole = whole_verdicts(tmp_path / "whole.sqlite")

    def feed(chance):
        path = tmp_path / "v.sqlite"
        for left in tmp_path.glob("v.sqlite*"):
            left.unlink()
        path.write_bytes(whole)
        if chance.random() < 0.5:
            any_cell(path, chance)
        else:
            path.write_bytes(damaged(whole, chance))
        with VerdictStore(path) as store:
            str(store.unreadable)
            for verdict in store.all():
                store.history(verdict.image)
                repr(verdict).encode()
            store.add(Verdict(ImageIdentity("f" * 64), "Eve", None, datetime.now(UTC)))
        Readers(path).book()

    each_seed(feed, 2 * TRIES)


def test_databases_of_locks_and_scores(tmp_path):
    from app.core.model.results import Status
    from app.review.audit.score_cache import KeptScore, ScoreCache
    from app.review.audit.score_cache import default_path as scores_path
    from app.review.holdout import locks
    from app.review.holdout.lock_store import default_path as locks_path

    image = locks.LockedImage("ab" * 32, "csv|1", bytes(32), "a.png")
    locks.lock(tmp_path, [image])
    kept = KeptScore(Status.OK, (), 0.5, "ab" * 32, bytes(32), "cd" * 32)
    cache = ScoreCache(tiny_card())
    cache.keep(b"file", kept)
    cache.close()
    whole = {path: path.read_bytes() for path in (locks_path(), scores_path())}

    def feed(chance):
        for path, data in whole.items():
            for left in path.parent.glob(f"{path.name}-*"):
                left.unlink()
            path.write_bytes(data)
            if chance.random() < 0.5:
                any_cell(path, chance)
            else:
                path.write_bytes(damaged(data, chance))
        again = ScoreCache(tiny_card())
        again.get(b"file")
        again.keep(b"other", kept)
        again.close()
        for use in (
            lambda: locks.guarded_sets(),
            lambda: locks.touched(["ab" * 32]),
            lambda: locks.look(["ab" * 32], locks.EVALUATE, "m"),
            lambda: locks.refuse_training([image]),
        ):
            with suppress(ReviewError):
                use()

    each_seed(feed)


# Settings -----------------------------------------------------------------------------------


def test_the_dicom_networks_settings():
    from app.network.config import Caller, Limits, Listening, NetworkConfig, Node, load, save

    config = NetworkConfig(
        Listening(True, "ME", "0.0.0.0", 4242, (Caller("A", "10.0.0.0/8"),), Limits()),
        (Node("pacs", "host", 104, "THEY", "ME", True, "ca.pem"),),
    )

    def feed(chance):
        raw = {**dataclasses.asdict(config)}
        raw.pop("problems")
        (home() / "network.json").write_bytes(written(raw, chance))
        said = load()
        save(said)
        assert load().problems == ()
        for caller in said.listening.callers:
            caller.admits("A", "10.1.2.3")
        for node in said.nodes:
            with suppress(ReviewError):
                node.check()
        said.listening.check()

    each_seed(feed, 4 * TRIES)


def test_the_windows_settings(qapp):
    from app.gui.settings.remembered import Settings
    from app.gui.training.data_section import _Memory

    lines = (
        b"[General]\nrecent=/a, /b\nfolder=/a\nwidth=200\nwatch=true\n"
        b"state=@ByteArray(\\0\\0\\0\\xff)\n"
        b'training\\images="{\\"folder\\": \\"/a\\", \\"mapping\\": {}}"\n'
    )

    def feed(chance):
        (home() / "window.ini").write_bytes(damaged(lines, chance))
        settings = Settings()
        settings.recent(), settings.folder, settings.text("folder"), settings.state("state")
        for key in ("width", "watch", "recent", "state", "training/images"):
            settings.number(key, 3), settings.flag(key, True)
            settings.text(key)
        _Memory(settings._store).load()

    each_seed(feed)


# Folders of runs and sweeps -------------------------------------------------------------------


def test_folders_of_runs(tmp_path, capsys):
    from app.training.fit.checkpoint import load_checkpoint
    from app.training.result.changed_calls import Flip, read_flips, write_flips
    from app.training.runs.runs import list_runs, new_run, read_events, resumable, wanted_name

    place = new_run(TrainConfig(data="/data"), model_name="mine")
    counts = {"NORMAL": 3, "PNEUMONIA": 4}
    events = [
        RunStarted(str(place), "best", 3, 5, counts, counts, counts, "cpu"),
        EpochEnded(1, 3, 2.0, {"val_auc": 0.9, "loss": 0.1}, True),
        RunEnded("/m", "mine", 1, 1, False, {"auc": {"value": 0.9}}, {"figures": 1}),
        RunFailed("what", "expected", "fix"),
    ]
    write_flips(place, (Flip("newly_caught", "a.png", 0.1, 0.9),))
    (place / "checkpoint.json").write_text(json.dumps({"folder": "checkpoint-1"}))
    (place / "checkpoint-1").mkdir()
    flips = (place / "flips.csv").read_bytes()
    config = json.loads((place / "config.json").read_text())
    progress = {"history": [{"loss": 1.0}], "best_epoch": 1, "batch_size": 8, "data_sha256": "x"}

    def feed(chance):
        (place / "config.json").write_bytes(written(config, chance))
        told = [written(json.loads(to_line(event)), chance) for event in events]
        (place / "events.jsonl").write_bytes(b"\n".join(chance.sample(told, 3)))
        (place / "flips.csv").write_bytes(damaged(flips, chance))
        (place / "checkpoint-1" / "progress.json").write_bytes(written(progress, chance))
        for name in ("state.npz", "best.npz"):
            (place / "checkpoint-1" / name).write_bytes(chance.randbytes(50))
        (place / "model_name.txt").write_bytes(chance.randbytes(9))
        (run,) = list_runs()
        read_events(place), read_flips(place), repr(run)
        if run.state.value != "running":
            for use in (lambda: load_checkpoint(place), lambda: resumable(place)):
                with suppress(ReviewError):
                    use()
        wanted_name(place)

    each_seed(feed, 2 * TRIES)
    assert runs_dir() in place.parents


@pytest.mark.slow
def test_folders_of_sweeps():
    from app.training.sweep.folders import list_sweeps, open_sweep, sweeps_dir
    from app.training.sweep.ledger import (
        best_low,
        importances,
        ranked,
        verdict,
        write_csv,
        write_ledger,
    )

    place = open_sweep(SweepConfig(train=TrainConfig(data="/data"), study="s"))
    write_ledger(place / "ledger.jsonl", make_rows(24))
    lines = (place / "ledger.jsonl").read_text().splitlines()
    config = json.loads((place / "sweep.json").read_text())

    def feed(chance):
        (place / "sweep.json").write_bytes(written(config, chance))
        told = [
            written(json.loads(line), chance) if chance.random() < 0.5 else line.encode()
            for line in lines
        ]
        (place / "ledger.jsonl").write_bytes(b"\n".join(told))
        for sweep in list_sweeps():
            rows = sweep.rows()
            ranked(rows, "val_auc"), importances(rows, "val_auc")
            low = best_low(rows)
            for each in rows:
                verdict(each, low)
            write_csv(io.StringIO(), rows, "val_auc")
        assert sweeps_dir().is_dir()

    each_seed(feed, 2 * TRIES)


def test_kept_audits_and_decisions_on_labels(tmp_path):
    from app.review.audit import files
    from app.review.audit.relabelling import Relabelling

    path = tmp_path / "kept.audit"
    files.save(made_audit(6), path)
    lines = path.read_text(encoding="utf-8").splitlines()
    history = Relabelling(tmp_path).history_path
    decided = {"at": "x", "reader": "r", "content_hash": "h", "name": "n", "decision": "NORMAL"}

    def feed(chance):
        told = list(map(str.encode, lines))
        at = chance.randrange(len(told))
        told[at] = written(json.loads(told[at]), chance)
        path.write_bytes(b"\n".join(told))
        history.parent.mkdir(exist_ok=True, parents=True)
        said = [written(each, chance) for each in (decided, {"undo": 1}, decided)]
        history.write_bytes(b"\n".join(said) + b"\n")
        for use in (lambda: files.load(path), lambda: Relabelling(tmp_path)):
            with suppress(ReviewError):
                use()

    each_seed(feed, 2 * TRIES)


def test_the_damage_is_the_same_for_the_same_seed():
    for make in (lambda c: damaged(b"path,label\n" * 9, c), lambda c: written(SMALL_CARD, c)):
        assert make(random.Random(5)) == make(random.Random(5))
    assert misspelt(SMALL_CARD, random.Random(1)) != SMALL_CARD
