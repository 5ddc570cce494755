"""What the failures of LangChain's chat models mean, in words for people."""

from langchain_core import exceptions as langchain

from assistant.errors import Message

# What integrations raise besides their own SDK's errors. The last three are how they fail on a server that answers
# with something else than the API they expect; LangChain itself raises a `ValueError` where a model writes nothing.
COMMON_ERRORS: tuple[type[Exception], ...] = (
    langchain.ModelError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], Message], ...] = (
    (
        (langchain.ModelAuthenticationError, langchain.ModelPermissionDeniedError),
        Message("refused the key; check {key}"),
    ),
    ((langchain.ModelRateLimitError,), Message("is over its rate limit or quota; wait, or choose another model")),
    ((langchain.ModelNotFoundError,), Message("was not found; check the model's name and ASSISTANT_CHAT_BASE_URL")),
    ((langchain.ContextOverflowError,), Message("got a prompt longer than it reads; retrieve fewer passages")),
    (
        (langchain.ModelTimeoutError, TimeoutError),
        Message("did not answer in time; try again, or raise ASSISTANT_CHAT_TIMEOUT"),
    ),
    (
        (langchain.ModelConnectionError, ConnectionError),
        Message("could not be reached, or broke off; check the network and ASSISTANT_CHAT_BASE_URL"),
    ),
)


def meaning(error: Exception, key: str) -> Message:
    """Say what an error means and what helps, as the rest of a sentence; `key` names the setting of the key."""
    if "context size" in str(error):  # llama.cpp's words; LangChain takes it for any bad request
        error = langchain.ContextOverflowError()
    for kinds, text in _MEANINGS:
        if isinstance(error, kinds):
            return Message(text, key=key)
    return Message("failed")


def first_line(error: Exception) -> str:
    """The error's message as one line of bearable length."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else f"{text[:297]}..."
