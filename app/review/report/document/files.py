"""A document as the bytes of a file, by the suffix of its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.core.base.errors import OutputError
from app.core.base.translation import tr
from app.review.report.document.blocks import Document


def suffix_of(path: Path, forms: Sequence[str]) -> str:
    """The form that a name asks for, one of ``forms`` such as ``.pdf``.

    Raises
    ------
    OutputError
        For a name that ends otherwise.
    """
    suffix = path.suffix.lower()
    if suffix not in forms:
        raise OutputError(
            tr("{name} does not say what kind of document it is to be.", name=path.name),
            tr(
                "A name that ends in {forms} or {last} was expected.",
                forms=", ".join(forms[:-1]),
                last=forms[-1],
            ),
            tr("Choose such a name."),
        )
    return suffix


def laid_out(document: Document, suffix: str) -> bytes:
    """A document in one of its forms; ``suffix`` is ``.pdf``, ``.html`` or ``.md``."""
    if suffix == ".md":
        from app.review.report.document.markdown import markdown

        return markdown(document).encode(errors="backslashreplace")
    if suffix == ".html":
        from app.review.report.document.html import html

        return html(document).encode(errors="backslashreplace")
    from app.review.report.document.pdf import pdf

    return pdf(document)
