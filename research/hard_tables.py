"""The tables of hard validation in ``docs/honest-network.md``, from recorded runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from research.document import put, three

WORDS = {"chance": "by chance, fold", "look": "cluster", "block": "block of numbers"}
HEAD = (
    "| held out | normals / pneumonias | AUC | sensitivity | specificity | calibration error |"
    " slope |\n|---|---|---|---|---|---|---|"
)


def write_table(path: Path, found: dict[str, Any]) -> None:
    """Write the probe, every model and the adults into the part of the document that is theirs."""
    tables = []
    if found["probe"]:
        tables += ["A linear probe on looks, called at one half:", _table(found["probe"]["parts"])]
    for name, run in found["models"].items():
        tables += [
            f"`{name}`, its own answers on its calibration patients (calibrated cross-fitted), "
            "called at its default operating point:",
            _table({"all": {"": run["all"]}, **run["parts"]}),
        ]
        if left_out := run["left out in training"]:
            clusters = {str(k): part for k, part in enumerate(left_out["clusters"])}
            tables += [
                f"`{name}`: networks of its recipe, each trained without the cluster it is judged "
                "on:",
                _table({"all": {"": left_out}, "look": clusters}),
            ]
        tables += [f"`{name}` on adults, by view:", _table({"adults": run["adults"]})]
    put(path, "hard validation", "\n\n".join(tables) or "Nothing was measured.")


def _table(parts: dict[str, dict[str, Any]]) -> str:
    lines = [HEAD]
    for column, of_column in parts.items():
        for part, run in of_column.items():
            images = run.get("images", run.get("n"))
            held = run["calibration"]
            lines.append(
                f"| {_name(column, part)} | {run['normal']:,} / {images - run['normal']:,} | "
                f"{three(run['auc'])} | {three(run['sensitivity'])} | "
                f"{three(run['specificity'])} | {three(held['ece'])} | " + f"{_slope(held)} |"
            )
    return "\n".join(lines)


def _name(column: str, part: str) -> str:
    if column == "all":
        return "everyone"
    if column == "adults":
        return f"adults, {part}"
    if column == "outlying":
        return "the outlying fifth" if part == "1" else "the other four fifths"
    return f"{WORDS[column]} {part}"


def _slope(held: dict[str, Any]) -> str:
    """The slope; where the classes hardly overlap, the one that is fitted has no meaning."""
    if "slope" not in held:
        return "not measured"
    value = held["slope"]["value"]
    return f"{value:.2f}" if value < 10 else "over 10"
