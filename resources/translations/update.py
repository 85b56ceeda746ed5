"""Bring the translation files up to date: ``python resources/translations/update.py``.

Collects the literals that are given to ``tr`` and ``mark`` of ``app.core.base.translation``
(lupdate
does not look at a module's own function), writes them into every ``opacity_<language>.ts`` here,
keeps what is translated, drops what is used no more, and compiles each into the ``.qm`` that the
program loads. A new language is a new file: copy one, change its ``language``, empty its
translations, run this, and translate with Qt Linguist (``pyside6-linguist``).
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from xml.etree import ElementTree as Tree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCES = ("app", "model_zoo")
CONTEXT = "Opacity"
TAKES_TEXT = {
    "tr": (0,),
    "mark": (0,),
    "Setting": (1, 2),
    # The declarations of app.core.base.reasons.
    "refusal": (1, 2),
    "caution": (1, 2),
    "unreadable": (1, 2, 3, 4),
    "step": (1,),
    "phrase": (1, 2),
}
"""Functions, and which of their arguments are texts to translate."""

NO_WORDS = re.compile(r"(\{\w+\})?")
"""Nothing to translate: no text at all, or a value and nothing else."""


def texts_in(source: str, name: str) -> list[str]:
    """The literals given to ``tr`` and ``mark`` in a module.

    Raises
    ------
    SyntaxError
        For an f-string, which no dictionary could know.
    """
    found = []
    for node in ast.walk(ast.parse(source, name)):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        places = TAKES_TEXT.get(called, ())
        for text in (node.args[at] for at in places if at < len(node.args)):
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                if not NO_WORDS.fullmatch(text.value):
                    found.append(text.value)
            elif isinstance(text, ast.JoinedStr):
                raise SyntaxError(f"{name}:{node.lineno}: {called} takes no f-string")
    return found


def collect(root: Path = ROOT) -> dict[str, list[str]]:
    """Every text to translate, with the modules that use it."""
    places: dict[str, list[str]] = {}
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            for text in texts_in(path.read_text(encoding="utf-8"), name):
                if name not in places.setdefault(text, []):
                    places[text].append(name)
    return places


def read(path: Path) -> dict[str, str]:
    """The finished translations of a file, by their source texts."""
    done = {}
    for message in Tree.parse(path).iter("message"):
        translation = message.find("translation")
        if translation is not None and translation.get("type") is None and translation.text:
            done[message.findtext("source", "")] = translation.text
    return done


def write(path: Path, places: dict[str, list[str]], done: dict[str, str]) -> None:
    """Write a file with every text, in the order of the modules."""
    language = Tree.parse(path).getroot().get("language", "")
    root = Tree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = Tree.SubElement(root, "context")
    Tree.SubElement(context, "name").text = CONTEXT
    for text, names in sorted(places.items(), key=lambda place: (place[1][0], place[0])):
        message = Tree.SubElement(context, "message")
        for name in names:
            Tree.SubElement(message, "location", filename=f"../../{name}")
        Tree.SubElement(message, "source").text = text
        translation = Tree.SubElement(message, "translation")
        if text in done:
            translation.text = done[text]
        else:
            translation.set("type", "unfinished")
    Tree.indent(root, "    ")
    body = Tree.tostring(root, encoding="unicode")
    path.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8"
    )


def compile_file(path: Path) -> None:
    """Make the ``.qm`` beside a ``.ts``; what is unfinished stays English."""
    command = Path(sysconfig.get_path("scripts"), "pyside6-lrelease")
    subprocess.run([command, "-silent", path, "-qm", path.with_suffix(".qm")], check=True)


def main() -> None:
    """Update every language, and tell how much of it is translated."""
    places = collect()
    for path in sorted(HERE.glob("opacity_*.ts")):
        done = read(path)
        write(path, places, done)
        compile_file(path)
        missing = [text for text in places if text not in done]
        print(f"{path.name}: {len(places) - len(missing)} of {len(places)} texts translated")
        if "--missing" in sys.argv:
            print("\n".join(map(repr, missing)))


if __name__ == "__main__":
    main()
