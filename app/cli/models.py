"""`python main.py models`: which models there are, and what is known of each."""

from __future__ import annotations

import argparse
import json
from typing import Any

from app.cli import new_parser


def parser() -> argparse.ArgumentParser:
    """Arguments of `models`."""
    parser = new_parser("models", "List the bundled models and your own.")
    parser.add_argument("--json", action="store_true", help="as JSON, with where each model lies")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print the list; the default model is marked with an asterisk."""
    from app.inference.registry import DEFAULT, list_models

    entries = list_models()
    if arguments.json:
        listed = [
            {
                "name": entry.name,
                "title": entry.card.title if entry.card else None,
                "arch": entry.card.arch if entry.card else None,
                "threshold": entry.card.threshold if entry.card else None,
                "folder": str(entry.folder),
                "bundled": entry.bundled,
                "default": entry.name == DEFAULT,
                "error": entry.error or None,
            }
            for entry in entries
        ]
        print(json.dumps(listed, indent=2))
        return 0
    for entry in entries:
        mark = "*" if entry.name == DEFAULT else " "
        if entry.card is None:
            print(f"{mark} {entry.name:28} cannot be used: {entry.error}")
            continue
        held_out = _held_out_auc(entry.card.metrics)
        area = f"AUC {held_out:.3f} held out" if held_out is not None else "not measured"
        origin = "bundled" if entry.bundled else "trained here"
        print(
            f"{mark} {entry.name:28} {entry.card.arch:6} {origin:13} {area:20} "
            f"threshold {entry.card.threshold:.3f}"
        )
    return 0


def _held_out_auc(metrics: Any) -> float | None:
    """The figure where the card has it; other programs' cards may hold anything in its place."""
    for key in ("held_out", "auc", "value"):
        metrics = metrics.get(key) if isinstance(metrics, dict) else None
    return metrics if isinstance(metrics, int | float) else None
