"""`Conversation`: questions that may follow earlier ones, and their answers, each with its own citations."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path

from assistant.answering.answer import Answer, Citation
from assistant.answering.events import Event, Finished, Step
from assistant.answering.execution import AtOnce, Execution, QuestionAnswerer, at_once
from assistant.answering.foreign_quotes import foreign_quotes
from assistant.answering.marks import Mark, parse_marks
from assistant.answering.parts import Search, search_parts
from assistant.answering.prompting import fill_prompt
from assistant.answering.responder import Responder
from assistant.answering.turns.handling import PreviousTurn, Utterance
from assistant.answering.turns.kinds import TurnKind
from assistant.answering.turns.languages import language_named
from assistant.conversation.follow_up import NOTHING_SAID, accept_rewriting, followed, resolve
from assistant.conversation.saving import load_turns, save_turns
from assistant.conversation.turn import Turn
from assistant.errors import ModelError
from assistant.retrieval.hit import SearchResult
from assistant.store.passage_store import Filters

MAX_TURNS = 200
REMEMBERED = 3
_ANSWER_CHARACTERS = 300


class Conversation(QuestionAnswerer):
    """A conversation with the articles. Questions asked at the same time do not see each other.

    Follow-ups are made self-contained: by a hosted chat model, else by rule: where that finds better, the subject of
    the question before is put in front, and counts for less than the follow-up's own words. The small local model does
    no better than the rule, and takes two seconds (docs/experiments/answers.md). A turn is remembered when its last
    event, `Finished`, has been produced.

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

    def search(self, question: str, k: int | None = None, filters: Filters | None = None) -> SearchResult:
        """Return what a question retrieves, given the questions before it. It is not added to the turns.

        Args:
            question: In any language.
            k: How many passages; without it, the setting counts.
            filters: Which passages may be found.
        """
        search = partial(search_parts, self._responder.searching(filters), k=k)
        return at_once(self._find(AtOnce(), question, search, self._followed()))

    def save(self, path: str | Path) -> None:
        """Save the conversation, with all that its citations need, to a JSON file (see `saving`)."""
        save_turns(Path(path), self.turns)

    @classmethod
    def open(cls, path: str | Path, responder: Responder) -> "Conversation":
        """Reopen a conversation that was saved.

        Raises:
            ConversationError: the file is missing, damaged or of another format.
        """
        return cls(responder, load_turns(Path(path)))

    async def events(
        self, execution: Execution, question: str, *, k: int | None, filters: Filters | None
    ) -> AsyncGenerator[Event]:
        """Make an answer (see `QuestionAnswerer`)."""
        turns = self._responder.turns
        before = await execution.call(self._followed)
        previous = PreviousTurn(before[-1].standalone, before[-1].answer) if before else None
        spoken = self._turns[-1].answer.language if self._turns else None
        utterance = await execution.call(partial(turns.classify, question, spoken, follows=previous is not None))
        known = await execution.call(partial(turns.answer, utterance, filters, previous))
        into = language_named(question, utterance.language) if utterance.kind is TurnKind.TRANSLATION else None
        if known is not None:
            making = self._known(execution, utterance, known)
        elif previous and into and foreign_quotes(previous.answer, into) and self._responder.model:
            making = self._translated(execution, previous, into)
        else:
            making = self._searched(execution, utterance, k, before, into, filters)
        async with aclosing(making) as made:
            async for standalone, event in made:
                yield self._remember(question, standalone, event) if isinstance(event, Finished) else event

    async def _known(
        self, execution: Execution, utterance: Utterance, known: Answer
    ) -> AsyncGenerator[tuple[str, Event]]:
        """Yield the events of an answer that needs no passage search, each with its subject."""
        subject = _subject_of(known)
        async with aclosing(self._responder.written(execution, known, utterance)) as events:
            async for event in events:
                yield subject, event

    async def _translated(
        self, execution: Execution, previous: PreviousTurn, into: str
    ) -> AsyncGenerator[tuple[str, Event]]:
        """Translate what was quoted before, which need not be searched for again."""
        quoted = replace(previous.answer, language=into, notes=(), choices=(), translations=())
        async with aclosing(self._responder.translated(execution, Finished(quoted), into)) as events:
            async for event in events:
                yield previous.question, event

    async def _searched(
        self,
        execution: Execution,
        utterance: Utterance,
        k: int | None,
        before: Sequence[Turn],
        into: str | None,
        filters: Filters | None,
    ) -> AsyncGenerator[tuple[str, Event]]:
        responder = self._responder
        searching = responder.searching(filters)
        search = partial(search_parts, searching, k=k)
        already_cited: tuple[Citation, ...] = ()
        previous = before[-1] if before else None
        if previous and utterance.kind is TurnKind.LONGER:
            found = await execution.call(partial(search, previous.standalone))
            already_cited = previous.answer.citations
        elif previous and into:
            found = await execution.call(partial(search, previous.standalone))
            found = replace(found, language=into)
        else:
            yield utterance.text, Step("rewrite")
            found = await self._find(execution, utterance.text, search, before)
        answering = responder.answer(
            execution, partial(_ready, found), searching, utterance.kind, already_cited, filters
        )
        async with aclosing(answering) as events:
            async for event in events:
                completed = await responder.completed(execution, event, utterance, filters)
                async for shown in responder.translated(execution, completed, into):
                    yield found.question, responder.offering_translation(shown)

    def _followed(self) -> list[Turn]:
        return followed(self._turns, self._responder.turns.says_subject)

    async def _find(self, execution: Execution, question: str, search: Search, before: Sequence[Turn]) -> SearchResult:
        """Return what a question retrieves, made self-contained where it follows one of those before it."""
        found = await execution.call(partial(resolve, question, before, search))
        model = self._responder.rewriting_model if found.question != question else None
        if model is None:
            return found
        transcript = "\n".join(
            map(_as_transcript, [turn for turn in self._turns if turn.answer.status not in NOTHING_SAID][-REMEMBERED:])
        )
        prompt = fill_prompt("rewrite", "follow_up", conversation=transcript, question=question)
        try:
            written = "".join([str(chunk.text) async for chunk in execution.write(model, prompt)])
        except ModelError:
            # The rule is no worse. If the model is gone, a note in the answer says so.
            return found
        accepted = accept_rewriting(written, question, found.language, transcript)
        if accepted is None:
            return found
        return replace(await execution.call(partial(search, accepted)), language=found.language)

    def _remember(self, question: str, standalone: str, event: Finished) -> Finished:
        answer = replace(event.answer, question=question)
        self._turns = [*self._turns, Turn(question, standalone, answer)][-MAX_TURNS:]
        return Finished(answer)


def _subject_of(answer: Answer) -> str:
    """Return the subject of an answer for a follow-up: its article's title, if there is only one article."""
    titles = {citation.article.title for citation in answer.citations}
    return titles.pop() if len(titles) == 1 else answer.question


async def _ready(result: SearchResult) -> SearchResult:
    return result


def _as_transcript(turn: Turn) -> str:
    """Return a turn as the model reads it, without marks: numbers of one answer mean nothing in the next."""
    answer = "".join(
        piece for piece in parse_marks(turn.answer.text, len(turn.answer.citations)) if not isinstance(piece, Mark)
    )
    return f"Question: {turn.standalone}\nAnswer: {answer[:_ANSWER_CHARACTERS]}"
