"""The audit of a model on labelled images, for the window, the command line and notebooks alike.

See ``docs/audit-api.md``. Importing it loads neither TensorFlow nor pandas.
"""

from __future__ import annotations

from app.review.audit.audit import Audit
from app.review.audit.curves import BAND_RATES, Curves, Reliability
from app.review.audit.figures import AT_THRESHOLD, METHODS, OF_SCORES, TITLES, Figures
from app.review.audit.files import load, save
from app.review.audit.readers import Readers
from app.review.audit.rows import AuditRow
from app.review.audit.run import audit_folder
from app.review.audit.slices import Slice, SliceTable, slice_table
from app.review.audit.thresholds import CELLS, Cell, Matrix
from app.review.audit.two_models import TwoModels, side_by_side
from app.review.comparison.trial import Cancelled

__all__ = [
    "AT_THRESHOLD",
    "BAND_RATES",
    "CELLS",
    "METHODS",
    "OF_SCORES",
    "TITLES",
    "Audit",
    "AuditRow",
    "Cancelled",
    "Cell",
    "Curves",
    "Figures",
    "Matrix",
    "Readers",
    "Reliability",
    "Slice",
    "SliceTable",
    "TwoModels",
    "audit_folder",
    "load",
    "save",
    "side_by_side",
    "slice_table",
]
