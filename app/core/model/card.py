"""The card that lies beside each model: what it is, what it was trained on, how well it does."""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from app.core.base.errors import ModelError
from app.core.base.json_text import parse_json
from app.core.base.translation import mark, tr

if TYPE_CHECKING:
    from app.core.model.calibration import Calibration
    from app.core.model.heads import Kind, Uncertainty

CARD_FORMAT = 1

SCREENING, BALANCED, RULE_IN = "screening", "default", "rule_in"
"""Names of operating points; the balanced one is the default."""

CONTENT_HASH_BYTES = 16
"""So many bytes of each training image's SHA-256 stand in the card."""

PERCEPTUAL_HASH_BYTES = 32


def pack_hashes(hashes: list[bytes]) -> str:
    """Hashes of equal length as one base64 string, sorted so that no order is told."""
    return base64.b64encode(b"".join(sorted(hashes))).decode()


def unpack_hashes(text: str, length: int) -> list[bytes]:
    """The hashes that ``pack_hashes`` wrote, ``length`` bytes each."""
    data = base64.b64decode(text)
    return [data[at : at + length] for at in range(0, len(data), length)]


@dataclass(frozen=True)
class ModelCard:
    """What must be known to use a model, and what should be known to trust it.

    Parameters
    ----------
    name, version, arch
        Folder name of the model, its version, and the ``model_zoo`` module that built it.
    created
        ISO 8601 date and time of the training's end, UTC.
    classes
        Class names in the order of the output; the second is the positive one.
    input_size
        Side of the square input, pixels.
    calibration
        What ``app.core.model.calibration.Calibration`` is made of; empty for a network whose
        output is
        taken as the probability as it is.
    fitness
        Of the file that tells how unlike the training images a picture is
        (``app.inference.scoring.out_of_distribution``): its ``sha256``, and the limits ``caution``
        and ``refuse``;
        empty for a network without that gate.
    heads
        What the network's further outputs are read with, by name (``app.core.model.heads``); empty
        for
        a network that gives the logit alone.
    input_colour
        ``grey``: one channel, 0 to 255, bright where the X-rays were stopped.
    cam_layer
        Layer whose output is the last convolutional grid; empty when the network has none, and
        is explained by the input gradient.
    cam_full_scale
        Evidence per grid cell (logit units) that is shown in the strongest colour.
    preprocessing
        Name of the preprocessing the weights expect; see ``app.core.image.preprocess``.
    operating_points
        Threshold on the probability by name (``app.core.model.operating_points``). A model that
        judges
        has ``default``; one of three or more classes, or one that was never calibrated, may have
        none.
    age_years
        Youngest and oldest age of the training patients, years, both inclusive.
    data
        What it was trained on: name, counts, split, a hash over the content hashes.
    weights_sha256
        Hash of ``model.keras``; a file that does not match is not loaded.
    serving
        Of the serving form ``model.onnx`` (``app.inference.runtime``): its ``sha256``, a hash of
        what it was ``made_of``, and the ``constant`` of the logit without any evidence; empty for
        a model without one.
    metrics
        ``cross_validation`` says what the recipe does; ``held_out`` what these weights do on
        patients they never saw.
    limits, licence
        In words, for the person.
    """

    name: str
    version: str
    arch: str
    created: str
    classes: tuple[str, ...]
    input_size: int
    cam_layer: str
    cam_full_scale: float
    preprocessing: str
    operating_points: dict[str, float]
    weights_sha256: str
    calibration: dict[str, float] = field(default_factory=dict)
    fitness: dict[str, Any] = field(default_factory=dict)
    serving: dict[str, Any] = field(default_factory=dict)
    heads: dict[str, dict[str, float]] = field(default_factory=dict)
    input_colour: str = "grey"
    age_years: tuple[float, float] | None = None
    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    licence: str = ""

    @property
    def threshold(self) -> float:
        """The default operating point, a probability.

        Raises
        ------
        ModelError
            When the model has none.
        """
        if BALANCED not in self.operating_points:
            raise ModelError(
                tr("The model {title} has no operating point.", title=self.title),
                tr(
                    "A threshold named 'default' was expected in its card: without one no call is "
                    "made."
                ),
                tr("Choose another model, or train it again."),
            )
        return self.operating_points[BALANCED]

    def at(self, point: str) -> Self:
        """The card with another of its operating points as the default.

        Raises
        ------
        ModelError
            When the card has no point of that name.
        """
        if point not in self.operating_points:
            there = ", ".join(self.operating_points) or "none"
            raise ModelError(
                tr(
                    "The model {title} has no operating point named {point}.",
                    title=self.title,
                    point=point,
                ),
                tr("It has: {there}.", there=there),
                tr("Choose one of these, or train the model again."),
            )
        points = {**self.operating_points, BALANCED: self.operating_points[point]}
        return dataclasses.replace(self, operating_points=points)

    @property
    def calibrated(self) -> Calibration | None:
        """What makes of the network's logit a probability that holds; None for none."""
        if not self.calibration:
            return None
        # Only who scores needs numpy: the command line reads cards before it is installed.
        from app.core.model.calibration import Calibration

        return Calibration(**self.calibration)

    @property
    def kind(self) -> Kind | None:
        """What reads the output that tells bacterial from viral pneumonia; None without one."""
        from app.core.model.heads import KIND, Kind

        return Kind(**self.heads[KIND]) if KIND in self.heads else None

    @property
    def spread(self) -> Uncertainty | None:
        """What reads the output that says how sure the network is; None without one."""
        from app.core.model.heads import SPREAD, Uncertainty

        return Uncertainty(**self.heads[SPREAD]) if SPREAD in self.heads else None

    @property
    def title(self) -> str:
        """Name and version, as shown to a person and written beside each score."""
        return f"{self.name} {self.version}"

    @property
    def judges_pneumonia(self) -> bool:
        """Whether the outputs map to NORMAL and PNEUMONIA, which review needs."""
        return tuple(name.upper() for name in self.classes) == ("NORMAL", "PNEUMONIA")

    def to_json(self) -> str:
        """The card as indented JSON."""
        return json.dumps({"format": CARD_FORMAT, **dataclasses.asdict(self)}, indent=2)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a card.

        Raises
        ------
        ModelError
            When the file is missing, is no card, or comes from a newer Opacity.
        """
        try:
            raw = parse_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise ModelError(
                tr("The model card {path} cannot be read: {error}.", path=path, error=error),
                tr("A model is a folder with model.keras and card.json."),
                tr("Choose another model, or train it again."),
            ) from error
        try:
            card = cls.from_dict(raw)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ModelError(
                tr("The model card {path} is not valid: {error}.", path=path, error=error),
                tr("It must be a card.json that Opacity wrote."),
                tr("Choose another model, or train it again."),
            ) from error
        return card

    @classmethod
    def from_dict(cls, card: dict[str, Any]) -> Self:
        """Check what the JSON of a card says, and make a card of it.

        Raises
        ------
        KeyError, TypeError, ValueError, AttributeError, OverflowError
            When it is no card, or one of another version.
        """
        raw = dict(card)
        if raw.pop("format") != CARD_FORMAT:
            raise ValueError(tr("its format is of another Opacity version"))
        for name in ("classes", "limits"):
            raw[name] = tuple(raw[name])
        if raw.get("age_years") is not None:
            low, high = raw["age_years"]
            if not math.isfinite(low) or not math.isfinite(high):
                raise ValueError(tr("its ages are no numbers"))
            raw["age_years"] = (float(low), float(high))
        made = cls(**raw)
        _check_types(made)
        _ = made.calibrated  # its numbers make sense
        _check_heads(made)
        _check_fitness(made.fitness)
        _check_serving(made.serving)
        for threshold in made.operating_points.values():
            if not 0.0 <= float(threshold) <= 1.0:
                raise ValueError(
                    tr("its threshold {threshold} is no probability", threshold=threshold)
                )
        if not 8 <= int(made.input_size) <= 4096 or len(made.classes) < 2:
            raise ValueError(tr("its input size or classes make no sense"))
        return made


def _check_types(card: ModelCard) -> None:
    """Raise ``TypeError`` unless each field holds what its type says: anybody may write a card."""
    kinds: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}
    for part in dataclasses.fields(card):
        value = getattr(card, part.name)
        of_type = kinds.get(str(part.type))
        if of_type and (isinstance(value, bool) or not isinstance(value, of_type)):
            raise TypeError(tr("its {part} is {value!r}", part=part.name, value=value))
    for name in (
        "operating_points",
        "calibration",
        "fitness",
        "serving",
        "heads",
        "data",
        "metrics",
        "settings",
    ):
        if not isinstance(getattr(card, name), dict):
            raise TypeError(tr("its {part} is no object", part=name))
    for name in ("classes", "limits"):
        if not all(isinstance(text, str) for text in getattr(card, name)):
            raise TypeError(tr("its {part} hold something that is no text", part=name))


def _check_heads(card: ModelCard) -> None:
    """Raise ``TypeError`` or ``ValueError`` unless each head is known and its numbers hold."""
    if not card.heads:
        return
    from app.core.model.heads import KIND, SPREAD

    if unknown := sorted(set(card.heads) - {KIND, SPREAD}):
        raise ValueError(tr("its heads {names} are unknown", names=", ".join(unknown)))
    _ = card.kind, card.spread


def _check_fitness(part: dict[str, Any]) -> None:
    """Raise ``ValueError`` unless a gate has a hash and two limits that make sense, or is none."""
    if not part:
        return
    if set(part) != {"sha256", "caution", "refuse"} or not isinstance(part["sha256"], str):
        raise ValueError(tr("its fitness gate is no hash and two limits"))
    if not 0 < float(part["caution"]) <= float(part["refuse"]) < math.inf:
        raise ValueError(tr("the limits of its fitness gate make no sense"))


def _check_serving(part: dict[str, Any]) -> None:
    """Raise ``ValueError`` unless a serving form has two hashes and a number, or is none."""
    if not part:
        return
    texts = [part.get(name) for name in ("sha256", "made_of")]
    if set(part) != {"sha256", "made_of", "constant"} or not all(isinstance(t, str) for t in texts):
        raise ValueError(tr("its serving form is no two hashes and a number"))
    if not math.isfinite(float(part["constant"])):
        raise ValueError(tr("the constant of its serving form is no number"))


# What belongs to a network and must be fitted again with every one ------------------------------


def _has_scale(card: ModelCard) -> bool:
    return math.isfinite(card.cam_full_scale) and card.cam_full_scale > 0


def _is_measured(card: ModelCard) -> bool:
    held_out = card.metrics.get("held_out")
    area = held_out.get("auc") if isinstance(held_out, dict) else None
    return isinstance(area, dict) and isinstance(area.get("value"), int | float)


PARTS: tuple[tuple[str, Callable[[ModelCard], bool]], ...] = (
    (mark("an operating point (its threshold)"), lambda card: BALANCED in card.operating_points),
    (mark("a calibration of its probabilities"), lambda card: bool(card.calibration)),
    (mark("the scale of its heatmaps"), _has_scale),
    (mark("figures on held-out patients"), _is_measured),
    (mark("a fitness gate"), lambda card: bool(card.fitness)),
)
"""Each part in words, and whether a card has it. A new kind of part is added here."""


def missing_parts(card: ModelCard) -> tuple[str, ...]:
    """What a card lacks, in words; such a model is not promoted without a person's word."""
    return tuple(tr(words) for words, is_there in PARTS if not is_there(card))
