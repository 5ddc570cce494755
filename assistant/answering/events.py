"""What a streamed answer reports while it is being made."""

from dataclasses import dataclass

from assistant.answering.answer import Answer
from assistant.retrieval.hit import Hit


@dataclass(frozen=True, slots=True)
class Step:
    """A stage begins: "rewrite", "search", "write", "check" or "translate"."""

    name: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Retrieval is done."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text as the chat model writes it: a single sentence unchecked, several when they hold.

    `Finished` replaces all of it.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event: the checked answer."""

    answer: Answer


Event = Step | Retrieved | Token | Finished
