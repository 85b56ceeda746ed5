"""What the window remembers from one day to the next. No patient data beyond folder paths."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from app.core.base.home import home

_RECENT = 8
_LARGEST = 2**31


class Settings:
    """A small file under the person's Opacity folder."""

    def __init__(self) -> None:
        self._store = QSettings(str(home() / "window.ini"), QSettings.Format.IniFormat)

    def recent(self) -> list[str]:
        """Folders and files opened lately, the latest first."""
        value = self._store.value("recent", [])
        if isinstance(value, str):
            return [value]
        return [str(part) for part in value] if isinstance(value, list) else []

    def add_recent(self, path: str) -> None:
        """Remember what was opened."""
        paths = [path, *(other for other in self.recent() if other != path)]
        self._store.setValue("recent", paths[:_RECENT])

    def forget_recent(self) -> None:
        """Remember nothing of what was opened."""
        self._store.remove("recent")
        self._store.remove("folder")

    @property
    def folder(self) -> str:
        """Where the dialogs start."""
        return self.text("folder") or str(Path.home())

    @folder.setter
    def folder(self, path: str) -> None:
        self._store.setValue("folder", path)

    def text(self, key: str) -> str:
        """A word, empty when never set."""
        return str(self._store.value(key, "") or "")

    def set_text(self, key: str, value: str) -> None:
        """Keep a word or a line."""
        self._store.setValue(key, value)

    def forget(self, key: str) -> None:
        """Keep nothing under this name any more."""
        self._store.remove(key)

    def number(self, key: str, default: int) -> int:
        """A whole number."""
        try:
            number = int(str(self._store.value(key, default)))
        except ValueError:
            return default
        # Qt's numbers have 32 bits: a larger one was written by hand.
        return number if abs(number) < _LARGEST else default

    def set_number(self, key: str, value: int) -> None:
        """Keep a whole number."""
        self._store.setValue(key, value)

    def flag(self, key: str, default: bool) -> bool:
        """A yes or no."""
        return str(self._store.value(key, default)).lower() == "true"

    def set_flag(self, key: str, value: bool) -> None:
        """Keep a yes or no."""
        self._store.setValue(key, "true" if value else "false")

    def state(self, key: str) -> QByteArray:
        """A layout as Qt saved it, empty when never saved."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_state(self, key: str, value: QByteArray) -> None:
        """Keep a layout."""
        self._store.setValue(key, value)

    def save(self) -> None:
        """Write to disk now."""
        self._store.sync()
