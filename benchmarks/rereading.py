"""What the local chat model's choice among sentences brings (`assistant.answering.rereading`), on XQuAD.

Of a sample of questions: the share whose right sentence comes first as retrieval ranks them, after the model has read
what is nearly alike, and at best; the share for which it read, and the seconds that took.

    python benchmarks/rereading.py --questions 100 --seed 1

Answers reread only within a language that the model writes in; "ar-ar" shows what it would do elsewhere.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from assistant.answering.relevance import is_relevant
from assistant.answering.rereading import Rereading, reread
from assistant.chat_models.catalogue import LOCAL
from assistant.chat_models.guarded import GuardedChatModel
from assistant.chat_models.local import load_local
from assistant.evaluation.library import over_articles
from assistant.evaluation.question_set import Question, QuestionSet
from assistant.evaluation.relevance import sentence_is_right
from assistant.evaluation.squad import asked_in, read_squad
from assistant.progress import no_progress
from assistant.retrieval.hit import SearchResult
from assistant.settings import load_settings

DATA = Path(__file__).parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Trial:
    """What became of one question."""

    before: bool
    after: bool
    best: bool
    seconds: float


def load(pair: str) -> QuestionSet:
    """Return XQuAD's questions in one language about its articles in another, such as "en-ar"."""
    asked, read = pair.split("-")
    questions = read_squad(DATA / f"xquad.{read}.json")
    return questions if asked == read else asked_in(questions, read_squad(DATA / f"xquad.{asked}.json"))


def is_right(result: SearchResult, question: Question) -> bool:
    """Return whether the answer would quote the right sentence."""
    return is_relevant(result) and sentence_is_right(result.hits[0], question.gold)


def choices(result: SearchResult) -> list[SearchResult]:
    """Return every order that a model could put the sentences in, as far as the first of them goes."""
    rereading = Rereading(result)
    count = len(rereading.prompts)
    return [rereading.decided([1000.0 * (one == other) for other in range(count)]) for one in range(count)]


def measure(model: GuardedChatModel, pair: str, count: int, seed: int) -> list[Trial]:
    """Ask `count` questions of a pair."""
    questions = load(pair)
    sample = random.Random(seed).sample(questions.questions, count)
    trials = []
    with over_articles(questions.articles, no_progress, chat_model="extractive") as assistant:
        for question in sample:
            found = assistant.search(question.text)
            decided = reread(found, model)
            trials.append(
                Trial(
                    before=is_right(found, question),
                    after=is_right(decided, question),
                    best=any(is_right(choice, question) for choice in (found, *choices(found))),
                    seconds=decided.timings.get("reread", 0.0),
                )
            )
    return trials


def tell(pair: str, trials: Sequence[Trial]) -> None:
    """Print a pair's row."""
    shares = [sum(values) / len(trials) for values in zip(*((t.before, t.after, t.best) for t in trials), strict=True)]
    read = [trial.seconds for trial in trials if trial.seconds]
    print(
        f"| {pair.replace('-', ', ')} | {' | '.join(f'{share:.2f}' for share in shares)} | "
        f"{len(read) / len(trials):.2f} | {median(read) if read else 0:.1f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", nargs="+", default=["en-en"])
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} is missing: this benchmark asks the questions of XQuAD.")
    with closing(load_local(LOCAL, load_settings())) as model:
        print("| questions, articles | retrieval | reread | at best | read | seconds, where read |")
        print("| --- | --- | --- | --- | --- | --- |")
        for pair in options.pairs:
            tell(pair, measure(model, pair, options.questions, options.seed))


if __name__ == "__main__":
    main()
