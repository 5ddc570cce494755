"""`feedback list` and `feedback export`: what visitors of the page think of its answers."""

import json as json_module
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json
from assistant.conversation.history import Conversations
from assistant.conversation.history_database import StoredTurn
from assistant.settings import load_settings
from assistant.web.feedback import feedback_json, question_set

feedback = typer.Typer(
    name="feedback", help="What visitors of the page think of its answers.", no_args_is_help=True, add_completion=False
)

Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE.jsonl", help="Write here. [default: standard output]")
]


@feedback.command("list")
def list_feedback(store: options.Store = None, json: options.Json = False) -> None:
    """List the rated answers, with what visitors said about them.

    Example: assistant feedback list
    """
    ratings = [feedback_json(stored) for stored in _rated(store)]
    if json:
        print_json(ratings)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("rating", "question", "answer", "comment"):
        table.add_column(heading, overflow="fold")
    for rating in ratings:
        table.add_row(*(plain(rating[name]) for name in ("rating", "question", "answer", "comment")))
    output.print(table)


@feedback.command("export")
def export(store: options.Store = None, to: Output = None) -> None:
    """Make a question set of the answers that visitors found good, for `assistant eval`.

    Example: assistant feedback export -o good.jsonl
    """
    rated = _rated(store)
    rows = question_set(rated)
    lines = "".join(json_module.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if to is None:
        typer.echo(lines, nl=False)
    else:
        to.write_text(lines, encoding="utf-8")
    bad = len(rated) - len(rows)
    messages.print(f"{len(rows)} good answers exported, {bad} bad ones left out: see `assistant feedback list`.")


def _rated(store: str | None) -> list[StoredTurn]:
    settings = load_settings(**({"store": store} if store else {}))
    return Conversations(settings.store, create=False).rated()
