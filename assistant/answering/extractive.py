"""Answers without a chat model: the sentences that answer, verbatim, each with its citation."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.answering.answer import Answer, Citation, Status
from assistant.answering.marks import Mark, without_marks
from assistant.answering.phrases import Phrase, failure_note, phrase
from assistant.answering.relative_dates import older_statement, with_article_date, with_date
from assistant.answering.relevance import answering_hits, is_near
from assistant.answering.rows import say_row
from assistant.chat_models.registry import EXTRACTIVE
from assistant.retrieval.hit import Hit, Role, SearchResult
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD

CLOSEST = 3
MAX_QUOTES = 3
DOUBTFUL = 0.95
"""Below this relevance of the first quote, a further one is worth more, and may be further behind it."""


@dataclass(frozen=True, slots=True)
class _Tie:
    """How far a further quote may be behind the first. What is further behind is wrong more often than it helps.

    Attributes:
        relevance: In log-odds.
        ranking: In what passages are ranked by; relevance puts hits level that ranking keeps apart.
    """

    relevance: float
    ranking: float


_SURE = _Tie(relevance=0.5, ranking=0.03)
_IN_DOUBT = _Tie(relevance=2.0, ranking=0.07)


def cite_best_sentence(hit: Hit, number: int) -> Citation:
    """Return the citation, under `number`, of the sentence that a hit answers with."""
    return Citation.of(hit.article, hit.passage, hit.sentence, number, hit.sentence_score)


def choose_hits(hits: Iterable[Hit]) -> list[Hit]:
    """Return the best hit, and with it those that say something else nearly as well.

    A hit that answers another part of the question, or makes an older statement, is chosen too. Any other has to be
    relevant, by its passage and by its sentence nearly as much as the best, and ranked nearly as high; it may neither
    contain nor repeat a sentence that is already there.
    """
    chosen: list[Hit] = []
    for hit in hits:
        if not chosen:
            chosen.append(hit)
            continue
        is_further = not any(_repeats(hit, other) for other in chosen)
        is_tie = hit.role is Role.FOUND and hit.score >= RELEVANCE_THRESHOLD and _ties(hit, chosen[0])
        if is_further and (is_tie or hit.role is not Role.FOUND):
            chosen.append(hit)
        if len(chosen) == MAX_QUOTES:
            break
    return chosen


def answer_extractively(result: SearchResult, model: str = EXTRACTIVE, notes: tuple[str, ...] = ()) -> Answer:
    """Answer a search with the sentences that retrieval found best, or refuse where none is relevant.

    Args:
        result: What retrieval found; the answer speaks its language.
        model: Who the answer is by.
        notes: What the reader should know, for instance why a chat model did not answer.

    Returns:
        The answer. Its text is the quoted sentences, a line each; brackets in them that would read as marks become
        parentheses there, and the article's date stands behind a relative one; the citations quote every character.
    """
    hits = answering_hits(result)
    if not hits:
        return refuse(result, model, notes)
    chosen = choose_hits(hits)
    citations = [cite_best_sentence(hit, number) for number, hit in enumerate(chosen, start=1)]
    return Answer(
        question=result.question,
        text="\n".join(
            f"{_quotation(hit, result.language)} {Mark((number,))}" for number, hit in enumerate(chosen, start=1)
        ),
        status=Status.ANSWERED,
        language=result.language,
        model=model,
        citations=tuple(citations),
        notes=notes,
        timings=result.timings,
        hits=result.hits,
    )


def refuse(result: SearchResult, model: str, notes: tuple[str, ...] = ()) -> Answer:
    """Return the `not_found` answer to a search, with the nearest passages offered but not claimed.

    Args:
        result: What retrieval found.
        model: The chat model that would have answered, or "extractive".
        notes: What the reader should know besides.
    """
    return Answer(
        question=result.question,
        text=phrase(Phrase.REFUSAL, result.language),
        status=Status.NOT_FOUND,
        language=result.language,
        model=model,
        closest=result.hits[:CLOSEST],
        notes=notes,
        timings=result.timings,
        hits=result.hits,
    )


def quote_after_failure(result: SearchResult, error: Exception) -> Answer:
    """Return the extractive answer, with a note that the chat model failed and why."""
    return answer_extractively(result, notes=(failure_note(Phrase.QUOTED_AFTER_FAILURE, result.language, error),))


def _quotation(hit: Hit, language: str) -> str:
    """Return what the answer says of a hit: its sentence, with the date of the article where the reader needs it."""
    statement = without_marks(say_row(hit))
    match hit.role:
        case Role.OTHER_VERSION:
            return older_statement(statement, hit.article, language)
        case Role.VERSION:
            return with_date(statement, hit.article, language)
        case _:
            return with_article_date(statement, hit.article.language, hit.article, language)


def _ties(hit: Hit, best: Hit) -> bool:
    tie = _SURE if best.score >= DOUBTFUL else _IN_DOUBT
    return (
        is_near(hit.score, best.score, tie.relevance)
        and is_near(hit.sentence_score, best.sentence_score, tie.relevance)
        and best.dense - hit.dense <= tie.ranking
    )


def _repeats(hit: Hit, other: Hit) -> bool:
    words, others = hit.sentence_text.casefold().split(), other.sentence_text.casefold().split()
    same_place = hit.article.id == other.article.id and hit.sentence.overlaps(other.sentence)
    return same_place or words == others or " ".join(words) in " ".join(others) or " ".join(others) in " ".join(words)
