"""What a streamed answer reports while it is being made."""

from dataclasses import dataclass

from assistant.answering.answer import Answer
from assistant.retrieval.hit import Hit


@dataclass(frozen=True, slots=True)
class Step:
    """A stage begins: "rewrite", "search", "write" or "check"."""

    name: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Retrieval is done."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text as the chat model writes it. It has not been checked: `Finished` replaces all of it."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event: the checked answer."""

    answer: Answer


Event = Step | Retrieved | Token | Finished
