"""Places in ``docs/honest-network.md`` between two marks, where the benchmarks put their tables."""

from __future__ import annotations

from pathlib import Path

from app.core.base.errors import OutputError


def put(path: Path, name: str, text: str) -> None:
    """Replace what stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``.

    Raises
    ------
    OutputError
        When the document does not have these marks once each, in this order.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    document = path.read_text(encoding="utf-8")
    before, found, rest = document.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise OutputError(
            f"{path} has no place for the table {name!r}.",
            f"The lines {begin} and {end} were expected.",
            "Add both lines where the table is to stand.",
        )
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def three(estimate: dict[str, float]) -> str:
    """A figure with its interval, where it has one, three digits."""
    if estimate.get("low") is None:
        return f"{estimate['value']:.3f}"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"
