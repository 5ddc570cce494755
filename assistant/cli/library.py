"""`sync`, `add`, `remove`, `articles`, `status`: what the store holds."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from assistant.answering.json_documents import summary_document
from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, progress_bar

if TYPE_CHECKING:
    from assistant.store.sync import SyncReport


def sync(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Files and folders of articles.")],
    store: options.Store = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build the store anew, where it was made with other settings.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Bring the store level with files and folders: add what is new, renew what changed, remove what is gone.

    Example: assistant sync seeds
    """
    with options.open_assistant(store) as assistant, progress_bar() as progress:
        report = assistant.sync(paths, rebuild=rebuild, progress=progress)
    _tell(report, json=json)


def add(
    sources: Annotated[list[str], typer.Argument(metavar="PATH|URL", help="Files, folders or web addresses.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Add files, folders or web pages; nothing is removed.

    Example: assistant add news.pdf https://example.org/article
    """
    with options.open_assistant(store) as assistant, progress_bar() as progress:
        report = assistant.add(sources, progress=progress)
    _tell(report, json=json)


def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids as `assistant articles` lists them.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Remove articles from the store. The files they came from are not touched.

    Example: assistant remove 27744ece8a62ac65
    """
    with options.open_assistant(store) as assistant:
        assistant.remove(ids)
    if json:
        print_json({"removed": ids})
    else:
        messages.print(f"Removed {_count(len(ids), 'article')}.")


def articles(
    store: options.Store = None,
    language: options.Language = None,
    source: options.Source = None,
    published_from: options.PublishedFrom = None,
    published_to: options.PublishedTo = None,
    json: options.Json = False,
) -> None:
    """List the articles in the store.

    Example: assistant articles --language ar
    """
    with options.open_assistant(store) as assistant:
        summaries = assistant.articles(options.filters(language, source, None, published_from, published_to))
    if json:
        print_json([summary_document(summary) for summary in summaries])
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("id", no_wrap=True)
    for name in ("language", "published"):
        table.add_column(name)
    table.add_column("passages", justify="right")
    table.add_column("title", max_width=60, no_wrap=True, overflow="ellipsis")
    table.add_column("source", overflow="fold")
    for summary in summaries:
        table.add_row(
            summary.id,
            summary.language,
            summary.published.isoformat() if summary.published else "",
            str(summary.passages),
            plain(summary.title),
            plain(summary.source),
        )
    output.print(table)


def status(store: options.Store = None, json: options.Json = False) -> None:
    """Show what the store holds and how it was built.

    Example: assistant status
    """
    with options.open_assistant(store) as assistant:
        state = assistant.status()
    if json:
        print_json(asdict(state) | {"store": str(state.store)})
        return
    table = Table.grid(padding=(0, 2))
    languages = ", ".join(f"{code} {count}" for code, count in state.languages.items())
    table.add_row("store", plain(str(state.store)))
    table.add_row("articles", f"{state.articles:,}" + (f" ({languages})" if languages else ""))
    table.add_row("passages", f"{state.passages:,}")
    table.add_row("size", f"{state.bytes / 1e6:,.1f} MB")
    table.add_row("embedding model", state.embedding_model)
    table.add_row("chat model", state.chat_model)
    output.print(table)


def _tell(report: "SyncReport", *, json: bool) -> None:
    """Print a report; exit with 1 where a file could not be read."""
    if json:
        print_json(
            {
                "added": list(report.added),
                "changed": list(report.changed),
                "removed": list(report.removed),
                "unchanged": list(report.unchanged),
                "problems": [str(problem) for problem in report.problems],
                "encoded": report.encoded,
            }
        )
    else:
        parts = [
            f"{len(sources)} {name}"
            for name, sources in (
                ("added", report.added),
                ("changed", report.changed),
                ("removed", report.removed),
                ("unchanged", report.unchanged),
            )
            if sources
        ]
        encoded = f"; encoded {_count(report.encoded, 'passage')}" if report.encoded else ""
        messages.print(f"Articles: {', '.join(parts) or 'none found'}{encoded}.")
        for problem in report.problems:
            messages.print(plain(f"Not read: {problem}"), style="yellow", soft_wrap=True)
    if report.problems:
        raise typer.Exit(1)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
