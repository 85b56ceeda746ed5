"""One of a thing and many read differently, in both languages."""

import ast
import re
from pathlib import Path

import pytest

import app
from app.core.base import counts, translation
from app.core.base.translation_file import read


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (counts.images, ("0 images", "1 image", "1,234 images")),
        (counts.files, ("0 files", "1 file", "1,234 files")),
        (counts.patients, ("0 patients", "1 patient", "1,234 patients")),
        (counts.settings, ("0 settings", "1 setting", "1,234 settings")),
    ],
)
def test_one_and_many(count, said) -> None:
    assert tuple(count(number) for number in (0, 1, 1234)) == said


def test_german_has_one_and_many() -> None:
    texts = read(Path(app.__file__).parents[1] / "resources" / "translations" / "opacity_de.ts")
    translation.install(lambda text: texts.get(text, text), "de")
    try:
        said = [f"{count(1)}, {count(2)}" for count in (counts.images, counts.files)]
    finally:
        translation.install(None)
    assert said == ["1 Bild, 2 Bilder", "1 Datei, 2 Dateien"]


_VERB = re.compile(
    r"\{(?:count|n|number|images|files|known|left|more|suspects)(?::,)?\} "
    r"(?:of them |of these |images? |files? )?(?:are|were|have|carry)\b"
)


@pytest.mark.slow
def test_no_sentence_begins_with_a_number_that_may_be_one() -> None:
    """ "1 images were left out": name first what is counted, or give one its own sentence."""
    found = []
    for path in sorted(Path(app.__file__).parent.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            texts = [node.value] if isinstance(node, ast.Constant) else []
            if any(isinstance(text, str) and _VERB.match(text) for text in texts):
                # The other sentence stands beside it.
                before = "\n".join(source.splitlines()[max(0, node.lineno - 12) : node.lineno + 6])
                if not re.search(r"[=!]= 1\b", before):
                    found.append(f"{path.name}:{node.lineno}")
    assert not found
