"""The QA model's input for a question and a candidate."""

from assistant.articles.article import CELL_SEPARATOR, Article
from assistant.passages.code import code_block_of
from assistant.passages.lead import lead_of, title_end
from assistant.passages.passage import Passage
from assistant.qa_model.qa_model import QaInput


def is_prose(passage: Passage) -> bool:
    """Return whether a passage is only running text, without tables and code: the QA model was trained on such text."""
    if CELL_SEPARATOR in passage.text:
        return False
    return not any(code_block_of(passage.text, span) for span in passage.own_sentences)


def qa_input(question: str, passage: Passage, article: Article) -> QaInput:
    """Return a question with a passage, whose heading names its subject: the article's title and first sentence.

    Args:
        question: The question.
        passage: The passage.
        article: Its article.
    """
    # An article without a title has its first words as title: they are not repeated.
    repeats = not title_end(article) and passage.text.startswith(article.title.rstrip("…"))
    heading = ["" if repeats else article.title, lead_of(article) if passage.start else ""]
    return QaInput(question, "\n".join(filter(None, heading)), passage.text, passage.own_sentences)
