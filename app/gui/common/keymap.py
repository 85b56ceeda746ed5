"""Which keys belong to which command: those of ``commands``, or those that the person chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QKeySequence

from app.core.base.translation import tr
from app.gui.common.actions import Action
from app.gui.settings.remembered import Settings

_PREFIX = "keys/"
_NONE = "none"


def reserved() -> dict[str, str]:
    """Keys that belong to lists and views whatever is chosen, and what they do there."""
    walk = tr("walks through lists and tables")
    return {
        **dict.fromkeys(("Up", "Down", "Left", "Right"), walk),
        **dict.fromkeys(("Home", "End", "PgUp", "PgDown"), walk),
        "Space": tr("pans the image while it is held"),
        "Tab": tr("moves to the next control"),
        "Shift+Tab": tr("moves to the previous control"),
        "Return": tr("confirms what is asked"),
        "Enter": tr("confirms what is asked"),
    }


class Keymap:
    """The keys of every command.

    Parameters
    ----------
    actions
        Every command of the window.
    settings
        Where the person's choice is kept; a command that they left alone is not in it.
    """

    def __init__(self, actions: Sequence[Action], settings: Settings) -> None:
        self.actions = list(actions)
        self._settings = settings

    def keys(self, action: Action) -> tuple[str, ...]:
        """Its keys as Qt writes them in portable text; empty for none."""
        chosen = self._settings.text(_PREFIX + action.id)
        return _split(chosen or action.shortcut) if chosen != _NONE else ()

    def all_keys(self) -> dict[str, tuple[str, ...]]:
        """The keys of every command, by its id."""
        return {action.id: self.keys(action) for action in self.actions}

    def keep(self, wanted: Mapping[str, Sequence[str]]) -> None:
        """Keep these keys, by the ids of the commands."""
        for action in self.actions:
            keys = tuple(wanted.get(action.id, ()))
            if keys == default_keys(action):
                self._settings.forget(_PREFIX + action.id)
            else:
                self._settings.set_text(_PREFIX + action.id, ", ".join(keys) or _NONE)


def default_keys(action: Action) -> tuple[str, ...]:
    """The keys that a command has on the first day."""
    return _split(action.shortcut)


def native(key: str) -> str:
    """A key as it stands in the menus of this system."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _split(keys: str) -> tuple[str, ...]:
    """Portable text of each key: "?, F1" is two; the comma may be a key itself."""
    return tuple(QKeySequence(key).toString() for key in keys.split(", ") if key)
