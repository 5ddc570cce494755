"""The JSON that the command line, the page's endpoints and exports share.

They hold only plain values, so `json.dumps` takes them as they are. The forms are the contract of `docs/api.md`.
"""

from typing import Any

from assistant.answering.answer import Answer, Citation
from assistant.articles.article import Article
from assistant.passages.passage import Passage
from assistant.passages.tables import header_above
from assistant.retrieval.hit import Hit, SearchResult
from assistant.store.passage_store import ArticleSummary
from assistant.text.paths import without_folders, without_paths


def article_json(article: Article) -> dict[str, Any]:
    """Return what identifies an article, without its text."""
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "language": article.language,
        "published": article.published.isoformat() if article.published else None,
    }


def summary_json(summary: ArticleSummary) -> dict[str, Any]:
    """Return one row of the list of articles."""
    return {
        "id": summary.id,
        "title": summary.title,
        "source": summary.source,
        "other_sources": list(summary.other_sources),
        "language": summary.language,
        "published": summary.published.isoformat() if summary.published else None,
        "passages": summary.passages,
        "characters": summary.characters,
    }


def search_json(result: SearchResult) -> dict[str, Any]:
    """Return a search as `search --json` prints it."""
    return {
        "question": result.question,
        "language": result.language,
        "hits": [hit_json(hit) for hit in result.hits],
        "timings": dict(result.timings),
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """Return one hit of a search."""
    return {
        "rank": hit.rank,
        "score": hit.score,
        "dense": hit.dense,
        "lexical": hit.lexical,
        "article": article_json(hit.article),
        "passage": _passage_json(hit.article, hit.passage),
        "sentence": {"text": hit.sentence_text, "start": hit.sentence.start, "end": hit.sentence.end},
        "page": hit.page,
        "section": hit.section,
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as `ask --json` prints it."""
    return {
        "question": answer.question,
        "text": answer.text,
        "status": str(answer.status),
        "language": answer.language,
        "model": answer.model,
        "citations": [citation_json(citation) for citation in answer.citations],
        "closest": [hit_json(hit) for hit in answer.closest],
        "notes": list(answer.notes),
        "choices": [
            {"label": choice.label, "question": choice.question, "article": choice.article} for choice in answer.choices
        ],
        "translations": [
            {
                "number": translation.number,
                "language": translation.language,
                "text": translation.text,
                "model": translation.model,
            }
            for translation in answer.translations
        ],
        "left_out": answer.left_out,
        "timings": dict(answer.timings),
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return one citation of an answer."""
    return {
        "number": citation.number,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "page": citation.page,
        "section": citation.section,
        "score": citation.score,
        "article": article_json(citation.article),
        "passage": _passage_json(citation.article, citation.passage),
    }


def shown_json(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object for elsewhere: each source is a web address or the name of a file, not this machine's path.

    Example:
        >>> shown_json({"hits": [{"article": {"id": "a", "source": "/srv/articles/a.pdf"}}]})
        {'hits': [{'article': {'id': 'a', 'source': 'a.pdf'}}]}
    """
    return {key: _shown(key, part) for key, part in value.items()}


def _shown(key: str, value: Any) -> Any:
    match value:
        case str():
            if key == "notes":
                return without_paths(value)
            return without_folders(value) if key in ("source", "other_sources") else value
        case dict():
            return shown_json(value)
        case list():
            return [_shown(key, element) for element in value]
    return value


def _passage_json(article: Article, passage: Passage) -> dict[str, Any]:
    header = header_above(article.text, passage.start)
    return {
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "header": header and header.of(article.text),
    }
