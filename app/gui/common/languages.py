"""The languages of the window: what lies in resources/translations, and which one is in use."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app.core.base import translation

ENGLISH = "en"
_PREFIX = "opacity_"
_kept: list[QTranslator] = []


def folder() -> Path:
    """Where the compiled translations lie."""
    return Path(str(resources.files("resources") / "translations"))


def available() -> dict[str, str]:
    """The languages there are, each by its code with its own name for itself."""
    found = {path.stem.removeprefix(_PREFIX) for path in folder().glob(f"{_PREFIX}*.qm")}
    names = {code: QLocale(code).nativeLanguageName().capitalize() for code in sorted(found)}
    return {ENGLISH: "English", **names}


def wanted(choice: str) -> str:
    """The code of the language to use: the one chosen, else the system's where we have it."""
    if choice in available():
        return choice
    for name in QLocale.system().uiLanguages():
        code = name.replace("_", "-").split("-")[0]
        if code in available():
            return code
    return ENGLISH


def use(application: QApplication, code: str) -> None:
    """Speak a language from now on; windows that are open keep theirs.

    Parameters
    ----------
    application
        Qt's own texts, such as those of its dialogs, are translated with it.
    code
        One of ``available``.
    """
    for translator in _kept:
        application.removeTranslator(translator)
    _kept.clear()
    translation.install(None)
    if code == ENGLISH:
        return
    own, qt = QTranslator(), QTranslator()
    own.load(os.fspath(folder() / f"{_PREFIX}{code}.qm"))
    if qt.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(qt)
    _kept.extend((own, qt))
    translation.install(lambda text: own.translate(translation.CONTEXT, text) or text, code)
