"""How likely a local model finds a text as its answer to a prompt.

llama.cpp's server tells the probability of tokens that it writes, not of those it is given. So it is held to the text
by a GBNF grammar; the probabilities it tells are those from before the grammar is applied.
"""

import json
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.prompt_values import PromptValue

MAX_TEXT = 300
"""Characters of a text that count. Each costs time, and so many tell what a text asks."""


def log_likelihoods(model: "BaseChatModel", prompts: "Sequence[PromptValue]", text: str) -> list[float]:
    """Return the log-probability that a model answers each prompt with a text.

    Args:
        model: One that `tells_likelihoods`.
        prompts: They are read side by side, in as many slots as the server has.
        text: Of it the first `MAX_TEXT` characters count.

    Raises:
        ModelError: the model cannot be had, or failed.
    """
    return [_log_likelihood(message) for message in model.batch(list(prompts), **_held_to(text))]


async def alog_likelihoods(model: "BaseChatModel", prompts: "Sequence[PromptValue]", text: str) -> list[float]:
    """Do what `log_likelihoods` does without blocking the event loop. Cancelling the task stops the model."""
    return [_log_likelihood(message) for message in await model.abatch(list(prompts), **_held_to(text))]


def tells_likelihoods(model: "BaseChatModel") -> bool:
    """Return whether a model can be held to a grammar, and tells the probability of its tokens."""
    return bool(getattr(model, "follows_grammars", False))


def writable(text: str) -> str:
    r"""Return a text as one line that a grammar can hold a model to.

    Example:
        >>> writable("When was\tit  built?")
        'When was it built?'
    """
    # Control characters and halves of pairs; the joiners of Persian and Hindi, of category Cf, are part of words.
    visible = "".join(" " if unicodedata.category(character) in {"Cc", "Cs"} else character for character in text)
    return " ".join(visible.split())[:MAX_TEXT].strip()


def _held_to(text: str) -> dict[str, Any]:
    held = writable(text)
    return {
        "extra_body": {"grammar": f"root ::= {json.dumps(held, ensure_ascii=False)}"},
        # No text has more tokens than bytes; one more ends it.
        "max_completion_tokens": len(held.encode("utf-8")) + 1,
    }


def _log_likelihood(message: "BaseMessage") -> float:
    tokens = (message.response_metadata.get("logprobs") or {}).get("content") or ()
    # The token without text is the one that ends the answer.
    return sum(float(token["logprob"]) for token in tokens if token["token"])
