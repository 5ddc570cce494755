"""`load_served`: a model that a server on this machine serves, `server:MODEL`, as a LangChain chat model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.chat_models.chat_model import ChatModel, Runs
from assistant.chat_models.loopback import loopback_clients, loopback_errors
from assistant.chat_models.providers import NO_KEY, is_installed
from assistant.chat_models.server_lists import ServedModel, Server
from assistant.chat_models.servers import find_servers
from assistant.errors import Message, ModelError
from assistant.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

SERVER = "server"
PACKAGE = "langchain-openai"
"""What reaches such servers; they all speak OpenAI's API."""


def name_of(server: Server, model: ServedModel) -> str:
    """Return what a model is called among all chat models.

    Example:
        >>> name_of(Server("Ollama", "127.0.0.1:11434", ()), ServedModel("qwen3:4b", "qwen3:4b"))
        'server:11434/qwen3:4b'
    """
    return f"{SERVER}:{server.port}/{model.name}"


def describe(server: Server, model: ServedModel) -> Message:
    """Say which model that is, and where it runs."""
    return Message(
        "{model}, served by {software} at {address}",
        model=model.name,
        software=server.software,
        address=server.address,
    )


def find_served(name: str) -> tuple[Server, ServedModel]:
    """Find the model that a name means, on a server that runs.

    Args:
        name: "server" for the first there is, "server:PORT/MODEL", or "server:MODEL" on whichever server has it.

    Raises:
        ModelError: there is none; the message lists those there are.
    """
    servers = find_servers()
    wanted = name.removeprefix(SERVER).removeprefix(":")
    for server in servers:
        for model in server.models:
            if wanted in ("", model.name, f"{server.port}/{model.name}"):
                return server, model
    known = ", ".join(name_of(server, model) for server in servers for model in server.models)
    raise ModelError(
        "No server on this machine serves {name!r}: it has {known}.", name=wanted or SERVER, known=known or "none"
    )


@dataclass
class ServedBackend:
    """One model of a server on this machine, read through LangChain's OpenAI client."""

    server: Server
    model: ServedModel
    settings: Settings
    _client: "BaseChatModel | None" = None

    def connect(self) -> "BaseChatModel":
        """The client; made at the first call."""
        if self._client is None:
            from langchain_openai import ChatOpenAI  # noqa: PLC0415 - half a second that only a call should cost
            from pydantic import SecretStr  # noqa: PLC0415

            temperature = self.settings.chat_temperature
            self._client = ChatOpenAI(
                model=self.model.id,
                base_url=self.server.base_url,
                api_key=SecretStr(NO_KEY),  # keys in the environment are for other servers
                temperature=0 if temperature is None else temperature,
                timeout=self.settings.chat_timeout,
                max_retries=0,
                streaming=True,  # so that the timeout watches each token, and a cancelled call stops the model
                **loopback_clients(),
            )
        return self._client

    def explain(self, error: Exception) -> str:
        """Put the failure, and what helps, in one line."""
        from assistant.chat_models.failures import first_line, meaning  # noqa: PLC0415

        return Message(
            "{model} of {software} at {address} {meaning} ({reason}).",
            model=self.model.name,
            software=self.server.software,
            address=self.server.address,
            meaning=meaning(error, "its key"),
            reason=first_line(error),
        )

    def close(self) -> None:
        """Forget the client, whose connections close with it."""
        self._client = None


def load_served(name: str, settings: Settings) -> ChatModel:
    """Load "server", "server:MODEL" or "server:PORT/MODEL".

    Raises:
        ModelError: no server serves it, or the package that reaches it is not installed.
    """
    if not is_installed(PACKAGE):
        raise ModelError("{name} needs the package {package}: pip install {package}.", name=name, package=PACKAGE)
    server, model = find_served(name)
    backend = ServedBackend(server, model, settings)
    return ChatModel(
        name=name_of(server, model),
        runs=Runs.SERVER,
        connect=backend.connect,
        errors=loopback_errors,
        explain=backend.explain,
        close=backend.close,
        reads_little=model.is_small,
    )
