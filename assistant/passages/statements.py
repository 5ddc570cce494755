"""`may_answer`: which sentences of a passage can answer a question at all, by what they are."""

import re

import numpy as np
from numpy.typing import NDArray

from assistant.articles.article import Article
from assistant.language.sentences import QUESTION_MARKS
from assistant.passages.lead import byline_of
from assistant.passages.passage import Passage

_CLOSING = "\"'»”’“‘」』)"

_CODE = re.compile(r"\b([A-Z]{1,5})-?(\d{2,6})\b")
"""A code of an error, a model, a flight or a form: capitals and a number, without a space, as sums of money have."""


def may_answer(passage: Passage, article: Article, question: str = "") -> NDArray[np.bool_]:
    """Return which sentences of a passage may answer, shape `(sentences,)`.

    Headings, bylines, and questions of an interviewer or in a list do not answer; nor does a sentence that names
    another code than the question. Where a passage has nothing else, all of its sentences may answer.

    Args:
        passage: The passage.
        article: Its article.
        question: What is asked.

    Example:
        >>> article = Article("a.md", "Errors", "E-17 means full. E-18 means open.", "en")
        >>> from assistant.passages.passage import Span
        >>> whole = Passage(article.id, 0, 33, article.text, (Span(0, 16), Span(17, 33)))
        >>> may_answer(whole, article, "What does E-18 mean?").tolist()
        [False, True]
    """
    headings = {section.start for section in article.sections if section.heading}
    byline = byline_of(article)
    asked = set(_CODE.findall(question.upper()))
    answers = np.array(
        [
            span.start not in headings
            and span != byline
            and not _asks(sentence)
            and not _names_another(sentence, asked)
            for span in passage.sentences
            for sentence in [span.of(article.text)]
        ]
    )
    return answers if answers.any() else ~answers


def _asks(sentence: str) -> bool:
    return sentence.rstrip(_CLOSING).endswith(QUESTION_MARKS)


def _names_another(sentence: str, asked: set[tuple[str, str]]) -> bool:
    """Return whether a sentence names a code of the kind asked for, but none that is asked for."""
    named = set(_CODE.findall(sentence))
    kinds = {letters for letters, _ in asked}
    return named.isdisjoint(asked) and any(letters in kinds for letters, _ in named)
