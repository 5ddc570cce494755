"""LangChain's `Document`s and our articles: one becomes the other without loss."""

import json
from dataclasses import replace
from typing import Any

from langchain_core.documents import Document
from pydantic_core import PydanticSerializationError, to_jsonable_python

from assistant.answering.json_format import article_json
from assistant.articles.article import Article, hash_text
from assistant.articles.reading import build_article
from assistant.errors import ReadError
from assistant.passages.tables import header_above
from assistant.retrieval.hit import Hit

_MARK = "langchain:document"
"""Metadata of an article that was a `Document`."""
_JSON = ":json"
"""What names of metadata end with whose values are no strings: they are kept as JSON."""
_DATES = ("published", "date", "publish_date")
"""Under which of its names a loader may say when a document was published."""


def id_of(document: Document) -> str:
    """Return a document's id: its own, or one of its source and text, the same whenever it is loaded again.

    Example:
        >>> id_of(Document("The weir was built in 1887.", metadata={"source": "weir.txt"}))
        'weir.txt#8ae68af8720ba3e2'
    """
    if document.id:
        return document.id
    source = document.metadata.get("source")
    digest = hash_text(f"{document.page_content}\n{sorted(document.metadata.items(), key=str)}")[:16]
    return f"{source}#{digest}" if source else digest


def is_blank(document: Document) -> bool:
    """Return whether a document has no text, as an empty page of a PDF."""
    return not document.page_content.strip()


def to_article(document: Document) -> Article:
    """Return a document as an article, whose source is the document's id.

    Title, language and day of publication are taken from the metadata of these names where it has them.

    Raises:
        ReadError: the document has no text, or metadata that is no JSON.
    """
    source = id_of(document)
    try:
        metadata = to_jsonable_python(document.metadata)
    except PydanticSerializationError as error:
        raise ReadError(
            "Document {name}: its metadata cannot be kept as JSON ({reason}); leave it out or make it text.",
            source=source,
            name=source,
            reason=error,
        ) from error
    said = {name: metadata[name] for name in ("title", "language") if isinstance(metadata.get(name), str)}
    if date := next((str(metadata[name]) for name in _DATES if metadata.get(name)), ""):
        said["date"] = date
    kept = {f"{name}{'' if _is_plain(name, value) else _JSON}": _kept(name, value) for name, value in metadata.items()}
    return replace(build_article(source, document.page_content, said), metadata={_MARK: "", **kept})


def article_document(article: Article) -> Document:
    """Return an article whole, as the document that it was added as, or one of what is known of it."""
    return Document(page_content=article.text, id=article.source, metadata=_metadata(article))


def passage_document(hit: Hit) -> Document:
    """Return the passage of a hit as a document: the one that was added, where it is no longer than a passage.

    The id is that of the document it is from. A part of a document has `start_index` in its metadata, as LangChain's
    splitters have it: where it begins in the whole.
    """
    if _MARK not in hit.article.metadata:
        return to_document(hit).model_copy(update={"id": hit.article.source})
    if hit.passage.text == hit.article.text.strip():
        return article_document(hit.article)
    metadata = {**_metadata(hit.article), "start_index": hit.passage.start}
    return Document(page_content=hit.passage.text, id=hit.article.source, metadata=metadata)


def to_document(hit: Hit) -> Document:
    """Return the passage of a hit, with where it stands and how well it matches as metadata."""
    header = header_above(hit.article.text, hit.passage.start)
    return Document(
        page_content=hit.passage.text,
        id=f"{hit.article.id}:{hit.passage.start}-{hit.passage.end}",
        metadata={
            **_described(hit.article),
            "start": hit.passage.start,
            "end": hit.passage.end,
            "header": header and header.of(hit.article.text),
            "score": hit.score,
            "sentence": hit.sentence_text,
            "sentence_start": hit.sentence.start,
            "sentence_end": hit.sentence.end,
            "page": hit.page,
            "section": hit.section,
        },
    )


def _metadata(article: Article) -> dict[str, Any]:
    kept = article.metadata
    if _MARK not in kept:
        return _described(article)
    return {
        name.removesuffix(_JSON): json.loads(value) if name.endswith(_JSON) else value
        for name, value in kept.items()
        if name != _MARK
    }


def _described(article: Article) -> dict[str, Any]:
    described = article_json(article)
    return {"article": described.pop("id"), **described}


def _is_plain(name: str, value: object) -> bool:
    return isinstance(value, str) and not name.endswith(_JSON)


def _kept(name: str, value: Any) -> str:
    return value if _is_plain(name, value) else json.dumps(value, ensure_ascii=False)
