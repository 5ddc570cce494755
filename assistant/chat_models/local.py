"""`load_local`: a GGUF model on this machine as a LangChain chat model."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.chat_models.catalogue import LOCAL, load_catalogue
from assistant.chat_models.chat_model import ChatModel, Runs
from assistant.chat_models.local_process import LocalServer, check_gguf
from assistant.chat_models.loopback import loopback_clients, loopback_errors
from assistant.chat_models.pulled import find_pulled, has_own_name
from assistant.errors import Message, ModelError
from assistant.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

MAX_ANSWER_TOKENS = 512


class LocalBackend:
    """One GGUF file, served by a child process and read through LangChain's OpenAI client."""

    def __init__(self, model: Path, name: str, settings: Settings) -> None:
        self._name = name
        self._timeout = settings.chat_timeout
        self._server = LocalServer(model, settings.threads)
        self._client: tuple[str, BaseChatModel] | None = None

    def connect(self) -> "BaseChatModel":
        """The client of the running server; both are started where need be."""
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - half a second that only a call should cost
        from pydantic import SecretStr  # noqa: PLC0415

        url = self._server.url()
        if self._client is None or self._client[0] != url:
            client = ChatOpenAI(
                model=LOCAL,
                base_url=url,
                api_key=SecretStr(self._server.api_key),
                temperature=0,
                max_completion_tokens=MAX_ANSWER_TOKENS,
                timeout=self._timeout,
                max_retries=0,  # what fails here fails again, or needs a new server
                logprobs=True,  # how sure it is of what it writes
                streaming=True,  # so that the timeout watches each token, and a cancelled call stops the model
                **loopback_clients(),
            )
            self._client = (url, client)
        return self._client[1]

    def explain(self, error: Exception) -> str:
        """Tell a crash from a refusal."""
        from assistant.chat_models.failures import first_line, meaning  # noqa: PLC0415

        death = self._server.death()
        if death:
            return Message(
                "The local chat model {model} {death}; ask again to restart it, or choose a smaller model.",
                model=self._name,
                death=death,
            )
        return Message(
            "The local chat model {model} {meaning} ({reason}).",
            model=self._name,
            meaning=meaning(error, "its key"),
            reason=first_line(error),
        )

    def close(self) -> None:
        """Stop the server."""
        self._server.close()


def load_local(name: str, settings: Settings) -> ChatModel:
    """Load a model that runs here. The model itself starts at its first use.

    Args:
        name: "local", "local:NAME" of the catalogue, "local:FILE.gguf", or the name by which another was pulled.
        settings: Where models lie, and how many threads they take.

    Raises:
        ModelError: it is not pulled, the file is missing or no GGUF file, or llama.cpp is not installed.
    """
    if not is_runnable():
        raise ModelError("Local chat models need the package xllamacpp: pip install xllamacpp.")
    if has_own_name(name):
        pulled = find_pulled(name, settings)
        if pulled is None:
            raise ModelError("The model {model} is not here yet: run `assistant models pull {model}`.", model=name)
        return _served(pulled.path(settings), pulled.name, settings)
    path = own_file(name)
    if path is not None:
        check_gguf(path)
        return _served(path, f"{LOCAL}:{path.name}", settings)
    entry = load_catalogue().local(settings) if name == LOCAL else load_catalogue().find(name)
    if not entry.is_pulled(settings):
        raise ModelError(
            "The local chat model {model} is not here yet: run `assistant models pull {model}`.", model=entry.name
        )
    return _served(entry.path(settings), f"{LOCAL}:{entry.name}", settings, entry.quotes_in)


def is_runnable() -> bool:
    """Tell whether llama.cpp is installed."""
    return importlib.util.find_spec("xllamacpp") is not None


def _served(path: Path, name: str, settings: Settings, quotes_in: tuple[str, ...] = ()) -> ChatModel:
    backend = LocalBackend(path, name, settings)
    return ChatModel(
        name=name,
        runs=Runs.HERE,
        connect=backend.connect,
        errors=loopback_errors,
        explain=backend.explain,
        close=backend.close,
        reads_little=True,
        quotes_in=quotes_in,
    )


def own_file(name: str) -> Path | None:
    """Return the file that "local:FILE.gguf" names, or None where a name is another.

    Example:
        >>> own_file("local:/models/a.gguf").name, own_file("local:qwen2.5-coder-1.5b"), own_file("auto")
        ('a.gguf', None, None)
    """
    wanted = name.removeprefix(f"{LOCAL}:")
    is_file = wanted.lower().endswith(".gguf") or "/" in wanted or "\\" in wanted
    return Path(wanted).expanduser() if is_file and name.startswith(f"{LOCAL}:") else None
