"""From which models a training can start, and what each network of the zoo takes. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.inference.registry.models import active_name, list_models
from model_zoo import architecture, architectures

SHAPES = ("nodes_dense", "activation_dense", "nodes_cnn", "activation_cnn")
"""Settings that must be those of the model that a training starts from: its layers' shapes."""


@dataclass(frozen=True)
class Network:
    """An architecture, as far as the form needs to know it.

    Parameters
    ----------
    title
        One line for the person.
    input_size
        Its own input size, pixels.
    own
        The settings of ``TrainConfig`` that this network uses and some other does not.
    pretrained
        Whether it comes with weights of its own.
    """

    title: str
    input_size: int
    own: tuple[str, ...]
    pretrained: bool


@dataclass(frozen=True)
class StartModel:
    """A model whose weights a training may start from; ``settings`` are those it must share."""

    name: str
    arch: str
    active: bool
    settings: Mapping[str, Any] = field(default_factory=dict)


def networks() -> dict[str, Network]:
    """The networks of the zoo, by name."""
    found = {}
    for name, title in architectures().items():
        zoo = architecture(name)
        # Weights that come with a network carry a licence.
        pretrained = hasattr(zoo, "WEIGHTS_LICENCE")
        found[name] = Network(title, zoo.INPUT_SIZE, tuple(zoo.OWN_SETTINGS), pretrained)
    return found


def start_models() -> list[StartModel]:
    """The models in the registry, the active one first; a damaged one is left out."""
    active = active_name()
    sizes = {name: network.input_size for name, network in networks().items()}
    models = []
    for entry in list_models():
        card = entry.card
        if card is None:
            continue
        shared = {name: card.settings[name] for name in SHAPES if name in card.settings}
        # 0 stands for the network's own size, and reads better.
        own = card.input_size == sizes.get(card.arch)
        shared["image_size"] = 0 if own else card.input_size
        models.append(StartModel(entry.name, card.arch, entry.name == active, shared))
    unique = {model.name: model for model in reversed(models)}
    return sorted(unique.values(), key=lambda model: (not model.active, model.name))
