"""What was tried on the way to the bundled best CNN, and what each change brought.

``python -m research.recipes FOLDER`` trains small versions of the network
(fewer pixels, half of the patients, few epochs: the order of recipes is what is looked for, not
their best figures) without one look of patients, several times with other random numbers, and
measures them on patients held out by chance, on that look, and on that look when border and greys
are those of the other class. What is finished is kept in ``docs/recipes.json``, so that an
interrupted run goes on; the table goes into ``docs/honest-network.md``. The larger backbones need
the extra ``port``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.model.calibration import logistic
from app.core.settings.training import TrainConfig
from app.review.statistics import figures as statistics
from app.training.data.dataset import Dataset, read_dataset
from app.training.fit.epochs import TrainingSet, as_inputs, epoch_runner
from app.training.fit.loop import predict, sample_weights, targets_of
from app.training.fit.network import build_network, compile_network, input_size_of
from model_zoo import best, efficientnet_lite
from research.distillation import Lessons, teach
from research.document import put
from research.hard_splits import read_splits
from research.shortcut_changes import dressed_as_other, generator

PARTS = Path("docs/hard_validation.csv")
BASE: dict[str, Any] = {"image_size": 96, "epochs": 4, "patience": 0}
HELD_OUT = 3
"""The look that no network sees: the one on which the recipe's networks do worst."""
SENSITIVITY = 0.98
SEEDS = (1, 2, 3)
_STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""Two-sided 95 % points of Student's t by the number of seeds."""


@dataclass(frozen=True)
class Recipe:
    """One way of training.

    Parameters
    ----------
    settings
        What differs from ``BASE``.
    backbone
        A key of ``efficientnet_lite.SCALES``.
    averaging
        How much of the running mean of the weights a step keeps; 0 to take the last weights.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    backbone: str = efficientnet_lite.LITE0
    averaging: float = 0.0


RECIPES = {
    "the recipe (Lite0, 96 x 96)": Recipe(),
    "no augmentation": Recipe({"augmentation": 0.0}),
    "weights averaged over the steps (0.98)": Recipe(averaging=0.98),
    "128 x 128": Recipe({"image_size": 128}),
    "EfficientNet-Lite1": Recipe(backbone=efficientnet_lite.LITE1),
    "EfficientNet-Lite2": Recipe(backbone=efficientnet_lite.LITE2),
}
TOGETHER, TAUGHT = (
    "three networks, each without one more look: their mean",
    "one taught by the three",
)

Runs = dict[str, dict[str, dict[str, float]]]
"""By recipe and seed: the figures."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/recipes.json"))
    parser.add_argument("--tables", type=Path, default=Path("docs/honest-network.md"))
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    dataset = read_dataset(arguments.folder)
    bench = Bench(dataset, read_splits(PARTS, dataset.groups)["look"])
    found = _begun(arguments.output, dataset)
    runs: Runs = found["runs"]

    def keep(seed: int, name: str, figures: dict[str, float]) -> None:
        runs.setdefault(name, {})[str(seed)] = figures
        print(f"{name}, seed {seed}: {figures}", flush=True)
        arguments.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")

    for seed in arguments.seeds:
        for name, recipe in RECIPES.items():
            if str(seed) not in runs.get(name, {}):
                keep(seed, name, bench.of_recipe(recipe, seed))
        if str(seed) not in runs.get(TAUGHT, {}):
            for name, figures in bench.of_several(seed):
                keep(seed, name, figures)
    put(arguments.tables, "recipes", table(runs))


def _begun(path: Path, dataset: Dataset) -> dict[str, Any]:
    """What an earlier run has found on the same images, or the beginning of a new one."""
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if found["data_sha256"] == dataset.sha256 and found["base"] == BASE:
            return found
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "data_sha256": dataset.sha256,
        "base": BASE,
        "held_out_look": HELD_OUT,
        "runs": {},
    }


class Bench:
    """Trains on half of the patients of some looks, and measures on others.

    Parameters
    ----------
    dataset
        Two classes.
    looks
        Shape (n,): the look of each image.

    Attributes
    ----------
    train
        Positions of the images that are trained on.
    """

    def __init__(self, dataset: Dataset, looks: NDArray[np.int64]) -> None:
        self._dataset, self._looks = dataset, looks
        calibration = dataset.indices("calibration", 0)
        rest = np.setdiff1d(np.arange(len(dataset.labels)), calibration)
        half = set(sorted(set(dataset.groups))[::2])
        chosen = np.array([dataset.groups[i] in half for i in rest])
        self.train = rest[chosen & (looks[rest] != HELD_OUT)]
        unseen = rest[looks[rest] == HELD_OUT]
        self._measured = {
            "unseen patients": (dataset, calibration),
            "unseen look": (dataset, unseen),
            "unseen look, border and greys of the other class": (
                dataclasses.replace(dataset, frames=_as_the_other_class(dataset, unseen)),
                np.arange(len(unseen)),
            ),
        }
        self._labels = {
            name: dataset.labels[calibration if name == "unseen patients" else unseen]
            for name in self._measured
        }

    def of_recipe(self, recipe: Recipe, seed: int) -> dict[str, float]:
        """AUC and specificity of one training."""
        import keras

        figures = self._figures([self._trained(recipe, self.train, seed)])
        keras.backend.clear_session()
        return figures

    def of_several(self, seed: int) -> Iterator[tuple[str, dict[str, float]]]:
        """Several networks that have each not seen one more look, and one that they teach."""
        import keras

        teachers = self.teachers(Recipe(), seed)
        yield TOGETHER, self._figures(teachers)
        lessons = Lessons(self._dataset, self.train, teachers, _config(Recipe(), seed))
        with tempfile.TemporaryDirectory() as folder:
            student = teach(lessons, Path(folder), lambda event: None).model
        yield TAUGHT, self._figures([student])
        keras.backend.clear_session()

    def teachers(self, recipe: Recipe, seed: int) -> list[Any]:
        """Networks that have each not seen one of the looks that are trained on."""
        looks = self._looks[self.train]
        return [
            self._trained(recipe, self.train[looks != look], seed + look)
            for look in np.unique(looks).tolist()
        ]

    def _trained(self, recipe: Recipe, train: NDArray[np.int64], seed: int) -> Any:
        config, dataset = _config(recipe, seed), self._dataset
        model = _network(recipe, config)
        compile_network(model, config, config.epochs * -(-len(train) // config.batch_size))
        moving = config.augmentation > 0
        inputs = None if moving else as_inputs(dataset.frames[train], input_size_of(config))
        data = TrainingSet(
            frames=dataset.frames[train] if moving else None,
            inputs=inputs,
            targets=targets_of(dataset.labels[train], 2),
            weights=sample_weights(dataset, train, balanced=True).astype(np.float32),
            identities=train,
        )
        run_epoch = epoch_runner(model, data, config.batch_size, config)
        mean = Mean(model, recipe.averaging)
        for epoch in range(1, config.epochs + 1):
            run_epoch(epoch, mean.on_steps)
        mean.put()
        return model

    def _figures(self, models: Sequence[Any]) -> dict[str, float]:
        found = {}
        for name, images in self._measured.items():
            p = np.mean([logistic(predict(model, *images)) for model in models], axis=0)
            labels = self._labels[name]
            found[f"{name}: AUC"] = statistics.auc(p, labels)
            found[f"{name}: specificity"] = statistics.specificity_at(p, labels, SENSITIVITY)
        return found


def _as_the_other_class(dataset: Dataset, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Frames that tell by border and grey levels what they are not, shape (n, 224, 224)."""
    out = []
    for i in indices:
        random = generator(dataset.content_hashes[i], 0)
        others = np.flatnonzero(dataset.labels != dataset.labels[i])
        other = dataset.frames[random.choice(others)]
        out.append(dressed_as_other(dataset.frames[i], other, random))
    return np.stack(out)


class Mean:
    """The running mean of a network's weights over the steps; without a share, the last ones."""

    def __init__(self, model: Any, share: float) -> None:
        self._model, self._share = model, share
        self._mean = model.get_weights() if share else []

    def on_steps(self, step: int, loss: float) -> bool:
        """After each step; never asks for the end."""
        if self._share:
            for mean, now in zip(self._mean, self._model.get_weights(), strict=True):
                mean *= self._share
                mean += (1 - self._share) * now
        return False

    def put(self) -> None:
        """Give the network the mean."""
        if self._share:
            self._model.set_weights(self._mean)


def _config(recipe: Recipe, seed: int) -> TrainConfig:
    return TrainConfig("unused", **{**BASE, **recipe.settings, "seed": seed})


def _network(recipe: Recipe, config: TrainConfig) -> Any:
    if recipe.backbone == efficientnet_lite.LITE0:
        return build_network(config, 2)
    import keras

    from model_zoo.port_efficientnet_lite import keras_weights, original

    keras.utils.set_random_seed(config.seed)
    features = efficientnet_lite.backbone(input_size_of(config), recipe.backbone)
    efficientnet_lite.set_weights(features, keras_weights(original(recipe.backbone)))
    return best.on_backbone(features, config, 1)


def table(runs: Runs) -> str:
    """Markdown: mean of each figure over the seeds with its 95 % interval (Student's t)."""
    figures = list(next(iter(next(iter(runs.values())).values())))
    lines = ["| recipe | " + " | ".join(figures) + " |", "|---" * (len(figures) + 1) + "|"]
    for name, of_seeds in runs.items():
        cells = [_cell([run[figure] for run in of_seeds.values()]) for figure in figures]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(values: Sequence[float]) -> str:
    if len(values) not in _STUDENT:
        return f"{np.mean(values):.4f}"
    half = _STUDENT[len(values)] * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{np.mean(values):.4f} ± {half:.4f}"


if __name__ == "__main__":
    main()
