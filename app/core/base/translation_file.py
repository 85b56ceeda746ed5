"""A child process speaks the window's language: the translation file read without Qt.

The window names its language in the environment of its children (``app.jobs.event_process``);
each child's ``main`` calls ``use_the_windows_language``. On the command line nobody names one, and
all is English.
"""

from __future__ import annotations

import os
import re
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree as Tree

from app.core.base import translation

VARIABLE = "OPACITY_LANGUAGE"
"""The environment variable with the language's code; unset or empty for English."""


def use_the_windows_language() -> None:
    """Translate as the environment says; a language that we lack or cannot read is English."""
    code = os.environ.get(VARIABLE, "")
    if not re.fullmatch(r"[A-Za-z_]{2,16}", code):
        return
    folder = Path(str(resources.files("resources") / "translations"))
    try:
        texts = read(folder / f"opacity_{code}.ts")
    except (OSError, Tree.ParseError):
        return
    translation.install(lambda text: texts.get(text, text), code)


def read(path: Path) -> dict[str, str]:
    """The finished translations of a ``.ts`` file, by their English texts.

    Raises
    ------
    OSError, xml.etree.ElementTree.ParseError
        When it is not there or damaged.
    """
    found = {}
    for message in Tree.parse(path).iter("message"):
        translated = message.find("translation")
        if translated is not None and translated.get("type") is None and translated.text:
            found[message.findtext("source", "")] = translated.text
    return found
