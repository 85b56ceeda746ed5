"""Layers and factor of the fitness gate, chosen without one package and tried on that package.

The rule, for each of the four packages: of all sets of one to three ``LAYERS`` and all ``FACTORS``
that meet ``RULE`` on children, adults and the other three packages, the one that refuses most of
these packages' pictures; of equals the lowest factor, then the fewest layers, then the first in
order. Then it is tried on the package left out. Copies of its pictures in other packages are left
out with it, and real chests count nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.core.image.preprocess import model_input
from app.core.model.card import ModelCard
from app.inference.runtime.model_file import load_keras
from app.inference.scoring.features import outputs_of, score_and_features, width
from app.review.statistics.figures import wilson
from app.training.data.dataset import Dataset
from app.training.result.out_of_distribution import (
    CAUTION,
    MOST_IMAGES,
    QUANTILE,
    features_by_layer,
    fit,
)
from research.picture_gate_packages import CHESTS, PACKAGES, without_headers

LAYERS = (
    "block4_add",
    "block7_add",
    "block10_add",
    "block13_add",
    "block14_add",
    "block15_project_bn",
    "features",
)
MOST_LAYERS = 3
FACTORS = (1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
CHILDREN_REFUSED, ADULTS_REFUSED, ADULTS_CAUTIONED = 0.01, 0.02, 0.95
RULE = (
    "at most 1 % of the calibration patients' images refused by a limit from the other half of "
    "these patients, at most 2 % of the adults refused, at least 95 % of them cautioned or refused"
)


class Group(NamedTuple):
    """Pictures of one package: by content hash, the position of each among all the pictures."""

    name: str
    places: dict[str, int]


class Choice(NamedTuple):
    """A set of layers and a factor."""

    layers: tuple[str, ...]
    factor: float


class Distances(NamedTuple):
    """Of each layer the distances, shape (n,), as shares of what is usual among the children.

    ``halves`` tells to which half of the patients each of the children belongs.
    """

    children: dict[str, NDArray[np.float64]]
    adults: dict[str, NDArray[np.float64]]
    things: dict[str, NDArray[np.float64]]
    halves: NDArray[np.bool_]


def leave_one_package_out(
    folder: Path, dataset: Dataset, adults: Sequence[NDArray[np.uint8]]
) -> dict[str, Any]:
    """What was chosen without each package, and how much of that package it refuses."""
    groups, frames = _things()
    known = distances(folder, dataset, adults, frames)
    found: dict[str, Any] = {}
    total = [0, 0]
    for left_out in groups:
        own = sorted(left_out.places.values())
        others = sorted(
            {
                place
                for group in groups
                if group is not left_out
                for content, place in group.places.items()
                if content not in left_out.places
            }
        )
        choice, met = choose(known, others)
        refused = int(_refused(known, choice)[own].sum())
        total = [total[0] + len(own), total[1] + refused]
        found[left_out.name] = {
            "n": len(own),
            "refused": wilson(refused, len(own)).as_dict(),
            "layers": list(choice.layers),
            "factor": choice.factor,
            "chosen_on": len(others),
            "rule_met": met,
        }
    found["all"] = {"n": total[0], "refused": wilson(total[1], total[0]).as_dict()}
    return {
        "rule": RULE,
        "layers": list(LAYERS),
        "most_layers": MOST_LAYERS,
        "factors": list(FACTORS),
        "packages": found,
    }


def choose(known: Distances, things: Sequence[int]) -> tuple[Choice, bool]:
    """The best of all candidates by some of the pictures, and whether it meets the rule.

    Where none meets it, the best of all is taken, and that is said.
    """
    best: tuple[tuple[Any, ...], Choice, bool] | None = None
    for count in range(1, MOST_LAYERS + 1):
        for layers in combinations(LAYERS, count):
            for factor in FACTORS:
                choice = Choice(layers, factor)
                met = _meets(known, choice)
                refused = int(_refused(known, choice)[list(things)].sum())
                rank = (met, refused, -factor, -count)
                if best is None or rank > best[0]:
                    best = rank, choice, met
    assert best is not None
    return best[1], best[2]


def _meets(known: Distances, choice: Choice) -> bool:
    children = _together(known.children, known, choice)
    adults = _together(known.adults, known, choice)
    refused = sum(
        int((children[half] > choice.factor * children[~half].max()).sum())
        for half in (known.halves, ~known.halves)
    )
    return (
        refused <= CHILDREN_REFUSED * len(children)
        and float(np.mean(adults > choice.factor * children.max())) <= ADULTS_REFUSED
        and float(np.mean(adults > CAUTION)) >= ADULTS_CAUTIONED
    )


def _refused(known: Distances, choice: Choice) -> NDArray[np.bool_]:
    highest = _together(known.children, known, choice).max()
    return np.asarray(_together(known.things, known, choice) > choice.factor * highest)


def _together(
    of: dict[str, NDArray[np.float64]], known: Distances, choice: Choice
) -> NDArray[np.float64]:
    """The unlikeness by these layers.

    As ``app.inference.scoring.out_of_distribution`` puts them together.
    """
    usual = np.quantile(np.mean([known.children[name] for name in choice.layers], axis=0), QUANTILE)
    return np.asarray(np.mean([of[name] for name in choice.layers], axis=0) / usual)


def distances(
    folder: Path,
    dataset: Dataset,
    adults: Sequence[NDArray[np.uint8]],
    things: Sequence[NDArray[np.uint8]],
) -> Distances:
    """Fit each layer by itself on the training patients, and look at all else with it."""
    card = ModelCard.load(folder / "card.json")
    model = load_keras(folder / "model.keras", card)
    fold = int(card.settings.get("fold", 0))
    trained, calibration = (dataset.indices(side, fold) for side in ("train", "calibration"))
    trained = trained[:: -(-len(trained) // MOST_IMAGES)]
    own, children = (
        features_by_layer(model, LAYERS, dataset, these) for these in (trained, calibration)
    )
    grown, strange = (_features(model, frames) for frames in (adults, things))
    found: tuple[dict[str, NDArray[np.float64]], ...] = ({}, {}, {})
    for at, layer in enumerate(LAYERS):
        spread = fit((layer,), [own[at]], [children[at]])
        for distance, features in zip(found, (children, grown, strange), strict=True):
            distance[layer] = spread.unlikeness(features[at])
    patients = sorted({dataset.groups[i] for i in calibration})
    first = set(patients[::2])
    halves = np.array([dataset.groups[i] in first for i in calibration])
    children_at, grown_at, strange_at = found
    return Distances(children_at, grown_at, strange_at, halves)


def _features(model: Any, frames: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
    run = score_and_features(model, LAYERS)
    size = model.input_shape[1]
    parts = [
        run(np.stack([model_input(frame, size) for frame in frames[at : at + 64]]))[1]
        for at in range(0, len(frames), 64)
    ]
    widths = [width(output) for output in outputs_of(model, LAYERS)]
    return np.split(np.concatenate(parts), np.cumsum(widths)[:-1], axis=1)


def _things() -> tuple[list[Group], list[NDArray[np.uint8]]]:
    groups: list[Group] = []
    frames: list[NDArray[np.uint8]] = []
    for package in PACKAGES:
        places = {}
        for content, picture in without_headers(package).items():
            if not picture.name.startswith(CHESTS):
                places[content] = len(frames)
                frames.append(picture.frame)
        groups.append(Group(package, places))
    return groups, frames
