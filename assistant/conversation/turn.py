"""`Turn`: a question of a conversation and its answer."""

from dataclasses import dataclass

from assistant.answering.answer import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer.

    Attributes:
        question: As it was asked.
        standalone: The same, so that it can be understood without the conversation.
        answer: The answer, with the citations of this question alone.
    """

    question: str
    standalone: str
    answer: Answer
