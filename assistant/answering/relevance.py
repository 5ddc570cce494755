"""How relevant hits are: enough to answer from, and how near to one another."""

import math
from dataclasses import replace

from assistant.answering.answer_type.names_asked_for import hits_that_name, name_together, names_asked_for
from assistant.answering.answer_type.quantity import asks_for_quantity, states_quantity
from assistant.retrieval.hit import Hit, Role, SearchResult
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD

FALLBACK_GAP = 4.0
"""How far below the best hit, in log-odds, a hit may be if the best one does not state what is asked."""
WELL_RELEVANT = 0.8
"""Relevance from which a sentence may stand for what a chat model could not answer."""


def answering_hits(result: SearchResult) -> tuple[Hit, ...]:
    """Return the hits that a question can be answered from, best first.

    They are relevant, state what the question's form asks for, and their articles name what it names. Where it asks how
    many, the passage states a number. What was found for another reading of the question is not among them.
    """
    relevant: list[Hit] = []
    stating: list[Hit] = []
    for hit in result.hits:
        if hit.score >= RELEVANCE_THRESHOLD and hit.role is not Role.OTHER_READING:
            relevant.append(hit)
            if states_what_is_asked(hit, result.question, result.language):
                stating.append(hit)
    if not stating:
        return ()
    names = names_asked_for(result.question, result.language)
    naming = hits_that_name(names, stating)
    if any(hit.role is Role.PART for hit in stating):
        # Each of the articles that a question in two parts is answered from may name only its own subject.
        parts = [hit for hit in stating if hit.role is Role.PART or hit is relevant[0]]
        if name_together(names, parts):
            naming = tuple(hit for hit in stating if hit in parts or hit in naming)
    return _near_enough(naming, relevant[0]) if naming else ()


def is_relevant(result: SearchResult) -> bool:
    """Return whether the question can be answered at all."""
    return bool(answering_hits(result))


def may_be_answered(result: SearchResult) -> bool:
    """Return whether a chat model that reads much, and looks further by itself, may find an answer.

    The articles speak of what is asked; no one sentence need answer, as where one article leads to another.
    """
    return is_relevant(result) or any(hit.aboutness >= RELEVANCE_THRESHOLD for hit in result.hits[:1])


def judged_by_subject(result: SearchResult) -> SearchResult:
    """Return a search with hits as relevant as their articles speak of what is asked, where that is more.

    An explanation is more than the few words that the QA model looks for.
    """
    hits = tuple(
        replace(hit, score=max(hit.score, hit.aboutness), sentence_score=max(hit.sentence_score, hit.aboutness))
        for hit in result.hits
    )
    return replace(result, hits=hits)


def is_well_relevant(result: SearchResult) -> bool:
    """Return whether the sentence that a question would be answered with is most likely right."""
    hits = answering_hits(result)
    return bool(hits) and hits[0].sentence_score >= WELL_RELEVANT


def states_what_is_asked(hit: Hit, question: str, language: str) -> bool:
    """Return whether a hit states what a question's form asks for: a number, if it asks how many.

    Args:
        hit: With the sentence that is to answer.
        question: The question.
        language: BCP 47 code of the question.
    """
    return not asks_for_quantity(question, language) or states_quantity(hit.passage.text, hit.passage.language)


def is_near(score: float, best: float, gap: float) -> bool:
    """Return whether a relevance is at most `gap` of log-odds below the best.

    Relevance crowds near 1, where only its odds still tell hits apart.

    Example:
        >>> is_near(0.98, 0.99, 1.0), is_near(0.90, 0.99, 1.0)
        (True, False)
    """
    return _log_odds(score) >= _log_odds(best) - gap


def _near_enough(hits: tuple[Hit, ...], best: Hit) -> tuple[Hit, ...]:
    """Leave out hits far below the best: that it lacks what is asked does not make them answer instead."""
    return hits if hits[0] is best else tuple(hit for hit in hits if is_near(hit.score, best.score, FALLBACK_GAP))


def _log_odds(score: float) -> float:
    inside = min(max(score, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))
