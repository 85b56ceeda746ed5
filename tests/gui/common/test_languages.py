"""Every text has its German, with the same values in it; a language is one file."""

from __future__ import annotations

import shutil
import string
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from app.core.base.errors import ReviewError
from app.core.base.translation import CONTEXT, tr
from app.core.base.translation_file import VARIABLE
from app.gui.common import languages
from app.jobs.event_process import worker_environment

sys.path.insert(0, str(languages.folder()))
import update

GERMAN = languages.folder() / "opacity_de.ts"


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    languages.use(qapp, "de")
    yield
    languages.use(qapp, languages.ENGLISH)


def values(text: str) -> list[tuple[str | None, str | None]]:
    """Names and formats of the values in a text."""
    return sorted((name, form) for _, name, form, _ in string.Formatter().parse(text) if name)


@pytest.mark.slow
def test_every_text_is_translated_with_its_values():
    done = update.read(GERMAN)
    places = update.collect()
    assert len(places) > 800
    assert not {text: names for text, names in places.items() if text not in done}
    wrong = {text: done[text] for text in places if values(text) != values(done[text])}
    assert not wrong


def test_what_the_program_loads_is_what_the_file_says():
    loaded = QTranslator()
    assert loaded.load(str(GERMAN.with_suffix(".qm")))
    done = update.read(GERMAN)
    assert {text: loaded.translate(CONTEXT, text) for text in done} == done


def test_accelerators_are_kept_and_no_letter_opens_two_menus():
    done = update.read(GERMAN)
    menus = [done[text] for text in done if text.startswith("&") and len(text) < 12]
    letters = [menu[menu.index("&") + 1].casefold() for menu in menus]
    assert len(letters) == len(set(letters))


def test_the_collector_finds_texts_and_refuses_what_no_dictionary_knows():
    source = 'tr("one " "{n}", n=1); x.tr("two"); mark("three"); tr(name); Setting("a", "b", "c")'
    assert update.texts_in(source, "x.py") == ["one {n}", "two", "three", "b", "c"]
    with pytest.raises(SyntaxError, match=r"y\.py:1"):
        update.texts_in('tr(f"{n} images")', "y.py")


def test_a_third_language_is_a_file(tmp_path, qapp, monkeypatch):
    shutil.copy(GERMAN, tmp_path / "opacity_fr.ts")
    text = (tmp_path / "opacity_fr.ts").read_text(encoding="utf-8")
    changed = text.replace(">Nächstes Bild<", ">Image suivante<")
    (tmp_path / "opacity_fr.ts").write_text(changed, encoding="utf-8")
    update.compile_file(tmp_path / "opacity_fr.ts")
    monkeypatch.setattr(languages, "folder", lambda: tmp_path)
    assert languages.available() == {"en": "English", "fr": "Français"}
    languages.use(qapp, "fr")
    assert tr("Next image") == "Image suivante"
    languages.use(qapp, "en")
    assert tr("Next image") == "Next image"


def test_an_unknown_choice_is_the_systems_language_or_english():
    assert languages.wanted("de") == "de"
    assert languages.wanted("xx") in languages.available()


def test_the_window_speaks_german(german, window, qtbot):
    menus = [action.text().replace("&", "") for action in window.menuBar().actions()]
    assert menus[0] == "Datei"
    assert menus[-1] == "Hilfe"
    assert window.commands["next"].text() == "Nächstes Bild"
    assert window.commands["next"].toolTip() == "Nächstes Bild (N)"
    assert "kein Medizinprodukt" in window.prediction_panel.disclaimer.text()
    window.desk.show_settings()
    dialog = window.desk.dialog
    assert dialog.windowTitle() == "Einstellungen"
    assert dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).text() == "Abbrechen"
    assert "Deutsch" in [dialog.pages[0].language.itemText(i) for i in range(3)]
    window.desk.show_keys()


def test_qts_own_texts_are_german_too(german, qtbot):
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "") == "Abbrechen"


def test_the_window_tells_its_children_its_language(german):
    assert worker_environment().value(VARIABLE) == "de"


def test_values_of_an_error_are_filled_in_after_the_translation(german):
    error = ReviewError(tr("{port} is no port.", port=70_000))
    assert str(error) == "70000 ist kein Port."


@pytest.mark.slow
def test_the_language_is_kept_for_the_next_start(window):
    window.desk.show_settings()
    page = window.desk.dialog.pages[0]
    page.language.setCurrentIndex(page.language.findData("de"))
    window.desk.dialog.accept()
    assert window.settings.text("language") == "de"
    assert Path(window.settings._store.fileName()).is_file()
