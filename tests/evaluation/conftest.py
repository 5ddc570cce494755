"""Small articles, hits and answers to score."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from assistant.answering.answer import Answer, Citation, Status
from assistant.articles.article import Article
from assistant.evaluation.question_set import GoldAnswer, GoldSpan, Question, QuestionSet
from assistant.evaluation.report import Outcome, Place, Report
from assistant.evaluation.runner import summarise
from assistant.passages.passage import Passage, Span
from assistant.retrieval.hit import Hit

SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of published question sets, which is kept beside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is absent")
    return SHARED_DATA


@pytest.fixture
def article() -> Article:
    """Return an article of three sentences."""
    return Article(
        "summit.txt", "Summit", "The summit is in Moscow. It opens on 11 November 2026. Nobody else spoke.", "en"
    )


@pytest.fixture
def other() -> Article:
    """Return another article, which says the same in the same place."""
    return Article(
        "rumour.txt", "Rumour", "The summit is in Moscow. It opens on 11 November 2026. Rumour has it.", "en"
    )


def sentences_of(article: Article) -> tuple[Span, ...]:
    """Split at full stops."""
    spans, start = [], 0
    for position, character in enumerate(article.text):
        if character == ".":
            spans.append(Span(start, position + 1))
            start = position + 2
    return tuple(spans)


def passage_of(article: Article, start: int = 0, end: int | None = None) -> Passage:
    end = len(article.text) if end is None else end
    inside = tuple(span for span in sentences_of(article) if start <= span.start and span.end <= end)
    return Passage(article.id, start, end, article.text[start:end], inside, article.language)


def hit_of(article: Article, rank: int = 1, start: int = 0, end: int | None = None, sentence: int = 0) -> Hit:
    passage = passage_of(article, start, end)
    best = passage.sentences[sentence] if passage.sentences else passage.span
    return Hit(rank, 0.9, 0.9, 0.0, article, passage, best)


def citation_of(article: Article, start: int, end: int) -> Citation:
    return Citation(1, article, passage_of(article), article.text[start:end], start, end, 0.9)


def question_of(article: Article, answer: str, *, group: int = 0) -> Question:
    start = article.text.index(answer)
    gold = GoldSpan(article.id, Span(start, start + len(answer)), group)
    return Question("q1", "When?", "en", (GoldAnswer(answer, "en"),), (gold,))


def answer_of(text: str, *citations: Citation, status: Status = Status.ANSWERED) -> Answer:
    return Answer("When?", text, status, "en", "extractive", citations)


@pytest.fixture
def make() -> SimpleNamespace:
    """Return the functions that make hits, citations and questions."""
    return SimpleNamespace(
        sentences=sentences_of,
        passage=passage_of,
        hit=hit_of,
        citation=citation_of,
        question=question_of,
        answer=answer_of,
    )


@pytest.fixture
def write_squad(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a file in SQuAD layout from titles with paragraphs and questions."""

    def write(name: str, *entries: tuple[str, list[tuple[str, list[tuple[str, str, str]]]]]) -> Path:
        data = [
            {
                "title": title,
                "paragraphs": [
                    {
                        "context": context,
                        "qas": [
                            {
                                "id": identifier,
                                "question": asked,
                                "answers": [{"text": answer, "answer_start": context.find(answer)}] if answer else [],
                            }
                            for identifier, asked, answer in questions
                        ],
                    }
                    for context, questions in paragraphs
                ],
            }
            for title, paragraphs in entries
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"data": data, "version": "1.1"}, ensure_ascii=False), encoding="utf-8")
        return path

    return write


@pytest.fixture
def make_report() -> Callable[..., Report]:
    """Return a function that makes a report of 40 questions, a given share of them right."""

    def make(
        right: float = 0.8,
        *,
        answers: bool = True,
        unanswerable: int = 10,
        kinds: bool = False,
        prefix: str = "q",
        text: str = "متى القمة؟",
    ) -> Report:
        outcomes = []
        for number in range(40):
            good = number / 40 < right
            answerable = number % 4 != 0 or not unanswerable
            scores = {}
            kind = ("near" if number % 8 else "far") if kinds else ""
            if answerable:
                scores |= {f"recall@{k}": float(good) for k in (1, 2, 3, 5, 10)} | {"mrr@10": float(good)}
                scores |= {"ndcg@10": float(good), "sentence_accuracy": float(good)}
            if answers:
                scores |= {"refused": float(not answerable), "unanswerable": float(not answerable)}
                scores |= {"right": float(good or not answerable)}
                if answerable:
                    scores |= dict.fromkeys(("exact_match", "f1", "contains", "right_sentence"), float(good))
                    scores |= {"refused_answerable": 0.0, "citation_precision": float(good)}
                    scores |= {"contains_asked": float(good), "unstated_numbers": float(not good)}
                else:
                    scores["answered_unanswerable"] = 0.0
            place = Place("a1", text, 5, 11, "في موسكو", "القمة ", " غدا", right=good)
            outcomes.append(
                Outcome(
                    id=f"{prefix}{number}",
                    question=f"{text} {number}",
                    language="ar" if number % 2 else "en",
                    answerable=answerable,
                    gold_answers=("في موسكو", "in Moscow") if answerable else (),
                    gold=(place,) if answerable else (),
                    rank=(1 if good else None) if answerable else None,
                    score=0.9 - 0.01 * number if answerable else 0.3 + 0.01 * number,
                    best=place,
                    answer=f"{text} [1]" if answers else None,
                    refused=answers and not answerable,
                    model="extractive",
                    citations=(place,) if answers and answerable else (),
                    asked_answers=("in Moscow",) if answerable else (),
                    unstated_numbers=("711,988",) if answers and answerable and not good else (),
                    cited_passages=(text,) if answers and answerable and not good else (),
                    scores=scores,
                    seconds={"total": 0.01 * (1 + number % 7), "encode": 0.004, "rank": 0.005},
                    kind=kind,
                )
            )
        questions = tuple(
            Question(outcome.id, outcome.question, outcome.language, (), (), outcome.answerable) for outcome in outcomes
        )
        return summarise(QuestionSet("set.json", questions), outcomes, {"k": right})

    return make


@pytest.fixture
def shown() -> Callable[[object], str]:
    """Return a function that prints something as Rich does, on a wide terminal without colours."""

    def show(thing: object) -> str:
        written = io.StringIO()
        Console(file=written, width=200).print(thing)
        return written.getvalue()

    return show
