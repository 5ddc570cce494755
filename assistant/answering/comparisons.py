"""`Comparisons`: of two things that a question names, which is more, less, earlier or later, by what articles state."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from assistant.answering.answer import Answer, Status
from assistant.answering.extractive import cite_best_sentence
from assistant.answering.marks import Mark, without_marks
from assistant.answering.parts import things_compared
from assistant.answering.quantities import DATE, NUMBER, Quantity, quantities_of
from assistant.answering.rows import say_row
from assistant.answering.subjects import Subjects, shown_by
from assistant.answering.superlatives import Superlative, comparative_of
from assistant.chat_models.registry import EXTRACTIVE
from assistant.language.interrogatives import without_asking_words
from assistant.passages.passage import Span
from assistant.passages.tables import named_cells, table_header_of
from assistant.retrieval.hit import Hit, SearchResult

ABOUT = 0.5
"""Minimum share of a thing's words that an article about it must cover (`Hit.covered`; words count by weight)."""

BEHIND = 0.15
"""A sentence may agree this much less with the question than the best sentence of its passage."""

AHEAD = 0.03
"""A date or a plain number must agree this much better than others, because articles contain many of them."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of both things ("Which is longer,"), its language (BCP 47), and the end that is asked for."""

    asked: str
    language: str
    end: Superlative

    def may_be(self, quantity: Quantity) -> bool:
        """Return whether a quantity may be what is compared; numbers without a unit only where things are counted."""
        if self.end.is_money or quantity.is_money:
            return self.end.is_money and quantity.is_money
        if self.end.is_time or quantity.kind == DATE:
            return self.end.is_time and quantity.kind == DATE
        return quantity.kind != NUMBER or len(without_asking_words(self.asked).split()) > 1


@dataclass(frozen=True, slots=True)
class _Stated:
    """A quantity, the hit whose sentence states it, and how well that sentence agrees with what is compared."""

    quantity: Quantity
    hit: Hit
    agrees: float


class Comparisons:
    """Compares two things by the quantities that articles state of them.

    Args:
        subjects: Knows what articles are about, and the tokens of the hits.
    """

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    def compare(self, search: Callable[[str], SearchResult], question: str, language: str) -> Answer | None:
        """Answer a question such as "Which is longer, the tram or the metro?".

        Of each thing the quantities are read in the passage that says most of it. Of those that compare (two lengths,
        two amounts in one currency), the two are taken whose sentences agree best with what is asked and each other.

        Args:
            search: Searches the articles, and chooses the rows and statements that answer.
            question: In any language; which end it asks for is known in those of `comparatives.json`.
            language: BCP 47 code of the question.

        Returns:
            A line for each thing, what is asked for first: its quantity, and the sentence that states it, cited. None
            where the question compares nothing, or no two quantities are found.
        """
        compared = things_compared(question, language)
        end = comparative_of(compared.asked, language) if compared else None
        if compared is None or end is None:
            return None
        wanted = _Question(compared.asked, language, end)
        first, second = (self._of(thing, search, wanted) for thing in compared.things)
        pairs = [(one, other) for one, other in product(first, second) if one.quantity.compares_with(other.quantity)]
        best = max(pairs, key=self._fit, default=None)
        if best is None or best[0].quantity.value == best[1].quantity.value:
            return None
        if not (_is_sure(best[0], first) and _is_sure(best[1], second)):
            return None
        ordered = list(zip(compared.things, best, strict=True))
        ordered.sort(key=lambda pair: pair[1].quantity.value, reverse=not end.is_smallest)
        return _answer_of(question, language, ordered)

    def _fit(self, pair: tuple[_Stated, _Stated]) -> float:
        """Return how well two quantities answer and how well their sentences agree with each other."""
        first, second = (self._subjects.part(stated.hit.passage, stated.hit.sentence) for stated in pair)
        return pair[0].agrees + pair[1].agrees + (shown_by(first, second) + shown_by(second, first)) / 2

    def _of(self, thing: str, search: Callable[[str], SearchResult], wanted: _Question) -> list[_Stated]:
        """Return the quantities of a thing that may be compared."""
        question = f"{wanted.asked} {thing}"
        on_it = {hit.article.id for hit in search(thing).hits if hit.covered >= ABOUT}
        hit = next((hit for hit in search(question).hits if hit.article.id in on_it), None)
        if hit is None:
            return []
        # A row answers by itself; the name of its thing stands in it.
        spans = [hit.sentence] if table_header_of(hit.article.text, hit.sentence) else hit.passage.sentences
        asked = self._subjects.beyond(question, wanted.language, hit.article)
        agrees = [shown_by(asked, self._subjects.part(hit.passage, span)) for span in spans]
        return [
            stated
            for span, agreement in zip(spans, agrees, strict=True)
            if agreement >= max(agrees) - BEHIND
            for stated in _stated(replace(hit, sentence=span), wanted, agreement)
        ]


def _is_sure(chosen: _Stated, found: Sequence[_Stated]) -> bool:
    """Return whether no other date or number could be meant."""
    kind = chosen.quantity.kind
    return kind not in (DATE, NUMBER) or not any(
        other.quantity.kind == kind
        and other.quantity.value != chosen.quantity.value
        and other.agrees > chosen.agrees - AHEAD
        and (kind == DATE or other.hit.sentence != chosen.hit.sentence)
        for other in found
    )


def _stated(hit: Hit, wanted: _Question, agreement: float) -> Sequence[_Stated]:
    """Return what a sentence states; of a row, what it does in the column asked about, or the only one it can be."""
    columns = named_cells(hit.article.text, hit.sentence)[1:]
    if not columns:
        return [_Stated(quantity, hit, agreement) for quantity in _quantities(hit.sentence, hit, wanted)]
    asked = [(name, cell) for name, cell in columns if name in hit.matched] or columns
    found = [
        _Stated(quantity, replace(hit, matched=(name,)), agreement)
        for name, cell in asked
        for quantity in _quantities(cell, hit, wanted)
    ]
    return found if len(found) == 1 else ()


def _quantities(span: Span, hit: Hit, wanted: _Question) -> Iterator[Quantity]:
    article = hit.article
    stated = quantities_of(span.of(article.text), article.language)
    return (quantity for quantity in stated if wanted.may_be(quantity))


def _answer_of(question: str, language: str, ordered: Sequence[tuple[str, _Stated]]) -> Answer:
    lines = [
        f"{thing}: {stated.quantity.in_words(language)} — {without_marks(say_row(stated.hit))} {Mark((number,))}"
        for number, (thing, stated) in enumerate(ordered, 1)
    ]
    return Answer(
        question=question,
        text="\n".join(lines),
        status=Status.ANSWERED,
        language=language,
        model=EXTRACTIVE,
        citations=tuple(cite_best_sentence(stated.hit, number) for number, (_, stated) in enumerate(ordered, 1)),
    )
