"""`CheckedAnswer`: the sentences of a model that are supported; `StreamingChecker`: checks them as they are written."""

import re
import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from assistant.answering.answer import Answer, Citation, Status
from assistant.answering.checking import Checker, Support
from assistant.answering.claims import Claim, split_claims
from assistant.answering.confidence import SURE_ACROSS_LANGUAGES, Confidence
from assistant.answering.marks import Mark
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.prompting import Window
from assistant.answering.relative_dates import with_article_date
from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.retrieval.hit import SearchResult

MOST_SENTENCES = 8
"""How many sentences an answer has at most."""

MAX_WRITTEN = 2000
"""Characters that a chat model may write on one question."""

REFUSAL_PATTERN = re.compile(r"\W*not[\s_]found\W*\Z", re.IGNORECASE)
"""What a chat model writes if the articles do not answer."""

_ENDING = re.compile(r"\s*([.。．!！?？؟।۔]+)\Z")


class CheckedAnswer:
    """The sentences of a model that the articles support, in order. Those with the same support share a citation.

    Args:
        language: BCP 47 code of the language in which it is written.

    Attributes:
        text: The sentences with their marks.
        sentences: The sentences without.
        left_out: How many sentences were dropped or shortened.
    """

    def __init__(self, language: str) -> None:
        self.text = ""
        self.sentences: list[str] = []
        self.left_out = 0
        self._language = language
        self._citations: dict[tuple[str, int], Citation] = {}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What supports the sentences, by number."""
        return tuple(self._citations.values())

    def add(self, supports: Sequence[Support], windows: Sequence[Window], *, begins_line: bool = False) -> str:
        """Add a sentence; return the text that this appends.

        Args:
            supports: The sentence, and where each of its supports stands.
            windows: The windows that these are in.
            begins_line: Whether it stands on a line of its own.
        """
        numbers = tuple(dict.fromkeys(self._number(support, windows[support.window]) for support in supports))
        text, article = supports[0].text, windows[supports[0].window].article
        ending = _ENDING.search(text)
        sentence = text[: ending.start()] if ending else text
        dated = with_article_date(sentence, self._language, article, self._language)
        before = ("\n" if begins_line else " ") if self.text else ""
        added = f"{before}{dated} {Mark(numbers)}{ending[1] if ending else ''}"
        self.text += added
        self.sentences.append(text)
        return added

    def _number(self, support: Support, window: Window) -> int:
        article, span = window.article, support.sentence
        place = (article.id, span.start)
        if place not in self._citations:
            number = len(self._citations) + 1
            self._citations[place] = Citation.of(article, window.passage, span, number, support.score)
        return self._citations[place].number

    def answer(self, result: SearchResult, model: str, left_out: int, timings: dict[str, float]) -> Answer:
        """Return the sentences as an answer.

        Args:
            result: What was searched for, and found.
            model: Name of the chat model that wrote them.
            left_out: How many sentences were dropped or shortened.
            timings: Seconds that writing and checking took, by stage.
        """
        return Answer(
            question=result.question,
            text=self.text,
            status=Status.ANSWERED,
            language=self._language,
            model=model,
            citations=self.citations,
            notes=(phrase(Phrase.LEFT_OUT, self._language),) if left_out else (),
            left_out=left_out,
            timings=dict(result.timings) | timings,
            hits=result.hits,
        )


class Stopwatch:
    """Times what a chat model writes, from when it is made."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._first: float | None = None
        self._ended = 0.0

    def take(self, text: str) -> None:
        """Note that something was written; an empty piece is nothing yet."""
        if text and self._first is None:
            self._first = time.perf_counter()

    def end(self) -> None:
        """Note that all is written, and checking begins."""
        self._ended = time.perf_counter()

    @property
    def timings(self) -> dict[str, float]:
        """Seconds until the first word and until the last, and from then on until now."""
        return {
            "first_token": (self._first or self._ended) - self._started,
            "write": self._ended - self._started,
            "check": time.perf_counter() - self._ended,
        }


class StreamingChecker:
    """Reads what a chat model writes, chunk by chunk, and checks each sentence as soon as the next one begins.

    Args:
        checked: Receives the sentences that are supported.
        checker: Finds the support of each.
        language: BCP 47 code of the language in which the model is to write.
        windows: What the model was shown.
        cited_places: Sentences that were cited before: the article's id and the offset of their first character.
        begins_line: Whether the first sentence stands on a line of its own.
        most: After this many sentences the model is stopped.

    Attributes:
        written: What the model has written by now.
    """

    def __init__(
        self,
        checked: CheckedAnswer,
        checker: Checker,
        language: str,
        windows: Sequence[Window],
        *,
        cited_places: AbstractSet[tuple[str, int]] = frozenset(),
        begins_line: bool = False,
        most: int = MOST_SENTENCES,
    ) -> None:
        self.written = ""
        self._repeats = False
        self._checked = checked
        self._checker = checker
        self._language = language
        self._windows = windows
        self._cited_places = cited_places
        self._begins_line = begins_line
        self._most = most
        self._confidence = Confidence()
        self._taken = 0
        self._added = 0

    @property
    def is_long_enough(self) -> bool:
        """Whether to stop the model: there are enough sentences, or it repeats itself, as small models do."""
        return self._repeats or self._added >= self._most or len(self.written) > MAX_WRITTEN

    def take(self, text: str, metadata: Mapping[str, Any]) -> str:
        """Take the next text; return the supported ones of the sentences that are complete by now.

        Args:
            text: What was written.
            metadata: LangChain's `response_metadata`, in which a model may say how sure it is.
        """
        self.written += text
        self._confidence.take(metadata)
        return self._check(self._claims()[:-1])

    def end(self) -> str:
        """Check the last sentences, and return the supported ones: no more will be written."""
        return self._check(self._claims())

    def _claims(self) -> list[Claim]:
        return split_claims(self.written, self._language, len(self._windows))

    def _check(self, claims: Sequence[Claim]) -> str:
        new = claims[self._taken :]
        self._taken = max(self._taken, len(claims))
        shown = ""
        # An approximation: the first tokens of the next sentence are counted too.
        is_unsure = self._confidence.is_below(SURE_ACROSS_LANGUAGES)
        if new:
            self._confidence = Confidence()
        for claim in new:
            if self.is_long_enough:
                break
            if fold(claim.text) in map(fold, self._checked.sentences):
                self._repeats = True
                break
            [supports] = self._checker.check_without_question([claim], self._language, self._windows)
            if is_unsure and self._translates(supports):
                supports = ()
            self._checked.left_out += not supports or supports[0].text != claim.text
            places = {(self._windows[support.window].article.id, support.sentence.start) for support in supports}
            if places <= self._cited_places:
                continue
            begins_line, self._begins_line = claim.begins_line or self._begins_line, False
            self._added += 1
            shown += self._checked.add(supports, self._windows, begins_line=begins_line)
        return shown

    def _translates(self, supports: Sequence[Support]) -> bool:
        """Return whether a sentence is in another language than its support; there the check is weakest."""
        own = primary_subtag(self._language)
        return any(primary_subtag(self._windows[support.window].article.language) != own for support in supports)


def is_too_little(checked: CheckedAnswer) -> bool:
    """Return whether so few sentences are supported that quoting the articles is better."""
    return len(checked.sentences) < max(1, checked.left_out)
