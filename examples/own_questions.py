"""Measure the assistant with questions of one's own: `python examples/own_questions.py`."""

from pathlib import Path

from assistant.evaluation import Options, evaluate

HERE = Path(__file__).parent


def main() -> None:
    """Print how many questions came out right, and how often the right passage came first."""
    report = evaluate(HERE / "own_questions.jsonl", Options(articles=HERE / "articles"), chat_model="extractive")
    for name, figure in {**report.summary, **report.retrieval}.items():
        print(f"{name}: {figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})")


if __name__ == "__main__":
    main()
