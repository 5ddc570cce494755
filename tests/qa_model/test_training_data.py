import json
from pathlib import Path

import pytest

from assistant.language.tags import primary_subtag

FOLDER = Path(__file__).parents[2] / "evals" / "qa_training"
FILES = sorted(FOLDER.glob("*.jsonl"))


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def follow_ups(row):
    return [(follow_up, language, answer) for _, language, follow_up, answer in row["conversations"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_answer_stands_in_its_article_once(path):
    wrong = [
        (row["title"], question, answer)
        for row in rows(path)
        for question, _, answer in (*row["questions"], *row["names"], *follow_ups(row))
        if answer is not None and row["text"].count(answer) != 1
    ]
    assert not wrong


def test_the_languages_are_those_that_the_readme_tells_of():
    languages = {primary_subtag(row["language"]) for path in FILES for row in rows(path)}
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    articles = sum(len(rows(path)) for path in FILES)
    assert f"{articles:,} natural articles in {len(languages)} languages" in told


def test_no_article_is_one_of_those_that_judge():
    judged = "\n".join(
        path.read_text(encoding="utf-8") for path in (FOLDER.parent / "news").rglob("articles/*") if path.is_file()
    )
    assert not [row["title"] for path in FILES for row in rows(path) if row["title"] in judged]
