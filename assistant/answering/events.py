"""What a streamed answer reports while it is being made."""

from dataclasses import dataclass

from assistant.answering.answer import Answer
from assistant.retrieval.hit import Hit


@dataclass(frozen=True, slots=True)
class Step:
    """A stage begins: "rewrite", "search", "open", "list", "write", "check" or "translate".

    Attributes:
        name: Which stage.
        detail: What is searched for, opened or listed, where a chat model chose that.
    """

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Retrieval is done."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text as the chat model writes it: unchecked in a short answer, checked sentences in a long one.

    `Finished` replaces all of it.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event: the checked answer."""

    answer: Answer


Event = Step | Retrieved | Token | Finished
