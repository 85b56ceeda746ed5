"""Which window or VOI LUT an image is shown with, and how drag, wheel and presets change it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from PySide6.QtCore import Qt

from app.core.base.translation import tr
from app.core.image.presets import (
    AUTO,
    BONE,
    FILE,
    LUNGS,
    MEDIASTINUM,
    Preset,
    default_preset,
    over_range,
    presets_of,
)
from app.core.image.radiograph import IDENTITY_8_BIT, Radiograph, Voi, VoiLut, moved

_PIXELS_A_WIDTH = 400.0
"""A drag over so many pixels changes the width by the usual one."""

_WHEEL_SHARE = 0.1


class _Choices:
    """What there is to choose for one image, made when it is first asked for."""

    def __init__(self, radiograph: Radiograph) -> None:
        self.radiograph = radiograph

    @cached_property
    def presets(self) -> tuple[Preset, ...]:
        return presets_of(self.radiograph)


class WindowLevel:
    """The window and level of one view.

    Parameters
    ----------
    told
        Called after each change by the person.
    """

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told
        self._choices: _Choices | None = None
        self.voi: Voi | None = None
        """None for the image's default."""
        self.preset: Preset | None = None
        """The preset that is in use as it is."""

    def show_image(self, radiograph: Radiograph | None) -> None:
        """Another image, in its default window."""
        self._choices = _Choices(radiograph) if radiograph is not None else None
        self.voi = self.preset = None

    def show_frame(self, radiograph: Radiograph) -> None:
        """Another frame of the same film: what was chosen stays."""
        self._choices = _Choices(radiograph)

    def reset(self) -> None:
        """The image's default."""
        self._use(None)

    @property
    def presets(self) -> tuple[Preset, ...]:
        """What there is to choose from; nothing without an image."""
        return self._choices.presets if self._choices is not None else ()

    @property
    def shown(self) -> Voi:
        """What the image is shown with."""
        if self.voi is not None or self._choices is None:
            return self.voi or IDENTITY_8_BIT
        return self._choices.radiograph.default_voi

    @property
    def current(self) -> Preset | None:
        """The preset in use, the default one too; None once it was changed by hand."""
        if self.preset is not None or self.voi is not None or self._choices is None:
            return self.preset
        return default_preset(self._choices.radiograph)

    def choose(self, preset: Preset) -> None:
        """Show the image with a preset."""
        self._use(preset.voi, preset)

    def choose_kind(self, kind: str) -> None:
        """Show the image with the preset of that kind; the header's come one after the other."""
        offered = [preset for preset in self.presets if preset.kind == kind]
        if not offered:
            self.reset()
            return
        current = self.current
        place = offered.index(current) + 1 if current in offered else 0
        self.choose(offered[place % len(offered)])

    def set(self, center: float, width: float) -> None:
        """Show the image with the same curve over other values."""
        if self._choices is not None:
            self._use(moved(self.shown, center, max(self._least, width)))

    def span(self, low: float, high: float) -> None:
        """Show these values as black and white, and what lies between as grey."""
        if self._choices is not None:
            self.set(*over_range(self.shown, low, max(low, high)))

    def drag(self, right: float, down: float, inverted: bool) -> None:
        """Change the width by a way to the right, the centre by a way down, in pixels.

        Down brightens, whether black and white are swapped or not.
        """
        if self._choices is None:
            return
        step = self._usual / _PIXELS_A_WIDTH
        sign = 1.0 if self._choices.radiograph.inverted != inverted else -1.0
        self.set(self.shown.center + sign * down * step, self.shown.width + right * step)

    def turn(self, notches: float, held: Qt.KeyboardModifier, inverted: bool) -> bool:
        """Turn the wheel: with Ctrl up widens, with Shift up brightens.

        False when neither is held: then the wheel means something else.
        """
        width = bool(held & Qt.KeyboardModifier.ControlModifier)
        if self._choices is None or not (width or held & Qt.KeyboardModifier.ShiftModifier):
            return False
        shown, step = self.shown, _WHEEL_SHARE * self.shown.width
        if width:
            self.set(shown.center, shown.width + notches * step)
        else:
            sign = 1.0 if self._choices.radiograph.inverted != inverted else -1.0
            self.set(shown.center + sign * notches * step, shown.width)
        return True

    @property
    def _usual(self) -> float:
        assert self._choices is not None
        return self._choices.radiograph.default_voi.width

    @property
    def _least(self) -> float:
        return min(1.0, self._usual / _PIXELS_A_WIDTH)

    def _use(self, voi: Voi | None, preset: Preset | None = None) -> None:
        self.voi, self.preset = voi, preset
        self._told()


def preset_title(preset: Preset) -> str:
    """What a preset is called."""
    if preset.kind == FILE:
        if preset.voi.explanation:
            return preset.voi.explanation
        if preset.voi == IDENTITY_8_BIT:
            return tr("As stored")
        if isinstance(preset.voi, VoiLut):
            return tr("Image's curve {number}", number=preset.number)
        return tr("Image's window {number}", number=preset.number)
    return {
        AUTO: tr("Automatic"),
        LUNGS: tr("Lungs"),
        MEDIASTINUM: tr("Mediastinum"),
        BONE: tr("Bone"),
    }[preset.kind]


def window_words(levels: WindowLevel) -> str:
    """Width, centre and the name of the preset, for a note on the image."""
    shown, current = levels.shown, levels.current
    form = ".0f" if shown.width >= 100 else ".4g"
    width, center = format(shown.width, form), format(shown.center, form)
    words = tr("W {width}  L {center}", width=width, center=center)
    # The first window of an image without a name of its own needs none.
    plain = current == Preset(FILE, shown, 1) and not shown.explanation
    if current is None or (plain and not isinstance(shown, VoiLut)):
        return words
    return f"{preset_title(current)}\n{words}"


def value_words(value: float, radiograph: Radiograph) -> str:
    """A modality value with its units, and the stored value where the two differ."""
    words = tr("Value {value} {units}", value=f"{value:g}", units=radiograph.units).rstrip()
    if radiograph.rescale is None:
        return words
    slope, intercept = radiograph.rescale
    return f"{words}  " + tr("stored {value}", value=f"{(value - intercept) / slope:.0f}")
