"""The pages of the audit bench, in the order of their tabs. A new one is a module and a line."""

from __future__ import annotations

from app.gui.audit.calibration_page import CalibrationPage
from app.gui.audit.curves_page import CurvesPage
from app.gui.audit.flips_page import FlipsPage
from app.gui.audit.labels_page import LabelsPage
from app.gui.audit.locks_page import LocksPage
from app.gui.audit.maps_page import MapsPage
from app.gui.audit.models_page import ModelsPage
from app.gui.audit.page import AuditPage
from app.gui.audit.report_page import ReportPage
from app.gui.audit.slices_page import SlicesPage

PAGES: tuple[type[AuditPage], ...] = (
    CurvesPage,
    CalibrationPage,
    SlicesPage,
    ModelsPage,
    LabelsPage,
    FlipsPage,
    MapsPage,
    LocksPage,
    ReportPage,
)
"""Each is made when it is first looked at."""
