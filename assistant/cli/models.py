"""`models list` and `models pull`: the chat models there are, and the local ones brought here."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from assistant.chat_models.download import pull as pull_model
from assistant.chat_models.registry import State, available_models, resolve
from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, progress_bar
from assistant.settings import load_settings

models = typer.Typer(name="models", help="Chat models: list them, or bring a local one here.", no_args_is_help=True)

STYLES = {State.READY: "green", State.NOT_PULLED: "yellow", State.NOT_SET_UP: "dim"}


@models.command("list")
def list_models(json: options.Json = False) -> None:
    """List the chat models, and what each one still needs.

    Example: assistant models list
    """
    settings = load_settings()
    found = available_models(settings)
    choice = resolve(settings)
    if json:
        print_json({"auto": asdict(choice), "models": [asdict(model) for model in found]})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "state", "description", "what it needs"):
        table.add_column(heading, overflow="fold")
    for model in found:
        table.add_row(
            model.name, plain(model.state, style=STYLES[model.state]), plain(model.description), plain(model.remedy)
        )
    output.print(table)
    messages.print(f'"auto" is {choice.name}: {choice.reason}', style="dim")


@models.command("pull")
def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help='A local model, as "models list" names it.')] = "local",
) -> None:
    """Download a local chat model, verified by its digest; an interrupted download goes on where it stopped.

    Example: assistant models pull
    """
    with progress_bar() as progress:
        path = pull_model(name, load_settings(), progress)
    messages.print(f"Ready: {path}", soft_wrap=True)
