"""`check`, `repair`, `backup`, `restore`, `vacuum`, `export`, `import`, `migrate`: keeping a store."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, progress_bar
from assistant.cli.library import count


def check(store: options.Store = None, json: options.Json = False) -> None:
    """Read the whole store and say what is wrong with it; exits with 1 where something is.

    Example: assistant check
    """
    with options.open_assistant(store) as assistant:
        problems = assistant.check()
    if json:
        print_json({"problems": problems})
    elif not problems:
        messages.print("The store is sound.")
    for problem in () if json else problems:
        output.print(plain(problem), soft_wrap=True)
    if problems:
        if not json:
            messages.print(
                "Mend it with `assistant repair`, or put back a backup with `assistant restore`.", style="yellow"
            )
        raise typer.Exit(1)


def repair(store: options.Store = None) -> None:
    """Mend what `assistant check` finds: make the search index anew, and remove articles whose rows are damaged.

    Example: assistant repair
    """
    with options.open_assistant(store) as assistant:
        for line in assistant.repair():
            messages.print(plain(line), soft_wrap=True)


def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for the copy.")],
    store: options.Store = None,
) -> None:
    """Copy the store with its conversations, feeds and uploaded files, also while it is served.

    Example: assistant backup backups/monday
    """
    with options.open_assistant(store) as assistant:
        assistant.backup(target)
    messages.print(plain(f"The store was copied to {target}."), soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `assistant backup` made.")],
    store: options.Store = None,
) -> None:
    """Put a backup in the place of the store; what was there before is kept in a folder beside it.

    Example: assistant restore backups/monday
    """
    with options.open_assistant(store) as assistant:
        replaced = assistant.restore(source)
    kept = f" What was there before lies in {replaced}." if replaced else ""
    messages.print(plain(f"The store is as it was in {source}.{kept}"), soft_wrap=True)


def vacuum(store: options.Store = None) -> None:
    """Give back the space of removed articles, so that nothing of them is left in the files.

    Example: assistant vacuum
    """
    with options.open_assistant(store) as assistant:
        saved = assistant.vacuum()
    messages.print(f"The store is {max(saved, 0) / 1e6:,.1f} MB smaller.")


def export(
    to: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="File to write.")], store: options.Store = None
) -> None:
    """Write articles and conversations to a file of JSON Lines, for `assistant import` or other programs.

    Example: assistant export library.jsonl
    """
    with options.open_assistant(store) as assistant:
        written = assistant.export(to)
    messages.print(
        f"{count(written.articles, 'article')} and {count(written.conversations, 'conversation')} written.",
        soft_wrap=True,
    )


def import_command(
    path: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="File that `assistant export` wrote.")],
    store: options.Store = None,
) -> None:
    """Take in articles and conversations that `assistant export` wrote; articles are encoded anew.

    Example: assistant import library.jsonl
    """
    with options.open_assistant(store) as assistant, progress_bar() as progress:
        taken = assistant.import_from(path, progress=progress)
    messages.print(
        f"{count(taken.articles, 'article')} and {count(taken.conversations, 'conversation')} taken in.", soft_wrap=True
    )


def migrate(
    to: Annotated[str, typer.Argument(metavar="DIR|URL", help="The other store; it is made where there is none.")],
    store: options.Store = None,
) -> None:
    """Copy articles, conversations and what is followed into another store; nothing is encoded again.

    Example: assistant migrate postgresql://mona@db.example/news
    """
    with options.open_assistant(store) as assistant, progress_bar() as progress:
        taken = assistant.migrate(to, progress=progress)
    messages.print(
        f"{count(taken.articles, 'article')} and {count(taken.conversations, 'conversation')} copied.", soft_wrap=True
    )
