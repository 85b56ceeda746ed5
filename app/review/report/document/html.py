"""A document as one HTML file that needs nothing else: pictures and charts are in it."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from app.review.report.document import blocks as parts
from app.review.report.document.svg import svg

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 "DejaVu Sans", Verdana, sans-serif; color: #14181d; background: #fff;
  max-width: 62rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
.muted, .note, figcaption { color: #5b6470; }
.note, figcaption { font-size: .82rem; }
.caution { border: 1px solid #a33b00; color: #a33b00; padding: .6rem .9rem; border-radius: 3px; }
.tiles { display: flex; flex-wrap: wrap; gap: 1rem; border-top: 2px solid #14181d;
  padding-top: .6rem; margin: 1rem 0; }
.tiles div { flex: 1 1 8rem; white-space: pre-line; font-size: .82rem; color: #5b6470; }
.tiles strong { display: block; font-size: 1.6rem; color: #14181d; }
.tiles .warn strong { color: #a33b00; }
table { border-collapse: collapse; font-size: .88rem; margin: .5rem 0; }
th { border-bottom: 1px solid #5b6470; } td { border-bottom: 1px solid #d5dae0; }
th, td { padding: .2rem .7rem .2rem 0; text-align: left; vertical-align: top; }
td.figure { white-space: nowrap; }
th.figure, td.figure { text-align: right; font-variant-numeric: tabular-nums; }
.facts th { border: 0; font-weight: normal; color: #5b6470; min-width: 12rem; }
.facts td { border: 0; overflow-wrap: anywhere; } tr.strong td { font-weight: bold; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: .5rem 0; } figure svg { max-width: 100%; height: auto; }
.pictures { display: grid; gap: 1.2rem 1rem; }
.pictures img { width: calc(50% - 2px); height: auto; background: #000; }
.pictures img:only-of-type { width: 100%; }
footer { margin-top: 3rem; border-top: 1px solid #d5dae0; padding-top: .5rem;
  color: #5b6470; font-size: .82rem; }
@media print { h2, h3 { break-after: avoid; } figure, tr { break-inside: avoid; } }
"""


def html(document: parts.Document) -> str:
    """The document as a page of HTML.

    Parameters
    ----------
    document
        Every text in it is escaped, and nothing is loaded from elsewhere.
    """
    body = "\n".join(_element(block) for block in document.blocks)
    return (
        f'<!doctype html>\n<html lang="{escape(document.language)}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{escape(document.title)}</h1>\n<p class="muted">{escape(document.subtitle)}</p>\n'
        f"{body}\n<footer>{escape(document.running)} · {escape(document.made)}</footer>\n"
        "</body>\n</html>\n"
    )


def _element(block: parts.Block) -> str:
    match block:
        case parts.Heading(text=text, level=level):
            return f"<h{level + 1}>{escape(text)}</h{level + 1}>"
        case parts.Paragraph(text=text, kind="caution"):
            return f'<p class="caution" role="note">▲ {escape(text)}</p>'
        case parts.Paragraph(text=text, kind=kind):
            return f'<p class="{kind}">{escape(text)}</p>'
        case parts.Bullets(texts=texts):
            return "<ul>" + "".join(f"<li>{escape(each)}</li>" for each in texts) + "</ul>"
        case parts.Tiles(tiles=tiles):
            return '<div class="tiles">' + "".join(_tile(tile) for tile in tiles) + "</div>"
        case parts.Facts(rows=rows):
            cells = "".join(
                f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
                for name, value in rows
            )
            return f'<table class="facts">{cells}</table>'
        case parts.Table():
            return _table(block)
        case parts.Charts(charts=charts, captions=captions):
            words = [*captions, *[""] * (len(charts) - len(captions))]
            figures = "".join(
                f"<figure>{svg(chart)}<figcaption>{escape(caption)}</figcaption></figure>"
                for chart, caption in zip(charts, words, strict=True)
            )
            return f'<div class="row">{figures}</div>'
        case parts.Pictures(pictures=pictures, columns=columns):
            figures = "".join(_picture(each) for each in pictures)
            style = f"grid-template-columns: repeat({columns}, 1fr)"
            return f'<div class="pictures" style="{style}">{figures}</div>'
        case parts.Break():
            return ""


def _tile(tile: parts.Tile) -> str:
    kind = ' class="warn"' if tile.caution else ""
    return (
        f"<div{kind}>{escape(tile.name)}<strong>{escape(tile.value)}</strong>"
        f"{escape(tile.below)}</div>"
    )


def _table(block: parts.Table) -> str:
    def row(cells: tuple[str, ...], tag: str, strong: bool = False) -> str:
        found = "".join(
            f"<{tag}{' class=figure' if place >= block.words else ''}>{escape(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr{' class=strong' if strong else ''}>{found}</tr>"

    rows = "".join(
        row(cells, "td", place in block.strong) for place, cells in enumerate(block.rows)
    )
    return f"<table><thead>{row(block.head, 'th')}</thead><tbody>{rows}</tbody></table>"


def _picture(picture: parts.Picture) -> str:
    images = " ".join(
        f'<img alt="{escape(picture.words)}" src="data:image/jpeg;base64,'
        f'{b64encode(data).decode()}">'
        for data in picture.images
    )
    first, *others = picture.caption or ("",)
    lines = "<br>".join([f"<b>{escape(first)}</b>", *map(escape, others)])
    return f"<figure>{images}<figcaption>{lines}</figcaption></figure>"
