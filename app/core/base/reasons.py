"""Why an image is refused, cannot be read or is read with caution: a code with values, no words.

A reason is declared once, beside the code that finds it, and made by a call::

    TOO_OLD = caution(
        "age-outside-training",
        "The patient is {age} years old; the network was trained on {youngest} to {oldest} years",
        "The patient's age lies outside that of the training images",
    )
    cautions.append(TOO_OLD(age=40, youngest=1, oldest=5))

So are ``refusal``, ``unreadable`` (then ``raise UnreadableImage(GONE(path=...))``), ``step`` and
``phrase``, a part of a sentence that another reason takes as a value. No ``tr``: ``update.py``
finds the texts, and ``text()`` words them where a person reads. The second text stands for many
images at once and names nothing of a single one; leave it out where the first has no values. A
value that it does name (``{modality}``) makes groups of its own.

Compare by ``reason.code``, ``reason == TOO_OLD(...)`` or ``TOO_OLD in codes(...)``; count by
``reason.group``. All are declared in modules of ``app.core``, where any process finds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from string import Formatter
from typing import Any, Self, TypeAlias

from app.core.base.translation import tr

Value: TypeAlias = "str | int | float | bool | Reason | tuple[Value, ...] | None"
"""What a reason may hold: what JSON holds, or a phrase; of several, a comma between each."""


class Kind(StrEnum):
    """What a reason is for."""

    REFUSAL = "refusal"
    """The image gets no score."""
    CAUTION = "caution"
    """To be read with the score."""
    UNREADABLE = "unreadable"
    STEP = "step"
    """What was done to the image's values."""
    PHRASE = "phrase"
    """A part of another reason's sentence."""


@dataclass(frozen=True)
class Declaration:
    """A code with its English texts; calling it makes a reason.

    Parameters
    ----------
    kind, code
        The code is in kebab-case and never changes: files hold it.
    template
        One sentence, with ``{name}`` for each value.
    general
        The sentence for many images at once; the template where it has no values of one image.
    expected, fix
        What was expected and what a person can do, for a file that cannot be read.
    """

    kind: Kind
    code: str
    template: str
    general: str
    expected: str
    fix: str

    def __call__(self, **params: Value) -> Reason:
        """The reason, with the values of its templates."""
        return Reason(self.code, params)


_declared: dict[str, Declaration] = {}


def _declare(
    kind: Kind, code: str, template: str, general: str, expected: str = "", fix: str = ""
) -> Declaration:
    if code in _declared:
        raise ValueError(f"the code {code} is declared twice")
    _declared[code] = Declaration(kind, code, template, general or template, expected, fix)
    return _declared[code]


def refusal(code: str, template: str, general: str = "") -> Declaration:
    """Declare why an image gets no score."""
    return _declare(Kind.REFUSAL, code, template, general)


def caution(code: str, template: str, general: str = "") -> Declaration:
    """Declare what to read with a score."""
    return _declare(Kind.CAUTION, code, template, general)


def unreadable(code: str, template: str, general: str, expected: str, fix: str) -> Declaration:
    """Declare why a file cannot be read, in three parts."""
    return _declare(Kind.UNREADABLE, code, template, general, expected, fix)


def step(code: str, template: str) -> Declaration:
    """Declare something that is done to an image's values."""
    return _declare(Kind.STEP, code, template, "")


def phrase(code: str, template: str, general: str = "") -> Declaration:
    """Declare a part of a sentence."""
    return _declare(Kind.PHRASE, code, template, general)


@dataclass(frozen=True)
class Reason:
    """A code and its values; equal when both are.

    Parameters
    ----------
    code
        Of a declaration; one that is unknown is its own text.
    params
        The values by their names in the templates.
    """

    code: str
    params: Mapping[str, Value] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.code, frozenset(self.params.items())))

    @property
    def kind(self) -> Kind | None:
        """What it is for; None for a code that nobody declares."""
        declared = _declaration(self.code)
        return declared.kind if declared else None

    @property
    def group(self) -> Reason:
        """What it has in common with others of its code: equal for all that count as one."""
        declared = _declaration(self.code)
        names = _names_in(declared.general) if declared else set(self.params)
        kept = {name: _group(value) for name, value in self.params.items() if name in names}
        return Reason(self.code, kept)

    def text(self) -> str:
        """It in the reader's language: one sentence, or all three parts for an unreadable file.

        A ``group`` has the sentence for many images.
        """
        return " ".join(filter(None, (self.what(), self.expected(), self.fix())))

    def what(self) -> str:
        """Its sentence in the reader's language."""
        declared = _declaration(self.code)
        if declared is None:
            return self.code
        return self._filled(declared.template) or self._filled(declared.general) or self.code

    def expected(self) -> str:
        """What was expected instead; empty but for an unreadable file."""
        declared = _declaration(self.code)
        return self._filled(declared.expected) if declared else ""

    def fix(self) -> str:
        """What a person can do; empty but for an unreadable file."""
        declared = _declaration(self.code)
        return self._filled(declared.fix) if declared else ""

    def to_json(self) -> dict[str, Any]:
        """``code`` and ``params``, in plain JSON values."""
        return {"code": self.code, "params": {n: _plain(value) for n, value in self.params.items()}}

    @classmethod
    def from_json(cls, raw: object) -> Self:
        """Read what ``to_json`` gave; a bare string is a sentence that an older version kept.

        Raises
        ------
        ValueError
            When it is neither.
        """
        if isinstance(raw, str):
            return cls(TOLD.code, {"text": raw})
        if not isinstance(raw, dict) or not isinstance(raw.get("code"), str):
            raise ValueError("a reason has a code")
        params = raw.get("params", {})
        if not isinstance(params, dict):
            raise ValueError("the params of a reason have names")
        return cls(raw["code"], {str(name): cls._value(value) for name, value in params.items()})

    @classmethod
    def _value(cls, raw: object) -> Value:
        if isinstance(raw, dict):
            return cls.from_json(raw)
        if isinstance(raw, list):
            return tuple(map(cls._value, raw))
        if raw is None or isinstance(raw, str | int | float):
            return raw
        raise ValueError("no value of a reason")

    def _filled(self, template: str) -> str:
        """The template with the values; empty where one is missing or of another version."""
        values = {name: _worded(value) for name, value in self.params.items()}
        if not _names_in(template) <= values.keys():
            return ""
        try:
            return tr(template, **values)
        except (ValueError, TypeError, AttributeError, LookupError):
            return ""


TOLD = phrase("told", "{text}", "{text}")
"""A sentence that comes from elsewhere, such as an older version's file; it is its own group."""


TOLD_UNREADABLE = unreadable("told-unreadable", "{text}", "{text}", "{expected}", "{fix}")
"""The same in three parts."""


def told(text: str) -> Reason:
    """A sentence as a reason, where nothing else is known."""
    return TOLD(text=text)


def as_reasons(found: Iterable[Reason | str]) -> tuple[Reason, ...]:
    """All of them as reasons, those too that are still sentences."""
    return tuple(each if isinstance(each, Reason) else told(each) for each in found)


def texts(found: Iterable[Reason | str]) -> tuple[str, ...]:
    """All of them in the reader's language."""
    return tuple(each.text() for each in as_reasons(found))


def groups(found: Iterable[Reason | str]) -> tuple[Reason, ...]:
    """What they have in common with others, each once: to be counted."""
    return tuple(dict.fromkeys(each.group for each in as_reasons(found)))


def codes(found: Iterable[Reason]) -> tuple[str, ...]:
    """Their codes."""
    return tuple(each.code for each in found)


def _declaration(code: str) -> Declaration | None:
    if code not in _declared:
        _look_for(code)
    return _declared.get(code)


@cache
def _look_for(code: str) -> None:
    """Import the module that declares a code which another process has told."""
    core = Path(str(resources.files("app.core")))
    for file in sorted(core.rglob("*.py")):
        if f'"{code}"' in file.read_text(encoding="utf-8"):
            import_module(".".join(("app.core", *file.relative_to(core).with_suffix("").parts)))


@cache
def _names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def _group(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(map(_group, value))
    return value.group if isinstance(value, Reason) else value


def _worded(value: Value) -> object:
    if isinstance(value, tuple):
        return ", ".join(str(_worded(each)) for each in value)
    return value.text() if isinstance(value, Reason) else value


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.to_json() if isinstance(value, Reason) else value
