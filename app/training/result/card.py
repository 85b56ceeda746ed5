"""The card of a fresh model: the weights measured on patients they never saw, and where from."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark
from app.core.image import preprocess
from app.core.model.card import CONTENT_HASH_BYTES, ModelCard, pack_hashes
from app.core.settings.training import TrainConfig
from app.core.worklist import patients
from app.inference.heatmap.heatmaps import FULL_SCALE_IMAGES, full_scale
from app.training.data.dataset import Dataset
from app.training.fit.loop import Fitted, predict
from app.training.fit.network import input_size_of
from app.training.result.judgement import figures_of_many, judge
from app.training.result.lineage import Lineage
from app.training.result.out_of_distribution import fit_gate
from model_zoo import architecture

LIMITS = (
    mark("For research and triage support. Not a medical device."),
    mark(
        "Measured only on images like those it was trained on; on other ages, views, machines and "
        "hospitals it is not measured, and expected to be worse."
    ),
    mark(
        "It tells the classes it was trained on apart. It knows no other disease and excludes none."
    ),
)
"""On the card in English; translated where shown, as are the next ones and the split."""
KERMANY_LIMITS = (
    mark(
        "Trained on frontal (AP) chest X-rays of children from one to five years, from one "
        "hospital."
    ),
    mark(
        "In that collection normal and pneumonia images also differ in size, cut and compression; "
        "augmentation works against that and cannot undo all of it."
    ),
)
KERMANY_AGES = (1.0, 5.0)
KERMANY_LICENCE = (
    "Weights: CC BY 4.0, trained on Kermany, Zhang, Goldbaum: Labeled Optical Coherence "
    "Tomography (OCT) and Chest X-Ray Images for Classification, Mendeley Data (CC BY 4.0)."
)


def make_card(
    dataset: Dataset, config: TrainConfig, fitted: Fitted, name: str, lineage: Lineage
) -> tuple[ModelCard, NDArray[np.float64], bytes | None]:
    """Measure the weights on the calibration patients and write down all there is to know.

    Returns
    -------
    card : ModelCard
        ``weights_sha256`` is still empty.
    p : numpy.ndarray
        What the network says of the calibration images: shape (n,) for two classes, else logits
        (n, classes).
    fitness : bytes or None
        The file of its fitness gate; None for a network without one.
    """
    zoo = architecture(config.arch)
    sides = {side: dataset.indices(side, config.fold) for side in ("train", "validation")}
    sides["calibration"] = calibration = lineage.calibration
    logits, labels = predict(fitted.model, dataset, calibration), dataset.labels[calibration]
    groups = [dataset.groups[i] for i in calibration]
    points: dict[str, float] = {}
    line: dict[str, float] = {}
    scale = 1.0
    if logits.ndim == 1:
        judged = judge(logits, labels, groups)
        said, points, measured = judged.p, judged.points, judged.metrics
        line = judged.calibration.as_dict() if judged.calibration else {}
        scale = _full_scale(fitted, zoo.CAM_LAYER, dataset, calibration[labels == 1])
    else:
        said = logits
        what = mark("these weights on the calibration patients")
        many = figures_of_many(logits, labels, groups, dataset.classes)
        measured = {"held_out": {"what": what, **many}}
    layers = getattr(zoo, "FITNESS_LAYERS", ())
    gate = fit_gate(fitted.model, layers, dataset, sides["train"], calibration)
    if gate:
        measured = {**measured, "fitness": gate.measured}
    kermany = is_kermany(dataset)
    known = tuple(name.upper() for name in dataset.classes) == ("NORMAL", "PNEUMONIA")
    card = ModelCard(
        name=name,
        version="1.0",
        arch=config.arch,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        classes=tuple(c.upper() for c in dataset.classes) if known else dataset.classes,
        input_size=input_size_of(config),
        cam_layer=zoo.CAM_LAYER,
        cam_full_scale=scale,
        preprocessing=preprocess.NAME,
        operating_points=points,
        calibration=line,
        weights_sha256="",
        fitness=gate.part if gate else {},
        age_years=ages(dataset),
        data={
            "folder": Path(config.data).name,
            "sha256": dataset.sha256,
            "images": {side: dataset.counts(indices) for side, indices in sides.items()},
            "skipped": len(dataset.skipped),
            "split": mark(
                "by patient (SHA-256 of the patient in ten buckets): two held out for "
                "calibration, one for early stopping, seven for training"
            ),
            "fold": config.fold,
            **lineage.as_dict(),
            **dataset.corrections,
            **_hashes("", dataset, np.concatenate([sides["train"], sides["validation"]]), lineage),
            **_hashes("calibration_", dataset, calibration),
        },
        metrics={
            **measured,
            "epochs": list(fitted.history),
            "best_epoch": fitted.best_epoch,
            "parameters": int(fitted.model.count_params()),
        },
        settings={
            name: value
            for name, value in dataclasses.asdict(config).items()
            if name not in ("data", "labels", "patients")
        },
        licence=" ".join(
            part for part in (KERMANY_LICENCE if kermany else "", lineage.licence) if part
        ),
        limits=(*LIMITS, *(KERMANY_LIMITS if kermany else ())),
    )
    return card, said, gate.data if gate else None


def _hashes(
    prefix: str, dataset: Dataset, indices: NDArray[np.int64], lineage: Lineage | None = None
) -> dict[str, str]:
    """Content hashes (SHA-256 cut to 16 bytes) and perceptual ones, each sorted and joined.

    With a lineage, those of the images that the first weights had seen come in too.
    """
    exact = [bytes.fromhex(dataset.content_hashes[i])[:CONTENT_HASH_BYTES] for i in indices]
    near = [dataset.perceptual_hashes[i] for i in indices]
    if lineage is not None and lineage.exact:
        exact, near = list({*exact, *lineage.exact}), list({*near, *lineage.near})
    return {
        f"{prefix}content_hashes": pack_hashes(exact),
        f"{prefix}perceptual_hashes": pack_hashes(near),
    }


def ages(dataset: Dataset) -> tuple[float, float] | None:
    """Youngest and oldest patient in completed years, where headers or the collection tell it.

    A few headers do not speak for a folder: at least half of the images must have an age.
    """
    if is_kermany(dataset):
        return KERMANY_AGES
    known = [age for age in dataset.ages if age is not None]
    if not known or 2 * len(known) < len(dataset.labels):
        return None
    return float(int(min(known))), float(int(max(known)))


def is_kermany(dataset: Dataset) -> bool:
    """Whether most images are those of Kermany et al.'s children, whose ages (1-5) are known.

    Told by the names of all of them, unless a table or a header says who is on them.
    """
    if not patients.is_kermany(dataset.names):
        return False
    naming = patients.naming_of(dataset.names)
    pairs = zip(dataset.names, dataset.groups, strict=True)
    return sum(naming.patient_of(n) == group for n, group in pairs) > 0.9 * len(dataset.names)


def _full_scale(
    fitted: Fitted, cam_layer: str, dataset: Dataset, positives: NDArray[np.int64]
) -> float:
    """Evidence shown in the strongest colour; see ``app.inference.heatmap.heatmaps.full_scale``."""
    size = fitted.model.input_shape[1]
    chosen = [dataset.frames[i] for i in positives[:FULL_SCALE_IMAGES]]
    return full_scale(
        fitted.model, cam_layer, np.stack([preprocess.model_input(f, size) for f in chosen])
    )
