"""Images per second from a folder to scores: Opacity against two peers, in one run.

1. The plain loop: read, resize, ``model.predict`` on one image, with Opacity's own network.
2. DenseNet-121 in the style of torchxrayvision: its reading (grey, -1024..1024, centre crop,
   224 x 224), its architecture (one channel in, 18 findings out) built by keras.applications
   with random weights, one image at a time. The weights do not change the speed. The network is
   called as a compiled function, faster than ``model.predict``: the peer at its best.

With ``--against NAME`` another model is a third peer, in Opacity itself: the first bundled network,
``best-1``, lies in the repository's history (``git log -- model_zoo/best-1``).

The variants take turns, so that a slow moment of the machine hits all of them; the first turn of
each is not counted. What is reported is the median of the ratios of the turns.

    python -m benchmarks.score_folder [FOLDER] [--model NAME] [--against NAME] [--repeats 5]
        [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.core.image.preprocess import FRAME_SIZE, model_input
from app.core.worklist.scan import scan
from app.inference.registry.models import find_model
from app.inference.runtime.classifier import Classifier, load_keras
from app.inference.scoring.pipeline import score

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "fullsize"
OURS, PLAIN, DENSENET = "Opacity", "plain loop", "DenseNet-121, one by one"


def opacity(folder: Path, classifier: Classifier) -> int:
    scored = 0
    for result in score(scan([folder]), classifier):
        if result.prediction.p_pneumonia is None:
            raise SystemExit(f"{result.item.shown} got no score, so the variants differ in work.")
        scored += 1
    return scored


def plain_loop(files: list[Path], model: Any, size: int) -> int:
    for path in files:
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        frame = cv2.resize(image, (FRAME_SIZE, FRAME_SIZE), interpolation=cv2.INTER_AREA)
        model.predict(model_input(frame, size)[None], verbose=0)
    return len(files)


def densenet() -> Callable[[Any], Any]:
    import keras
    import tensorflow as tf

    model = keras.applications.DenseNet121(
        weights=None, input_shape=(224, 224, 1), classes=18, classifier_activation="sigmoid"
    )
    signature = [tf.TensorSpec((1, 224, 224, 1), tf.float32)]
    return tf.function(lambda x: model(x, training=False), input_signature=signature)


def densenet_loop(files: list[Path], network: Callable[[Any], Any]) -> int:
    for path in files:
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(np.float32)
        image = (image / 255.0 * 2.0 - 1.0) * 1024.0
        side = min(image.shape)
        top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
        square = image[top : top + side, left : left + side]
        small = cv2.resize(square, (224, 224), interpolation=cv2.INTER_AREA)
        network(small[None, :, :, None]).numpy()
    return len(files)


def measure(variants: dict[str, Callable[[], int]], repeats: int) -> dict[str, list[float]]:
    """Images per second of each variant and turn; the first turn warms up and is dropped."""
    speeds: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(repeats + 1):
        for name, run in variants.items():
            start = time.perf_counter()
            images = run()
            if turn:
                speeds[name].append(images / (time.perf_counter() - start))
    return speeds


def main() -> None:
    parser = argparse.ArgumentParser(description="Images per second, as ratios against two peers.")
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--model", help="a model of `main.py models` (default: the active one)")
    parser.add_argument("--against", metavar="NAME", help="another model, scored by Opacity too")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is not a folder: name one with PNG or JPEG radiographs")

    model_folder = find_model(arguments.model)
    classifier = Classifier(model_folder)
    classifier.load()
    files = [item.path for item in scan([arguments.folder])]
    if not files:
        parser.error(f"{arguments.folder} holds no image")
    keras_model = load_keras(model_folder / "model.keras", classifier.card)
    size = classifier.card.input_size
    network = densenet()
    variants = {
        OURS: lambda: opacity(arguments.folder, classifier),
        PLAIN: lambda: plain_loop(files, keras_model, size),
        DENSENET: lambda: densenet_loop(files, network),
    }
    if arguments.against:
        other = Classifier(find_model(arguments.against))
        other.load()
        variants[f"Opacity with {other.card.name}"] = lambda: opacity(arguments.folder, other)
    speeds = measure(variants, arguments.repeats)
    ratios = {
        name: statistics.median(
            ours / theirs for ours, theirs in zip(speeds[OURS], speeds[name], strict=True)
        )
        for name in speeds
        if name != OURS
    }
    print(
        f"{len(files)} images of {arguments.folder.name}/, model {classifier.card.name}, "
        f"{classifier.device_name}, {arguments.repeats} turns"
    )
    for name, values in speeds.items():
        print(
            f"{name:26} {statistics.median(values):8.1f} images/s "
            f"({min(values):.1f} to {max(values):.1f})"
        )
    for name, ratio in ratios.items():
        print(f"Opacity / {name}: {ratio:.2f} times")
    if arguments.json:
        report = {
            "images": len(files),
            "model": classifier.card.name,
            "device": classifier.device_name,
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "images_per_second": speeds,
            "ratio": ratios,
        }
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
