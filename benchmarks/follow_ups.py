"""What makes follow-up questions self-contained best, and what that costs: a rule, or the local chat model.

`follow_ups.json` words 41 questions of XQuAD, in English and Arabic, as people ask them after another question of the
same paragraph ("And where is its home venue?"). Each is asked after that other question, over all articles of the set.
The table gives the share with a right citation (quotations, so that only retrieval decides) where the follow-up is
asked alone, made self-contained by rule, rewritten by the local model, and where the set's own question is asked.

    python benchmarks/follow_ups.py --pairs en-en ar-ar en-ar
"""

import argparse
import json
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from langchain_core.language_models import BaseChatModel

from assistant.answering.answer import Answer
from assistant.answering.conversation import Conversation
from assistant.answering.responder import Responder
from assistant.assistant import Assistant
from assistant.chat_models.catalogue import LOCAL
from assistant.chat_models.local import load_local
from assistant.evaluation.library import over_articles
from assistant.evaluation.question_set import Question
from assistant.evaluation.relevance import citation_is_right
from assistant.evaluation.squad import asked_in, read_squad
from assistant.progress import no_progress
from assistant.settings import load_settings

DATA = Path(__file__).parents[2] / "shared" / "data"


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


def load(pair: str) -> tuple[list[FollowUp], tuple]:
    """Return the follow-ups of a pair of languages, such as "en-ar", and the articles they are asked over."""
    asked, read = pair.split("-")
    questions = read_squad(DATA / f"xquad.{read}.json")
    if asked != read:
        questions = asked_in(questions, read_squad(DATA / f"xquad.{asked}.json"))
    by_id = {question.id: question for question in questions.questions}
    lines = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    follow_ups = [FollowUp(by_id[line["id"]], line[asked], by_id[line["earlier"]].text) for line in lines]
    return follow_ups, questions.articles


def is_right(answer: Answer, question: Question) -> bool:
    """Return whether one of the citations is right."""
    return any(citation_is_right(citation, question.gold) for citation in answer.citations)


def tell(pair: str, model: BaseChatModel, *, verbose: bool) -> None:
    """Print a pair's row."""
    follow_ups, articles = load(pair)
    right = dict.fromkeys(("alone", "rule", "model", "own words"), 0)
    seconds = []
    with over_articles(articles, no_progress, chat_model="extractive") as assistant:
        for follow_up in follow_ups:
            question = follow_up.question
            answers = {"alone": assistant.ask(follow_up.wording), "own words": assistant.ask(question.text)}
            for way, rewriter in (("rule", None), ("model", model)):
                conversation = conversing(assistant, rewriter)
                conversation.ask(follow_up.earlier)
                started = time.perf_counter()
                answers[way] = conversation.ask(follow_up.wording)
                if rewriter:
                    seconds.append(time.perf_counter() - started)
                if verbose:
                    told = "right" if is_right(answers[way], question) else "wrong"
                    print(f"{way:6} {told} {conversation.turns[-1].standalone}", file=sys.stderr, flush=True)
            for way, answer in answers.items():
                right[way] += is_right(answer, question)
    shares = " | ".join(f"{count / len(follow_ups):.2f}" for count in right.values())
    print(f"| {pair.replace('-', ', ')} | {len(follow_ups)} | {shares} | {median(seconds):.1f} |", flush=True)


def conversing(assistant: Assistant, rewriter: BaseChatModel | None) -> Conversation:
    """Return a new conversation whose follow-ups `rewriter` makes self-contained."""
    responder = Rewriting(assistant.as_retriever().retriever, assistant.settings)
    responder.rewriter = rewriter
    return Conversation(responder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", nargs="+", default=["en-en", "ar-ar", "en-ar"])
    parser.add_argument("--verbose", action="store_true", help="also print each question as it was understood")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} is missing: this benchmark asks the questions of XQuAD.")
    with closing(load_local(LOCAL, load_settings())) as model:
        print("| questions, articles | asked | alone | by rule | by the local model | own words | seconds, model |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for pair in options.pairs:
            tell(pair, model, verbose=options.verbose)


if __name__ == "__main__":
    main()
