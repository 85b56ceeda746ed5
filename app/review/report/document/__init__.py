"""A document as data, and its forms: PDF, HTML, Markdown, and rich text for the window.

What a report says is put together once, of ``blocks`` and ``chart``; each form only lays it out.
"""
