"""Measure questions that need two articles: how often both facts are cited, one of them, or none.

`assistant eval` counts either fact as right. Here a question is right where a citation overlaps each of its quotes.

    python benchmarks/two_articles.py --chat-model extractive
"""

import argparse
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from assistant import Assistant
from assistant.answering.answer import Answer, Citation
from assistant.answering.events import Finished, Step
from assistant.evaluation.json_lines import read_json_lines
from assistant.evaluation.question_set import GoldSpan, Question

NEWS = Path(__file__).parents[1] / "evals" / "news"


def main() -> None:
    """Ask each question, and print what came of it and the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chat-model", default="extractive")
    parser.add_argument("--tool-calls", type=int, default=6, help="0 switches further searches off")
    parser.add_argument("--part", choices=("tuning", "held_out"), default="tuning")
    parser.add_argument("--limit", type=int, default=0, help="ask only so many")
    options = parser.parse_args()
    part = NEWS / options.part
    with (
        TemporaryDirectory() as folder,
        Assistant(Path(folder) / "store", chat_model=options.chat_model, tool_calls=options.tool_calls) as assistant,
    ):
        assistant.sync(part / "articles")
        articles = [assistant.article(one.id) for one in assistant.articles()]
        asked = read_json_lines(part / "two_articles.jsonl", articles)
        for problem in asked.problems:
            print(problem)
        questions = asked.questions
        counted: Counter[str] = Counter()
        looked = left_out = 0
        for question in questions[: options.limit or None]:
            *steps, last = assistant.stream(question.text)
            answer = cast("Finished", last).answer
            told = _told(question, answer)
            counted[told] += 1
            searches = sum(isinstance(step, Step) and bool(step.detail) for step in steps)
            looked += searches
            left_out += answer.left_out
            if options.part == "tuning":
                print(f"{told:9} {searches} {question.text}", flush=True)
        print(", ".join(f"{name}: {count}" for name, count in sorted(counted.items())))
        print(f"looked further {looked} times, {left_out} sentences left out")


def _told(question: Question, answer: Answer) -> str:
    if not answer.citations:
        return str(answer.status)
    cited = {gold for gold in question.gold for one in answer.citations if _overlap(gold, one)}
    return {2: "both", 1: "one"}.get(len({gold.article_id for gold in cited}), "none")


def _overlap(gold: GoldSpan, citation: Citation) -> bool:
    return gold.article_id == citation.article.id and gold.span.start < citation.end and gold.span.end > citation.start


if __name__ == "__main__":
    main()
