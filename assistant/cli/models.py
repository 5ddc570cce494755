"""`models list` and `models pull`: the chat models there are, and the local ones brought here."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from assistant.chat_models.pulled import has_own_name
from assistant.chat_models.registry import Kind, ModelInfo, State, available_models, resolve
from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, progress_bar
from assistant.settings import load_settings

models = typer.Typer(
    name="models", help="Chat models: list them, or bring a local one here.", no_args_is_help=True, add_completion=False
)

STYLES = {State.READY: "green", State.NOT_PULLED: "yellow", State.NOT_SET_UP: "dim"}


@models.command("list")
def list_models(json: options.Json = False) -> None:
    """List the chat models: those here, those that can be pulled, those of servers on this machine, and hosted ones.

    With what each needs and still lacks, and which one "auto" takes and why.

    Example: assistant models list
    """
    settings = load_settings()
    found = available_models(settings)
    choice = resolve(settings)
    if json:
        print_json({"auto": asdict(choice), "models": [asdict(model) for model in found]})
        return
    for model in found:
        name = plain(f"{model.name:<20} ", style="bold")
        output.print(Text.assemble(name, plain(model.state, style=STYLES[model.state])))
        for line in (model.description, *_details(model)):
            output.print(plain(f"    {line}", style="dim"), soft_wrap=True)
        if model.remedy:
            output.print(plain(f"    {model.remedy}"), soft_wrap=True)
    messages.print(plain(f'"auto" is {choice.name}: {choice.reason}', style="dim"), soft_wrap=True)


def _details(model: ModelInfo) -> Iterable[str]:
    if model.memory:
        yield f"takes {model.memory / 1e9:.1f} GB of memory; {model.speed or 'its speed was not measured'}"
    if model.sha256 and model.state is State.READY:
        yield f"SHA-256 {model.sha256}, checked when it was pulled"
    elif model.kind is Kind.LOCAL and model.bytes and not model.sha256:
        yield "its SHA-256 was not checked"


@models.command("pull")
def pull(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help='A name of "models list", hf:OWNER/REPOSITORY:QUANT of the Hugging Face hub, or the address of a GGUF '
            "file. Without it: a multilingual model for laptops, or the smallest where the hub cannot be reached.",
        ),
    ] = "",
    sha256: Annotated[
        str, typer.Option("--sha256", metavar="DIGEST", help="The SHA-256 digest of the file of a web address.")
    ] = "",
) -> None:
    """Download a local chat model, verified by its digest; an interrupted download goes on where it stopped.

    HF_ENDPOINT names a mirror of the hub, HF_TOKEN an account for models that want one.

    Example: assistant models pull hf:unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M
    """
    from assistant.chat_models.download import pull as pull_model  # noqa: PLC0415 - an HTTP client, for this command

    with progress_bar() as progress:
        path = pull_model(name, load_settings(), progress, sha256=sha256)
    messages.print(plain(f"Ready: {path}"), soft_wrap=True)
    if has_own_name(name):
        messages.print(plain(f"Choose it with --chat-model or ASSISTANT_CHAT_MODEL={name}"), soft_wrap=True)
