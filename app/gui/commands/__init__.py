"""The commands of the window as data: one module a menu, put together here.

To add a command, add an ``Action`` to the module of its menu. A new menu is a new module with a
function from the window to its actions, and a line in ``commands``. Keys given here are the ones
that a person finds on the first day; ``app.gui.keys`` puts those they chose in their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.gui.commands.display import display_commands
from app.gui.commands.file import file_commands
from app.gui.commands.help import help_commands
from app.gui.commands.image import image_commands
from app.gui.commands.measure import measure_commands
from app.gui.commands.reading import reading_commands
from app.gui.commands.tool_bar import fill_tool_bar
from app.gui.commands.tools import tools_commands
from app.gui.commands.view import view_commands
from app.gui.common.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow

__all__ = ["commands", "fill_tool_bar"]


def commands(window: MainWindow) -> list[Action]:
    """Every command, in the order of the menus."""
    return [
        *file_commands(window),
        *view_commands(window),
        *image_commands(window),
        *display_commands(window),
        *measure_commands(window),
        *reading_commands(window),
        *tools_commands(window),
        *help_commands(window),
    ]
