"""Texts without Qt: what a child process reads, and what is kept in English for others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from app.core.base import translation, translation_file
from app.core.base.translation import again, tr, untranslated

ROOT = Path(__file__).resolve().parents[3]
SHOWN = ("ReviewError", "OutputError", "ModelError", "TrainingDataError", "UnreadableImage")
"""What carries words to a person."""
GERMAN = Path(str(resources.files("resources") / "translations" / "opacity_de.ts"))


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    translation.install(None)


def test_a_child_speaks_the_language_that_its_environment_names(monkeypatch):
    monkeypatch.setenv(translation_file.VARIABLE, "de")
    translation_file.use_the_windows_language()
    assert translation.language() == "de"
    assert tr("The folder {folder} does not exist.", folder="x") == "Den Ordner x gibt es nicht."
    assert tr("nobody has translated this") == "nobody has translated this"


@pytest.mark.parametrize("code", ["", "en", "xx", "../de", "de/../de", "d" * 40])
def test_what_is_no_language_of_ours_is_english(monkeypatch, code):
    monkeypatch.setenv(translation_file.VARIABLE, code)
    translation_file.use_the_windows_language()
    assert translation.language() == ""
    assert tr("Start a new run.") == "Start a new run."


def test_a_damaged_file_is_english(monkeypatch, tmp_path):
    (tmp_path / "translations").mkdir()
    (tmp_path / "translations" / "opacity_de.ts").write_text("<TS><cont", encoding="utf-8")
    monkeypatch.setattr(translation_file.resources, "files", lambda name: tmp_path)
    monkeypatch.setenv(translation_file.VARIABLE, "de")
    translation_file.use_the_windows_language()
    assert translation.language() == ""


def test_unfinished_translations_are_left_out(tmp_path):
    path = tmp_path / "opacity_xx.ts"
    path.write_text(
        "<TS><context><message><source>a</source><translation>b</translation></message>"
        "<message><source>c</source><translation type='unfinished'>d</translation></message>"
        "</context></TS>",
        encoding="utf-8",
    )
    assert translation_file.read(path) == {"a": "b"}


def test_what_was_kept_in_english_is_said_in_the_language():
    translation.install({"{n} of {m}.": "{n} von {m}.", "no (b)": "kein (b)"}.__getitem__)
    assert again("3 of a b.", "no (b)", "{n} of {m}.") == "3 von a b."
    assert again("no (b)", "no (b)", "{n} of {m}.") == "kein (b)"
    assert again("something else", "no (b)") == "something else"


def test_files_for_others_are_written_in_english():
    translation.install(str.upper, "xx")
    with untranslated():
        assert (tr("a"), translation.language()) == ("a", "")
    assert (tr("a"), translation.language()) == ("A", "xx")
    with pytest.raises(KeyError), untranslated():
        raise KeyError
    assert tr("a") == "A"


def test_no_error_that_a_person_sees_is_worded_without_the_dictionary():
    """A literal in place of ``tr(...)`` stays English in every language."""
    untranslated_words = []
    for folder in ("review", "network", "core", "jobs"):
        for path in sorted((ROOT / "app" / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(getattr(node, "func", None), "id", "")
                if name not in SHOWN:
                    continue
                for argument in node.args:
                    words = ast.unparse(argument)
                    literal = isinstance(argument, ast.JoinedStr | ast.Constant)
                    if literal and re.search(r"[a-z]{2,} [a-z]{2,}", words):
                        untranslated_words.append(f"{path.name}:{node.lineno}: {words}")
    assert untranslated_words == []
