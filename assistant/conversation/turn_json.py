"""Turns as JSON, each article they cite apart from them, so that an article cited often is kept once."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from assistant.conversation.turn import Turn

_TURN = TypeAdapter(Turn)


def dump_turn(turn: Turn) -> tuple[str, dict[str, str]]:
    """Return a turn as JSON, and by key the JSON of the articles that it cites; hits that are not shown are dropped."""
    document: dict[str, Any] = _TURN.dump_python(replace(turn, answer=replace(turn.answer, hits=())), mode="json")
    articles = {}
    for place in _places(document):
        text = json.dumps(place["article"], ensure_ascii=False)
        key = key_of(text)
        articles[key] = text
        place["article"] = key
    return json.dumps(document, ensure_ascii=False), articles


def key_of(article: str) -> str:
    """Return the key of an article's JSON, which another text does not have."""
    return hashlib.sha256(article.encode()).hexdigest()


def load_turn(document: str, articles: dict[str, str]) -> Turn:
    """Return the turn. Each quote is compared with its article again.

    Raises:
        pydantic.ValidationError: the document is damaged.
    """
    loaded = json.loads(document)
    for place in _places(loaded):
        place["article"] = json.loads(articles[place["article"]])
    return _TURN.validate_python(loaded)


def _places(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [*document["answer"]["citations"], *document["answer"]["closest"]]
