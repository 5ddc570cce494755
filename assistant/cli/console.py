"""What every command shares: where output goes, and how hostile or right-to-left text is shown."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text

from assistant.progress import Progress as ProgressCallback
from assistant.text.controls import printable_text, safe_json

output = Console(highlight=False)
"""Results: standard output."""
messages = Console(stderr=True, highlight=False)
"""Progress, notes and errors: standard error."""


def print_json(value: Any) -> None:
    """Write a value as JSON, and nothing else, to standard output."""
    sys.stdout.write(safe_json(value) + "\n")


def print_row(cells: Iterable[str]) -> None:
    """Write one row of a table for other programs: cells separated by tabs, on one line."""
    sys.stdout.write("\t".join(printable_text(" ".join(cell.split())) for cell in cells) + "\n")


def plain(text: str, style: str = "") -> Text:
    """Return article text for a terminal: control characters escaped, so that it cannot move the cursor or colour.

    Right-to-left text is left in logical order. A terminal that knows the bidirectional algorithm lays it out; shaping
    it here would break copying, and reverse it on exactly those terminals.
    """
    return Text(printable_text(text), style=style)


def show(text: Text, indent: int = 0) -> None:
    """Print text on lines of its own, so that each is laid out by its own direction.

    Lines are folded only for a terminal; in a pipe they stay whole.
    """
    if not output.is_terminal:
        for line in text.split("\n", allow_blank=True):
            output.print(Text(" " * indent).append_text(line), soft_wrap=True)
        return
    from rich.padding import Padding  # noqa: PLC0415 - not needed where nothing is laid out

    output.print(Padding(text, (0, 0, 0, indent)))


@contextmanager
def progress_bar() -> Iterator[ProgressCallback]:
    """Draw a bar for each stage of the work, on standard error; nothing is drawn for what is over in a moment."""
    from rich.progress import (  # noqa: PLC0415 - not needed where nothing takes long
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield advance
