"""The articles of `evals/qa_training`: most train the QA model, every seventh is left out to choose settings on."""

import json
from dataclasses import dataclass
from pathlib import Path

from assistant.articles.article import Article, Section
from assistant.conversation.follow_up import topic_prefix
from assistant.evaluation.question_set import GoldSpan
from assistant.passages.passage import Span

FOLDER = Path(__file__).resolve().parents[1] / "evals" / "qa_training"
LEFT_OUT = 7


@dataclass(frozen=True)
class NaturalQuestion:
    """A question about an article.

    Attributes:
        text: The question; of a follow-up what it is about stands before it, as the product has it.
        gold: Where its answer stands; None if the article does not give it.
        is_of_names: Whether it was written for its names, which are misspelt, transliterated or of others.
        prefix_length: How many characters of `text` are of the question before.
    """

    text: str
    gold: GoldSpan | None
    is_of_names: bool = False
    prefix_length: int = 0


@dataclass(frozen=True)
class NaturalArticle:
    """An article with the questions that were written for it."""

    article: Article
    questions: tuple[NaturalQuestion, ...]


def natural_articles(*, left_out: bool) -> list[NaturalArticle]:
    """Return the articles that train, or those that are left out.

    Raises:
        ValueError: an answer does not stand in its article exactly once.
    """
    found = []
    for path in sorted(FOLDER.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            if (number % LEFT_OUT == LEFT_OUT - 1) == left_out:
                found.append(_read(json.loads(line), f"{path.name}:{number + 1}"))
    return found


def _read(row: dict, source: str) -> NaturalArticle:
    headings = row.get("headings", ())
    sections = tuple(Section(row["text"].index(f"\n\n{heading}\n\n") + 2, heading) for heading in headings)
    article = Article(source, row["title"], row["text"], row["language"], sections=sections)
    asked = []
    for part, others, is_of_names in (("questions", "unanswerable", False), ("names", "other_names", True)):
        asked += [NaturalQuestion(text, _gold(article, answer), is_of_names) for text, _, answer in row[part]]
        asked += [NaturalQuestion(text, None, is_of_names) for text, _ in row[others]]
    for earlier, _, follow_up, answer in row["conversations"]:
        prefix = topic_prefix(earlier)
        gold = None if answer is None else _gold(article, answer)
        asked.append(NaturalQuestion(prefix + follow_up, gold, prefix_length=len(prefix)))
    return NaturalArticle(article, tuple(asked))


def _gold(article: Article, answer: str) -> GoldSpan:
    if article.text.count(answer) != 1:
        raise ValueError(f"{article.source}: {answer!r} stands in the text {article.text.count(answer)} times.")
    start = article.text.index(answer)
    return GoldSpan(article.id, Span(start, start + len(answer)))
