"""Summaries that a chat model writes, part by part; each sentence is checked before it is shown."""

import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np

from assistant.answering.answer import Answer
from assistant.answering.checked_answer import CheckedAnswer, StreamingChecker, is_too_little
from assistant.answering.checking import Checker
from assistant.answering.events import Event, Finished, Step, Token
from assistant.answering.execution import Execution, Prompt
from assistant.answering.phrases import Phrase, failure_note, phrase
from assistant.answering.prompting import (
    MAX_QUESTION,
    Window,
    fill_prompt,
    harmless,
    language_name,
    prompt_size,
    show_windows,
    window_within,
)
from assistant.answering.summaries import READ, mean_vector
from assistant.articles.article import Article
from assistant.chat_models.chat_model import ChatModel
from assistant.errors import ModelError
from assistant.passages.passage import Passage, Span
from assistant.passages.tables import table_of
from assistant.retrieval.retriever import Retriever

PARTS = 4
"""In how many parts an article is read at most; of a longer one, only the central passages of each part are read."""

SENTENCES, OF_A_PART = (3, 5), (1, 2)
"""The fewest and the most sentences of the summary of an article, and of a part or of one article of several."""


@dataclass(frozen=True, slots=True)
class _Part:
    windows: tuple[Window, ...]
    begins_line: bool
    is_whole: bool


class SummaryWriter:
    """Lets a chat model write summaries.

    Args:
        retriever: Gives the articles and their tokens.
        checker: Finds the support of each sentence.
    """

    def __init__(self, retriever: Retriever, checker: Checker) -> None:
        self._retriever = retriever
        self._checker = checker

    async def write(self, execution: Execution, model: ChatModel, central: Answer) -> AsyncGenerator[Event]:
        """Write a summary of articles.

        Args:
            execution: Runs what is waited for.
            model: The chat model that writes.
            central: The summary by central sentences: what is to be summarised, in which language, and the answer where
                the model fails or too little of what it writes holds.

        Yields:
            A step, the sentences that hold as they come, and `Finished` at the end.
        """
        yield Step("write")
        started = time.perf_counter()
        checked = CheckedAnswer(central.language)
        try:
            for part in await execution.call(partial(self._parts, central, model)):
                fewest, most = SENTENCES if part.is_whole else OF_A_PART
                streaming_checker = StreamingChecker(
                    checked, self._checker, central.language, part.windows, begins_line=part.begins_line, most=most
                )
                prompt = _prompt(central, part.windows, fewest, most)
                async with aclosing(execution.write(model, prompt)) as chunks:
                    async for chunk in chunks:
                        if shown := await execution.call(
                            partial(streaming_checker.take, str(chunk.text), chunk.response_metadata)
                        ):
                            yield Token(shown)
                        if streaming_checker.is_long_enough:
                            break
                if shown := await execution.call(streaming_checker.end):
                    yield Token(shown)
        except ModelError as error:
            note = failure_note(Phrase.QUOTED_AFTER_FAILURE, central.language, error)
            yield Finished(replace(central, notes=(*central.notes, note)))
            return
        if is_too_little(checked) or _articles(central) != {citation.article.id for citation in checked.citations}:
            unsupported = phrase(Phrase.QUOTED_UNSUPPORTED, central.language)
            yield Finished(replace(central, notes=(*central.notes, unsupported), left_out=checked.left_out))
            return
        yield Finished(
            replace(
                central,
                text=checked.text,
                model=model.name,
                citations=checked.citations,
                notes=(phrase(Phrase.LEFT_OUT, central.language),) if checked.left_out else (),
                left_out=checked.left_out,
                timings={"write": time.perf_counter() - started},
            )
        )

    def _parts(self, central: Answer, model: ChatModel) -> list[_Part]:
        """Return what is to be read at a time: an article in parts, or of several articles the beginning of each."""
        budget = prompt_size(model).at_once
        store = self._retriever.store
        ids = list(dict.fromkeys(citation.article.id for citation in central.citations))
        with store.snapshot():
            articles = store.articles(ids)
            passages = {article_id: store.passages_of([article_id], READ) for article_id in ids}
        parts: list[_Part] = []
        for number, article_id in enumerate(ids):
            windows = list(_windows(articles[article_id], passages[article_id], budget))
            groups = self._grouped(windows, budget, PARTS if len(ids) == 1 else 1)
            for place, group in enumerate(groups):
                parts.append(_Part(group, number > 0 and place == 0, len(ids) == len(groups) == 1))
        return parts

    def _grouped(self, windows: Sequence[Window], budget: int, most: int) -> list[tuple[Window, ...]]:
        """Return windows in as few parts as fit in the budget; where these are too many, what says most of each."""
        sizes = np.cumsum([len(window.text.encode("utf-8")) for window in windows])
        if not len(sizes):
            return []
        count = min(most, -(-int(sizes[-1]) // budget))
        share = sizes[-1] / count
        keyed = [
            (min(int((size - 1) // share), count - 1), window) for size, window in zip(sizes, windows, strict=True)
        ]
        groups = [[window for _, window in group] for _, group in groupby(keyed, key=lambda one: one[0])]
        return [tuple(self._within(group, budget, keeps_first=number == 0)) for number, group in enumerate(groups)]

    def _within(self, windows: Sequence[Window], budget: int, *, keeps_first: bool) -> list[Window]:
        """Return as many windows as fit, in reading order: the first, which names the subject, and the most central."""
        means = np.stack([mean_vector(self._retriever.passage_tokens(window.passage)) for window in windows])
        order = np.argsort(-(means @ means.T).mean(axis=1), kind="stable").tolist()
        if keeps_first:
            order = sorted(order, key=bool)
        chosen: list[int] = []
        for at in order:
            size = sum(len(windows[one].text.encode("utf-8")) for one in [*chosen, at])
            if not chosen or size <= budget:
                chosen.append(at)
        return [windows[at] for at in sorted(chosen)]


def _windows(article: Article, passages: Sequence[Passage], budget: int) -> Iterator[Window]:
    """Yield the passages of an article, without tables and what only repeats its title: what stands together."""
    for passage in passages:
        for is_prose, run in groupby(passage.sentences, key=partial(_is_prose, article)):
            spans = tuple(run)
            if is_prose:
                yield window_within(Window(article, passage, spans), spans[0], budget)


def _is_prose(article: Article, span: Span) -> bool:
    return span.of(article.text).strip() != article.title.strip() and table_of(article.text, span) is None


def _prompt(central: Answer, windows: Sequence[Window], fewest: int, most: int) -> Prompt:
    return fill_prompt(
        "summary",
        "summarise",
        articles=show_windows(windows),
        asked=harmless(central.question)[:MAX_QUESTION],
        language=language_name(central.language),
        fewest=str(fewest),
        most=str(most),
    )


def _articles(answer: Answer) -> set[str]:
    return {citation.article.id for citation in answer.citations}
