"""Exact match, F1 and "contains" of an answer against the gold answers."""

import re
from collections import Counter
from collections.abc import Sequence

from assistant.answering.marks import parse_marks
from assistant.evaluation.normalisation import answer_words
from assistant.evaluation.question_set import GoldAnswer

# Arabic writes "and", "so", "in", "like" and "for" onto the next word, so a word may begin behind them.
_PROCLITICS = "[وفبكل]{0,2}"
_HIGHEST_MARK = 9999


def without_citation_marks(text: str) -> str:
    """Return an answer's words without `[1]`, `[١]` and the like.

    Example:
        >>> without_citation_marks("On 11 November 2026 [1][2].")
        'On 11 November 2026.'
    """
    words = "".join(piece for piece in parse_marks(text, _HIGHEST_MARK) if isinstance(piece, str))
    return re.sub(r"\s+(?=[.,،;؛:!?؟。]|\s)", "", words).strip()


def exact_match(answer: str, gold: Sequence[GoldAnswer]) -> float:
    """Return 1 where the normalised answer is one of the normalised gold answers, else 0."""
    return max((float(answer_words(answer, g.language) == answer_words(g.text, g.language)) for g in gold), default=0.0)


def f1(answer: str, gold: Sequence[GoldAnswer]) -> float:
    """Return the harmonic mean of precision and recall over words, for the gold answer that fits best (SQuAD's F1).

    Example:
        >>> f1("in Moscow", [GoldAnswer("Moscow", "en")])
        0.6666666666666666
    """
    return max((_f1(answer_words(answer, g.language), answer_words(g.text, g.language)) for g in gold), default=0.0)


def contains(answer: str, gold: Sequence[GoldAnswer]) -> float:
    """Return 1 where a normalised gold answer stands in the normalised answer, else 0.

    It must begin where a word begins (in Arabic: or behind the letters that mean "and", "in" and so on), and may not
    end inside a number. It may end inside a word, because many languages inflect names there.

    Example:
        >>> contains("It is held in 2026.", [GoldAnswer("20", "en")])
        0.0
        >>> contains("Moskova'da", [GoldAnswer("Moskova", "tr")])
        1.0
    """
    return max((_contains(answer, g) for g in gold), default=0.0)


def _f1(answer: list[str], gold: list[str]) -> float:
    shared = sum((Counter(answer) & Counter(gold)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(answer), shared / len(gold)
    return 2 * precision * recall / (precision + recall)


def _contains(answer: str, gold: GoldAnswer) -> float:
    words = answer_words(gold.text, gold.language)
    if not words:
        return 0.0
    prefix = _PROCLITICS if gold.language.startswith("ar") else ""
    pattern = rf"(?:^| ){prefix}{re.escape(' '.join(words))}(?!\d)"
    return float(re.search(pattern, " ".join(answer_words(answer, gold.language))) is not None)
