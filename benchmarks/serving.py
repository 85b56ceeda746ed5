"""What a process that scores costs, against the commit before the serving form, in one run.

``.venv/bin/python -m benchmarks.serving FOLDER --before CHECKOUT``: turns are taken, since other
work on the machine hits both alike. CHECKOUT is a git worktree of commit 5095e2b with the same
packages; without it the costs are printed alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def cost(checkout: Path, arguments: list[str]) -> tuple[float, float, float]:
    """Seconds of the wall clock, seconds of processor time and peak megabytes of one command."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
        "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
        "u = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024)"
    )
    command = [sys.executable, "-c", code, sys.executable, "main.py", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=True
    )
    wall = time.perf_counter() - began
    processor, memory = map(float, done.stdout.split())
    return wall, processor, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--before", type=Path, metavar="CHECKOUT")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--record", type=Path, metavar="JSON")
    arguments = parser.parse_args()
    images = sorted(path for path in arguments.folder.resolve().rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory() as place:
        output = ["-o", str(Path(place, "scores.csv"))]
        tasks = {
            "score of one image": ["score", str(images[0]), *output],
            f"score of {len(images)} images": ["score", str(arguments.folder.resolve()), *output],
            "models": ["models"],
            "--help": ["--help"],
        }
        checkouts = {"now": ROOT, **({"before": arguments.before} if arguments.before else {})}
        for checkout in checkouts.values():
            cost(checkout, tasks["score of one image"])  # compiled modules, warm disk
        found: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
        for _ in range(arguments.turns):
            for task, words in tasks.items():
                for name, checkout in checkouts.items():
                    found.setdefault(task, {}).setdefault(name, []).append(cost(checkout, words))
    said: dict[str, object] = {"machine": platform.machine(), "cores": os.cpu_count()}
    for task, by in found.items():
        middle = {
            name: [statistics.median(values) for values in zip(*costs, strict=True)]
            for name, costs in by.items()
        }
        said[task] = middle
        for name, (wall, processor, memory) in middle.items():
            print(f"{task:24}{name:8}{wall:8.2f} s{processor:8.2f} s of CPU{memory:8.0f} MB")
        if "before" in middle:
            wall, processor, memory = (
                b / n for b, n in zip(middle["before"], middle["now"], strict=True)
            )
            print(f"{task:24}ratio   {wall:8.1f}  {processor:8.1f}         {memory:8.1f}")
    said["load"] = os.getloadavg() if hasattr(os, "getloadavg") else None
    if arguments.record:
        arguments.record.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
