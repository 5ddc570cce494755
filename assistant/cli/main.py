"""The program `assistant`."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from assistant.cli.chat import chat
from assistant.cli.console import messages, output, plain
from assistant.cli.eval import eval_command
from assistant.cli.faults import explained
from assistant.cli.feedback import feedback
from assistant.cli.feeds import follow, following, refresh, unfollow, watch
from assistant.cli.library import add, articles, remove, status, sync
from assistant.cli.maintenance import backup, check, export, import_command, migrate, repair, restore, vacuum
from assistant.cli.models import models
from assistant.cli.questions import ask, search, summarise
from assistant.cli.serve import serve_command
from assistant.errors import AssistantError


def _print_version(wanted: bool) -> None:
    if wanted:
        output.print(version("article-assistant"))
        raise typer.Exit


app = typer.Typer(
    name="assistant",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (
    sync,
    add,
    remove,
    articles,
    status,
    follow,
    following,
    unfollow,
    refresh,
    watch,
    search,
    ask,
    summarise,
    chat,
    check,
    repair,
    backup,
    restore,
    vacuum,
    export,
    migrate,
):
    app.command()(command)
app.command("import")(import_command)
app.command("serve")(serve_command)
app.command("eval")(eval_command)
app.add_typer(models)
app.add_typer(feedback)


@app.callback()
def program(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Ask questions about your articles, in any language, and get answers with the sentences that say so."""


def main() -> None:
    """Run the program: exit code 0 fine, 1 the operation failed, 2 wrong usage, 130 interrupted."""
    try:
        with explained():
            app()
    except BrokenPipeError:
        sys.exit(1)
    except AssistantError as error:
        messages.print(plain(str(error)), style="red", soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
