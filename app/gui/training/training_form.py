"""The settings of a training run as a form: the common ones open, the others behind a fold.

Only what the chosen network uses is shown. Which settings there are, and their words, is in
``training_fields``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.core.settings.text import ADVANCED, BASIC, Setting
from app.core.settings.training import PRETRAINED, SCRATCH, TrainConfig
from app.gui.training.training_fields import (
    Choice,
    Part,
    Whole,
    make_fields,
    on_change,
    read,
    write,
)
from app.gui.training.training_starts import Network, StartModel

NO_HELP = mark("Point at a setting, or move to it, to read what it does.")


class TrainingForm(QWidget):
    """Architecture, start and settings.

    Parameters
    ----------
    networks
        The networks of the zoo by name.
    parent
        Qt parent.
    """

    arch_chosen = Signal(str)
    """The person chose another architecture."""
    changed = Signal()
    """Some setting is another now."""
    help_changed = Signal(str)
    """The help on the setting that the cursor or the focus is on."""
    advanced_shown = Signal(bool)
    """The fold was opened or closed."""

    def __init__(self, networks: Mapping[str, Network], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._networks = dict(networks)
        self._models: list[StartModel] = []
        self._labels: list[QLabel] = []
        self._helps: dict[QObject, str] = {}
        self._pointed: QObject | None = None
        self._filling = False
        self._frozen = 0
        self.fields = make_fields()
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._title.setObjectName("muted")
        self.fold = QToolButton()
        self.fold.setObjectName("fold")
        self.fold.setText(tr("Advanced"))
        self.fold.setCheckable(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setAutoRaise(True)
        self._advanced = QWidget()
        self._forms = (self._form(BASIC), self._form(ADVANCED, self._advanced))
        # Both forms keep one column, whatever is shown in them.
        for label in self._labels:
            label.ensurePolished()
        widest = max(label.sizeHint().width() for label in self._labels)
        for label in self._labels:
            label.setMinimumWidth(widest)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._forms[0])
        layout.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._advanced)
        self._choice("arch").offer({name: name for name in self._networks})
        self.show_device("")
        self.fold.toggled.connect(self._show_advanced)
        self.fold.toggled.connect(self.advanced_shown)
        self._show_advanced(False)
        self.show_config(TrainConfig(data="", arch=read(self.fields["arch"]) or "best"))
        self._choice("arch").activated.connect(
            lambda _index: self.arch_chosen.emit(read(self.fields["arch"]))
        )
        self._choice("start").activated.connect(self._take_start)
        for field in self.fields.values():
            on_change(field, self._on_change)

    # -- what is shown ---------------------------------------------------------------------

    def show_config(self, config: TrainConfig) -> None:
        """Fill the form."""
        self._filling = True
        with QSignalBlocker(self.fields["arch"]):
            write(self.fields["arch"], config.arch)
        self._offer_starts()
        for name, field in self.fields.items():
            if name != "arch":
                write(field, getattr(config, name))
        self._filling = False
        self._take_start()
        self._on_change()

    def settings(self) -> dict[str, Any]:
        """What the form says, by the names of ``TrainConfig``."""
        return {name: read(field) for name, field in self.fields.items()}

    def show_models(self, models: Sequence[StartModel]) -> None:
        """Offer the models that a training may start from."""
        self._models = list(models)
        self._offer_starts()

    def show_device(self, name: str) -> None:
        """Name what "automatic" would train on; empty while it is not known."""
        device = self._choice("device")
        gpu = name and not name.startswith("CPU")
        if gpu:
            words = {"auto": name, "cpu": "CPU"}
        elif name:
            words = {"auto": tr("CPU (no GPU)"), "cpu": "CPU"}
        else:
            words = {"auto": tr("GPU if there is one"), "cpu": "CPU"}
        device.offer(words)

    def open_advanced(self, shown: bool) -> None:
        """Open or close the fold."""
        self.fold.setChecked(shown)

    # -- Qt ----------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow cursor and focus with the help; the wheel goes to the panel."""
        match event.type():
            case QEvent.Type.Enter:
                self._pointed = watched
                self._tell_help()
            case QEvent.Type.Leave:
                self._pointed = None
                self._tell_help()
            case QEvent.Type.FocusIn | QEvent.Type.FocusOut:
                self._pointed = None
                self._tell_help(watched if event.type() == QEvent.Type.FocusIn else None)
            case QEvent.Type.Wheel if isinstance(watched, QWidget) and not watched.hasFocus():
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def _tell_help(self, focused: QObject | None = None) -> None:
        if focused is None:
            focused = next((field for field in self.fields.values() if field.hasFocus()), None)
        about = self._pointed or focused
        self.help_changed.emit(self._helps.get(about, tr(NO_HELP)) if about else tr(NO_HELP))

    # -- building and following --------------------------------------------------------------

    def _form(self, settings: Sequence[Setting], owner: QWidget | None = None) -> QFormLayout:
        form = QFormLayout(owner) if owner else QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for setting in settings:
            field = self.fields[setting.name]
            label = QLabel(tr(setting.label))
            label.setBuddy(field)
            label.setToolTip(tr(setting.help))
            label.setMinimumHeight(field.sizeHint().height())
            self._labels.append(label)
            for part in (label, field):
                self._helps[part] = f"{tr(setting.label)}: {tr(setting.help)}"
                part.installEventFilter(self)
            form.addRow(label, field)
            if setting.name == "arch":
                form.addRow(self._title)
        return form

    def _choice(self, name: str) -> Choice:
        field = self.fields[name]
        assert isinstance(field, Choice)
        return field

    def _on_change(self) -> None:
        if self._filling:
            return
        said = self.settings()
        rate, size = self.fields["learning_rate"], self.fields["image_size"]
        assert isinstance(rate, Part)
        assert isinstance(size, Whole)
        rate.show_own(
            TrainConfig(data="", learning_rate=0.0, optimizer=said["optimizer"]).peak_rate
        )
        network = self._networks.get(said["arch"])
        if network is not None:
            self._title.setText(network.title)
            size.setSpecialValueText(tr("own ({input_size} pixels)", input_size=network.input_size))
            own_to_some = {name for each in self._networks.values() for name in each.own}
            for form, settings in zip(self._forms, (BASIC, ADVANCED), strict=True):
                for setting in settings:
                    shown = setting.name not in own_to_some or setting.name in network.own
                    form.setRowVisible(self.fields[setting.name], shown)
        self.changed.emit()

    def _offer_starts(self) -> None:
        arch = read(self.fields["arch"])
        network = self._networks.get(arch)
        words = {SCRATCH: tr("Scratch")}
        if network is not None and network.pretrained:
            words = {PRETRAINED: "ImageNet", **words}
        for model in self._models:
            if model.arch == arch:
                words[model.name] = (
                    tr("{name} (active)", name=model.name) if model.active else model.name
                )
        start = self._choice("start")
        before = read(start)
        filling, self._filling = self._filling, True
        start.offer(words)
        self._filling = filling
        if read(start) != before:
            self._on_change()

    def _take_start(self) -> None:
        """Take over from the chosen model what its weights prescribe; random layers all learn."""
        chosen, frozen = read(self.fields["start"]), self.fields["frozen_blocks"]
        if chosen == SCRATCH:
            self._frozen = read(frozen) or self._frozen
            write(frozen, 0)
        elif not frozen.isEnabled():
            write(frozen, self._frozen)
        frozen.setEnabled(chosen != SCRATCH)
        for model in self._models:
            if model.name == chosen:
                for name, value in model.settings.items():
                    write(self.fields[name], value)

    def _show_advanced(self, shown: bool) -> None:
        self._advanced.setVisible(shown)
        arrow = Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow
        self.fold.setArrowType(arrow)
