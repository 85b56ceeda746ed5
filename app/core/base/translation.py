"""Texts for the person in the person's language, for layers that know no Qt too.

``tr("Zoom in")`` gives the text as it stands until the window installs Qt's translator. Values
are filled in after the translation: ``tr("{count} images", count=12)``, never an f-string, which
no dictionary could know. A module-level constant would be translated before the language is
known: keep ``mark("the English text")`` there and call ``tr`` where it is shown. The translations
are ``resources/translations/opacity_<language>.ts``, which ``update.py`` there brings up to date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CONTEXT = "Opacity"
"""The one context of all texts in the translation files."""

_translate: Callable[[str], str] | None = None
_language = ""


def install(translate: Callable[[str], str] | None, language: str = "") -> None:
    """Translate from now on with this function; None for English.

    Parameters
    ----------
    translate
        Takes a text of the program and gives the person's.
    language
        Its code, which child processes are told.
    """
    global _translate, _language
    _translate, _language = translate, language


def language() -> str:
    """The code of the language in use; empty for English."""
    return _language


@contextmanager
def untranslated() -> Iterator[None]:
    """English within the block, for what is kept in a file that others read, such as a card."""
    before = _translate, _language
    install(None)
    try:
        yield
    finally:
        install(*before)


def tr(text: str, /, **values: object) -> str:
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


def again(text: str, *templates: str) -> str:
    """A text that was kept in English, in the person's language; as it is where nobody knows it.

    Parameters
    ----------
    text
        What was kept, its values filled in.
    *templates
        The marked texts, with ``{name}`` for each value, of which it may be one.
    """
    for template in templates:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template))
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return tr(template, **found.groupdict())
    return text
