"""Measure the quality of retrieval, answers and refusals on every question set, and print one table.

    python benchmarks/quality.py --json after.json --baseline before.json
    python benchmarks/quality.py --only chat --only mtrag

Each set is a run of `assistant eval` with quotations for answers, whole, one after another. With `--checkout` the runs
are those of another checkout of this project, as long as its `assistant eval` knows the options below.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAIRS = (("en", "en"), ("ar", "ar"), ("en", "ar"), ("ar", "en"))
RANKING = ("retrieval.recall@1", "retrieval.recall@5", "retrieval.sentence_accuracy")
ANSWERING = ("summary.right_sentence", "summary.refused_answerable", "summary.answered_unanswerable")
CASES = ("retrieval.recall@1", "summary.right", *ANSWERING)
EXPLAINING = (*CASES, "citations.precision")
NAMES = {
    "retrieval.recall@1": "recall@1",
    "retrieval.recall@5": "recall@5",
    "retrieval.sentence_accuracy": "sentence accuracy",
    "citations.precision": "citation precision",
    "refusal.f1": "refusal F1",
    "answers.rouge1": "ROUGE-1 F",
    "summary.right": "right",
    "summary.right_sentence": "right sentence quoted",
    "summary.refused_answerable": "refused though answerable",
    "summary.answered_unanswerable": "answered though unanswerable",
}
SCORES = {"precision": "citation_precision"}
"""What a figure is called among a question's scores, where that is not its name."""
COUNTED = 100
"""With fewer questions than that, a share is printed as a count as well."""


@dataclass(frozen=True)
class Run:
    """One run of `assistant eval`: what it is called, what it is given, and which figures are wanted."""

    name: str
    arguments: tuple[str, ...]
    figures: tuple[str, ...]


def runs(shared: Path) -> Iterator[Run]:
    """Yield every run, with the data in a folder."""
    data, chat = shared / "data", shared / "cases" / "chat"
    xquad = {language: str(data / f"xquad.{language}.json") for language in ("en", "ar")}
    for asked, stored in PAIRS:
        name = f"XQuAD {asked} → {stored}"
        files = (xquad[stored], *(() if asked == stored else ("--questions", xquad[asked])))
        yield Run(name, (*files, "--retrieval-only"), RANKING)
        yield Run(f"{name}, half held out", (*files, "--hold-out", "0.5"), ("refusal.f1", *ANSWERING))
    arcd = str(data / "arcd-train.json")
    yield Run("ARCD, half held out", (arcd, "--hold-out", "0.5"), ("refusal.f1", *ANSWERING))
    for name in ("seeds", "headline", "follow_ups"):
        over = (str(ROOT / "evals" / f"{name}.jsonl"), "--articles", str(ROOT / "seeds"))
        yield Run(f"evals/{name}", over, ("summary.right", *ANSWERING))
    for name, part in product(("news", "versions", "how_to"), ("tuning", "held_out")):
        folder = ROOT / "evals" / name / part
        for path in sorted(folder.glob("*.jsonl")):
            figures = EXPLAINING if name == "how_to" else CASES
            yield Run(f"{name}/{part}/{path.stem}", (str(path), "--articles", str(folder / "articles")), figures)
    for path in sorted(chat.glob("*.jsonl")):
        over = (str(path), "--articles", str(chat / "articles"))
        yield Run(f"chat/{path.stem}", over, CASES)
        if path.stem == "not-in-the-articles":
            beside = tuple(argument for language in xquad for argument in ("--also", xquad[language]))
            yield Run(f"chat/{path.stem}, XQuAD beside", (*over, *beside), CASES)
    turns = str(data / "mtrag")
    refused = ("answerable", "partial")
    answered = ("unanswerable", "underspecified", "conversational")
    figures = (
        "retrieval.recall@5",
        *(f"by_kind.{kind}.summary.refused_answerable" for kind in refused),
        *(f"by_kind.{kind}.summary.answered_unanswerable" for kind in answered),
        "by_kind.answerable.answers.rouge1",
    )
    yield Run("mtrag, in conversation", (turns,), figures)
    yield Run("mtrag, last question alone", (turns, "--without-earlier", "--retrieval-only"), ("retrieval.recall@5",))


def report_of(run: Run, checkout: Path) -> dict[str, Any]:
    """Return what `assistant eval --json` of a checkout prints; exit with its message where it fails."""
    command = [sys.executable, "-m", "assistant", "eval", *run.arguments, "--chat-model", "extractive", "--json"]
    environment = os.environ | {"PYTHONPATH": str(checkout), "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"{run.name}: `assistant eval` failed with {done.returncode}; its message stands above.")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def wanted(run: Run, report: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the run's figures that were measured, each by its name in the table."""
    for path in run.figures:
        *parts, group, name = path.split(".")
        place: Mapping[str, Any] = report
        for part in (*parts, group):
            place = place.get(part, {})
        if name not in place:
            continue
        kind = parts[-1] if parts else ""
        score = SCORES.get(name, name)
        asked = [
            one for one in report["per_question"] if score in one["scores"] and (not kind or one.get("kind") == kind)
        ]
        words = NAMES[f"{group}.{name}"]
        yield f"{run.name}: {f'{kind}: ' if kind else ''}{words}", {**place[name], "questions": len(asked)}


def shown(figure: Mapping[str, float] | None) -> str:
    """Return a figure as the table has it."""
    if figure is None:
        return "–"
    text = f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
    count = figure["value"] * figure["questions"]
    whole = figure["questions"] < COUNTED and abs(count - round(count)) < 1e-6
    return f"{round(count)} of {figure['questions']}, {text}" if whole else text


def table(figures: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    """Return all figures as one Markdown table."""
    header = ["figure", *(["before"] if before else []), "now", *(["difference"] if before else [])]
    rows = [header, ["---"] * len(header)]
    for name, figure in figures.items():
        if before is None:
            rows.append([name, shown(figure)])
            continue
        earlier = before.get(name)
        difference = f"{figure['value'] - earlier['value']:+.3f}" if earlier else ""
        rows.append([name, shown(earlier), shown(figure), difference])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkout", type=Path, default=ROOT, help="measure this checkout instead of the script's own")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the data and the cases")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="runs with this in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, after each run")
    parser.add_argument("--reports", type=Path, metavar="DIR", help="keep each run's own document here")
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="an earlier --json, for a column beside")
    options = parser.parse_args()
    before = json.loads(options.baseline.read_text(encoding="utf-8")) if options.baseline else None
    os.nice(5)
    figures: dict[str, Any] = {}
    for run in runs(options.shared.resolve()):
        if options.only and not any(text in run.name for text in options.only):
            continue
        print(run.name, file=sys.stderr)
        report = report_of(run, options.checkout.resolve())
        figures |= wanted(run, report)
        if options.reports:
            options.reports.mkdir(parents=True, exist_ok=True)
            name = "".join(letter if letter.isalnum() else "_" for letter in run.name)
            (options.reports / f"{name}.json").write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
        if options.json:
            options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    print(table(figures, before))


if __name__ == "__main__":
    main()
