"""Answers of several sentences without a chat model: what several passages say, verbatim, each sentence cited."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from assistant.answering.answer import Answer, Citation, Status
from assistant.answering.extractive import answer_extractively, refuse
from assistant.answering.marks import Mark, without_marks
from assistant.answering.relative_dates import with_article_date
from assistant.answering.relevance import answering_hits, is_near
from assistant.chat_models.registry import EXTRACTIVE
from assistant.passages.passage import Span
from assistant.passages.statements import may_answer
from assistant.passages.tables import table_of
from assistant.retrieval.hit import Hit, Role, SearchResult

LENGTH = 560
"""Length of an answer in characters (wide ones count three times): about 90 words, as people write.

What stands around the sentence that answers explains it better than what is scattered elsewhere."""

ARTICLES = 4
"""How many articles have a line in a list or a comparison."""

GAP = 2.0
"""A passage is used if its relevance is at most this far below the best, in log-odds."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    hit: Hit
    span: Span


def explain(result: SearchResult, *, by_article: bool = False, already_cited: Sequence[Citation] = ()) -> Answer:
    """Answer a search with several sentences of the passages that are relevant, or refuse where none is.

    Args:
        result: What retrieval found; the answer speaks its language.
        by_article: Write a line for each of several articles.
        already_cited: Sentences that were quoted before.

    Returns:
        The sentences, in the order of the articles' relevance and within an article in reading order.
    """
    hits = answering_hits(result)
    if not hits:
        return refuse(result, EXTRACTIVE)
    is_row = table_of(hits[0].article.text, hits[0].sentence) is not None
    if is_row or any(hit.role is not Role.FOUND for hit in hits):
        # The sentences that answer have been chosen: both things asked for, or the newest statement.
        return answer_extractively(result)
    cited_places = {(sentence.article.id, sentence.start) for sentence in already_cited}
    near = [hit for hit in hits if is_near(hit.score, hits[0].score, GAP)]
    chosen = _of_each_article(near) if by_article else _around(_of_one_section(near), result.question, cited_places)
    if not chosen:
        return refuse(result, EXTRACTIVE)
    citations = [
        Citation.of(sentence.hit.article, sentence.hit.passage, sentence.span, number, sentence.hit.sentence_score)
        for number, sentence in enumerate(chosen, 1)
    ]
    return Answer(
        question=result.question,
        text=_text(chosen, result.language, by_article=by_article),
        status=Status.ANSWERED,
        language=result.language,
        model=EXTRACTIVE,
        citations=tuple(citations),
        timings=result.timings,
        hits=result.hits,
    )


def _of_each_article(hits: Sequence[Hit]) -> list[_Sentence]:
    """Return the best sentence of each of the best articles."""
    best: dict[str, _Sentence] = {}
    for hit in hits:
        best.setdefault(hit.article.id, _Sentence(hit, hit.sentence))
    return list(best.values())[:ARTICLES]


def _of_one_section(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits in the section that the first one lies in, as far as its article is divided into sections.

    On a help page, the next section explains another task.
    """
    best = hits[0]
    if best.section is None:
        return list(hits)
    return [hit for hit in hits if hit.article.id == best.article.id and hit.section == best.section]


def _around(hits: Sequence[Hit], question: str, cited_places: Collection[tuple[str, int]]) -> list[_Sentence]:
    """Return the text around the best sentences of the hits, without what was cited before."""
    chosen: list[_Sentence] = []
    left = LENGTH
    for hit in hits:
        if left <= 0:
            break
        own = [_Sentence(hit, span) for span in _grown(hit, question, left)]
        new = [
            sentence
            for sentence in own
            if (hit.article.id, sentence.span.start) not in cited_places and not _is_repeated(sentence, chosen)
        ]
        chosen += new
        left -= sum(_length(sentence.hit, sentence.span) for sentence in new)
    order = list(dict.fromkeys(sentence.hit.article.id for sentence in chosen))
    return sorted(chosen, key=lambda sentence: (order.index(sentence.hit.article.id), sentence.span.start))


def _grown(hit: Hit, question: str, length: int) -> list[Span]:
    """Return the best sentence of a hit with those before and behind it in turn, as far as the length allows."""
    stated = zip(hit.passage.sentences, may_answer(hit.passage, hit.article, question), strict=True)
    sentences = [
        span
        for span, may in stated
        if span == hit.sentence or (may and hit.article.section_at(span.start) == hit.section)
    ]
    best = next((at for at, span in enumerate(sentences) if span.covers(hit.sentence)), None)
    if best is None:
        return [hit.sentence]
    first, last = best, best
    length -= _length(hit, sentences[best])
    while first > 0 or last + 1 < len(sentences):
        is_behind = last + 1 < len(sentences) and (first == 0 or last - best <= best - first)
        at = last + 1 if is_behind else first - 1
        length -= _length(hit, sentences[at])
        if length < 0:
            break
        first, last = min(first, at), max(last, at)
    return list(sentences[first : last + 1])


def _length(hit: Hit, span: Span) -> int:
    """Return the length of a sentence; a letter that stands for a syllable or a word counts as three."""
    sentence = span.of(hit.article.text)
    return sum(3 if east_asian_width(letter) in "WF" else 1 for letter in sentence)


def _is_repeated(sentence: _Sentence, others: Sequence[_Sentence]) -> bool:
    words = sentence.span.of(sentence.hit.article.text).casefold().split()
    return any(words == other.span.of(other.hit.article.text).casefold().split() for other in others)


def _text(chosen: Sequence[_Sentence], language: str, *, by_article: bool) -> str:
    lines: dict[str, list[str]] = {}
    was_row = False
    for number, sentence in enumerate(chosen, 1):
        statement = with_article_date(
            without_marks(sentence.span.of(sentence.hit.article.text)),
            sentence.hit.article.language,
            sentence.hit.article,
            language,
        )
        own = lines.setdefault(sentence.hit.article.id, [])
        # A row of a table and what stands before or behind it are lines of their own.
        is_row = table_of(sentence.hit.article.text, sentence.span) is not None
        own.append(("\n" if is_row or was_row else " ") * bool(own) + f"{statement} {Mark((number,))}")
        was_row = is_row
    titles = {sentence.hit.article.id: without_marks(sentence.hit.article.title) for sentence in chosen}
    named = by_article and len(lines) > 1
    return "\n".join(
        f"{titles[key]}: {''.join(statement)}" if named else "".join(statement) for key, statement in lines.items()
    )
