"""Conversations for people and programs to read elsewhere: Markdown and JSON.

Elsewhere, a path of this machine leads nowhere and tells too much: files are named without their folders.
"""

import re
from collections.abc import Iterable
from typing import Any

from assistant.answering.answer import Citation
from assistant.answering.citation_location import location_of
from assistant.answering.json_format import answer_json, shown_json
from assistant.conversation.turn import Turn
from assistant.text.controls import printable_text, safe_json
from assistant.text.paths import without_folders, without_paths

# What Markdown, or HTML inside it, gives a meaning to.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$=.:@-])")
_LINES = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def to_json(turns: Iterable[Turn]) -> str:
    """Return turns as a JSON list of answers in the form of `ask --json`, each with its `standalone` question."""
    return safe_json([_turn_json(turn) for turn in turns])


def to_markdown(turns: Iterable[Turn]) -> str:
    """Return turns as Markdown: each question a heading, then the answer and its quotes.

    All text is escaped, so that nothing an article or a model says becomes a heading, link, image or HTML.
    """
    return "\n\n".join(_turn(turn) for turn in turns) + "\n"


def escape(text: str) -> str:
    r"""Return text as one line that Markdown shows as it stands.

    Example:
        >>> escape("# <b>hi</b>")
        '\\# \\<b\\>hi\\</b\\>'
    """
    return _SPECIAL.sub(r"\\\1", printable_text(_LINES.sub(" ", text)).strip())


def _turn_json(turn: Turn) -> dict[str, Any]:
    return shown_json({**answer_json(turn.answer), "standalone": turn.standalone})


def _turn(turn: Turn) -> str:
    answer = turn.answer
    lines = _LINES.split(answer.text)
    parts = [f"## {escape(turn.question)}", "  \n".join(escape(line) for line in lines)]
    parts += [f"*{escape(without_paths(note))}*" for note in answer.notes]
    translations = {
        translation.number: f"{translation.language} ({translation.model}): {translation.text}"
        for translation in answer.translations
    }
    parts += [_citation(citation, answer.language, translations.get(citation.number)) for citation in answer.citations]
    return "\n\n".join(parts)


def _citation(citation: Citation, language: str, translation: str | None) -> str:
    article = citation.article
    dated = f", {article.published.isoformat()}" if article.published else ""
    place = location_of(citation, language)
    about = f"{article.title}, {without_folders(article.source)}{dated}" + (f", {place}" if place else "")
    translated = f"> {escape(translation)}\n>\n" if translation else ""
    return f"> {escape(f'[{citation.number}] {citation.quote}')}\n>\n{translated}> — {escape(about)}"
