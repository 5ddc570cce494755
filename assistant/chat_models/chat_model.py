"""`ChatModel`: what is known of a chat model, and how it is reached."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from assistant.errors import Message, ModelError
from assistant.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)


class Runs(StrEnum):
    """Where a chat model runs."""

    HERE = "on this machine, started by the assistant"
    SERVER = "on a server of the user's"
    HOSTED = "at a provider"


def _nothing() -> None:
    """Give back nothing."""


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A chat model by its name. Nothing is started or sent before `connect`.

    Attributes:
        name: As shown to people, such as "openai:gpt-5-mini" or "local:qwen2.5-coder-1.5b".
        runs: Where it runs.
        connect: Returns the LangChain model, ready to be called, with all of LangChain's own methods (`bind_tools`,
            `with_structured_output`, ...). The first time may take seconds; raises `ModelError` where it cannot be had.
        errors: Returns what the LangChain model raises when it fails.
        explain: Says in one line what such an error means and what to do, without secrets.
        close: Stops what runs for the model; it starts again with the next `connect`.
        reads_little: Whether it reads so slowly that its prompt has to be short.
        is_traced: Whether LangSmith may be told of calls, prompts and answers included, where its variables ask for it.
        quotes_in: BCP 47 codes of the languages in which quoting was measured to answer better than this model does,
            where question and articles both speak them.

    Example:
        >>> model = load_chat_model("openai:gpt-5-mini", load_settings())  # doctest: +SKIP
        >>> with model.explained():  # doctest: +SKIP
        ...     print(model.connect().invoke("Say hello.").text)
    """

    name: str
    runs: Runs
    connect: "Callable[[], BaseChatModel]" = field(repr=False)
    errors: Callable[[], tuple[type[Exception], ...]] = field(repr=False)
    explain: Callable[[Exception], str] = field(repr=False)
    close: Callable[[], None] = field(default=_nothing, repr=False)
    reads_little: bool = False
    quotes_in: tuple[str, ...] = ()
    is_traced: bool = False

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the model's failures within the block into `ModelError`s of one line, and let nobody trace its calls."""
        from langsmith import tracing_context  # noqa: PLC0415 - of LangChain, which extractive answers do without

        try:
            with tracing_context(enabled=None if self.is_traced else False):
                yield
        except self.errors() as error:
            log.debug("%s failed with %s", self.name, type(error).__name__)
            # The cause is cut off: a server may echo the key in its message, which a traceback would then show.
            raise ModelError(self.explain(error)) from None


def own_chat_model(model: "BaseChatModel", settings: Settings) -> ChatModel:
    """Return the `ChatModel` of a LangChain model that a Python user brings."""
    # Imported here for LangChain's sake, which extractive answers do without.
    from assistant.chat_models.failures import COMMON_ERRORS, first_line, meaning  # noqa: PLC0415

    name = model._llm_type  # noqa: SLF001 - LangChain's own name for it

    def explain(error: Exception) -> str:
        return Message(
            "{model} {meaning} ({reason}).", model=name, meaning=meaning(error, "its key"), reason=first_line(error)
        )

    return ChatModel(
        name=name,
        runs=Runs.HOSTED,
        connect=lambda: model,
        errors=lambda: COMMON_ERRORS,
        explain=explain,
        is_traced=settings.allow_tracing,
    )
