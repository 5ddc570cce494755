"""`GuardedChatModel`: any chat model, with failures that are one line each and a way to close it."""

import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import httpx
from langchain_core import exceptions as langchain
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableConfig, run_in_executor
from pydantic import PrivateAttr

from assistant.errors import ModelError

# What integrations raise besides their own SDK's errors. The last three are how they fail on a server that answers
# with something else than the API they expect.
COMMON_ERRORS: tuple[type[Exception], ...] = (
    langchain.ModelError,
    httpx.HTTPError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((langchain.ModelAuthenticationError, langchain.ModelPermissionDeniedError), "refused the key; check {key}"),
    ((langchain.ModelRateLimitError,), "is over its rate limit or quota; wait, or choose another model"),
    ((langchain.ModelNotFoundError,), "was not found; check the model's name and ASSISTANT_CHAT_BASE_URL"),
    ((langchain.ContextOverflowError,), "got a prompt longer than it reads; retrieve fewer passages"),
    ((langchain.ModelTimeoutError, TimeoutError), "did not answer in time; try again, or raise ASSISTANT_CHAT_TIMEOUT"),
    (
        (langchain.ModelConnectionError, ConnectionError),
        "could not be reached, or broke off; check the network and ASSISTANT_CHAT_BASE_URL",
    ),
)
# The outer model already reports to the caller's callbacks; a second report from the inner one would double them.
_SILENT: RunnableConfig = {"callbacks": []}

log = logging.getLogger(__name__)


class Backend(Protocol):
    """What a `GuardedChatModel` guards."""

    @property
    def label(self) -> str:
        """Name shown to people, such as "openai:gpt-5-mini" or "local:qwen2.5-coder-1.5b"."""
        ...

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its model raises when it fails."""
        ...

    def connect(self) -> BaseChatModel:
        """The model, ready to be called.

        Raises:
            ModelError: it cannot be had.
        """
        ...

    def explain(self, error: Exception) -> str:
        """Say in one line what `error` means and what to do; without secrets."""
        ...

    def close(self) -> None:
        """Give back what the model holds."""
        ...


class GuardedChatModel(BaseChatModel):
    """A LangChain chat model whose failures are `ModelError`s with one line, never a stack of another library.

    It connects at the first call. Call options go to the model unchanged. Closing a stream, or cancelling the task that
    reads it, stops the model. Call `close` when done.

    Attributes:
        quotes_in: BCP 47 codes of the languages in which quoting was measured to answer better than this model does,
            where question and articles both speak them.
    """

    quotes_in: tuple[str, ...] = ()
    _backend: Backend = PrivateAttr()

    def __init__(self, backend: Backend, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._backend = backend

    @property
    def label(self) -> str:
        """The model's name, as shown to people."""
        return self._backend.label

    @property
    def _llm_type(self) -> str:
        return self._backend.label

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self._backend.label}

    def warm_up(self) -> None:
        """Connect now, so that the first question need not wait for it.

        Raises:
            ModelError: the model cannot be had.
        """
        with self._guard():
            self._backend.connect()

    def close(self) -> None:
        """Stop what runs for this model. It starts again if it is called again."""
        self._backend.close()

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's signature
        **kwargs: Any,
    ) -> ChatResult:
        with self._guard():
            message = self._backend.connect().invoke(messages, _SILENT, stop=stop, **kwargs)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's signature
        **kwargs: Any,
    ) -> ChatResult:
        with self._guard():
            model = await run_in_executor(None, self._backend.connect)
            message = await model.ainvoke(messages, _SILENT, stop=stop, **kwargs)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's signature
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with self._guard():
            for chunk in self._backend.connect().stream(messages, _SILENT, stop=stop, **kwargs):
                yield ChatGenerationChunk(message=chunk)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's signature
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        with self._guard():
            model = await run_in_executor(None, self._backend.connect)
            async for chunk in model.astream(messages, _SILENT, stop=stop, **kwargs):
                yield ChatGenerationChunk(message=chunk)

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except self._backend.errors as error:
            explanation = self._backend.explain(error)
            log.debug("%s failed with %s", self._backend.label, type(error).__name__)
            # The cause is cut off: a server may echo the key in its message, which a traceback would then show.
            raise ModelError(explanation) from None


def meaning(error: Exception, key: str) -> str:
    """Say what an error means and what helps, as the rest of a sentence; `key` names the setting of the key."""
    if "context size" in str(error):  # llama.cpp's words; LangChain takes it for any bad request
        error = langchain.ContextOverflowError()
    for kinds, text in _MEANINGS:
        if isinstance(error, kinds):
            return text.format(key=key)
    return "failed"


def first_line(error: Exception) -> str:
    """The error's message as one line of bearable length."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else f"{text[:297]}..."
