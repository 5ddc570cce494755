"""What makes follow-up questions self-contained best: a rule, or the local chat model.

`follow_ups.json` words 101 questions of XQuAD, in English and Arabic, as people ask them after another question of the
same paragraph ("And where is its home venue?"). Each is asked after that other question, over all articles of the set.
The table gives the share with a right citation (quotations, so that only retrieval decides) where the follow-up is
asked alone, made self-contained by rule, and where the set's own question is asked; and the share of follow-ups that
are answered after a question of another article, which they do not belong to. With `--model`, also the share where the
local chat model rewrites them, and the seconds that takes. 41 of them the rule was chosen on; 60 are held out.

    python benchmarks/follow_ups.py --pairs en-en ar-ar en-ar ar-en --shares 1 0.5 0.333
    python benchmarks/follow_ups.py --pairs en-en --model
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from langchain_core.language_models import BaseChatModel
from assistant.answering.answer import Answer
from assistant.answering.conversation import Conversation
from assistant.answering.responder import Responder
from assistant.articles.article import Article
from assistant.assistant import Assistant
from assistant.chat_models.catalogue import LOCAL
from assistant.chat_models.local import load_local
from assistant.evaluation.library import over_articles
from assistant.evaluation.question_set import Question, QuestionSet
from assistant.evaluation.relevance import citation_is_right
from assistant.evaluation.squad import asked_in, read_squad
from assistant.progress import no_progress
from assistant.retrieval import retriever
from assistant.settings import load_settings

DATA = Path(__file__).parents[2] / "shared" / "data"
SETS = ("chosen on", "held out")


class Rewriting(Responder):
    """A responder that quotes, and has its follow-ups rewritten by another model, or by rule."""

    rewriter: BaseChatModel | None = None

    @property
    def rewriting_model(self) -> BaseChatModel | None:
        """The other model."""
        return self.rewriter


@dataclass(frozen=True)
class FollowUp:
    """A question in a set's own words, in those of a follow-up, and the question before it."""

    question: Question
    wording: str
    earlier: str


def load_pair(pair: str) -> QuestionSet:
    """Return XQuAD's questions in one language about its articles in another, such as "en-ar"."""
    asked, read = pair.split("-")
    questions = read_squad(DATA / f"xquad.{read}.json")
    return questions if asked == read else asked_in(questions, read_squad(DATA / f"xquad.{asked}.json"))


def load(pair: str, part: str) -> tuple[list[FollowUp], tuple[Article, ...]]:
    """Return follow-ups of a pair of languages, such as "en-ar", and the articles they are asked over."""
    asked, _, _ = pair.partition("-")
    questions = load_pair(pair)
    by_id = {question.id: question for question in questions.questions}
    lines = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    follow_ups = [
        FollowUp(by_id[line["id"]], line[asked], by_id[line["earlier"]].text) for line in lines if line["set"] == part
    ]
    return follow_ups, questions.articles


def is_right(answer: Answer, question: Question) -> bool:
    """Return whether one of the citations is right."""
    return any(citation_is_right(citation, question.gold) for citation in answer.citations)


def conversing(assistant: Assistant, rewriter: BaseChatModel | None = None) -> Conversation:
    """Return a new conversation whose follow-ups `rewriter` makes self-contained, or the rule."""
    responder = Rewriting(assistant.as_retriever().retriever, assistant.settings)
    responder.rewriter = rewriter
    return Conversation(responder)


def ask_after(conversation: Conversation, earlier: str, question: str) -> Answer:
    """Ask one question after another."""
    conversation.ask(earlier)
    return conversation.ask(question)


def measure(assistant: Assistant, follow_ups: Sequence[FollowUp]) -> list[float]:
    """Return the shares of a row: alone, by rule, in own words, and answered after a question of another article."""
    right: Counter[str] = Counter()
    for place, follow_up in enumerate(follow_ups):
        question, other = follow_up.question, follow_ups[(place + len(follow_ups) // 2) % len(follow_ups)]
        right["alone"] += is_right(assistant.ask(follow_up.wording), question)
        right["rule"] += is_right(ask_after(conversing(assistant), follow_up.earlier, follow_up.wording), question)
        right["own"] += is_right(assistant.ask(question.text), question)
        astray = ask_after(conversing(assistant), other.earlier, follow_up.wording)
        right["astray"] += bool(astray.citations) and not is_right(astray, question)
    return [right[name] / len(follow_ups) for name in ("alone", "rule", "own", "astray")]


def rewrite(assistant: Assistant, follow_ups: Sequence[FollowUp], model: BaseChatModel) -> tuple[float, float]:
    """Return the share that is right where the model rewrites, and the seconds a follow-up takes then."""
    right, seconds = 0, []
    for follow_up in follow_ups:
        conversation = conversing(assistant, model)
        conversation.ask(follow_up.earlier)
        started = time.perf_counter()
        right += is_right(conversation.ask(follow_up.wording), follow_up.question)
        seconds.append(time.perf_counter() - started)
    return right / len(follow_ups), median(seconds)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", nargs="+", default=["en-en", "ar-ar", "en-ar", "ar-en"])
    parser.add_argument("--shares", nargs="+", type=float, default=[retriever.SUBJECT_SHARE])
    parser.add_argument("--model", action="store_true", help="also let the local chat model rewrite")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} is missing: this benchmark asks the questions of XQuAD.")
    columns = ["questions, articles", "set", "asked", "share", "alone", "rule", "own words", "astray, answered"]
    columns += ["local model", "seconds"] if options.model else []
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    with closing(load_local(LOCAL, load_settings())) if options.model else nullcontext() as model:
        for pair in options.pairs:
            for part in SETS:
                follow_ups, articles = load(pair, part)
                with over_articles(articles, no_progress, chat_model="extractive") as assistant:
                    for share in options.shares:
                        retriever.SUBJECT_SHARE = share
                        figures = measure(assistant, follow_ups)
                        figures += rewrite(assistant, follow_ups, model) if model else ()
                        row = [pair.replace("-", ", "), part, str(len(follow_ups)), f"{share:.2f}"]
                        print(f"| {' | '.join([*row, *(f'{figure:.2f}' for figure in figures)])} |", flush=True)


if __name__ == "__main__":
    main()
