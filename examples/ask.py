"""Ask a question about a folder of articles: `python examples/ask.py "How high is the tower?"`."""

import sys
import tempfile
from pathlib import Path

from assistant import Assistant

ARTICLES = Path(__file__).parent / "articles"


def main() -> None:
    """Put the articles into a store of their own, and print the answer with its quotations."""
    question = sys.argv[1] if len(sys.argv) > 1 else "When was the lighthouse of Cape Orrin first lit?"
    with tempfile.TemporaryDirectory() as store, Assistant(store, chat_model="extractive") as assistant:
        report = assistant.sync(ARTICLES)
        print(f"{len(report.added)} articles")
        answer = assistant.ask(question)
        print(answer.text)
        for citation in answer.citations:
            print(f"[{citation.number}] {citation.article.title}: {citation.quote}")


if __name__ == "__main__":
    main()
