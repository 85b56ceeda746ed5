"""A document as Markdown, for a repository: words and tables; charts as their words."""

from __future__ import annotations

import re

from app.review.report.document import blocks as parts


def markdown(document: parts.Document) -> str:
    """The document as GitHub-flavoured Markdown; its pictures are left out.

    A chart stands as the sentence that says the same.
    """
    found = [f"# {_plain(document.title)}", _plain(document.subtitle)]
    found += [text for block in document.blocks if (text := _text(block))]
    if document.made:
        found.append(f"*{_plain(document.made)}*")
    return "\n\n".join(found) + "\n"


def _text(block: parts.Block) -> str:
    match block:
        case parts.Heading(text=text, level=level):
            return f"{'#' * (level + 1)} {_plain(text)}"
        case parts.Paragraph(text=text, kind="caution"):
            return f"> **▲** {_plain(text)}"
        case parts.Paragraph(text=text):
            return _plain(text)
        case parts.Bullets(texts=texts):
            return "\n".join(f"- {_plain(each)}" for each in texts)
        case parts.Tiles(tiles=tiles):
            rows = tuple((tile.name, tile.value, tile.below) for tile in tiles)
            return _table(("", "", ""), rows, 1)
        case parts.Facts(rows=rows):
            return _table(("", ""), rows, 2)
        case parts.Table(head=head, rows=rows, words=words):
            return _table(head, rows, words)
        case parts.Charts(charts=charts):
            return "\n\n".join(_plain(chart.words) for chart in charts if chart.words)
        case _:
            return ""


def _table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], words: int) -> str:
    marks = ["---" if place < words else "---:" for place in range(len(head))]
    lines = [list(map(_cell, head)), marks, *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


_SIGNS = re.compile(r"[\\`*_<~\[\]]|&(?=#?\w+;)|(?<= )#(?=#*$)")
"""What makes emphasis, code, tags, links or entities anywhere, and what ends a heading."""
_BEGINNING = re.compile(r">|#(?=#* |#*$)|[-+](?= |$)|-(?=-+$)|=(?==*$)|\d+(?=[.)](?: |$))")
"""What makes a quotation, heading, list or rule of a line that begins with it."""


def _plain(text: str) -> str:
    """One line in which nothing is a sign of Markdown by accident."""
    line = " ".join(text.split())
    line = _SIGNS.sub(lambda found: f"\\{found[0]}", line)
    if found := _BEGINNING.match(line):
        at = found.end() if found[0].isdigit() else 0
        line = f"{line[:at]}\\{line[at:]}"
    return line
