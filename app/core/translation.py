"""Texts for the person in the person's language, for layers that know no Qt too.

``tr("Zoom in")`` gives the text as it stands until the window installs Qt's translator. Values
are filled in after the translation: ``tr("{count} images", count=12)``, never an f-string, which
no dictionary could know. A module-level constant would be translated before the language is
known: keep ``mark("the English text")`` there and call ``tr`` where it is shown. The translations
are ``resources/translations/opacity_<language>.ts``, which ``update.py`` there brings up to date.
"""

from __future__ import annotations

from collections.abc import Callable

CONTEXT = "Opacity"
"""The one context of all texts in the translation files."""

_translate: Callable[[str], str] | None = None


def install(translate: Callable[[str], str] | None) -> None:
    """Translate from now on with this function; None for English."""
    global _translate
    _translate = translate


def tr(text: str, **values: object) -> str:
    """The text in the person's language, with the values filled in.

    Parameters
    ----------
    text
        The English text, with ``{name}`` for each value; a literal.
    **values
        Formatted as ``str.format`` does.
    """
    translated = _translate(text) if _translate else text
    return translated.format(**values) if values else translated


def mark(text: str) -> str:
    """The English text itself, which is to be in the dictionary: ``tr`` comes later.

    Parameters
    ----------
    text
        A literal.
    """
    return text
