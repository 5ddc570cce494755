"""`QuestionSet`: questions with what is known of their answers, and the articles they are asked over."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.articles.article import Article
from assistant.errors import QuestionSetError
from assistant.language.tags import primary_subtag
from assistant.passages.passage import Span


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """A right answer in words.

    Attributes:
        text: The words.
        language: BCP 47 code, which decides how the words are normalised for comparing.
    """

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A place where an answer stands.

    Attributes:
        article_id: The article.
        span: The answer's characters in that article's text.
        group: Which of several parallel texts it is from; 0 where there is only one. Places of one group are
            alternatives of each other.
    """

    article_id: str
    span: Span
    group: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        id: Unique within its set.
        text: As it is asked.
        language: BCP 47 code.
        answers: Right answers; empty where the articles do not answer the question.
        gold: Where the answers stand; empty where that is unknown, or where there is no answer.
        answerable: Whether the articles answer it.
        earlier: What was asked before in the same conversation, oldest first, where the question needs that.
        documents: Ids of the articles that hold the answer, where no characters of them are known for it.
        target: An answer as a person would write it, in sentences, where the set has one.
        kind: What kind of question it is in the words of the set; figures are given for each kind.
    """

    id: str
    text: str
    language: str
    answers: tuple[GoldAnswer, ...]
    gold: tuple[GoldSpan, ...]
    answerable: bool = True
    earlier: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()
    target: GoldAnswer | None = None
    kind: str = ""

    @property
    def groups(self) -> tuple[int, ...]:
        """The parallel texts that answer the question."""
        return tuple(sorted({gold.group for gold in self.gold}))

    @property
    def asked_answers(self) -> tuple[GoldAnswer, ...]:
        """Answers in the question's language; empty if all or none are in it."""
        in_language = tuple(
            answer for answer in self.answers if primary_subtag(answer.language) == primary_subtag(self.language)
        )
        return in_language if len(in_language) < len(self.answers) else ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions and the articles they are asked over.

    Attributes:
        name: What reports call it.
        questions: In the order of the file.
        articles: The articles that the set brings along; empty where the questions are about articles kept elsewhere.
        problems: One line for each thing that is wrong with the set and was left out, for instance a gold span whose
            characters are not the gold answer.
        sentences: Whether each article is one sentence of a pool to be ranked (LAReQA's task).
    """

    name: str
    questions: tuple[Question, ...]
    articles: tuple[Article, ...] = ()
    problems: tuple[str, ...] = ()
    sentences: bool = False

    def limited(self, limit: int, seed: int | None = None) -> "QuestionSet":
        """Keep `limit` questions, in the order of the set, and all articles.

        Args:
            limit: How many; where there are not so many, all.
            seed: Draws them at random, the same ones for the same seed and as many questions. Without it they are
                spread evenly over the set.

        Example:
            >>> questions = tuple(Question(str(n), "?", "en", (), (), answerable=False) for n in range(10))
            >>> [question.id for question in QuestionSet("ten", questions).limited(3).questions]
            ['0', '3', '6']
        """
        count = len(self.questions)
        if limit >= count:
            return self
        if seed is None:
            positions = [place * count // limit for place in range(limit)]
        else:
            positions = sorted(random.Random(seed).sample(range(count), limit))  # noqa: S311 - a sample, no secret
        return replace(self, questions=tuple(self.questions[position] for position in positions))

    def alone(self) -> "QuestionSet":
        """Ask every question without those before it."""
        return replace(self, questions=tuple(replace(question, earlier=()) for question in self.questions))

    def held_out(self, share: float) -> "QuestionSet":
        """Leave out `share` of the articles, spread evenly; the questions they alone answer become unanswerable.

        Args:
            share: Between 0 and 1. With 0.5 every second article is left out.

        Raises:
            QuestionSetError: the set brings no articles that could be left out.

        Example:
            >>> articles = (Article("a", "A", "One."), Article("b", "B", "Two."))
            >>> [article.title for article in QuestionSet("two", (), articles).held_out(0.5).articles]
            ['A']
        """
        if len(self.articles) < 2 or self.sentences:
            raise QuestionSetError(
                f"{self.name}: nothing can be held out of a set that brings no articles of its own; use a set in "
                "SQuAD layout."
            )
        kept = tuple(
            article
            for position, article in enumerate(self.articles)
            if int((position + 1) * share) == int(position * share)
        )
        ids = {article.id for article in kept}
        return replace(self, articles=kept, questions=tuple(_over(question, ids) for question in self.questions))


def _over(question: Question, article_ids: set[str]) -> Question:
    """Return the question as asked of only these articles: unanswerable if none of them answers it."""
    gold = tuple(place for place in question.gold if place.article_id in article_ids)
    if gold or not question.gold:
        return replace(question, gold=gold)
    return replace(question, gold=(), answers=(), answerable=False)


def require_questions(name: str, questions: Sequence[Question], problems: Sequence[str]) -> None:
    """Raise `QuestionSetError` where a set has no question that can be scored."""
    if not questions:
        because = f" First problem: {problems[0]}" if problems else ""
        raise QuestionSetError(f"{name} holds no questions that can be scored.{because}")
