"""What each part of the ranking brings: recall@1 of the same candidates, ordered by more and more of the evidence.

XQuAD in both languages is one library; filters by language make the four pairs of it. A passage counts when it covers
the gold answer.

    python benchmarks/retrieval_ablation.py
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from assistant import Assistant
from assistant.evaluation.question_set import Question, QuestionSet
from assistant.evaluation.squad import asked_in, read_squad
from assistant.language.identify import identify_language
from assistant.passages.passage import Passage
from assistant.retrieval.candidates import Candidates
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.scoring import SENTENCE_SHARE
from assistant.store.passage_store import Filters

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def covers(passage: Passage, question: Question) -> bool:
    return any(passage.article_id == gold.article_id and passage.span.covers(gold.span) for gold in question.gold)


def orders(candidates: Candidates) -> dict[str, np.ndarray]:
    evidence = candidates.evidence
    with_sentence = (1 - SENTENCE_SHARE) * evidence.passage_score + SENTENCE_SHARE * evidence.best_sentence_score
    return {
        "passage": np.argsort(-evidence.passage_score),
        "+ sentence": np.argsort(-with_sentence),
        "+ words, languages and the QA model": candidates.order,
    }


def single(retriever: Retriever, questions: QuestionSet) -> dict[str, float]:
    filters = Filters(articles=tuple(article.id for article in questions.articles))
    right: dict[str, list[bool]] = {}
    for question in questions.questions:
        candidates, _ = retriever.compare(question.text, identify_language(question.text), 5, filters)
        if candidates is None:
            continue
        for name, order in orders(candidates).items():
            found = [covers(candidates.passages[at], question) for at in order[:5]]
            right.setdefault(f"{name}: recall@1", []).append(found[0])
            right.setdefault(f"{name}: recall@5", []).append(any(found))
        first = candidates.order[0]
        sentence = candidates.passages[first].sentences[candidates.evidence.best_sentence[first]]
        article = candidates.passages[first].article_id
        right.setdefault("right sentence of the first passage", []).append(
            any(article == gold.article_id and sentence.overlaps(gold.span) for gold in question.gold)
        )
    return {name: float(np.mean(values)) for name, values in right.items()}


def mixed(retriever: Retriever, questions: QuestionSet, parallel: QuestionSet) -> dict[str, float]:
    other = {question.id: question for question in parallel.questions}
    right: dict[str, list[bool]] = {}
    for question in questions.questions:
        candidates, _ = retriever.compare(question.text, identify_language(question.text), 5)
        if candidates is None or question.id not in other:
            continue
        for name, order in orders(candidates).items():
            top = [candidates.passages[at] for at in order[:5]]
            own = [covers(passage, question) for passage in top]
            foreign = [covers(passage, other[question.id]) for passage in top]
            right.setdefault(f"{name}: either first", []).append(own[0] or foreign[0])
            right.setdefault(f"{name}: both in the top 5", []).append(any(own) and any(foreign))
    return {name: float(np.mean(values)) for name, values in right.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=0, help="questions of each pair; 0 for all")
    limit = parser.parse_args().limit

    def cut(questions: QuestionSet) -> QuestionSet:
        return questions.limited(limit) if limit else questions

    english, arabic = read_squad(DATA / "xquad.en.json"), read_squad(DATA / "xquad.ar.json")
    with tempfile.TemporaryDirectory() as folder, Assistant(folder) as assistant:
        assistant.add_articles(english.articles + arabic.articles)
        retriever = assistant._retriever  # noqa: SLF001 - the candidates are not part of the façade
        sets = {
            "en-en": english,
            "ar-ar": arabic,
            "en-ar": asked_in(arabic, english),
            "ar-en": asked_in(english, arabic),
        }
        for name, questions in sets.items():
            print(name, {key: round(value, 3) for key, value in single(retriever, cut(questions)).items()}, flush=True)
        print("en in both", {key: round(value, 3) for key, value in mixed(retriever, cut(english), arabic).items()})
        print("ar in both", {key: round(value, 3) for key, value in mixed(retriever, cut(arabic), english).items()})
    arcd = read_squad(DATA / "arcd-train.json")
    with tempfile.TemporaryDirectory() as folder, Assistant(folder) as assistant:
        assistant.add_articles(arcd.articles)
        print("arcd", {key: round(value, 3) for key, value in single(assistant._retriever, cut(arcd)).items()})  # noqa: SLF001


if __name__ == "__main__":
    main()
