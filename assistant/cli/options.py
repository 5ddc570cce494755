"""Options that several commands share."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.settings import Settings
    from assistant.store.passage_store import Filters

Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="DIR|URL",
        help="Folder of the store, or postgresql://USER@HOST/DATABASE. Without it: ASSISTANT_STORE, else vectorstore.",
    ),
]
ChatModel = Annotated[
    str | None,
    typer.Option(
        "--chat-model",
        metavar="NAME",
        help='"auto", "extractive", "local", "local:FILE.gguf", "hf:OWNER/REPOSITORY:QUANT", "server:MODEL" or '
        "PROVIDER:MODEL, as `assistant models list` names them. Without it: ASSISTANT_CHAT_MODEL, else auto.",
    ),
]
Translate = Annotated[
    bool | None,
    typer.Option(
        "--translate/--no-translate",
        help="Let the chat model translate quotations in another language. Without it: ASSISTANT_TRANSLATE, else not.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON to standard output and nothing else.")]
K = Annotated[int | None, typer.Option("--k", "-k", min=1, max=100, help="How many passages to retrieve.")]
Language = Annotated[
    list[str] | None, typer.Option("--language", metavar="CODE", help="Only articles in this language; repeatable.")
]
Source = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="PREFIX", help="Only articles whose path or URL begins so; repeatable."),
]
TextColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Column or key of tables and JSON that has an article's text, as body or fields.body. "
        "Without it: ASSISTANT_TEXT_COLUMN, else the usual names.",
    ),
]
TitleColumn = Annotated[str | None, typer.Option(metavar="NAME", help="The same for an article's title.")]
DateColumn = Annotated[str | None, typer.Option(metavar="NAME", help="The same for the day it was published.")]
ArticleId = Annotated[list[str] | None, typer.Option("--article", metavar="ID", help="Only this article; repeatable.")]
PublishedFrom = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Only articles published on this day or later.")
]
UseServer = Annotated[
    bool | None,
    typer.Option(
        "--server/--no-server",
        help="Ask a server of the same store and settings, where one runs on this machine. Without it: "
        "ASSISTANT_USE_SERVER, else so.",
        show_default=False,
    ),
]
PublishedTo = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Only articles published on this day or earlier.")
]

Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="List so many at most. Without it: all.")
]
Offset = Annotated[int, typer.Option("--offset", metavar="N", min=0, help="Leave out so many of the first.")]


def filters(
    language: list[str] | None,
    source: list[str] | None,
    article: list[str] | None,
    published_from: datetime | None,
    published_to: datetime | None,
) -> "Filters | None":
    """Return the filters that the options name, or None where they name none."""
    from assistant.store.passage_store import Filters  # noqa: PLC0415 - the help of a command needs none

    chosen = Filters(
        languages=tuple(language or ()),
        sources=tuple(source or ()),
        articles=tuple(article or ()),
        published_from=_day(published_from),
        published_to=_day(published_to),
    )
    return chosen or None


def filters_json(
    language: list[str] | None,
    source: list[str] | None,
    article: list[str] | None,
    published_from: datetime | None,
    published_to: datetime | None,
) -> dict[str, Any]:
    """Return the filters that the options name as a server takes them."""
    first, last = _day(published_from), _day(published_to)
    return {
        "languages": language or [],
        "sources": source or [],
        "articles": article or [],
        "published_from": first and first.isoformat(),
        "published_to": last and last.isoformat(),
    }


def chosen_settings(store: str | None, **overrides: Any) -> "Settings":
    """Return the settings that `open_assistant` opens an assistant with."""
    from assistant.settings import load_settings  # noqa: PLC0415 - as above

    return load_settings(**_given(store=store, **overrides))


def open_assistant(store: str | None, **overrides: Any) -> "Assistant":
    """Return the assistant for a store; options that were not given leave the settings as they are."""
    from assistant.assistant import Assistant  # noqa: PLC0415 - as above

    return Assistant(**_given(store=store, **overrides))


def _given(**overrides: Any) -> dict[str, Any]:
    return {name: value for name, value in overrides.items() if value is not None}


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
