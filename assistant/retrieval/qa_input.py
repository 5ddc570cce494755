"""Candidates as the QA model takes them in."""

from assistant.articles.article import CELL_SEPARATOR, Article
from assistant.passages.code import code_block_of
from assistant.passages.lead import lead_of, title_end
from assistant.passages.passage import Passage
from assistant.qa_model.qa_model import QaInput


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
    # Where an article has no title, its first words go by that.
    repeats = not title_end(article) and passage.text.startswith(article.title.rstrip("…"))
    heading = ["" if repeats else article.title, lead_of(article) if passage.start else ""]
    return QaInput(question, "\n".join(filter(None, heading)), passage.text, passage.own_sentences)
