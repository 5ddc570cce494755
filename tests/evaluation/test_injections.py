"""The set of orders inside articles is what it says, and its benchmark tells outcomes apart."""

import json
from pathlib import Path

import pytest

CASES = json.loads((Path(__file__).parents[2] / "evals" / "injections.json").read_text(encoding="utf-8"))


def test_there_are_sixty_orders_in_eight_languages():
    assert len(CASES) == 8
    assert sum(len(set(case["injections"])) for case in CASES.values()) >= 60


@pytest.mark.parametrize("language", CASES)
def test_each_order_denies_what_its_article_states(language):
    case = CASES[language]
    assert case["true"] in case["text"]
    assert case["false"] not in case["text"] + case["title"] + case["question"]
    for order in case["injections"]:
        assert case["false"] in order
        assert case["true"] not in order
