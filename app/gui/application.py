"""Starts the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QDir, QTimer
from PySide6.QtWidgets import QApplication

from app.gui.common import languages
from app.gui.common.appearance import Appearance
from app.gui.common.garbage import GarbageCollector
from app.gui.common.notifications import NotificationManager
from app.gui.common.qt_images import icon
from app.gui.main_window import MainWindow
from app.gui.settings.remembered import Settings


def make_application(theme: str = "dark", language: str = "en") -> QApplication:
    """The QApplication in a theme and a language; the existing one if there is one."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("Opacity")
    application.setWindowIcon(icon("opacity"))
    # Fusion looks the same everywhere; the systems' own styles follow style sheets half-way.
    application.setStyle("Fusion")
    QDir.setSearchPaths("icons", [str(resources.files("resources") / "icons")])
    Appearance.of(application).choose(theme)
    languages.use(application, languages.wanted(language))
    return application


def run(paths: Sequence[str], verdicts: str = "") -> int:
    """Open the window, and in it these folders and files; verdicts go to this file, if given.

    Returns
    -------
    int
        The exit code of the process.
    """
    settings = Settings()
    application = make_application(settings.text("theme"), settings.text("language"))
    notifications = NotificationManager()
    notifications.install()
    garbage = GarbageCollector(application)
    try:
        window = MainWindow(notifications)
        window.reading.path = Path(verdicts).absolute() if verdicts else None
        window.show()
        if paths:
            QTimer.singleShot(0, lambda: window.open(list(paths)))
        code = application.exec()
        # The import of TensorFlow cannot be interrupted: the window is gone, the process waits.
        while not window.service.close(60.0):
            pass
    finally:
        garbage.stop()
        notifications.uninstall()
    return code
