"""Candidates as the QA model takes them in."""

from itertools import islice

from assistant.articles.article import CELL_SEPARATOR, Article
from assistant.language.sentences import split_sentences
from assistant.passages.code import code_block_of
from assistant.passages.passage import Passage
from assistant.qa_model.qa_model import QaInput

_LEAD_WITHIN = 1000
"""So many of an article's first characters are looked at for its first sentence."""


def is_prose(passage: Passage) -> bool:
    """Return whether a passage is running text throughout, as the QA model knows it: no table and no code."""
    if CELL_SEPARATOR in passage.text:
        return False
    return not any(code_block_of(passage.text, span) for span in passage.own_sentences)


def qa_input(question: str, passage: Passage, article: Article) -> QaInput:
    """Return a question beside a passage, below what tells its subject: its article's title and first sentence.

    Args:
        question: The question.
        passage: The passage.
        article: Its article.
    """
    heading = [article.title]
    if passage.start:
        beginning = article.text[:_LEAD_WITHIN]
        sentences = (beginning[start:end] for start, end in split_sentences(beginning, article.language))
        heading += islice((sentence for sentence in sentences if sentence != article.title), 1)
    return QaInput(question, "\n".join(filter(None, heading)), passage.text, passage.own_sentences)
