"""What a training says in the terminal: sentences, and a bar for the steps of an epoch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.core.base import events
from app.core.base.counts import images
from app.core.base.events import Event, to_line
from app.review.comparison import compare


@contextlib.contextmanager
def training_told(
    as_json: bool, console: Console | None = None
) -> Iterator[Callable[[Event], None]]:
    """Give a function that takes each event.

    Parameters
    ----------
    as_json
        Print each as a line of JSON on stdout.
    console
        Where to tell a person; None for stderr. The bar is only for a terminal.
    """
    if as_json:
        yield lambda event: print(to_line(event), flush=True)
        return
    console = console or Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )

    def tell(event: Event) -> None:
        if isinstance(event, events.StepEnded):
            _show_step(bar, event)
        elif text := in_words(event):
            console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)

    with bar:
        yield tell


def _show_step(bar: Progress, event: events.StepEnded) -> None:
    description = f"Epoch {event.epoch}"
    task = next((t for t in bar.tasks if t.description == description), None)
    if task is None:
        for old in bar.task_ids:
            bar.remove_task(old)
        bar.add_task(
            description, total=event.steps_per_epoch, completed=event.step, loss=event.loss
        )
    else:
        bar.update(task.id, completed=event.step, loss=event.loss)


def in_words(event: Event) -> str:
    """An event as lines for the terminal; empty for what is only a step."""
    match event:
        case events.DataRead(done, total) if done == total:
            return f"{images(total)} read."
        case events.RunStarted():
            counts = ", ".join(f"{n} {name}" for name, n in event.train_counts.items())
            return f"Training {event.arch} on {event.device}: {counts}."
        case events.EpochEnded():
            figures = ", ".join(f"{name} {value:.4g}" for name, value in event.metrics.items())
            mark = "  best so far" if event.best else ""
            return f"Epoch {event.epoch}/{event.epochs} ({event.seconds:.0f} s): {figures}{mark}"
        case events.Notice(text):
            return text
        case events.RunEnded():
            lines = [f"Model {event.model_name} written to {event.model_dir}."]
            if event.comparison:
                lines += compare.in_words(event.comparison)
            return "\n".join(lines)
        case events.RunFailed():
            return " ".join(part for part in (event.what, event.expected, event.fix) if part)
    return ""
