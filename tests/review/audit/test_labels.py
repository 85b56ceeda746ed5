"""Where an audit's labels come from, and what bad tables and folders do: nothing but words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.core.base.errors import TrainingDataError
from app.core.model.results import Call
from app.core.reading.verdicts import Agreement, ImageIdentity, Verdict
from app.review.audit import Readers
from app.review.audit.labels import labelled_files
from app.review.audit.readers import class_of
from app.review.verdicts.store import VerdictStore

NAMES = (
    "site-a/NORMAL/IM-0001-0001.png",
    "site-a/PNEUMONIA/person1_virus_1.png",
    "site-b/Pneumonia/more/person2_bacteria_2.png",
    "site-b/Pneumonia/person3_bacteria_3.png",
    "loose.png",
)


@pytest.fixture
def folder(tmp_path) -> Path:
    for i, name in enumerate(NAMES):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((8, 8), i, np.uint8))
    return tmp_path / "data"


@pytest.fixture
def flat(tmp_path) -> Path:
    """Images without class folders."""
    for name in ("a.png", "b.png", "c.png", "below/d.png"):
        path = tmp_path / "flat" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.zeros((8, 8), np.uint8))
    return tmp_path / "flat"


def labels(found) -> dict[str, int | None]:
    return {file.name: file.label for file in found.files}


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


class TestFolders:
    def test_the_innermost_class_folder_counts(self, folder):
        found = labelled_files(folder)
        assert labels(found) == dict(zip(NAMES[:4], (0, 1, 1, 1), strict=True))
        assert [f.columns.get("source folder") for f in found.files] == [
            "site-a",
            "site-a",
            "site-b/more",
            "site-b",
        ]
        assert found.problems == ("1 file lies in no folder NORMAL or PNEUMONIA: left out.",)

    def test_a_table_beside_them_adds_columns(self, folder):
        write(
            folder / "labels.csv",
            "file,patient_id,age,scanner\n"
            "site-a/NORMAL/IM-0001-0001.png,7,58,X\n"
            "person1_virus_1.png,8,,\n"
            "gone.png,9,1,X\n",
        )
        found = labelled_files(folder)
        first, second = found.files[:2]
        assert (first.label, first.patient) == (0, "csv|7")
        assert first.columns == {"source folder": "site-a", "age": "58", "scanner": "X"}
        # A bare file name is enough where only one file is called so; empty cells say nothing.
        assert (second.patient, second.columns) == ("csv|8", {"source folder": "site-a"})
        assert found.problems[1:] == (
            "labels.csv: 1 row (line 4) of files that are not in the folder: left out.",
        )

    def test_a_damaged_table_beside_them_stops_nothing(self, folder):
        (folder / "labels.csv").write_bytes(b"\0\1\2")
        found = labelled_files(folder)
        assert len(found.files) == 4
        assert "labels.csv cannot be read" in found.problems[-1]

    def test_no_class_folder(self, flat, tmp_path):
        with pytest.raises(TrainingDataError, match="no subfolder NORMAL or PNEUMONIA"):
            labelled_files(flat)
        (tmp_path / "empty" / "NORMAL").mkdir(parents=True)
        with pytest.raises(TrainingDataError, match="hold no images"):
            labelled_files(tmp_path / "empty")
        with pytest.raises(TrainingDataError, match="cannot be opened"):
            labelled_files(tmp_path / "nowhere")


class TestTables:
    @pytest.mark.parametrize(
        ("separator", "encoding"),
        [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), (";", "latin-1"), (",", "cp1252")],
    )
    def test_separators_and_encodings(self, flat, tmp_path, separator, encoding):
        rows = (
            ("Path", "LABEL", "Größe", "note"),
            ("a.png", "normal", "groß", "x"),
            ("b.png", "1", "klein", ""),
            ("below\\d.png", "Pneumonia", "", ""),
        )
        text = "\r\n".join(separator.join(row) for row in rows)
        found = labelled_files(flat, write(tmp_path / "t.csv", text, encoding))
        assert labels(found) == {"a.png": 0, "b.png": 1, "below/d.png": 1}
        assert found.files[0].columns == {"größe": "groß", "note": "x"}
        assert found.source == "the table t.csv"
        assert found.problems == ("1 image of the folder is not in t.csv: left out.",)

    def test_single_bad_rows_are_left_out_and_told_by_line(self, flat, tmp_path):
        table = write(
            tmp_path / "t.csv",
            "path,label\na.png,NORMAL\na.png,normal\nb.png,1\nb.png,0\nb.png,1\nc.png,?\n"
            "nothing.png,1\n../outside.png,1\nbelow/d.png,EFFUSION\nd.png,0\n",
        )
        found = labelled_files(flat, table)
        assert labels(found) == {"a.png": 0, "below/d.png": 0}
        assert found.problems == (
            "t.csv: 2 rows (lines 8, 9) of files that are not in the folder: left out.",
            "t.csv: 1 row (line 7) without a label: left out.",
            "t.csv: 1 row (line 10) with a label that is neither NORMAL nor PNEUMONIA: left out.",
            "t.csv: 1 row (line 3) of a file that another row names, with the same label: "
            "counted once.",
            "t.csv: 3 rows (lines 4, 5, 6) that give one file two labels: the file is left out.",
        )

    def test_a_table_goes_before_the_folders_only_when_asked_for(self, folder, tmp_path):
        text = f"path,label\n{NAMES[0]},PNEUMONIA\n"
        asked = labelled_files(folder, write(tmp_path / "t.csv", text))
        assert labels(asked) == {NAMES[0]: 1}
        write(folder / "labels.csv", text)
        assert labels(labelled_files(folder))[NAMES[0]] == 0

    def test_a_labels_csv_is_enough_without_class_folders(self, flat):
        write(flat / "labels.csv", "path,label\na.png,0\nb.png,1\n")
        assert labels(labelled_files(flat)) == {"a.png": 0, "b.png": 1}

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("path,label\nz.png,0\n", "labels no image of the folder"),
            ("path,view\na.png,AP\n", "no column label"),
            ("where,label\na.png,0\n", "no column path"),
            ("path,label\n", "no rows below its first"),
            ("", "no column"),
        ],
    )
    def test_tables_that_cannot_be_used(self, flat, tmp_path, text, words):
        with pytest.raises(TrainingDataError, match=words):
            labelled_files(flat, write(tmp_path / "t.csv", text))


IMAGE = ImageIdentity("a" * 64)


def verdict(reader, label="", agreement=None, minutes=0, **more) -> Verdict:
    given = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    blind = {"score_visible": False, "heatmap_visible": False}
    return Verdict(IMAGE, reader, agreement, given, label, **{**blind, **more})


class TestReaders:
    @pytest.fixture
    def opinions(self, tmp_path):
        path = tmp_path / "verdicts.sqlite"

        def of(*verdicts: Verdict, **which) -> dict[str, int]:
            with VerdictStore(path) as store:
                for each in verdicts:
                    store.add(each)
            readers = Readers(path, **which)
            return readers.opinions(readers.book(), IMAGE)

        return of

    def test_only_blind_verdicts_count_unless_all_are_asked_for(self, opinions):
        seen = (
            verdict("Ada", "NORMAL"),
            verdict("Bo", "PNEUMONIA", score_visible=True),
            verdict("Cy", "PNEUMONIA", heatmap_visible=True),
        )
        assert opinions(*seen) == {"Ada": 0}
        assert opinions(blind_only=False) == {"Ada": 0, "Bo": 1, "Cy": 1}
        assert opinions(blind_only=False, reader="Cy") == {"Cy": 1}

    def test_what_a_reader_thought_before_seeing_the_score_stands(self, opinions):
        both = (
            verdict("Ada", "NORMAL"),
            verdict("Ada", "PNEUMONIA", minutes=1, score_visible=True),
        )
        assert opinions(*both) == {"Ada": 0}
        assert opinions(blind_only=False) == {"Ada": 1}

    def test_a_reader_who_became_unsure_gives_none(self, opinions):
        assert opinions(verdict("Ada", "NORMAL"), verdict("Ada", "UNCLEAR", minutes=1)) == {}

    def test_nobody_has_read_anything(self, opinions, tmp_path):
        assert opinions() == {}
        assert len(Readers(tmp_path / "none.sqlite").book()) == 0

    @pytest.mark.parametrize(
        ("label", "call", "agreement", "wanted"),
        [
            ("pneumonia", None, None, 1),
            ("NORMAL", Call.PNEUMONIA, Agreement.AGREE, 0),
            ("TB", Call.PNEUMONIA, Agreement.AGREE, None),
            ("", Call.PNEUMONIA, Agreement.AGREE, 1),
            ("", Call.PNEUMONIA, Agreement.DISAGREE, 0),
            ("", Call.NORMAL, Agreement.DISAGREE, 1),
            ("", Call.NORMAL, Agreement.UNSURE, None),
            ("", None, Agreement.AGREE, None),
        ],
    )
    def test_the_class_that_a_verdict_means(self, label, call, agreement, wanted):
        assert class_of(verdict("Ada", label, agreement, call=call)) == wanted
