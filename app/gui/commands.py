"""The commands of the window: which there are, their keys, and which stand in the tool bar."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolBar, QWidget

from app.gui.actions import Action
from app.gui.models.arrangement import NEEDS_EYES, RANKED
from app.gui.widgets.theme import named

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def commands(window: MainWindow) -> list[Action]:
    """Every command, in the order of the menus."""
    worklist, view, controller = window.worklist, window.image_view, window.controller
    fold = window.worklist_model.toggle_fold
    return [
        Action(
            "open-folder", "Open folder…", window.ask_for_folder, "Ctrl+O", "File", "open-folder"
        ),
        Action(
            "open-files", "Open files…", window.ask_for_files, "Ctrl+Shift+O", "File", "open-files"
        ),
        Action("score-rest", "Score the rest", controller.resume, "F5", "File", separator=True),
        Action("cancel", "Cancel scoring", controller.cancel, "Esc", "File"),
        Action("quit", "Quit", window.close, "Ctrl+Q", "File", separator=True),
        Action("next", "Next image", lambda: worklist.walk(1), "N", "View", "next"),
        Action("previous", "Previous image", lambda: worklist.walk(-1), "P", "View", "previous"),
        Action("fit", "Fit", view.fit, "F", "View", "fit", separator=True),
        Action("one-to-one", "One to one", view.one_to_one, "1", "View", "one-to-one"),
        Action("zoom-in", "Zoom in", lambda: view.zoom_by(1.25), "+, =", "View"),
        Action("zoom-out", "Zoom out", lambda: view.zoom_by(0.8), "-", "View"),
        Action("invert", "Invert", view.toggle_inverted, "I", "View", "invert"),
        Action("reset", "Reset zoom and window", view.reset, "R", "View", "reset"),
        Action(
            "heatmap", "Heatmap", window.toggle_heatmap, "H", "View", "heatmap",
            checkable=True, separator=True,
        ),
        Action("more-overlay", "Heatmap stronger", window.opacity.more, "]", "View"),
        Action("less-overlay", "Heatmap weaker", window.opacity.less, "[", "View"),
        Action(
            "thumbnails", "Thumbnails", worklist.show_thumbnails, "T", "View", "thumbnails",
            checkable=True, separator=True,
        ),
        Action(
            "fold-eyes", "Fold or unfold Needs your eyes", partial(fold, NEEDS_EYES), "E", "View"
        ),
        Action("fold-scored", "Fold or unfold Scored", partial(fold, RANKED), "S", "View"),
        Action("filter", "Filter the list", window.focus_search, "/, Ctrl+F", "View"),
        Action("clear-filter", "Clear the filter", worklist.clear_filter, "Ctrl+Shift+F", "View"),
        Action(
            "training", "Training panel", window.toggle_training, "Ctrl+T", "View", "training",
            checkable=True, separator=True,
        ),
        Action("models", "Models…", window.show_models, "Ctrl+M", "Tools"),
        Action("sweeps", "Sweeps…", window.show_sweeps, "Ctrl+Shift+T", "Tools"),
        Action("keys", "Keyboard shortcuts", window.show_keys, "?, F1", "Help"),
        Action("about", "About Opacity", window.show_about, "", "Help"),
    ]  # fmt: skip


def fill_tool_bar(window: MainWindow) -> None:
    """One bar: open, walk, look, explain; the model at the far end."""
    bar = named(QToolBar("Tools"), "tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    groups = (
        ("open-folder", "open-files"),
        ("previous", "next", "thumbnails"),
        ("fit", "one-to-one", "invert", "reset"),
        ("heatmap",),
    )
    for place, group in enumerate(groups):
        if place:
            bar.addSeparator()
        for name in group:
            bar.addAction(window.commands[name])
    bar.addWidget(window.opacity)
    bar.addSeparator()
    bar.addAction(window.commands["training"])
    gap = QWidget()
    gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(gap)
    label = named(QLabel("Model "), "muted")
    label.setBuddy(window.model_chooser)
    bar.addWidget(label)
    bar.addWidget(window.model_chooser)
    window.addToolBar(bar)
    window.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
