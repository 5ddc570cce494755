"""How well follow-up questions are understood without a chat model.

`follow_ups.json` words 101 questions of XQuAD, in English and Arabic, as people ask them after another question of the
same paragraph ("And where is its home venue?"). Each is asked after that other question, over all articles of the set.
The table gives the share with a right citation (quotations, so that only retrieval decides) where the follow-up is
asked alone, in its conversation, and where the set's own question is asked; and the share of follow-ups that are
answered after a question of another article, which they do not belong to. Of the follow-ups, 41 were at hand when an
earlier rule was chosen; 60 are held out.

    python benchmarks/follow_ups.py --pairs en-en ar-ar en-ar ar-en
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answering.answer import Answer
from assistant.articles.article import Article
from assistant.assistant import Assistant
from assistant.evaluation.library import over_articles
from assistant.evaluation.question_set import Question
from assistant.evaluation.relevance import citation_is_right
from assistant.evaluation.squad import asked_in, read_squad
from assistant.progress import no_progress

DATA = Path(__file__).parents[2] / "shared" / "data"
SETS = ("chosen on", "held out")


@dataclass(frozen=True)
class FollowUp:
    """A question in a set's own words, in those of a follow-up, and the question before it."""

    question: Question
    wording: str
    earlier: str


def load(pair: str, part: str) -> tuple[list[FollowUp], tuple[Article, ...]]:
    """Return follow-ups of a pair of languages, such as "en-ar", and the articles they are asked over."""
    asked, read = pair.split("-")
    questions = read_squad(DATA / f"xquad.{read}.json")
    if asked != read:
        questions = asked_in(questions, read_squad(DATA / f"xquad.{asked}.json"))
    by_id = {question.id: question for question in questions.questions}
    lines = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    follow_ups = [
        FollowUp(by_id[line["id"]], line[asked], by_id[line["earlier"]].text) for line in lines if line["set"] == part
    ]
    return follow_ups, questions.articles


def is_right(answer: Answer, question: Question) -> bool:
    """Return whether one of the citations is right."""
    return any(citation_is_right(citation, question.gold) for citation in answer.citations)


def ask_after(assistant: Assistant, earlier: str, question: str) -> Answer:
    """Ask one question after another, in a conversation of their own."""
    conversation = assistant.conversation()
    conversation.ask(earlier)
    return conversation.ask(question)


def measure(assistant: Assistant, follow_ups: Sequence[FollowUp]) -> list[float]:
    """Return the shares of a row: alone, in conversation, in own words, after a question of another article."""
    right: Counter[str] = Counter()
    for place, follow_up in enumerate(follow_ups):
        question, other = follow_up.question, follow_ups[(place + len(follow_ups) // 2) % len(follow_ups)]
        right["alone"] += is_right(assistant.ask(follow_up.wording), question)
        right["after"] += is_right(ask_after(assistant, follow_up.earlier, follow_up.wording), question)
        right["own"] += is_right(assistant.ask(question.text), question)
        elsewhere = ask_after(assistant, other.earlier, follow_up.wording)
        right["elsewhere"] += bool(elsewhere.citations) and not is_right(elsewhere, question)
    return [right[name] / len(follow_ups) for name in ("alone", "after", "own", "elsewhere")]


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", nargs="+", default=["en-en", "ar-ar", "en-ar", "ar-en"])
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} is missing: this benchmark asks the questions of XQuAD.")
    columns = ["questions, articles", "set", "asked", "alone", "in conversation", "own words", "after another subject"]
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for pair in options.pairs:
        for part in SETS:
            follow_ups, articles = load(pair, part)
            with over_articles(articles, no_progress, chat_model="extractive") as assistant:
                figures = [f"{figure:.2f}" for figure in measure(assistant, follow_ups)]
            print(f"| {' | '.join([pair.replace('-', ', '), part, str(len(follow_ups)), *figures])} |", flush=True)


if __name__ == "__main__":
    main()
