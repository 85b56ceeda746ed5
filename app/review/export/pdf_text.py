"""Text for the PDF report in any script.

DejaVu Sans, which comes with the program and is embedded, has Latin, Greek, Cyrillic, Hebrew and
Arabic letters. Chinese, Japanese and Korean are set in the fonts that PDF readers bring for them
(ISO 32000-1 9.7.5.2), which are not embedded. A letter that none of them has becomes a
replacement character; none stops a report.
"""

from __future__ import annotations

import itertools
import unicodedata
from functools import lru_cache
from html import escape
from importlib import resources
from io import BytesIO

REGULAR, BOLD = "OpacitySans", "OpacitySans-Bold"
_FILES = {REGULAR: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}
_JAPANESE, _KOREAN, _CHINESE = "HeiseiKakuGo-W5", "HYGothic-Medium", "STSong-Light"
_UNKNOWN = "\ufffd"


@lru_cache(maxsize=1)
def letters() -> frozenset[int]:
    """Register the fonts with reportlab; the code points that the embedded one has."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in _FILES.items():
        data = (resources.files("resources") / "fonts" / file).read_bytes()
        pdfmetrics.registerFont(TTFont(name, BytesIO(data)))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, REGULAR, BOLD)
    for name in (_JAPANESE, _KOREAN, _CHINESE):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    known = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return frozenset(known)


def markup(text: str) -> str:
    """A text for reportlab's paragraphs: escaped, each run in a font that has its letters."""
    known = letters()
    text = _left_to_right("".join(c if c.isprintable() or c == "\n" else " " for c in text))
    eastern = _eastern_font(text)

    def font_of(letter: str) -> str:
        if ord(letter) in known or letter == "\n":
            return ""
        return eastern if _is_eastern(letter) else _UNKNOWN

    parts = []
    for font, run in itertools.groupby(text, font_of):
        words = "".join(run)
        if font == _UNKNOWN:
            parts.append(_UNKNOWN * len(words))
        elif font:
            parts.append(f'<font name="{font}">{escape(words)}</font>')
        else:
            parts.append(escape(words).replace("\n", "<br/>"))
    return "".join(parts)


def _is_eastern(letter: str) -> bool:
    name = unicodedata.name(letter, "")
    starts = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "HALFWIDTH", "FULLWIDTH", "IDEOGRAPHIC")
    return name.startswith(starts) and ord(letter) < 0x10000


def _eastern_font(text: str) -> str:
    """One font for all of a text, by the script that only one of the three languages has."""
    names = " ".join(unicodedata.name(each, "") for each in text if ord(each) > 0x2E7F)
    if "HANGUL" in names:
        return _KOREAN
    return _JAPANESE if "KATAKANA" in names or "HIRAGANA" in names else _CHINESE


def _left_to_right(text: str) -> str:
    """Words of right-to-left scripts in the order in which they are drawn.

    Each run of such letters is turned round; Arabic letters stay unjoined. A whole paragraph in
    such a script would need the Unicode bidirectional algorithm; a name does not.
    """

    def is_right(letter: str) -> bool:
        return unicodedata.bidirectional(letter) in ("R", "AL", "NSM")

    if not any(is_right(each) for each in text):
        return text
    return "".join(
        "".join(reversed(list(run))) if right else "".join(run)
        for right, run in itertools.groupby(text, is_right)
    )
