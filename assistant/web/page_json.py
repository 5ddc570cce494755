"""The JSON that the page draws."""

from typing import Any

from babel import Locale, UnknownLocaleError

from assistant.answering.answer import Answer, Citation, Status
from assistant.articles.article import Article
from assistant.chat_models.registry import EXTRACTIVE
from assistant.conversation.history_database import StoredTurn
from assistant.conversation.turn import Turn
from assistant.passages.passage import Passage, Span
from assistant.passages.tables import header_above
from assistant.retrieval.hit import Hit
from assistant.store.passage_store import ArticleSummary
from assistant.text.controls import printable
from assistant.text.paths import link_of, without_paths
from assistant.web.locales import words
from assistant.web.locales.messages import isolated
from assistant.web.rendering import marked_lines, name_of, paragraphs, visible


def turn_json(stored: StoredTurn, locale: str) -> dict[str, Any]:
    """Return one question and its checked answer."""
    answer = stored.turn.answer
    return {
        "id": stored.id,
        "question": visible(stored.turn.question),
        "searched": _searched(stored.turn),
        "lines": marked_lines(answer.text, len(answer.citations)),
        "plain": visible(answer.text),
        "language": answer.language,
        "verdict": verdict(answer),
        "model": printable(answer.model),
        "notes": [visible(without_paths(note)) for note in answer.notes],
        "left_out": answer.left_out,
        "seconds": stored.seconds,
        "sources": [_citation(citation, answer, stored.id, locale) for citation in answer.citations],
        "closest": [_closest(hit, stored.id, locale) for hit in answer.closest],
        "versions": stored.versions,
    }


def _searched(turn: Turn) -> str:
    """Return what was searched for instead of a question, if anything; its lead may be in another script."""
    if turn.standalone == turn.question:
        return ""
    lead = turn.standalone.removesuffix(turn.question)
    is_completed = lead != turn.standalone
    return visible(lead) + isolated(visible(turn.question)) if is_completed else visible(turn.standalone)


def verdict(answer: Answer) -> str:
    """Return what an answer is.

    "checked" (a model wrote it, and each sentence was checked against its source), "quoted", "not_found", "clarify" (a
    question back), or "reply" (to a greeting and the like).
    """
    if answer.status is not Status.ANSWERED:
        return str(answer.status)
    return "quoted" if answer.model == EXTRACTIVE else "checked"


def article_json(article: Article, highlight: Span, locale: str) -> dict[str, Any]:
    """Return a whole article, with the characters of `highlight` marked."""
    return {
        **_about(article, locale),
        **_place(article, highlight),
        "paragraphs": paragraphs(article.text, highlight.start, highlight.end),
        "metadata": {printable(name): visible(value) for name, value in article.metadata.items()},
    }


def summary_json(summary: ArticleSummary, locale: str) -> dict[str, Any]:
    """Return one row of the library."""
    return {
        **_about(summary, locale),
        "passages": summary.passages,
        "characters": summary.characters,
        "others": [name_of(source) for source in summary.other_sources],
    }


def language_name(code: str, locale: str) -> str:
    """Return the name of a language in the language of the page; its code where it has none.

    Example:
        >>> language_name("ar", "en")
        'Arabic'
    """
    if code == "und":
        return words(locale)["unknown_language"]
    try:
        return Locale.parse(code, sep="-").get_display_name(locale) or code
    except (UnknownLocaleError, ValueError):
        return code


def _about(article: Article | ArticleSummary, locale: str) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": printable(article.title),
        "source": name_of(article.source),
        "link": link_of(article.source),
        "language": article.language,
        "language_name": language_name(article.language, locale),
        "published": article.published.isoformat() if article.published else None,
    }


def _citation(citation: Citation, answer: Answer, turn: int, locale: str) -> dict[str, Any]:
    highlight = Span(citation.start, citation.end)
    translation = next((candidate for candidate in answer.translations if candidate.number == citation.number), None)
    return {
        "number": citation.number,
        "quote": visible(citation.quote),
        "translation": translation
        and {
            "text": visible(translation.text),
            "language": translation.language,
            "model": printable(translation.model),
        },
        **_passage(citation.article, citation.passage, highlight, turn, locale),
    }


def _closest(hit: Hit, turn: int, locale: str) -> dict[str, Any]:
    return {"quote": visible(hit.sentence_text), **_passage(hit.article, hit.passage, hit.sentence, turn, locale)}


def _passage(article: Article, passage: Passage, highlight: Span, turn: int, locale: str) -> dict[str, Any]:
    return {
        "turn": turn,
        "article": _about(article, locale),
        "start": highlight.start,
        "end": highlight.end,
        **_place(article, highlight),
        "paragraphs": _header(article, passage)
        + paragraphs(passage.text, highlight.start - passage.start, highlight.end - passage.start),
    }


def _header(article: Article, passage: Passage) -> list[list[dict[str, Any]]]:
    """Return the header of the table that a passage begins within, and that rows between are left out."""
    header = header_above(article.text, passage.start)
    return paragraphs(f"{header.of(article.text)}\n…") if header is not None else []


def _place(article: Article, highlight: Span) -> dict[str, Any]:
    if highlight.start == highlight.end:
        return {"page": None, "section": None}
    section = article.section_at(highlight.start)
    return {"page": article.page_at(highlight.start), "section": section and printable(section)}
