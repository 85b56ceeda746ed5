"""The long run: ``python tests/fuzz run FOLDER --executions 1000000``; ``table`` words its state.

The feeding process may die, which is what is looked for: a second one watches it, notes at which
execution it died, and goes on behind it. State is kept in FOLDER/state.json, so that a run that
was stopped goes on where it was. ``again`` feeds once more what went wrong, after a mend: an
execution follows from its seed and number alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

EVERY = 500
SECONDS_OF_SILENCE = 120
KEPT_FILES = 200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/fuzz", description=__doc__)
    parser.add_argument("what", choices=("run", "feed", "again", "table"))
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--executions", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, help="the record that ``table`` writes")
    options = parser.parse_args()
    options.folder = options.folders[0]
    options.folder.mkdir(parents=True, exist_ok=True)
    {"run": _watch, "feed": _feed, "again": _again, "table": _table}[options.what](options)


def _state(folder: Path, seed: int) -> dict[str, Any]:
    path = folder / "state.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    empty: dict[str, Any] = {name: {} for name in ("ways", "kinds", "read")}
    return {"seed": seed, "executions": 0, "workers_died": 0, "seconds": 0.0, "wrong": [], **empty}


def _keep(folder: Path, state: dict[str, Any]) -> None:
    part = folder / "state.part"
    part.write_text(json.dumps(state, indent=1), encoding="utf-8")
    part.replace(folder / "state.json")


def _watch(options: argparse.Namespace) -> None:
    folder = options.folder
    command = [sys.executable, str(TESTS / "fuzz"), "feed", str(folder)]
    command += ["--executions", str(options.executions), "--seed", str(options.seed)]
    while _state(folder, options.seed)["executions"] < options.executions:
        feeding = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        place = folder / "place"
        silent = False
        while feeding.poll() is None:
            time.sleep(2)
            silent = place.exists() and time.time() - place.stat().st_mtime > SECONDS_OF_SILENCE
            if silent:
                feeding.kill()
        if feeding.returncode == 0:
            continue
        # It died between two states: what it did since is done again, the one it died of is not.
        state = _state(folder, options.seed)
        number = int(place.read_text() or 0) if place.exists() else state["executions"]
        what = "hang" if silent else f"abort: exit {feeding.returncode}"
        state["wrong"].append({"number": number, "wrong": what})
        state.setdefault("left_out", []).append(number)
        _keep(folder, state)


def _feed(options: argparse.Namespace) -> None:
    from fuzz.feeding import Feeder, close
    from fuzz.seeds import seeds

    folder = options.folder
    state = _state(folder, options.seed)
    ways, kinds, read = (Counter(state[name]) for name in ("ways", "kinds", "read"))
    left_out = set(state.get("left_out", ()))
    place = os.open(folder / "place", os.O_WRONLY | os.O_CREAT)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        whole = folder / "seeds.json"
        if whole.exists():
            files = {k: bytes.fromhex(v) for k, v in json.loads(whole.read_text()).items()}
        else:
            files = seeds(Path(made))
            whole.write_text(json.dumps({name: data.hex() for name, data in files.items()}))
        feeder = Feeder(files, Path(made), state["seed"])
        begun = time.monotonic()
        for number in range(state["executions"], options.executions):
            if number not in left_out:
                os.pwrite(place, f"{number:12d}".encode(), 0)
                fed = feeder.feed(number)
                ways[fed.way] += 1
                kinds[fed.kind] += 1
                read[fed.kind] += fed.read
                state["workers_died"] += fed.worker_died
                if fed.wrong:
                    told = {"number": number, "way": fed.way, "kind": fed.kind, "wrong": fed.wrong}
                    state["wrong"].append(told)
                    if len(state["wrong"]) < KEPT_FILES:
                        (folder / f"file-{number}").write_bytes(feeder.content(number)[2])
            if (number + 1) % EVERY == 0 or number + 1 == options.executions:
                state |= {"executions": number + 1, "ways": ways, "kinds": kinds, "read": read}
                state["seconds"] += time.monotonic() - begun
                begun = time.monotonic()
                _keep(folder, state)
    close()


def _again(options: argparse.Namespace) -> None:
    from fuzz.feeding import Feeder, close

    state = _state(options.folder, options.seed)
    files = json.loads((options.folder / "seeds.json").read_text())
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        whole = {name: bytes.fromhex(data) for name, data in files.items()}
        feeder = Feeder(whole, Path(made), state["seed"])
        still = [each for each in state["wrong"] if feeder.feed(each["number"]).wrong]
    close()
    mended = [each for each in state["wrong"] if each not in still]
    state |= {"wrong": still, "mended": [*state.get("mended", ()), *mended]}
    _keep(options.folder, state)
    print(f"{len(mended)} of {len(mended) + len(still)} go through now.")


def _table(options: argparse.Namespace) -> None:
    """Word one run, or several with different seeds, as one table; and keep it as a record."""
    states = [_state(folder, options.seed) for folder in options.folders]
    wrong = Counter(each["wrong"].split(":")[0] for state in states for each in state["wrong"])
    ways, kinds, read = (
        sum((Counter(state[name]) for state in states), Counter())
        for name in ("ways", "kinds", "read")
    )
    rows = {
        "executions": sum(state["executions"] for state in states),
        "ends of the program": wrong["abort"],
        "hangs over 5 s": wrong["hang"],
        "more than 1 GB of memory": wrong["memory"],
        "exceptions that are not the program's own": wrong["exception"],
        "found in the run, mended, and gone through since": sum(
            len(state.get("mended", ())) for state in states
        ),
        "decoders' processes that died or were ended, one image each": sum(
            state["workers_died"] for state in states
        ),
        "files that were read all the same": sum(read.values()),
    }
    print("| what | number |\n|---|---|")
    for name, number in rows.items():
        print(f"| {name} | {number:,} |")
    if options.output:
        record = {
            **rows,
            "seeds": [state["seed"] for state in states],
            "seconds": round(sum(state["seconds"] for state in states)),
            **{"by way in": ways, "by kind of file": kinds, "read by kind of file": read},
            "wrong": [each for state in states for each in state["wrong"]],
            "mended": [each for state in states for each in state.get("mended", ())],
        }
        options.output.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
