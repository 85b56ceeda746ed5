"""A document's forms: the same words in each, nothing that breaks out, nothing lost."""

from __future__ import annotations

import re
import zlib
from base64 import a85decode
from html import escape
from xml.etree import ElementTree as Tree

import cv2
import numpy as np
import pytest
from markdown_it import MarkdownIt

from app.review.report.document import blocks as parts
from app.review.report.document.chart import PAPER, ROLES, Area, Axes, ChartMark, Label, Line
from app.review.report.document.html import html
from app.review.report.document.markdown import markdown
from app.review.report.document.pdf import pdf
from app.review.report.document.svg import svg

ODD = "<b>1 & 2</b> | *x* _y_"


def chart():
    axes = Axes(250, 180)
    axes.frame(ODD, "across", "up", (0, 1), (0, 1))
    axes.line([(0, 0), (1, 1)], "first", dash=(2, 2))
    axes.area([(0, 0), (1, 0), (1, 1)])
    for shape in ("circle", "square", "diamond", "triangle"):
        axes.mark(0.5, 0.5, shape=shape, hollow=shape == "square")
    axes.rule(0.5, "here")
    axes.legend(("one", "first", ()), ("two", "second", (3, 2)))
    return axes.chart("a chart in words")


def document() -> parts.Document:
    jpeg = cv2.imencode(".jpg", np.full((40, 30), 90, np.uint8))[1].tobytes()
    blocks = (
        parts.Heading("Chapter"),
        parts.Paragraph(ODD),
        parts.Paragraph("be careful", "caution"),
        parts.Bullets(("first", "second")),
        parts.Tiles((parts.Tile("AUC", "0.9", "0.8 to 1"),)),
        parts.Facts((("hash", "f" * 64),)),
        parts.Table(("a", "b"), tuple((ODD, str(i)) for i in range(90)), strong=frozenset({1})),
        parts.Charts((chart(), chart(), chart()), ("caption",)),
        parts.Break(),
        parts.Pictures((parts.Picture((jpeg, jpeg), ("one", "two"), "seen"),) * 4),
    )
    return parts.Document("Title", "Subtitle", blocks, "running", "made")


def test_html_is_well_formed_and_shows_markup_as_text() -> None:
    page = html(document())
    body = page[page.index("<body>") : page.index("</html>")]
    Tree.fromstring(
        re.sub(r"class=(\w+)", r'class="\1"', re.sub(r"<(img[^>]*|br)>", r"<\1/>", body))
    )
    assert "&lt;b&gt;1 &amp; 2&lt;/b&gt;" in page
    assert page.count("data:image/jpeg;base64,") == 8
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_pdf_has_every_part_and_draws_charts_as_lines() -> None:
    data = pdf(document())
    assert len(re.findall(rb"/Type /Page\b", data)) == 4
    # The one picture, however often it is shown: no chart became pixels.
    assert len(re.findall(rb"/Subtype /Image", data)) == 1
    streams = re.findall(rb"stream\r?\n(.*?)\s*endstream", data, re.DOTALL)
    pages = [each for each in streams if each.startswith(b"G") and each.endswith(b"~>")]
    assert len(pages) == 4
    drawn = b"".join(zlib.decompress(a85decode(b"<~" + each, adobe=True)) for each in pages)
    lines = sum(isinstance(shape, Line) for shape in chart().shapes)
    assert drawn.count(b" l ") >= 3 * lines


def test_markdown_keeps_tables_whole() -> None:
    lines = markdown(document()).splitlines()
    rows = [line for line in lines if line.startswith("| ") and "1 &" in line]
    assert len(rows) == 90
    # A bar inside a cell would end it.
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert "a chart in words" in "\n".join(lines)


def test_a_charts_svg_has_all_of_its_words_and_stays_inside() -> None:
    made = chart()
    root = Tree.fromstring(svg(made))
    found = {node.text for node in root.iter() if node.tag.endswith("text")}
    assert found == set(made.texts())
    for shape in made.shapes:
        points = shape.points if isinstance(shape, Line | Area) else [(shape.x, shape.y)]
        assert isinstance(shape, Line | Area | ChartMark | Label)
        for x, y in points:
            assert 0 <= x <= made.width
            assert 0 <= y <= made.height


def test_the_roles_read_on_paper() -> None:
    assert set(PAPER) == set(ROLES)
    for role in set(ROLES) - {"faint", "ground"}:
        assert _contrast(PAPER[role]) >= 4.5


def _contrast(colour: str) -> float:
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (light + 0.05)


def test_texts_are_all_the_words_of_a_document() -> None:
    words = parts.texts(document().blocks)
    for each in ("Chapter", ODD, "first", "AUC", "f" * 64, "caption", "here", "two", "seen"):
        assert each in words


@pytest.mark.parametrize(
    "text",
    [
        *("# no heading", "## C #", "- no point", "+ a", "* a", "-", "---", "===", "***", "#"),
        *("1. first", "2) second", "12.", "1.5 mm", "-3 %", "> no quotation", "p > 0.5 < 1"),
        *("a|b", "a\\|b", "a\\", "`code`", "``", "*x* _y_ **z** __w__ ~~gone~~", "~~~", "```"),
        *("<b>bold</b>", "<!-- gone -->", "<script>alert(1)</script>", "R&D", "&amp; &#42; &copy;"),
        *("[a](http://b.c)", "![a](b)", "[a]: b", "www & C#", "snake_case_name.png", "a | b | c"),
    ],
)
def test_markdown_means_no_more_than_the_text_says(text: str) -> None:
    """As another implementation reads it, wherever the text stands."""
    blocks = (
        parts.Heading(text),
        parts.Paragraph(text),
        parts.Paragraph(text, "caution"),
        parts.Bullets((text, "second")),
        parts.Facts(((text, text),)),
    )
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    page = reader.render(markdown(parts.Document(text, text, blocks, made=text)))
    said = escape(text)
    assert page.count(said) == 9, page
    inside = {"p", "blockquote", "ul", "li", "em", "strong", "br"}
    inside |= {"h1", "h2", "table", "thead", "tbody", "tr", "th", "td"}
    assert set(re.findall(r"<(\w+)", page)) <= inside
    assert (page.count("<ul>"), page.count("<li>"), page.count("<h2>")) == (1, 2, 1)
    assert (page.count("<strong>"), page.count("<em>"), page.count("<blockquote>")) == (1, 1, 1)


def test_html_shows_any_text_as_it_is() -> None:
    hostile = "</title><script>alert('1')</script>\"' onerror=\"x & y"
    blocks = (
        parts.Heading(hostile),
        parts.Paragraph(hostile),
        parts.Bullets((hostile,)),
        parts.Tiles((parts.Tile(hostile, hostile, hostile),)),
        parts.Facts(((hostile, hostile),)),
        parts.Table((hostile,), ((hostile,),)),
        parts.Charts((chart(),), (hostile,)),
        parts.Pictures((parts.Picture((b"x",), (hostile, hostile), hostile),)),
    )
    page = html(parts.Document(hostile, hostile, blocks, hostile, hostile, hostile))
    assert "<script" not in page
    assert page.count(escape(hostile)) == 20
    assert 'onerror="' not in page
