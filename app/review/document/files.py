"""A document as the bytes of a file, by the suffix of its name."""

from __future__ import annotations

from app.review.document.blocks import Document


def laid_out(document: Document, suffix: str) -> bytes:
    """A document in one of its forms; ``suffix`` is ``.pdf``, ``.html`` or ``.md``."""
    if suffix == ".md":
        from app.review.document.markdown import markdown

        return markdown(document).encode(errors="backslashreplace")
    if suffix == ".html":
        from app.review.document.html import html

        return html(document).encode(errors="backslashreplace")
    from app.review.document.pdf import pdf

    return pdf(document)
