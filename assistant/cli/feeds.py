"""`follow`, `following`, `unfollow`, `refresh`, `watch`: what comes into the store by itself."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, print_row, progress_bar
from assistant.cli.library import count, tell
from assistant.text.paths import is_url

if TYPE_CHECKING:
    from assistant.feeds.state import Followed

Followable = Annotated[str, typer.Argument(metavar="URL|FOLDER", help="A feed, a site or a folder.")]


def follow(
    address: Followable,
    store: options.Store = None,
    keep_days: Annotated[
        int | None, typer.Option("--keep-days", min=1, help="Remove its articles when they are older.")
    ] = None,
    keep_articles: Annotated[
        int | None, typer.Option("--keep-articles", min=1, help="Keep so many of its articles, the newest.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Follow an RSS, Atom or JSON feed, a site or a folder, so that `assistant refresh` brings what is new there.

    Of a site, its feed is followed, or else its sitemap.

    Example: assistant follow https://example.org --keep-days 90
    """
    with options.open_assistant(store) as assistant:
        followed = assistant.follow(address, keep_days=keep_days, keep_articles=keep_articles)
    if json:
        print_json(asdict(followed))
    else:
        messages.print(plain(f"Following {followed.title} ({followed.kind}, {followed.address})."), soft_wrap=True)
        messages.print("`assistant refresh` brings its articles.")


def following(store: options.Store = None, json: options.Json = False) -> None:
    """List what is followed, and how the last refresh of each went.

    Example: assistant following
    """
    with options.open_assistant(store) as assistant:
        everything = assistant.following()
    if json:
        print_json([asdict(followed) for followed in everything])
    elif not everything:
        messages.print("Nothing is followed. Begin with `assistant follow URL`.", style="yellow")
    elif output.is_terminal:
        table = Table(box=None, pad_edge=False)
        for name in ("title", "kind", "articles", "last refresh", "address", "failed because"):
            table.add_column(name, overflow="fold")
        for followed in everything:
            table.add_row(*(plain(cell) for cell in _row(followed)))
        output.print(table)
    else:
        for followed in everything:
            print_row(_row(followed))


def unfollow(
    address: Followable,
    store: options.Store = None,
    remove_articles: Annotated[
        bool, typer.Option("--remove-articles", help="Remove its articles too, unless they are also from elsewhere.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Follow something no longer. Its articles stay, unless --remove-articles is given.

    Example: assistant unfollow https://example.org
    """
    with options.open_assistant(store) as assistant:
        removed = assistant.unfollow(address, remove_articles=remove_articles)
    if json:
        print_json({"unfollowed": address, "removed": list(removed)})
    else:
        articles = f"; removed {count(len(removed), 'article')}" if remove_articles else ""
        messages.print(plain(f"No longer following {address}{articles}."), soft_wrap=True)


def refresh(
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="[URL|FOLDER]...", help="What to refresh; all, if none is named.")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Bring what is new or changed in what is followed.

    Servers are asked politely: once a second, only for what has changed, and not for what their robots.txt forbids.
    Exits with 1 where something failed; the rest is stored all the same.

    Example: assistant refresh
    """
    with options.open_assistant(store) as assistant:
        if not (addresses or assistant.following()):
            messages.print("Nothing is followed. Begin with `assistant follow URL`.", style="yellow")
            raise typer.Exit
        with progress_bar() as progress:
            report = assistant.refresh(addresses or (), progress=progress)
    for problem in report.from_feed:
        messages.print(plain(f"Only the feed's text: {problem}"), style="yellow", soft_wrap=True)
    tell(report, json=json)


def watch(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Files and folders of articles.")],
    store: options.Store = None,
) -> None:
    """Sync files and folders, and again whenever something in them changes. Ctrl-C stops.

    Example: assistant watch seeds
    """
    if addresses := [path for path in paths if is_url(path)]:
        raise typer.BadParameter(f"{addresses[0]} is a web address: use `assistant follow`.", param_hint="PATH")
    with options.open_assistant(store) as assistant:
        for report in assistant.watch(paths):
            try:
                tell(report, json=False)
            except typer.Exit:
                continue  # what could not be read was told, and may be mended


def _row(followed: "Followed") -> tuple[str, ...]:
    checked = datetime.fromtimestamp(followed.checked).astimezone() if followed.checked else None
    return (
        followed.title,
        followed.kind,
        str(followed.articles),
        checked.isoformat(sep=" ", timespec="minutes") if checked else "never",
        followed.address,
        followed.error,
    )
