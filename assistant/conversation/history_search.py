"""`search`: conversations that contain some words, in any spelling."""

import json
from dataclasses import dataclass
from functools import lru_cache

import regex

from assistant.conversation.history_database import PATH
from assistant.language.normalise import normalise
from assistant.store.tables import TableConnection

MOST_FOUND = 50
_MOST_WORDS = 20
_BEFORE, _AFTER = 40, 120
_GRAPHEME = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation that was found, and what is said there.

    Attributes:
        id: Its id.
        title: Its title.
        turn: The turn that says it; None where the title alone does, or a question that has no answer.
        before: The text before the match.
        match: What was found, as it is written there; empty where it cannot be told.
        after: The text behind the match.
    """

    id: str
    title: str
    turn: int | None
    before: str
    match: str
    after: str


def search(connection: TableConnection, owner: str, text: str) -> list[Found]:
    """Return a visitor's conversations in which all words of a text stand, latest first, at most `MOST_FOUND`.

    Args:
        connection: To the database of `history_database`.
        owner: Whose conversations: the digest of the visitor's secret.
        text: The words; none find nothing.
    """
    words = normalise(text).split()[:_MOST_WORDS]
    if not words:
        return []
    matches: dict[str, tuple[int | None, str]] = {}
    for conversation, turn, document in connection.execute(_query_of(len(words)), [owner, *words]):
        spoken = json.loads(document)
        question, answer = spoken["question"], spoken["answer"]["text"]
        # The question is shown where it has the word; it says more in fewer.
        matches.setdefault(conversation, (turn, question if words[0] in normalise(question) else answer))
    waiting = "SELECT conversation, question FROM unanswered JOIN conversations ON id = conversation WHERE visitor = ?"
    for conversation, question in connection.execute(waiting, [owner]):
        if all(word in normalise(question) for word in words):
            matches.setdefault(conversation, (None, question))
    found = []
    for conversation, title in connection.execute(
        "SELECT id, title FROM conversations WHERE visitor = ? ORDER BY updated DESC", [owner]
    ):
        if conversation not in matches and all(word in normalise(title) for word in words):
            matches[conversation] = (None, title)
        if conversation in matches:
            turn, shown = matches[conversation]
            found.append(Found(conversation, title, turn, *_snippet(shown, words[0])))
    return found[:MOST_FOUND]


def _query_of(words: int) -> str:
    """Return the query for the turns in which all words stand: conversation, turn, document; the latest first."""
    written = " AND ".join(["written <> replace(written, ?, '')"] * words)
    return (
        f"{PATH.format(named='visitor')} SELECT conversation, turns.id, document "  # noqa: S608 - ours
        f"FROM turns JOIN path ON path.id = turns.id WHERE {written} ORDER BY turns.id DESC"
    )


def _snippet(text: str, word: str) -> tuple[str, str, str]:
    """Return what stands before a word, the word and what stands after it, on one line and no longer than helps."""
    line = " ".join(text.split())
    forms, starts = "", []
    for grapheme in _GRAPHEME.finditer(line):
        form = _form(grapheme[0])
        forms += form
        starts += [grapheme.start()] * len(form)
    at = forms.find(word)
    start, end = (0, 0) if at < 0 else (starts[at], [*starts, len(line)][at + len(word)])
    before = line[:start]
    if len(before) > _BEFORE:
        before = f"…{before[-_BEFORE:].partition(' ')[2] or before[-_BEFORE:]}"
    after = line[end:]
    if len(after) > _AFTER:
        after = f"{after[:_AFTER].rpartition(' ')[0] or after[:_AFTER]}…"
    return before, line[start:end], after


@lru_cache(4096)
def _form(grapheme: str) -> str:
    return normalise(grapheme) or (" " if grapheme.isspace() else "")
