"""`sync`, `add`, `remove`, `articles`, `status`: what the store holds."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from assistant.answering.json_format import summary_json
from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, print_row, progress_bar
from assistant.text.paths import is_url

if TYPE_CHECKING:
    from assistant.indexing.sync import SyncReport
    from assistant.store.passage_store import ArticleSummary


def sync(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Files and folders of articles.")],
    store: options.Store = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build the store anew, where it was made with other settings.")
    ] = False,
    include: Annotated[
        list[str] | None, typer.Option(help="Read only files that fit this pattern, as '*.md' or 'news/*'.")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Leave out files that fit this pattern.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be added, changed and removed, and write nothing.")
    ] = False,
    remove_most: Annotated[
        bool, typer.Option("--remove-most", help="Go on where most files are gone, as where a disk is not mounted.")
    ] = False,
    ray: Annotated[
        str,
        typer.Option(
            metavar="local|ADDRESS",
            help="Let Ray's workers read and encode: those of this machine, or of the cluster at an address.",
        ),
    ] = "",
    text_column: options.TextColumn = None,
    title_column: options.TitleColumn = None,
    date_column: options.DateColumn = None,
    json: options.Json = False,
) -> None:
    """Bring the store level with files and folders: add what is new, renew what changed, remove what is gone.

    Exits with 1 where a file could not be read; the others are stored all the same.

    Example: assistant sync seeds
    """
    if addresses := [path for path in paths if is_url(path)]:
        raise typer.BadParameter(f"{addresses[0]} is a web address: use `assistant add`.", param_hint="PATH")
    columns = {"text_column": text_column, "title_column": title_column, "date_column": date_column}
    with options.open_assistant(store, **columns) as assistant, progress_bar() as progress:
        report = assistant.sync(
            paths,
            rebuild=rebuild,
            include=include or (),
            exclude=exclude or (),
            preview=dry_run,
            remove_most=remove_most,
            ray=ray,
            progress=progress,
        )
    tell(report, json=json)


def add(
    sources: Annotated[list[str], typer.Argument(metavar="PATH|URL", help="Files, folders or web addresses.")],
    store: options.Store = None,
    text_column: options.TextColumn = None,
    title_column: options.TitleColumn = None,
    date_column: options.DateColumn = None,
    json: options.Json = False,
) -> None:
    """Add files, folders or web pages; nothing is removed.

    Exits with 1 where something could not be read; the rest is stored all the same.

    Example: assistant add news.pdf https://example.org/article
    """
    columns = {"text_column": text_column, "title_column": title_column, "date_column": date_column}
    with options.open_assistant(store, **columns) as assistant, progress_bar() as progress:
        report = assistant.add(sources, progress=progress)
    tell(report, json=json)


def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids as `assistant articles` lists them.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Remove articles from the store. The files they came from are not touched.

    Example: assistant remove 96ff2511dc23a4ad
    """
    with options.open_assistant(store) as assistant:
        assistant.remove(ids)
    if json:
        print_json({"removed": ids})
    else:
        messages.print(f"Removed {count(len(ids), 'article')}.")


def articles(
    store: options.Store = None,
    language: options.Language = None,
    source: options.Source = None,
    published_from: options.PublishedFrom = None,
    published_to: options.PublishedTo = None,
    limit: options.Limit = None,
    offset: options.Offset = 0,
    json: options.Json = False,
) -> None:
    """List the articles in the store, ordered by title.

    Example: assistant articles --language ar --limit 100 --offset 200
    """
    with options.open_assistant(store) as assistant:
        filters = options.filters(language, source, None, published_from, published_to)
        summaries = assistant.articles(filters, limit=limit, offset=offset)
    if json:
        print_json([summary_json(summary) for summary in summaries])
        return
    if not summaries:
        messages.print("No articles. Fill the store with `assistant sync PATH`, or widen the filters.", style="yellow")
    elif output.is_terminal:
        output.print(_table(summaries))
    else:
        for summary in summaries:
            print_row((*_row(summary), summary.source))


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
    table.add_row("chat model", plain(state.chat_model))
    if state.chat_model_reason:
        table.add_row("", plain(state.chat_model_reason))
    if state.is_traced:
        table.add_row("traces", "LangSmith is sent what chat models are asked and answer (ASSISTANT_ALLOW_TRACING)")
    output.print(table)


def _table(summaries: "list[ArticleSummary]") -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("id", no_wrap=True)
    table.add_column("language")
    table.add_column("published", no_wrap=True)
    table.add_column("passages", justify="right")
    table.add_column("title", ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column("file or address", ratio=2, no_wrap=True, overflow="ellipsis")
    for summary in summaries:
        short = summary.source if is_url(summary.source) else Path(summary.source).name
        table.add_row(*(plain(cell) for cell in (*_row(summary), short)))
    return table


def _row(summary: "ArticleSummary") -> tuple[str, ...]:
    published = summary.published.isoformat() if summary.published else ""
    return summary.id, summary.language, published, str(summary.passages), summary.title


def tell(report: "SyncReport", *, json: bool) -> None:
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
                "passed_over": list(report.passed_over),
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
        encoded = f"; encoded {count(report.encoded, 'passage')}" if report.encoded else ""
        would = "Nothing was written; it would be: " if report.is_preview else "Articles: "
        messages.print(f"{would}{', '.join(parts) or 'none found'}{encoded}.")
        if report.is_preview:
            for name, sources in (("add", report.added), ("change", report.changed), ("remove", report.removed)):
                for source in sources:
                    messages.print(plain(f"{name}: {source}"), soft_wrap=True)
        if report.passed_over:
            suffixes = Counter(Path(path).suffix.lower() or "no suffix" for path in report.passed_over)
            kinds = ", ".join(f"{suffix} {number}" for suffix, number in suffixes.most_common())
            messages.print(plain(f"Passed over {count(len(report.passed_over), 'file')} of other formats ({kinds})."))
        for problem in report.problems:
            messages.print(plain(f"Not read: {problem}"), style="yellow", soft_wrap=True)
    if report.problems:
        raise typer.Exit(1)


def count(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
