"""`load_hosted`: a hosted chat model, `PROVIDER:MODEL`, through LangChain's `init_chat_model`."""

import importlib
import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.chat_models.chat_model import ChatModel, Runs
from assistant.errors import Message, ModelError
from assistant.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

MAX_RETRIES = 1  # a retry may wait as long again as the first try
NO_KEY = "none"


@dataclass(frozen=True)
class Provider:
    """A family of hosted models. To add one, add it to `PROVIDERS`.

    Attributes:
        name: What `init_chat_model` calls it.
        package: LangChain's package for it, on the Python package index.
        key: Environment variable that holds its key; empty where it needs none.
        error: Base class of its SDK's errors, as "module:Class"; its HTTP client's where the SDK has none.
        runs: Where its models run.
    """

    name: str
    package: str
    key: str
    error: str
    runs: Runs = Runs.HOSTED


PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider("openai", "langchain-openai", "OPENAI_API_KEY", "openai:OpenAIError"),
        Provider("anthropic", "langchain-anthropic", "ANTHROPIC_API_KEY", "anthropic:AnthropicError"),
        Provider("google_genai", "langchain-google-genai", "GOOGLE_API_KEY", "google.genai.errors:APIError"),
        Provider("mistralai", "langchain-mistralai", "MISTRAL_API_KEY", "httpx:HTTPError"),
        Provider("ollama", "langchain-ollama", "", "ollama:ResponseError", Runs.SERVER),
    )
}
ALIASES = {"google": "google_genai", "gemini": "google_genai", "mistral": "mistralai"}


@dataclass
class HostedBackend:
    """One model of one provider."""

    provider: Provider
    model: str
    settings: Settings
    key: str = field(repr=False)
    _client: "BaseChatModel | None" = None

    @property
    def name(self) -> str:
        """`PROVIDER:MODEL`."""
        return f"{self.provider.name}:{self.model}"

    def connect(self) -> "BaseChatModel":
        """The provider's model; made at the first call, since the provider's package is slow to import."""
        if self._client is None:
            from langchain.chat_models import init_chat_model  # noqa: PLC0415

            self._client = init_chat_model(self.model, model_provider=self.provider.name, **self._arguments())
        return self._client

    def errors(self) -> tuple[type[Exception], ...]:
        """What the model raises when it fails."""
        from assistant.chat_models.failures import COMMON_ERRORS  # noqa: PLC0415

        module, _, name = self.provider.error.partition(":")
        return (*COMMON_ERRORS, getattr(importlib.import_module(module), name))

    def explain(self, error: Exception) -> str:
        """Put the failure, and what helps, in one line without the key."""
        from assistant.chat_models.failures import first_line, meaning  # noqa: PLC0415

        message = first_line(error)
        for secret in filter(None, (self.key, self.settings.chat_api_key.get_secret_value())):
            message = message.replace(secret, "***")
        key = "ASSISTANT_CHAT_API_KEY"
        return Message(
            "{model} {meaning} ({reason}).",
            model=self.name,
            meaning=meaning(error, f"{self.provider.key} or {key}" if self.provider.key else key),
            reason=message,
        )

    def close(self) -> None:
        """Forget the client, whose connections close with it."""
        self._client = None

    def _arguments(self) -> dict[str, Any]:
        timeout = round(self.settings.chat_timeout)
        arguments: dict[str, Any] = {"timeout": timeout, "max_retries": MAX_RETRIES}
        if self.provider.name == "ollama":
            arguments = {"client_kwargs": {"timeout": timeout}}
        if self.settings.chat_temperature is not None:
            arguments["temperature"] = self.settings.chat_temperature
        if self.settings.chat_base_url:
            arguments["base_url"] = self.settings.chat_base_url
        if self.key:
            arguments["api_key"] = self.key
        return arguments


def load_hosted(name: str, settings: Settings) -> ChatModel:
    """Load `PROVIDER:MODEL`. Nothing is sent before its first use.

    The key is `ASSISTANT_CHAT_API_KEY`, else the provider's own variable. With `ASSISTANT_CHAT_BASE_URL` the provider's
    variable is not used: the key of one company is not for the server of another.

    Raises:
        ModelError: the provider is unknown, or its package or key is missing.

    Example:
        >>> load_hosted("openai:gpt-5-mini", load_settings()).name  # doctest: +SKIP
        'openai:gpt-5-mini'
    """
    prefix, _, model = name.partition(":")
    provider = PROVIDERS.get(ALIASES.get(prefix, prefix))
    if provider is None or not model:
        raise ModelError(
            "{name!r} names no chat model: use auto, extractive, local, local:FILE.gguf, or PROVIDER:MODEL with a "
            "provider of {known}.",
            name=name,
            known=", ".join(PROVIDERS),
        )
    missing = missing_for(provider, settings)
    if missing:
        raise ModelError("{provider}:{model} {missing}.", provider=provider.name, model=model, missing=missing)
    backend = HostedBackend(provider, model, settings, key_for(provider, settings))
    return ChatModel(
        name=backend.name,
        runs=provider.runs,
        connect=backend.connect,
        errors=backend.errors,
        explain=backend.explain,
        close=backend.close,
    )


def missing_for(provider: Provider, settings: Settings) -> str:
    """Say what `provider` needs before it can be used; empty where nothing is missing."""
    for package in (provider.package, "langchain"):
        if not is_installed(package):
            return Message(
                "needs the package {package}: pip install 'article-assistant[{extra}]'",
                package=provider.package,
                extra=provider.name,
            )
    if provider.key and not key_for(provider, settings):
        return Message("needs a key: set {key} or ASSISTANT_CHAT_API_KEY", key=provider.key)
    return ""


def is_installed(package: str) -> bool:
    """Tell whether a package of the Python package index is here, by the name under which it is imported."""
    return importlib.util.find_spec(package.replace("-", "_")) is not None


def key_for(provider: Provider, settings: Settings) -> str:
    """The key to send to `provider`; empty where there is none."""
    own = settings.chat_api_key.get_secret_value()
    if own:
        return own
    if settings.chat_base_url:
        return NO_KEY if provider.key else ""
    return os.environ.get(provider.key, "") if provider.key else ""
