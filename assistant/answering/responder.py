"""`Responder`: from a question to a checked answer, at once or step by step."""

import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, cast

from assistant.answering.answer import Answer, Choice, Citation, Status
from assistant.answering.comparisons import Comparisons
from assistant.answering.events import Event, Finished, Retrieved, Step
from assistant.answering.execution import AtOnce, Execution, QuestionAnswerer, each_at_once
from assistant.answering.explanations import explain
from assistant.answering.extractive import answer_extractively
from assistant.answering.foreign_quotes import foreign_quotes
from assistant.answering.observing import observed
from assistant.answering.parts import Search, search_parts
from assistant.answering.past_dates import tell_what_has_passed
from assistant.answering.periods import Today
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.prompt_injection.filtering import InjectionFilter
from assistant.answering.relevance import is_relevant, judged_by_subject, may_be_answered
from assistant.answering.rows import Rows
from assistant.answering.subjects import Subjects
from assistant.answering.turns.handling import TurnHandler, Utterance
from assistant.answering.turns.kinds import BY_ARTICLE, ONE_SENTENCE, TurnKind
from assistant.answering.versions import Versions
from assistant.chat_models.chat_model import ChatModel, Runs, own_chat_model
from assistant.chat_models.registry import load_chat_model
from assistant.language.tags import primary_subtag
from assistant.passages.code import code_block_of
from assistant.retrieval.hit import Hit, SearchResult
from assistant.retrieval.retriever import Retriever
from assistant.settings import Settings
from assistant.store.passage_store import Filters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.answering.checking import Checker
    from assistant.answering.summary_writing import SummaryWriter
    from assistant.answering.translation import Translator
    from assistant.answering.writing import Writer


class Responder(QuestionAnswerer):
    """Answers questions: retrieves, lets the chat model write, and keeps only what the articles support.

    Where nothing relevant is found, or the model is known to answer worse than quotations do, it is not asked. Where it
    fails, or nothing of what it wrote holds, the answer is the extractive one, with a note that says so.

    Args:
        retriever: Finds the passages.
        settings: Names the chat model and the verifier.
        model: A chat model to use instead, LangChain's or the assistant's own kind.
        today: Says which day it is, for "yesterday" and the like.

    Raises:
        ModelError: the verifier cannot be loaded.
    """

    def __init__(
        self,
        retriever: Retriever,
        settings: Settings,
        model: "ChatModel | BaseChatModel | None" = None,
        today: Today = date.today,
    ) -> None:
        self.retriever = retriever
        self._settings = settings
        self._model = model if model is None or isinstance(model, ChatModel) else own_chat_model(model, settings)
        self._is_loaded = model is not None
        self._loading = threading.Lock()
        subjects = Subjects(retriever)
        self._rows, self._comparisons = Rows(subjects), Comparisons(subjects)
        self._versions = Versions(subjects, retriever.read, retriever.related)
        self.turns = TurnHandler(retriever, today)
        self._today = today
        self._injections = InjectionFilter(retriever)
        if settings.verifier:
            # A missing verifier is reported now, not at the first answer that needs it.
            _ = self._checker

    @property
    def model(self) -> ChatModel | None:
        """The chat model that answers, or None where answers are extractive.

        Raises:
            ModelError: the settings name a model that is not there.
        """
        with self._loading:
            if not self._is_loaded:
                self._model = load_chat_model(self._settings.chat_model, self._settings)
                self._is_loaded = True
            return self._model

    @property
    def rewriting_model(self) -> ChatModel | None:
        """The chat model that may be asked to rewrite questions: a hosted one; a small one is no better than a rule."""
        return None if self.model is None or self.model.runs is Runs.HERE else self.model

    async def events(
        self, execution: Execution, question: str, *, k: int | None, filters: Filters | None
    ) -> AsyncGenerator[Event]:
        """Make an answer (see `QuestionAnswerer`)."""
        utterance = await execution.call(partial(self.turns.classify, question))
        known = await execution.call(partial(self.turns.answer, utterance, filters))
        if known is not None:
            async with aclosing(self.written(execution, known, utterance)) as events:
                async for event in events:
                    yield event
            return
        search = self.searching(filters)
        find = partial(execution.call, partial(search_parts, search, question, k))
        async with aclosing(self.answer(execution, find, search, utterance.kind, (), filters)) as events:
            async for event in events:
                completed = await self.completed(execution, event, utterance, filters)
                async for shown in self.translated(execution, completed):
                    yield shown

    def searching(self, filters: Filters | None) -> Search:
        """Return a search that caches its results, because one question may be searched in several parts."""
        return cache(partial(self.retriever.search, filters=filters))

    async def translated(
        self, execution: Execution, event: Event, language: str | None = None
    ) -> AsyncGenerator[Event]:
        """Yield an event; add translations to an answer with quotations in another language, if they are wanted.

        Args:
            execution: Runs what is waited for.
            event: Any event.
            language: BCP 47 code of the language to translate into; without it, the setting `translate` says whether to
                translate into the answer's.
        """
        if isinstance(event, Finished) and (language or self._settings.translate):
            into = language or event.answer.language
            model = (await execution.call(lambda: self.model)) if foreign_quotes(event.answer, into) else None
            if model is not None:
                async with aclosing(self._translator.translate(execution, model, event.answer, into)) as events:
                    async for further in events:
                        yield further
                return
        yield event

    def offering_translation(self, event: Event) -> Event:
        """Return an event; offer a translation if its answer quotes another language."""
        if not isinstance(event, Finished) or event.answer.translations or event.answer.choices:
            return event
        answer = event.answer
        if self.model is None or not foreign_quotes(answer, answer.language):
            return event
        request = phrase(Phrase.TRANSLATE, answer.language)
        return Finished(replace(answer, choices=(Choice(request, request),)))

    def translate(self, answer: Answer, language: str | None = None) -> Answer:
        """Translate the quotations of an answer (see `Assistant.translate`)."""
        into = language or answer.language
        *_, last = each_at_once(self.translated(AtOnce(), Finished(answer), into))
        return cast("Finished", last).answer

    def summarise(
        self,
        articles: Sequence[str] = (),
        about: str = "",
        language: str | None = None,
        filters: Filters | None = None,
    ) -> Answer:
        """Summarise articles (see `Assistant.summarise`)."""
        central = self.turns.summarise(articles, about, language, filters)
        *_, last = each_at_once(observed(self._summary(AtOnce(), central)))
        return cast("Finished", last).answer

    async def written(self, execution: Execution, known: Answer, utterance: Utterance) -> AsyncGenerator[Event]:
        """Yield an answer that needed no search: a summary is written by the chat model, anything else stays as it is.

        Args:
            execution: Runs what is waited for.
            known: The answer.
            utterance: What was said.
        """
        if utterance.kind is not TurnKind.SUMMARY:
            yield Finished(known)
            return
        async with aclosing(self._summary(execution, known)) as events:
            async for event in events:
                async for shown in self.translated(execution, event):
                    yield shown

    async def _summary(self, execution: Execution, central: Answer) -> AsyncGenerator[Event]:
        model = (await execution.call(lambda: self.model)) if central.status is Status.ANSWERED else None
        read = {primary_subtag(citation.article.language) for citation in central.citations}
        if model is None or (read == {primary_subtag(central.language)} and read <= set(model.quotes_in)):
            yield Finished(central)
            return
        async with aclosing(self._summaries.write(execution, model, central)) as events:
            async for event in events:
                yield event

    async def completed(
        self, execution: Execution, event: Event, utterance: Utterance, filters: Filters | None
    ) -> Event:
        """Return an event with a complete answer: with notes on past dates; a refusal may become another answer."""
        if not isinstance(event, Finished):
            return event
        if event.answer.status is not Status.NOT_FOUND:
            return Finished(await execution.call(partial(tell_what_has_passed, event.answer, self._today())))
        known = await execution.call(partial(self.turns.after_refusal, utterance, filters))
        return Finished(replace(known, timings=event.answer.timings, hits=event.answer.hits)) if known else event

    async def answer(
        self,
        execution: Execution,
        find: Callable[[], Awaitable[SearchResult]],
        search: Search,
        kind: TurnKind = TurnKind.FACT,
        already_cited: Sequence[Citation] = (),
        filters: Filters | None = None,
    ) -> AsyncGenerator[Event]:
        """Answer from what is retrieved.

        Args:
            execution: Runs what is waited for.
            find: Retrieves. Its result has the question to answer, and the language to answer in.
            search: Searches for what is compared.
            kind: What is wanted: an explanation has several sentences.
            already_cited: Sentences that were cited before.
            filters: Which articles may be used where more is searched for.

        Yields:
            The steps, with `Retrieved` among them, and `Finished` at the end.

        Raises:
            ModelError: the settings name a chat model that is not there.
        """
        yield Step("search")
        found = await find()
        judged = found if kind in ONE_SENTENCE else judged_by_subject(found)
        result = await execution.call(partial(self._refine_hits, judged, filters))
        yield Retrieved(result.hits)
        compared = await execution.call(partial(self._compare, result, search, filters))
        if compared is not None:
            yield Finished(compared)
            return
        model = await execution.call(partial(self._model_for, result))
        if model is None:
            yield Finished(await execution.call(partial(self._quote, result, kind, already_cited)))
            return
        from assistant.answering.writing import Task  # noqa: PLC0415 - see below

        task = Task(kind, tuple(already_cited), filters)
        async with aclosing(self._writer.write(execution, result, model, task)) as events:
            async for event in events:
                yield event

    # What only a chat model needs is imported when it is first used, so that quotations come sooner after a cold start.

    @cached_property
    def _checker(self) -> "Checker":
        from assistant.answering.checking import Checker  # noqa: PLC0415 - see above
        from assistant.answering.grounding.entailment import load_verifier  # noqa: PLC0415

        return Checker(self.retriever, load_verifier(self._settings.verifier), self._injections.gives_order)

    @cached_property
    def _summaries(self) -> "SummaryWriter":
        from assistant.answering.summary_writing import SummaryWriter  # noqa: PLC0415 - see above

        return SummaryWriter(self.retriever, self._checker)

    @cached_property
    def _translator(self) -> "Translator":
        from assistant.answering.translation import Translator  # noqa: PLC0415 - see above

        return Translator(self._checker)

    @cached_property
    def _writer(self) -> "Writer":
        from assistant.answering.writing import Writer  # noqa: PLC0415 - see above

        return Writer(self.retriever, self._checker, self.turns.library, self._settings.tool_calls)

    def close(self) -> None:
        """Stop the chat model, if one runs. It starts again with the next question."""
        with self._loading:
            if self._model is not None:
                self._model.close()

    def _quote(self, result: SearchResult, kind: TurnKind, already_cited: Sequence[Citation]) -> Answer:
        """Return the answer without a chat model: a sentence or several, as the kind of the question wants."""
        if kind in ONE_SENTENCE:
            answer = answer_extractively(result)
            has_no_model = kind is TurnKind.TRANSLATION and self.model is None
            if has_no_model and foreign_quotes(answer, answer.language):
                return replace(answer, notes=(*answer.notes, phrase(Phrase.QUOTED_AS_WRITTEN, answer.language)))
            return answer
        while True:
            explained = explain(result, by_article=kind in BY_ARTICLE, already_cited=already_cited)
            cleared = self._injections.without_cited(result, explained.citations)
            if cleared is None:
                return explained
            result = cleared

    def _compare(self, result: SearchResult, search: Search, filters: Filters | None) -> Answer | None:
        """Return the answer to a question that compares two things, if the articles state comparable quantities."""
        compared = self._comparisons.compare(
            lambda question: self._refine_hits(search(question, k=None), filters),
            result.question,
            result.language,
        )
        return compared and replace(compared, timings=result.timings, hits=result.hits)

    def _refine_hits(self, result: SearchResult, filters: Filters | None) -> SearchResult:
        """Return a search with whole table rows and code blocks, and the newest version of a statement first.

        Sentences that give orders are left out.
        """
        refined = self._injections.without_orders(self._versions.newest_first(self._rows.choose(result), filters))
        return replace(refined, hits=tuple(_with_whole_code(hit) for hit in refined.hits))

    def _model_for(self, result: SearchResult) -> ChatModel | None:
        """Return the chat model, or None where there is nothing for one to do."""
        # First, so that a missing model is reported at once, not at the first question that needs it.
        model = self.model
        if model is None or _is_better_quoted(result, model):
            return None
        looks_further = self._settings.tool_calls > 0 and not model.reads_little
        return model if (may_be_answered if looks_further else is_relevant)(result) else None


def _with_whole_code(hit: Hit) -> Hit:
    return replace(hit, sentence=code_block_of(hit.article.text, hit.sentence) or hit.sentence)


def _is_better_quoted(result: SearchResult, model: ChatModel) -> bool:
    """Return whether quotations answer better than the model, as measured for the language of question and article."""
    return not result.crosses_languages and primary_subtag(result.language) in model.quotes_in
