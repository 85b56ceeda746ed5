"""What every page of the settings has in common: a title, what it is about, labelled rows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.gui.common.theme import named
from app.gui.settings.remembered import Settings


class SettingsPage(QWidget):
    """Base of a page: fill it with ``add_row``, read and write settings in ``load`` and ``apply``.

    Parameters
    ----------
    title
        Its name in the list of pages, translated.
    about
        One or two sentences at its head, translated; empty for none.
    """

    def __init__(self, title: str, about: str = "") -> None:
        super().__init__()
        self.title = title
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(18, 14, 18, 14)
        self.body.setSpacing(12)
        self.body.addWidget(_words(title, "pageTitle"))
        if about:
            self.body.addWidget(_words(about, "muted"))
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(4)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.body.addLayout(self.form)
        self.body.addStretch(1)

    def load(self, settings: Settings) -> None:
        """Show what is set now."""
        raise NotImplementedError

    def check(self) -> None:
        """Look at what is chosen, before any page keeps anything.

        Raises
        ------
        ReviewError
            When something cannot be used: the dialog stays and shows it.
        """

    def apply(self, settings: Settings) -> None:
        """Keep what is chosen."""
        raise NotImplementedError

    def add_row(self, label: str, field: QWidget, help_text: str = "") -> None:
        """A field with its label at the left, and below it in words what it does.

        A check box carries its own label: give an empty one.
        """
        if isinstance(field, QCheckBox):
            self.form.addRow(field)
        else:
            words = QLabel(label)
            words.setBuddy(field)
            field.setAccessibleName(label)
            self.form.addRow(words, field)
        if help_text:
            field.setAccessibleDescription(help_text)
            self.form.addRow("", _words(help_text, "muted"))


def _words(text: str, name: str) -> QLabel:
    label = named(QLabel(text), name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    # As wide as the page, or a form would break its lines early.
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label
