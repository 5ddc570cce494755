"""Small inputs rebuilt from reports of wrong reading, which are kept beside the project, with what is right."""

import json
from pathlib import Path

import pytest

from assistant.articles.registry import read_source

CASES = Path("shared", "cases", "ingest")
FOLDER = next((parent / CASES for parent in Path(__file__).parents if (parent / CASES).is_dir()), None)


def rows():
    if FOLDER is None:
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"no folder above has {CASES}"), id="absent")]
    lines = (FOLDER / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(row, id=row["file"]) for row in map(json.loads, lines)]


@pytest.mark.parametrize("case", rows())
def test_what_comes_out_is_right(case):
    reading = read_source(FOLDER / case["file"])
    if "problem" in case:
        messages = [str(problem) for problem in reading.problems]
        assert messages
        assert all("\n" not in message for message in messages)
        assert any(case["problem"].casefold() in message.casefold() for message in messages), messages
        return
    text = "\n".join(article.text for article in reading.articles) + "\n"
    for words in case.get("contains", ()):
        assert words in text
    for words in case.get("lacks", ()):
        assert words not in text
    if "title" in case:
        assert reading.articles[0].title == case["title"]
    if "published" in case:
        allowed = case["published"] if isinstance(case["published"], list) else [case["published"]]
        published = reading.articles[0].published
        assert (published and str(published)) in allowed
