"""`Conversation`: questions that may lean on earlier ones, and their answers, each with its own citations."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable, Iterator
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from assistant.answering.answer import Answer
from assistant.answering.events import Event, Finished, Step
from assistant.answering.follow_up import accept_rewriting, language_of, lead_of
from assistant.answering.leaning import Leaning, is_short, leaning, says_nothing
from assistant.answering.marks import Mark, parse_marks
from assistant.answering.relevance import is_relevant
from assistant.answering.responder import MODEL_FAILURES, Responder
from assistant.retrieval.hit import SearchResult
from assistant.store.passage_store import Filters

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

MAX_TURNS = 200
REMEMBERED = 3
_ANSWER_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer.

    Attributes:
        question: As it was asked.
        standalone: The same, so that it can be understood without the conversation.
        answer: The answer, with the citations of this question alone.
        query: What was retrieved with, where that was not the standalone question.
    """

    question: str
    standalone: str
    answer: Answer
    query: str = ""


@dataclass(frozen=True, slots=True)
class _InContext:
    """A question in the light of a conversation.

    Attributes:
        standalone: The question, so that it stands by itself.
        language: BCP 47 code of the language to answer in; "" for the question's own.
        query: What to retrieve with.
        lead: How many characters at the beginning of what is retrieved with only say what the question is about.
        rewriting: What a chat model may make of it instead, if one may be asked.
    """

    standalone: str
    language: str = ""
    query: str = ""
    lead: int = 0
    rewriting: "_Rewriting | None" = None

    def rewritten(self, written: str) -> "_InContext":
        """Return it as a chat model wrote it, if that can be trusted; else as it is."""
        if self.rewriting is None:
            return self
        accepted = accept_rewriting(written, self.rewriting.question, self.language, self.rewriting.conversation)
        return _InContext(accepted, self.language) if accepted else self


@dataclass(frozen=True, slots=True)
class _Rewriting:
    """A question that a chat model is to rewrite.

    Attributes:
        chain: The chain that writes.
        question: As it was asked.
        conversation: What was said before.
    """

    chain: "Runnable[dict[str, str], str]"
    question: str
    conversation: str

    @property
    def values(self) -> dict[str, str]:
        """What the chain is called with."""
        return {"conversation": self.conversation, "question": self.question}


class Conversation:
    """A conversation with the articles. Questions asked at the same time do not see each other.

    Follow-ups are made self-contained before retrieval: by a hosted chat model, else by rule: the subject of the
    question before is put in front, and counts for less than the follow-up's own words. The small local model does
    no better than the rule, and takes two seconds (docs/answers.md).

    Args:
        responder: Answers the questions.
        turns: What was said before, for instance in a conversation that is reopened.

    Example:
        >>> conversation = Conversation(responder)  # doctest: +SKIP
        >>> conversation.ask("When is the next CSTO summit?").text  # doctest: +SKIP
        'The next CSTO summit is on 11 November 2026, in Moscow [1].'
        >>> conversation.ask("And where?").citations[0].quote  # doctest: +SKIP
        'وأعلن أن القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو.'
    """

    def __init__(self, responder: Responder, turns: Iterable[Turn] = ()) -> None:
        self._responder = responder
        self._turns = list(turns)[-MAX_TURNS:]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said, oldest first; only the last `MAX_TURNS` turns are kept."""
        return tuple(self._turns)

    def ask(self, question: str, *, k: int | None = None, filters: Filters | None = None) -> Answer:
        """Answer a question in the light of those before it. Raises as `Responder.ask` does."""
        answers = [event.answer for event in self.stream(question, k=k, filters=filters) if isinstance(event, Finished)]
        return answers[-1]

    def stream(self, question: str, *, k: int | None = None, filters: Filters | None = None) -> Iterator[Event]:
        """Answer step by step; a turn is remembered when its last event, `Finished`, has been produced."""
        yield Step("rewrite")
        asked = self._understand(question, filters)
        events = self._responder.stream(
            asked.standalone, k=k, filters=filters, language=asked.language, query=asked.query, lead=asked.lead
        )
        with closing(cast("Generator[Event]", events)):
            for event in events:
                yield self._remember(question, asked, event) if isinstance(event, Finished) else event

    async def aask(self, question: str, *, k: int | None = None, filters: Filters | None = None) -> Answer:
        """Do what `ask` does without blocking the event loop."""
        events = self.astream(question, k=k, filters=filters)
        return [event.answer async for event in events if isinstance(event, Finished)][-1]

    async def astream(
        self, question: str, *, k: int | None = None, filters: Filters | None = None
    ) -> AsyncIterator[Event]:
        """Do what `stream` does without blocking the event loop. Cancelling the task that reads it stops the model."""
        yield Step("rewrite")
        asked = await asyncio.to_thread(self._in_context, question, filters)
        if asked.rewriting is not None:
            with suppress(*MODEL_FAILURES):
                asked = asked.rewritten(await asked.rewriting.chain.ainvoke(asked.rewriting.values))
        events = self._responder.astream(
            asked.standalone, k=k, filters=filters, language=asked.language, query=asked.query, lead=asked.lead
        )
        async with aclosing(cast("AsyncGenerator[Event]", events)):
            async for event in events:
                yield self._remember(question, asked, event) if isinstance(event, Finished) else event

    def search(self, question: str, k: int | None = None, filters: Filters | None = None) -> SearchResult:
        """Return what a question retrieves in the light of those before it. It becomes no turn itself.

        Args:
            question: In any language.
            k: How many passages; without it, the setting counts.
            filters: Which passages may be found.
        """
        asked = self._understand(question, filters)
        query = asked.query or asked.standalone
        return self._responder.search(query, k, filters, asked.language, lead=asked.lead)

    def save(self, path: str | Path) -> None:
        """Save the conversation, with all that its citations need, to a JSON file (see `conversation_file`)."""
        from assistant.answering.conversation_file import save_turns  # noqa: PLC0415 - only saved conversations need it

        save_turns(Path(path), self.turns)

    @classmethod
    def open(cls, path: str | Path, responder: Responder) -> "Conversation":
        """Reopen a conversation that was saved.

        Raises:
            ConversationError: the file is missing, damaged or of another format.
        """
        from assistant.answering.conversation_file import load_turns  # noqa: PLC0415 - as in `save`

        return cls(responder, load_turns(Path(path)))

    def _remember(self, question: str, asked: _InContext, event: Finished) -> Finished:
        answer = replace(event.answer, question=question)
        turn = Turn(question, asked.standalone, answer, asked.query)
        self._turns = [*self._turns, turn][-MAX_TURNS:]
        return Finished(answer)

    def _understand(self, question: str, filters: Filters | None) -> _InContext:
        asked = self._in_context(question, filters)
        if asked.rewriting is not None:
            # Where the model fails, the rule is no worse; and if it is gone, the answer's own note will say so.
            with suppress(*MODEL_FAILURES):
                return asked.rewritten(asked.rewriting.chain.invoke(asked.rewriting.values))
        return asked

    def _in_context(self, question: str, filters: Filters | None) -> _InContext:
        if not self._turns:
            return _InContext(question)
        last = self._turns[-1]
        language = language_of(question, last.answer.language)
        leans = leaning(question, language)
        if leans is Leaning.NOT and not is_short(question):
            return _InContext(question)
        subject = lead_of(last.standalone)
        combined = subject + question
        only_asks = says_nothing(question, language)
        lead = 0 if only_asks else len(subject)
        together = self._responder.search(combined, 1, filters, lead=lead)
        if leans is not Leaning.SURELY:
            alone = self._responder.search(question, 1, filters)
            if self._stands_alone(leans, alone, together):
                return _InContext(question, language)
        # Two languages in one query can hide what each would find, and a subject alone, without a question around it,
        # is found less surely; what the question before found is then the place.
        if (only_asks or language != last.answer.language) and not is_relevant(together):
            return _InContext(combined, language, last.query or last.standalone, 0, self._rewriting(question))
        return _InContext(combined, language, combined, lead, self._rewriting(question))

    @staticmethod
    def _stands_alone(leans: Leaning, alone: SearchResult, together: SearchResult) -> bool:
        """Let the articles decide of a doubtful question: one that finds enough does not need the one before it."""
        if leans is Leaning.PERHAPS:
            return _best(alone) >= _best(together)
        return is_relevant(alone)

    def _rewriting(self, question: str) -> _Rewriting | None:
        """Return what a hosted model needs to rewrite a question, or None where there is no such model."""
        model = self._responder.rewriting_model
        if model is None:
            return None
        from assistant.answering.chain import rewrite_chain  # noqa: PLC0415 - LangChain, which extractive answers spare

        return _Rewriting(rewrite_chain(model), question, "\n".join(map(_said, self._turns[-REMEMBERED:])))


def _best(result: SearchResult) -> float:
    return max((hit.score for hit in result.hits), default=0.0)


def _said(turn: Turn) -> str:
    """Return a turn for the model to read, without marks: numbers of one answer mean nothing in the next."""
    answer = "".join(
        piece for piece in parse_marks(turn.answer.text, len(turn.answer.citations)) if not isinstance(piece, Mark)
    )
    return f"Question: {turn.standalone}\nAnswer: {answer[:_ANSWER_CHARACTERS]}"
