"""The child process that makes an audit's heatmaps: ``python -m app.review.audit.maps_worker``.

Its request (``app.review.audit.answering``) is ``{"task": "maps", "model": PATH, "method": NAME,
"files": {CELL: [[POSITION, PATH], ...]}}``; its result what ``from_json`` reads. The mean pictures
of what the network was given go through the pipe, and never to the disk.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.base.translation import mark
from app.review.audit.answering import Answer, answer_request

if TYPE_CHECKING:
    from app.review.audit.maps import AuditMaps


def to_json(maps: AuditMaps) -> dict[str, Any]:
    """Maps as plain JSON."""
    return {
        "method": maps.method,
        "full_scale": maps.full_scale,
        "sanity": asdict(maps.sanity),
        "cells": {
            cell: {
                **{name: asdict(getattr(each, name)) for name in ("outside_body", "outside_lungs")},
                "positions": each.positions,
                "shape": each.maps.shape,
                "maps": base64.b64encode(each.maps.astype("<f4").tobytes()).decode(),
                "side": each.picture.shape[0],
                "picture": base64.b64encode(each.picture.tobytes()).decode(),
                "empty": each.empty,
                "areas": asdict(each.areas) if each.areas else None,
                "perturbed": each.perturbed,
            }
            for cell, each in maps.cells.items()
        },
    }


def from_json(raw: dict[str, Any]) -> AuditMaps:
    """What ``to_json`` made."""
    from app.inference.attribution.deletion import Areas
    from app.inference.attribution.sanity import Sanity, Similarity
    from app.review.audit.maps import AuditMaps, CellMaps, MeanShare

    cells = {}
    for cell, each in raw["cells"].items():
        maps = np.frombuffer(base64.b64decode(each["maps"]), "<f4").reshape(each["shape"])
        picture = np.frombuffer(base64.b64decode(each["picture"]), np.uint8)
        cells[cell] = CellMaps(
            tuple(each["positions"]),
            maps.astype(np.float32),
            picture.reshape(each["side"], -1),
            MeanShare(**each["outside_body"]),
            MeanShare(**each["outside_lungs"]),
            each["empty"],
            Areas(**each["areas"]) if each["areas"] else None,
            each["perturbed"],
        )
    found = raw["sanity"]
    sanity = Sanity(
        found["method"], found["images"], Similarity(**found["last"]), Similarity(**found["every"])
    )
    return AuditMaps(raw["method"], raw["full_scale"], cells, sanity)


def _maps(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    from app.review.audit.maps import maps_of_files

    files = {
        cell: [(int(at), Path(path)) for at, path in each]
        for cell, each in request["files"].items()
    }
    return to_json(
        maps_of_files(
            Path(request["model"]), files, request["method"], answer.progress, answer.cancelled
        )
    )


if __name__ == "__main__":
    sys.exit(
        answer_request({"maps": _maps}, mark("Choose another method, or audit the folder again."))
    )
