"""The program `assistant`."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from assistant.cli.console import messages, output, plain
from assistant.cli.faults import explained
from assistant.errors import AssistantError

COMMANDS = {
    "sync": "library",
    "add": "library",
    "remove": "library",
    "articles": "library",
    "status": "library",
    "follow": "feeds",
    "following": "feeds",
    "unfollow": "feeds",
    "refresh": "feeds",
    "watch": "feeds",
    "search": "questions",
    "ask": "questions",
    "summarise": "questions",
    "chat": "chat",
    "check": "maintenance",
    "repair": "maintenance",
    "backup": "maintenance",
    "restore": "maintenance",
    "vacuum": "maintenance",
    "export": "maintenance",
    "migrate": "maintenance",
    "import": "maintenance:import_command",
    "serve": "serve:serve_command",
    "eval": "eval:eval_command",
    "models": "models",
    "feedback": "feedback",
}
"""Each command and its module in `assistant.cli`; the function there where it has another name."""


class Commands(TyperGroup):
    """The commands, each imported when it is asked for: a question waits for what it needs, not for all the others."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None where there is none of that name."""
        del ctx
        if cmd_name not in self.commands and cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name].partition(":")
            found = getattr(import_module(f"assistant.cli.{module}"), attribute or cmd_name)
            if not isinstance(found, typer.Typer):
                function, found = found, typer.Typer(add_completion=False)
                found.command(cmd_name)(function)
            self.commands[cmd_name] = get_command(found)
        return self.commands.get(cmd_name)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - no other command needs it

        output.print(version("article-assistant"))
        raise typer.Exit


app = typer.Typer(name="assistant", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)


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
