"""`load_chat_model`: the name of a chat model to the model, and what names there are."""

from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.chat_models import local, providers, served
from assistant.chat_models.catalogue import LOCAL, ModelEntry, load_catalogue
from assistant.chat_models.chat_model import ChatModel
from assistant.chat_models.local_process import check_gguf
from assistant.chat_models.pulled import has_own_name, pulled_models
from assistant.chat_models.served import SERVER
from assistant.chat_models.servers import find_servers
from assistant.errors import Message, ModelError, message_of
from assistant.settings import Settings

AUTO = "auto"
EXTRACTIVE = "extractive"


class State(StrEnum):
    """Whether a chat model can be used now."""

    READY = "ready"
    NOT_PULLED = "not pulled"
    NOT_SET_UP = "not set up"


class Kind(StrEnum):
    """What kind of chat model it is."""

    EXTRACTIVE = "extractive"
    LOCAL = "local"
    SERVER = "server"
    HOSTED = "hosted"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A chat model one can choose.

    Attributes:
        name: What to write for `--chat-model`; for a provider with "MODEL" where its model's name goes.
        description: What it is, in a line.
        state: Whether it can be used now.
        remedy: What to do where it cannot; empty otherwise.
        kind: Whether it runs in here, on a server of this machine, or at a provider.
        bytes: Size of its file on disk, of what is here or can be pulled; 0 where there is no file.
        sha256: The digest of that file, by which it was checked before it got its name; "" where nobody knows it.
        memory: Bytes of memory it takes while it runs; 0 where that is not known.
        speed: How fast it was measured to be, in a line; "" where it was not measured.
    """

    name: str
    description: str
    state: State
    remedy: str = ""
    kind: Kind = Kind.HOSTED
    bytes: int = 0
    sha256: str = ""
    memory: int = 0
    speed: str = ""


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
        name: "auto", "extractive", "local", "local:FILE.gguf", "local:NAME" of the catalogue,
            "hf:OWNER/REPOSITORY:QUANT" or the web address of what was pulled, "server:MODEL" or "server:PORT/MODEL" of
            a server on this machine, or "PROVIDER:MODEL".
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
    return replace(_load(name, settings), is_traced=settings.allow_tracing)


def _load(name: str, settings: Settings) -> ChatModel:
    if name == LOCAL or name.startswith(f"{LOCAL}:") or has_own_name(name):
        return local.load_local(name, settings)
    if name == SERVER or name.startswith(f"{SERVER}:"):
        return served.load_served(name, settings)
    return providers.load_hosted(name, settings)


def resolve(settings: Settings) -> Choice:
    """Decide what "auto" stands for.

    First the hosted model that `ASSISTANT_CHAT_PROVIDER` names, where its package and key are there; then what a server
    on this machine serves, unless `ASSISTANT_FIND_SERVERS` is off; then the local model, where it is pulled; else
    extractive answers. A key that happens to lie in the environment chooses nothing: hosted models cost money and see
    the articles, so somebody has to name one.

    Of several servers it is Ollama, else the first in the order of `servers.PORTS`; of its models the one in memory
    that was used last, else the first that the server lists, which with Ollama is the newest.
    """
    reason = ""
    if settings.chat_provider:
        try:
            providers.load_hosted(settings.chat_provider, settings)
        except ModelError as error:
            reason = f"{error} "
        else:
            return Choice(settings.chat_provider, f"ASSISTANT_CHAT_PROVIDER names {settings.chat_provider}.")
    if settings.find_servers and providers.is_installed(served.PACKAGE) and (servers := find_servers()):
        server, model = servers[0], servers[0].models[0]
        return Choice(served.name_of(server, model), f"{reason}{served.describe(server, model)}.")
    try:
        load_chat_model(LOCAL, settings)
    except ModelError as error:
        return Choice(EXTRACTIVE, f"{reason}{error}")
    return Choice(LOCAL, f"{reason}The local model is here.")


def available_models(settings: Settings) -> list[ModelInfo]:
    """List the chat models there are, usable or not, with what each needs."""
    models = [
        ModelInfo(EXTRACTIVE, Message("No model: the articles' own sentences"), State.READY, kind=Kind.EXTRACTIVE)
    ]
    models += [_of_catalogue(entry, settings) for entry in load_catalogue().models]
    models += _pulled(settings)
    models += _own_file(settings)
    if settings.find_servers:
        models += _of_servers()
    for provider in providers.PROVIDERS.values():
        missing = providers.missing_for(provider, settings)
        state = State.NOT_SET_UP if missing else State.READY
        models.append(ModelInfo(f"{provider.name}:MODEL", f"Hosted, through {provider.package}", state, missing))
    return models


def _of_catalogue(entry: ModelEntry, settings: Settings) -> ModelInfo:
    is_pulled = entry.is_pulled(settings)
    state, remedy = State.READY, ""
    if not local.is_runnable():
        state, remedy = State.NOT_SET_UP, "pip install xllamacpp"
    elif not is_pulled:
        state, remedy = State.NOT_PULLED, f"assistant models pull {entry.name}"
    description = Message(
        "{description} ({size:.1f} GB, {licence})",
        description=Message(entry.description),
        size=entry.bytes / 1e9,
        licence=entry.licence,
    )
    speed = entry.speed
    return ModelInfo(
        LOCAL if entry == load_catalogue().local(settings) else f"{LOCAL}:{entry.name}",
        description,
        state,
        remedy,
        kind=Kind.LOCAL,
        bytes=entry.bytes,
        sha256=entry.sha256,
        memory=entry.memory,
        speed=f"reads {speed.reads} and writes {speed.writes} tokens a second on {speed.machine}" if speed else "",
    )


def _pulled(settings: Settings) -> list[ModelInfo]:
    state, remedy = (State.READY, "") if local.is_runnable() else (State.NOT_SET_UP, "pip install xllamacpp")
    return [
        ModelInfo(
            model.name,
            Message("{file} ({size:.1f} GB)", file=model.file, size=model.bytes / 1e9),
            state,
            remedy,
            kind=Kind.LOCAL,
            bytes=model.bytes,
            sha256=model.sha256,
        )
        for model in pulled_models(settings)
    ]


def _own_file(settings: Settings) -> list[ModelInfo]:
    """Return the file that the settings name, whose digest nobody has checked, if they name one."""
    path = local.own_file(settings.chat_model)
    if path is None:
        return []
    try:
        check_gguf(path)
        size = path.stat().st_size
    except ModelError as error:
        return [ModelInfo(settings.chat_model, "", State.NOT_SET_UP, message_of(error), kind=Kind.LOCAL)]
    description = Message("{file} ({size:.1f} GB)", file=path.name, size=size / 1e9)
    return [ModelInfo(settings.chat_model, description, State.READY, kind=Kind.LOCAL, bytes=size)]


def _of_servers() -> list[ModelInfo]:
    is_usable = providers.is_installed(served.PACKAGE)
    state, remedy = (State.READY, "") if is_usable else (State.NOT_SET_UP, f"pip install {served.PACKAGE}")
    return [
        ModelInfo(served.name_of(server, model), served.describe(server, model), state, remedy, kind=Kind.SERVER)
        for server in find_servers()
        for model in server.models
    ]
