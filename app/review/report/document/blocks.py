"""What a document is made of: frozen parts that know nothing of paper, browser or window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.review.report.document.chart import Chart


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 begins a chapter, level 2 a part of it."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Words; ``kind`` is ``body``, ``note`` (small) or ``caution`` (set off, with a sign)."""

    text: str
    kind: str = "body"


@dataclass(frozen=True)
class Bullets:
    """Short points."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Tile:
    """A figure in large letters: its name above, interval and comparison below."""

    name: str
    value: str
    below: str = ""
    caution: bool = False


@dataclass(frozen=True)
class Tiles:
    """Figures side by side."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Facts:
    """Names and what they are, one a row."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A head and rows of text.

    Parameters
    ----------
    words
        The first so many columns hold words and stand left; the others hold figures.
    widths
        Shares of the width, one a column; None for as wide as what they hold.
    strong
        Places of rows to set in bold.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    widths: tuple[float, ...] | None = None
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Charts:
    """Charts side by side, each with words below; as many in a row as their widths allow."""

    charts: tuple[Chart, ...]
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """Encoded pictures (JPEG) that belong together, shown side by side, and words below."""

    images: tuple[bytes, ...] = field(repr=False)
    caption: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Pictures:
    """Pictures in rows of ``columns``."""

    pictures: tuple[Picture, ...]
    columns: int = 3


@dataclass(frozen=True)
class Break:
    """A new page, where there are pages."""


Block = (
    Heading | Paragraph | Bullets | Tiles | Facts | Table | Charts | Pictures | Break
)  # fmt: skip


@dataclass(frozen=True)
class Document:
    """A title and what stands below it.

    Parameters
    ----------
    running
        Short words for the head of each page.
    made
        When and by what, for the foot of each page.
    language
        Its code, for the HTML.
    """

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    running: str = ""
    made: str = ""
    language: str = "en"


def texts(blocks: Sequence[Block]) -> list[str]:
    """Every text of some blocks, in order: what a search or a test looks through."""
    found: list[str] = []
    for block in blocks:
        match block:
            case Heading(text=text) | Paragraph(text=text):
                found.append(text)
            case Bullets(texts=points):
                found += points
            case Tiles(tiles=tiles):
                found += [part for tile in tiles for part in (tile.name, tile.value, tile.below)]
            case Facts(rows=facts):
                found += [cell for row in facts for cell in row]
            case Table(head=head, rows=rows):
                found += [*head, *(cell for row in rows for cell in row)]
            case Charts(charts=charts, captions=captions):
                found += [chart.words for chart in charts]
                found += [label for chart in charts for label in chart.texts()]
                found += captions
            case Pictures(pictures=pictures):
                found += [line for each in pictures for line in (*each.caption, each.words)]
            case Break():
                pass
    return found
