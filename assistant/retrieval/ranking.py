"""`rank_scores`: the one number by which candidates are ordered.

The weights below are kept here alone; `benchmarks/retrieval_ablation.py` measures what each of them brings.
"""

from collections.abc import Sequence

import numpy as np

from assistant.embedding.encoder import Vector
from assistant.retrieval.evidence import Evidence

SENTENCE_SHARE = 0.4
"""How much the best sentence counts beside the whole passage."""

LEXICAL_SHARE = 0.07
"""What the largest number of shared words adds, between passages in the question's own language."""

FOREIGN_LEXICAL_SHARE = 0.04
"""The same between passages in another language: only names and numbers can be shared there."""

HUBNESS_SHARE = 0.3
"""How much of a passage's hubness is subtracted."""

USUAL = 5
"""How many of a language's best candidates tell its usual score. A language with fewer has none."""


def rank_scores(
    evidence: Evidence, lexical: Sequence[float], languages: Sequence[str], question_language: str
) -> Vector:
    """Return a score for each candidate, shape `(candidates,)`; larger is better.

    Args:
        evidence: What late interaction says.
        lexical: BM25 of each candidate, 0 where it shares no word with the question.
        languages: Each candidate's language.
        question_language: The question's language.

    Shared words are compared among the passages of one language only, where they say which of them to prefer. They
    cannot set one language before another, because in a library of several languages each passage is measured by how
    far it stands above the best few of its own language: raw scores are higher for the question's own language
    whatever the passage says (the bias that LAReQA measures, arXiv 2004.05484).
    """
    scores = (1 - SENTENCE_SHARE) * evidence.late + SENTENCE_SHARE * evidence.sentence
    scores += evidence.dated - HUBNESS_SHARE * evidence.batch.hubness
    shared = np.asarray(lexical, np.float32)
    own = np.array([language == question_language for language in languages])
    for group, weight in ((own, LEXICAL_SHARE), (~own, FOREIGN_LEXICAL_SHARE)):
        largest = float(shared[group].max(initial=0.0))
        if largest > 0:
            scores[group] += weight * shared[group] / largest
    return scores - _offsets(scores, languages)


def _offsets(scores: Vector, languages: Sequence[str]) -> Vector:
    """Return how far the usual score of each candidate's language lies from that of the highest language."""
    names = np.array(languages)
    usual = {
        name: float(np.sort(scores[names == name])[-USUAL:].mean())
        for name in set(languages)
        if int((names == name).sum()) >= USUAL
    }
    if len(usual) < 2:
        return np.zeros_like(scores)
    highest = max(usual.values())
    return np.array([usual.get(name, highest) - highest for name in languages], np.float32)
