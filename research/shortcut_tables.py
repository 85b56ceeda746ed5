"""The tables of shortcuts in ``docs/honest-network.md``, from recorded runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from research.document import put, three


def write_tables(path: Path, found: dict[str, Any]) -> None:
    """Write probes and leanings into the part of the document that is theirs."""
    put(path, "shortcuts", f"{probe_table(found['probes'])}\n\n{leaning_table(found['models'])}")


def probe_table(probes: dict[str, Any]) -> str:
    """What each probe reaches, with its interval, and how the network's ranking follows it."""
    lines = [
        "| the probe sees only | AUC, as it is | AUC, as the network sees it |"
        f" {probes['followed']} follows it (normals, pneumonias) | images |",
        "|---|---|---|---|---|",
    ]
    for name, runs in (probes["originals"] | probes["pixels"]).items():
        raw, seen = runs["raw"], runs.get("as the network sees it")
        follows = (seen or raw).get("follows")
        lines.append(
            f"| {name} | {three(raw['auc'])} | {three(seen['auc']) if seen else 'not visible'} | "
            f"{', '.join(f'{value:+.2f}' for value in follows.values()) if follows else ''} | "
            f"{raw['images']:,} |"
        )
    return "\n".join(lines)


def leaning_table(models: dict[str, Any]) -> str:
    """What each change does to each model's answers."""
    if not models:
        return "No model was measured."
    names = list(models)
    first = models[names[0]]
    lines = [
        "| change | " + " | ".join(f"{n}: logit | AUC | flips per 1,000" for n in names) + " |",
        "|---" * (1 + 3 * len(names)) + "|",
    ]
    about = ""
    for change, of_first in first["changes"].items():
        if of_first["about"] != about:
            about = of_first["about"]
            lines.append(f"| **{about}** |" + " |" * (3 * len(names)))
        cells = []
        for name in names:
            run = models[name]["changes"].get(change)
            cells += _cells(run) if run else ["", "", ""]
        lines.append(f"| {change} | {' | '.join(cells)} |")
    said = [
        f"{name}: {run['images']} images of {run['patients']} patients, AUC unchanged "
        f"{three(run['unchanged']['auc'])}, mean absolute logit "
        f"{run['unchanged']['mean_absolute_logit']:.2f}."
        for name, run in models.items()
    ]
    return "\n".join([*lines, "", *said])


def _cells(run: dict[str, Any]) -> list[str]:
    flips = run["flips_per_1000"]
    return [
        f"{run['logit']['value']:.2f}",
        f"{run['auc']['value']:.3f}",
        f"{flips['value']:.0f} ({flips['low']:.0f} to {flips['high']:.0f})",
    ]
