"""The database of verdicts: what is kept, who may write, what is told when it cannot be used."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.model.results import Call
from app.core.reading.verdicts import Act, Agreement, ImageIdentity, Region, RegionKind, Verdict
from app.review.verdicts import rows
from app.review.verdicts import store as store_module
from app.review.verdicts.store import (
    VerdictConflict,
    VerdictStore,
    VerdictStoreError,
    default_path,
    moved_aside,
)

ROOT = Path(__file__).resolve().parents[3]
IMAGE = ImageIdentity("a" * 64, "1.2.3")
REGIONS = (
    Region(RegionKind.POLYGON, ((0.0, 1.5), (9.0, 1.0), (4.25, 8.0)), "left base", 2),
    Region(RegionKind.ELLIPSE, ((1.0, 2.0), (3.0, 4.0))),
)


def verdict(image=IMAGE, reader="Ada", agreement=Agreement.AGREE, **more):
    return Verdict(image, reader, agreement, datetime.now(UTC), **more)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "verdicts.sqlite"


def test_everything_of_a_verdict_comes_back_after_a_restart(path):
    given = verdict(
        label="PNEUMONIA",
        reason="Artefact",
        note="Line 1\nLine 2 ✓",
        key_image=True,
        regions=REGIONS,
        score_visible=False,
        heatmap_visible=False,
        p_pneumonia=0.1 + 0.2,
        threshold=0.35,
        call=Call.NORMAL,
        model="net 1.0",
    )
    plain = verdict(ImageIdentity("b" * 64), "Grace", None)
    with VerdictStore(path) as store:
        store.add(given)
        store.add(plain)
    with VerdictStore(path) as store:
        assert store.latest(IMAGE) == given
        assert store.all() == (given, plain)
        assert not store.latest(ImageIdentity("b" * 64)).is_read


def test_a_change_an_undo_and_a_redo_are_rows_of_the_history(path):
    with VerdictStore(path) as store:
        first = store.add(verdict())
        second = store.add(verdict(agreement=Agreement.DISAGREE))
        assert store.latest(IMAGE).agreement is Agreement.DISAGREE
        assert store.undo("Grace") is None
        assert store.undo("Ada").of == second.number
        assert store.latest(IMAGE) == first.verdict
        assert store.redo("Ada", second.number).of == second.number
        assert store.redo("Ada", second.number) is None
        assert store.undo("Ada", first.number).of == first.number
        assert store.latest(IMAGE) == second.verdict
        acts = [entry.act for entry in store.history(IMAGE)]
        assert acts == [Act.GIVEN, Act.GIVEN, Act.UNDONE, Act.REDONE, Act.UNDONE]
    with VerdictStore(path) as store:
        assert store.latest(IMAGE) == second.verdict
        assert len(store.history(IMAGE)) == 5


def test_rows_can_be_neither_changed_nor_deleted(path):
    with VerdictStore(path) as store:
        store.add(verdict())
    with closing(sqlite3.connect(path)) as database:
        for statement in ("UPDATE history SET note = 'x'", "DELETE FROM history"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                database.execute(statement)


def test_every_reader_has_a_verdict_of_their_own(path):
    with VerdictStore(path) as store:
        store.add(verdict())
        store.add(verdict(reader="Grace", agreement=Agreement.UNSURE), seen=0)
        assert store.latest(IMAGE, "Ada").agreement is Agreement.AGREE
        assert store.latest(IMAGE, "Grace").agreement is Agreement.UNSURE
        assert store.latest(IMAGE, "Nobody") is None
        assert list(store.book.readers_of(IMAGE)) == ["Ada", "Grace"]
        assert store.book.readers() == ("Grace", "Ada")
        assert len(store.all()) == 2


def test_a_verdict_on_other_pixels_under_the_same_uid_never_counts(path):
    other = ImageIdentity("f" * 64, IMAGE.sop_instance_uid)
    with VerdictStore(path) as store:
        store.add(verdict())
        assert store.latest(other) is None
        assert store.book.other_pixels(other) == (store.latest(IMAGE),)
        assert store.book.other_pixels(IMAGE) == ()
        # Before the pixels are known the UID finds it, unless it stands for several images.
        assert store.latest(ImageIdentity("", "1.2.3")) == store.latest(IMAGE)
        store.add(verdict(other))
        assert store.latest(ImageIdentity("", "1.2.3")) is None
        assert store.latest(ImageIdentity("", "")) is None
        # The same pixels in another file, such as a de-identified copy, are the same image.
        assert store.latest(ImageIdentity("a" * 64, "9.9")) == store.latest(IMAGE)


def test_what_has_not_been_decoded_gets_no_verdict(path):
    with VerdictStore(path) as store:
        with pytest.raises(ValueError, match="content hash"):
            store.add(verdict(ImageIdentity("", "1.2.3")))
        with pytest.raises(ValueError, match="reader"):
            store.add(verdict(reader=""))
        assert store.all() == ()


def test_it_is_on_disk_when_add_returns(path):
    with VerdictStore(path, local=True) as store:
        assert (store._pragma("journal_mode"), store._pragma("synchronous")) == ("wal", 2)
    other = path.with_name("share.sqlite")
    with VerdictStore(other, local=False) as store:
        assert (store._pragma("journal_mode"), store._pragma("synchronous")) == ("delete", 2)
        store.add(verdict())
    with VerdictStore(other, local=True) as store:
        # Somebody on the network may have it open: it keeps the journal that is safe there.
        assert store._pragma("journal_mode") == "delete"
    with VerdictStore(path, local=False) as store:
        assert store._pragma("journal_mode") == "delete"


def test_over_the_network_a_write_ahead_log_in_use_is_not_joined(path, monkeypatch):
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.1)
    with VerdictStore(path, local=True) as here:
        here.add(verdict())
        with pytest.raises(VerdictStoreError):
            VerdictStore(path, local=False)
        here.add(verdict())


def test_the_default_place_is_the_home(opacity_home):
    assert default_path() == opacity_home / "verdicts.sqlite"
    with VerdictStore.open() as store:
        store.add(verdict())
    assert default_path().is_file()


# Two at once --------------------------------------------------------------------------------


def test_what_another_program_wrote_shows_up(path):
    with VerdictStore(path) as mine, VerdictStore(path) as theirs:
        assert mine.refresh() == []
        entry = theirs.add(verdict(reader="Grace"))
        assert mine.latest(IMAGE) is None
        assert mine.refresh() == [entry]
        assert mine.refresh() == []
        assert mine.latest(IMAGE) == entry.verdict


def test_the_same_reader_elsewhere_is_told_and_not_overwritten(path):
    with VerdictStore(path) as mine, VerdictStore(path) as theirs:
        first = mine.add(verdict(), seen=0)
        theirs.refresh()
        newer = theirs.add(verdict(agreement=Agreement.DISAGREE), seen=first.number)
        with pytest.raises(VerdictConflict) as told:
            mine.add(verdict(agreement=Agreement.UNSURE), seen=first.number)
        assert told.value.theirs == newer
        assert mine.latest(IMAGE) == newer.verdict
        assert len(mine.history(IMAGE)) == 2
        mine.add(verdict(agreement=Agreement.UNSURE), seen=newer.number)
        assert mine.latest(IMAGE).agreement is Agreement.UNSURE


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.core.reading.verdicts import Agreement, ImageIdentity, Verdict
from app.review.verdicts.store import VerdictStore
with VerdictStore(Path(sys.argv[1]), local=sys.argv[3] == "wal") as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(60):
        image = ImageIdentity(f"{n:064x}")
        verdict = Verdict(image, sys.argv[2], Agreement.AGREE, datetime.now(UTC))
        store.add(verdict, seen=0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("journal", ["wal", "rollback"])
def test_two_programs_write_at_once_and_none_of_it_is_lost(path, journal):
    VerdictStore(path, local=journal == "wal").close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, path, name, journal],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in ("Ada", "Grace")
    ]
    for writer in writers:
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    with VerdictStore(path, local=journal == "wal") as store:
        for n in range(60):
            image = ImageIdentity(f"{n:064x}")
            assert set(store.book.readers_of(image)) == {"Ada", "Grace"}
            assert len(store.history(image)) == 2
        assert store._pragma("integrity_check") == "ok"


# What cannot be used ------------------------------------------------------------------------


def test_a_damaged_database_is_told_and_left_as_it_is(path):
    with VerdictStore(path) as store:
        for n in range(300):
            store.add(verdict(ImageIdentity(f"{n:064x}"), note="n" * 200))
    broken = bytearray(path.read_bytes())
    broken[5000:9000] = bytes(4000)
    for content in (bytes(broken), b"This is not a database. " * 100, path.read_bytes()[:3000]):
        path.write_bytes(content)
        with pytest.raises(VerdictStoreError, match="damaged") as told:
            VerdictStore(path)
        assert told.value.can_move_aside
        assert path.read_bytes() == content
    aside = moved_aside(path)
    assert aside.read_bytes() == content
    with VerdictStore(path) as store:
        store.add(verdict())


def test_a_newer_database_is_told_and_left_as_it_is(path):
    VerdictStore(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version=99")
    before = path.read_bytes()
    with pytest.raises(VerdictStoreError, match="newer version"):
        VerdictStore(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_told_and_left_as_it_is(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(VerdictStoreError, match="another program") as told:
        VerdictStore(path)
    assert not told.value.can_move_aside
    assert path.read_bytes() == before


def test_an_older_database_is_brought_up_to_date_and_a_copy_kept(path, monkeypatch):
    with VerdictStore(path) as store:
        store.add(verdict(note="old"))
    now = (*rows.MIGRATIONS, ("CREATE TABLE extra (x)",))
    monkeypatch.setattr(store_module, "MIGRATIONS", now)
    with VerdictStore(path) as store:
        assert store.latest(IMAGE).note == "old"
        assert store._pragma("user_version") == 2
        store._connection.execute("SELECT * FROM extra")
    monkeypatch.undo()
    copy = path.with_name("verdicts.format-1.sqlite")
    with VerdictStore(copy) as store:
        assert store.latest(IMAGE).note == "old"
    with pytest.raises(VerdictStoreError, match="newer version"):
        VerdictStore(path)


def test_a_failed_migration_changes_nothing(path, monkeypatch):
    with VerdictStore(path) as store:
        store.add(verdict())
    wrong = ("CREATE TABLE extra (x)", "CREATE NONSENSE")
    monkeypatch.setattr(store_module, "MIGRATIONS", (*rows.MIGRATIONS, wrong))
    with pytest.raises(VerdictStoreError):
        VerdictStore(path)
    monkeypatch.undo()
    with VerdictStore(path) as store:
        assert store.latest(IMAGE) is not None


def test_a_full_disk_is_told_and_the_next_verdict_works_again(path):
    with VerdictStore(path) as store:
        store.add(verdict())
        store._pragma(f"max_page_count={store._pragma('page_count') + 1}")
        with pytest.raises(VerdictStoreError, match="disk is full") as told:
            store.add(verdict(note="n" * 100_000), seen=1)
        assert "not saved" in told.value.what
        assert len(store.history(IMAGE)) == 1
        store._pragma("max_page_count=1000000")
        store.add(verdict(note="n" * 100_000), seen=1)
    with VerdictStore(path) as store:
        assert len(store.history(IMAGE)) == 2


def test_a_writer_that_holds_on_too_long_is_told(path, monkeypatch):
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.1)
    with VerdictStore(path) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(VerdictStoreError, match="another program holds"):
            store.add(verdict())
        other.rollback()
        store.add(verdict())


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
def test_a_database_that_was_deleted_meanwhile_swallows_nothing(path):
    with VerdictStore(path) as store:
        store.add(verdict())
        path.rename(path.with_name("elsewhere.sqlite"))
        with pytest.raises(VerdictStoreError, match="no longer in its place"):
            store.add(verdict(agreement=Agreement.UNSURE))
        path.with_name("elsewhere.sqlite").rename(path)
        assert store.latest(IMAGE).agreement is Agreement.AGREE


_READER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from app.core.reading.verdicts import ImageIdentity, Verdict
from app.review.verdicts.store import VerdictStore, VerdictStoreError
if os.geteuid() == 0:  # root may write everywhere
    os.setegid(65534)
    os.seteuid(65534)
store = VerdictStore(Path(sys.argv[1]))
print(len(store.all()), store.read_only)
try:
    store.add(Verdict(ImageIdentity("c" * 64), "Ada", None, datetime.now(UTC)))
except VerdictStoreError as error:
    print(error.what)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_database_is_shown_and_writing_to_it_told(what):
    with tempfile.TemporaryDirectory() as made:
        folder, path = Path(made), Path(made) / "who? #1 100 %.sqlite"
        with VerdictStore(path) as store:
            store.add(verdict())
        folder.chmod(0o777 if what == "file" else 0o555)
        path.chmod(0o444)
        done = subprocess.run(
            [sys.executable, "-c", _READER, path], cwd=ROOT, capture_output=True, text=True
        )
        folder.chmod(0o755)
    shown, told = done.stdout.splitlines() or [done.stderr, ""]
    assert shown == "1 True"
    assert "not saved" in told
    assert "may not be written" in told


# Single cells ---------------------------------------------------------------------------------


def with_cell(path, column, value, row=2):
    """A database of four verdicts of which one cell says something that nobody wrote."""
    with VerdictStore(path, local=False) as store:
        for n in range(4):
            store.add(verdict(ImageIdentity(f"{n:064x}"), note="nothing"))
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TRIGGER history_keeps_words")
        database.execute("PRAGMA ignore_check_constraints=ON")
        database.execute("PRAGMA writable_schema=ON")
        database.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '')")
        database.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'INTEGER', 'ANYTHING')"
            " WHERE name != 'history'"
        )
        database.commit()
    with closing(sqlite3.connect(path)) as database:
        if isinstance(value, tuple):
            database.execute(
                f"UPDATE history SET {column} = CAST(? AS TEXT) WHERE number = ?", (value[0], row)
            )
        else:
            database.execute(f"UPDATE history SET {column} = ? WHERE number = ?", (value, row))
        database.commit()
    return path


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("given_at", b"\xff\xfe"),
        ("given_at", (b"\xff\xfe",)),  # a text that is no UTF-8
        ("given_at", "yesterday"),
        ("given_at", "2026-11-30T23:05:40"),
        ("act", "guessed"),
        ("of", "x"),
        ("reader", (b"\xc3",)),
        ("reader", None),
        ("content_hash", b"1"),
        ("agreement", "perhaps"),
        ("label", b"NORMAL"),
        ("note", None),
        ("key_image", 2**60),
        ("regions", "[" * 100_000),
        ("regions", '[{"kind": "ellipse"}]'),
        ("regions", '[{"kind": "ellipse", "points": [[1e999, 0]], "label": "", "frame": 0}]'),
        ("score_visible", "no"),
        ("p_pneumonia", 7),
        ("p_pneumonia", "much"),
        ("threshold", -1),
        ("call", "MAYBE"),
    ],
)
def test_one_cell_that_makes_no_sense_costs_its_row(path, column, value):
    with VerdictStore(with_cell(path, column, value)) as store:
        assert len(store.all()) == 3
        assert store.book.unreadable == {2: column}
        told = store.unreadable
        assert told.can_move_aside
        assert f"row 2, column {column}" in str(told)
        store.add(verdict(ImageIdentity("f" * 64)))
        assert store.refresh() == []
    with VerdictStore(path) as store:
        assert len(store.all()) == 4


def test_many_bad_cells_are_counted_and_some_named(path):
    with_cell(path, "note", None)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE history SET act = 'x'")
        database.commit()
    with VerdictStore(path) as store:
        assert store.all() == ()
        assert "4 rows" in str(store.unreadable)
        assert "row 1, column act; row 2, column act; row 3, column act; …" in str(store.unreadable)


def test_a_whole_database_has_nothing_to_say(path):
    with VerdictStore(path) as store:
        store.add(verdict())
        assert store.unreadable is None


@pytest.mark.parametrize("name", ["a\0b.sqlite", "a\ud800b.sqlite"])
def test_a_name_that_no_file_system_takes_is_told(tmp_path, name):
    with pytest.raises(VerdictStoreError, match="cannot be opened") as told:
        VerdictStore(tmp_path / name)
    str(told.value).encode()
