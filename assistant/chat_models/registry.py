"""`load_chat_model`: the name of a chat model to the model, and what names there are."""

from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.chat_models import local, providers
from assistant.chat_models.catalogue import LOCAL, load_catalogue
from assistant.chat_models.chat_model import ChatModel
from assistant.errors import Message, ModelError
from assistant.settings import Settings

AUTO = "auto"
EXTRACTIVE = "extractive"


class State(StrEnum):
    """Whether a chat model can be used now."""

    READY = "ready"
    NOT_PULLED = "not pulled"
    NOT_SET_UP = "not set up"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A chat model one can choose.

    Attributes:
        name: What to write for `--chat-model`; for a provider with "MODEL" where its model's name goes.
        description: What it is, in a line.
        state: Whether it can be used now.
        remedy: What to do where it cannot; empty otherwise.
    """

    name: str
    description: str
    state: State
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What "auto" stands for now.

    Attributes:
        name: The chat model's name.
        reason: Why it, and not one before it in the order, in a line.
    """

    name: str
    reason: str


def load_chat_model(name: str, settings: Settings) -> ChatModel | None:
    """Load a chat model. Nothing is started or sent before its first use.

    Args:
        name: "auto", "extractive", "local", "local:FILE.gguf", "local:NAME" of the catalogue, or "PROVIDER:MODEL".
        settings: Where models lie, and how providers are reached.

    Returns:
        The model; None for extractive answers.

    Raises:
        ModelError: the name is unknown, or the model lacks a file, package or key; the message says what to do.

    Example:
        >>> load_chat_model("extractive", Settings()) is None
        True
    """
    if name == AUTO:
        name = resolve(settings).name
    if name == EXTRACTIVE:
        return None
    is_local = name == LOCAL or name.startswith(f"{LOCAL}:")
    model = local.load_local(name, settings) if is_local else providers.load_hosted(name, settings)
    return replace(model, is_traced=settings.allow_tracing)


def resolve(settings: Settings) -> Choice:
    """Decide what "auto" stands for.

    First the hosted model that `ASSISTANT_CHAT_PROVIDER` names, where its package and key are there; then the local
    model, where it is pulled; else extractive answers. A key that happens to lie in the environment chooses nothing:
    hosted models cost money and see the articles, so somebody has to name one.
    """
    reason = ""
    if settings.chat_provider:
        try:
            providers.load_hosted(settings.chat_provider, settings)
        except ModelError as error:
            reason = f"{error} "
        else:
            return Choice(settings.chat_provider, f"ASSISTANT_CHAT_PROVIDER names {settings.chat_provider}.")
    try:
        load_chat_model(LOCAL, settings)
    except ModelError as error:
        return Choice(EXTRACTIVE, f"{reason}{error}")
    return Choice(LOCAL, f"{reason}The local model is here.")


def available_models(settings: Settings) -> list[ModelInfo]:
    """List the chat models there are, usable or not, with what each needs."""
    catalogue = load_catalogue()
    models = [ModelInfo(EXTRACTIVE, Message("No model: the articles' own sentences"), State.READY)]
    for entry in catalogue.models:
        name = LOCAL if entry.name == catalogue.default else f"{LOCAL}:{entry.name}"
        description = Message(
            "{description} ({size:.1f} GB, {licence})",
            description=Message(entry.description),
            size=entry.bytes / 1e9,
            licence=entry.licence,
        )
        if not local.is_runnable():
            models.append(ModelInfo(name, description, State.NOT_SET_UP, "pip install xllamacpp"))
        elif not entry.is_pulled(settings):
            models.append(ModelInfo(name, description, State.NOT_PULLED, f"assistant models pull {entry.name}"))
        else:
            models.append(ModelInfo(name, description, State.READY))
    for provider in providers.PROVIDERS.values():
        missing = providers.missing_for(provider, settings)
        state = State.NOT_SET_UP if missing else State.READY
        models.append(ModelInfo(f"{provider.name}:MODEL", f"Hosted, through {provider.package}", state, missing))
    return models
