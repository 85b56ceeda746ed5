"""A model's page: all that is known of it, from its card and recorded runs; nothing typed in."""

from __future__ import annotations

from app.review.report.model_page.page import model_page
from app.review.report.model_page.records import Records, records_of

__all__ = ["Records", "model_page", "records_of"]
