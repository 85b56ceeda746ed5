"""A sweep's speed against Talos 2.0.10, in one run: the same settings, images and epochs.

``python -m benchmarks.sweep_vs_talos FOLDER [--images N] [--settings N]`` (extra ``benchmark``)

Three times the same settings of the dense network: Talos, Opacity, and Opacity with pruning. Each
begins with the images decoded and in memory and ends with its table of results; starting worker
processes, TensorFlow included, counts for Opacity. Talos trains the same Keras network with Keras'
own ``fit``, as its documentation shows. The chosen setting is the one with the best accuracy
on the same validation patients.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.training.data.dataset import Dataset, read_dataset
from app.training.sweep.space import Settings, grid_settings
from model_zoo import architecture

ARCH = "dense"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=0, help="about so many, of whole patients")
    parser.add_argument("--settings", type=int, default=0, help="the first so many of the 216")
    parser.add_argument("-o", "--output", type=Path, help="write the figures as JSON")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    train = TrainConfig(
        **{**architecture(ARCH).DEFAULTS, "data": str(arguments.folder), "arch": ARCH}
    )
    config = SweepConfig("opacity", train, trials=arguments.settings)
    dataset = _part(read_dataset(arguments.folder), arguments.images)
    settings = grid_settings(config)
    figures: dict[str, Any] = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "images": len(dataset.labels),
        "settings": len(settings),
        "opacity": opacity(config, dataset),
        "opacity_pruned": opacity(
            dataclasses.replace(config, study="pruned", pruner="halving"), dataset
        ),
        "talos": talos(config, dataset, settings),
    }
    base = figures["talos"]["settings_per_minute"]
    for name in ("opacity", "opacity_pruned"):
        figures[name]["times_talos"] = figures[name]["settings_per_minute"] / base
    print(json.dumps(figures, indent=2))
    if arguments.output:
        arguments.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def opacity(config: SweepConfig, dataset: Dataset) -> dict[str, Any]:
    """Run the sweep as the program does, from images in memory to its ledger."""
    from app.training.sweep.coordinator import sweep_dataset
    from app.training.sweep.folders import CONFIG_NAME
    from app.training.sweep.ledger import LEDGER_NAME, ranked, read_ledger

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / CONFIG_NAME).write_text(config.to_json(), encoding="utf-8")
        begun = time.perf_counter()
        ended = sweep_dataset(config, folder, dataset, lambda event: None)
        seconds = time.perf_counter() - begun
        rows = read_ledger(folder / LEDGER_NAME)
    best = ranked(rows, "val_accuracy")[0]
    return {
        "seconds": seconds,
        "settings_per_minute": 60 * ended.total / seconds,
        "pruned": sum(row.state == "pruned" for row in rows),
        "chosen": best.settings,
        "val_accuracy_of_chosen": best.values["val_accuracy"],
    }


def talos(config: SweepConfig, dataset: Dataset, settings: list[Settings]) -> dict[str, Any]:
    """The same settings through ``talos.Scan``."""
    import keras
    import talos as library

    from app.training.fit.network import build_network
    from app.training.sweep.data import SweepData

    data = SweepData.of(dataset, config.train, need_frames=False)
    x = data.inputs.astype(np.float32)
    y = data.labels[:, None].astype(np.float32)
    train, validation = data.parts != 0, data.parts == 0
    wanted = {_key(one) for one in settings}

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        chosen = {name: params[name] for name in settings[0]}
        network = build_network(dataclasses.replace(config.train, **chosen), 2)
        optimizers = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}
        network.compile(
            optimizer=optimizers[params["optimizer"]](),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
        )
        history = network.fit(
            x_train,
            y_train,
            validation_data=(x_val, y_val),
            batch_size=params["batch_size"],
            epochs=params["epochs"],
            verbose=0,
        )
        return history, network

    keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]).compile("adam", "mse")
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)  # Talos writes its table into a folder of the current one
        try:
            begun = time.perf_counter()
            scan = library.Scan(
                x=x[train],
                y=y[train],
                x_val=x[validation],
                y_val=y[validation],
                params={name: list(values) for name, values in architecture(ARCH).GRID.items()},
                model=model,
                experiment_name="talos",
                boolean_limit=lambda p: _key({name: p[name] for name in settings[0]}) in wanted,
                disable_progress_bar=True,
                print_params=False,
            )
            seconds = time.perf_counter() - begun
        finally:
            os.chdir(before)
    table = scan.data
    assert len(table) == len(settings), f"Talos ran {len(table)} of {len(settings)} settings"
    best = table.sort_values("val_accuracy", ascending=False).iloc[0]
    return {
        "seconds": seconds,
        "settings_per_minute": 60 * len(settings) / seconds,
        "chosen": {name: _plain(best[name]) for name in settings[0]},
        "val_accuracy_of_chosen": float(best["val_accuracy"]),
    }


def _part(dataset: Dataset, images: int) -> Dataset:
    """About so many images, whole patients, the same ones every time."""
    if not images or images >= len(dataset.labels):
        return dataset
    random = np.random.default_rng(0)
    patients = random.permutation(sorted(set(dataset.groups)))
    share = patients[: round(len(patients) * images / len(dataset.labels))]
    kept = np.flatnonzero(np.isin(dataset.groups, share))

    def of(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[i] for i in kept)

    return dataclasses.replace(
        dataset,
        frames=dataset.frames[kept],
        labels=dataset.labels[kept],
        names=of(dataset.names),
        groups=of(dataset.groups),
        content_hashes=of(dataset.content_hashes),
        perceptual_hashes=of(dataset.perceptual_hashes),
        ages=of(dataset.ages),
    )


def _key(settings: Settings) -> str:
    return json.dumps({name: _plain(value) for name, value in settings.items()}, sort_keys=True)


def _plain(value: Any) -> Any:
    """Talos hands over numpy's numbers and text."""
    if isinstance(value, str):
        return str(value)
    return int(value) if float(value).is_integer() else float(value)


if __name__ == "__main__":
    main()
