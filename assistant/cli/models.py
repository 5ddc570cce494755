"""`models list` and `models pull`: the chat models there are, and the local ones brought here."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

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
    for model in found:
        output.print(Text.assemble((f"{model.name:<20}", "bold"), plain(model.state, style=STYLES[model.state])))
        output.print(plain(f"    {model.description}", style="dim"), soft_wrap=True)
        if model.remedy:
            output.print(plain(f"    {model.remedy}"), soft_wrap=True)
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
