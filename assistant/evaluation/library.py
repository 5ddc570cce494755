"""The stores that question sets are asked over: built once through the façade, and kept in the cache."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.articles.article import Article
from assistant.assistant import Assistant
from assistant.errors import QuestionSetError, StoreMismatchError
from assistant.progress import Progress
from assistant.settings import Settings, load_settings
from assistant.store.stores import has_store

# Each of these makes other passages or vectors; everything else can change without indexing again.
_INDEXING = ("embedding_model", "embedding_precision", "passage_tokens")


@contextmanager
def over_articles(articles: Sequence[Article], progress: Progress, **settings: Any) -> Iterator[Assistant]:
    """Open an assistant whose store holds exactly these articles, indexing what it does not hold yet.

    Args:
        articles: The articles of a question set.
        progress: Told about indexing.
        **settings: Settings by name.
    """
    resolved = load_settings(**settings)
    with _cached(_folder(resolved, _identities(articles)), resolved, settings) as assistant:
        _complete(assistant, articles, progress)
        yield assistant


@contextmanager
def over_files(
    path: Path, beside: Sequence[Article], progress: Progress, **settings: Any
) -> Iterator[tuple[Assistant, list[str]]]:
    """Open an assistant whose store is level with a file or folder, and say which files could not be read.

    Args:
        path: A file or folder of articles.
        beside: Further articles that the store is to hold.
        progress: Told about reading and indexing.
        **settings: Settings by name.
    """
    resolved = load_settings(**settings)
    folder = _folder(resolved, [str(path.resolve()), *_identities(beside)])
    with _cached(folder, resolved, settings) as assistant:
        report = assistant.sync([path], progress=progress)
        _complete(assistant, beside, progress)
        yield assistant, [str(problem) for problem in report.problems]


@contextmanager
def over_store(**settings: Any) -> Iterator[Assistant]:
    """Open the user's own store, which is only read.

    Args:
        **settings: Settings by name.

    Raises:
        QuestionSetError: the store is empty.
    """
    with Assistant(**settings) as assistant:
        if not has_store(assistant.settings.store) or not assistant.articles():
            raise QuestionSetError(
                f"The store {assistant.settings.store} holds no articles to ask about: give --articles PATH, or fill "
                "the store with `assistant sync PATH`."
            )
        yield assistant


def _identities(articles: Sequence[Article]) -> list[str]:
    return [f"{article.id} {article.language} {article.source} {article.title}" for article in articles]


def _complete(assistant: Assistant, articles: Sequence[Article], progress: Progress) -> None:
    """Index those of the articles that the store does not hold yet."""
    present = {summary.id for summary in assistant.articles()}
    missing = {article.id: article for article in articles if article.id not in present}
    if missing:
        assistant.add_articles(list(missing.values()), progress=progress)


def _folder(settings: Settings, content: Sequence[str]) -> Path:
    """Return the folder for a store of this content, indexed with these settings."""
    key = [*(f"{name}={getattr(settings, name)}" for name in _INDEXING), *content]
    digest = hashlib.sha256("\n".join(key).encode("utf-8")).hexdigest()
    return settings.cache / "evaluation" / digest[:16]


@contextmanager
def _cached(folder: Path, resolved: Settings, settings: dict[str, Any]) -> Iterator[Assistant]:
    """Open a store of the cache, afresh where an earlier version of the program built it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise QuestionSetError(
            f"The cache {resolved.cache} cannot be written: {error}; set ASSISTANT_CACHE."
        ) from error
    overrides = {name: value for name, value in settings.items() if name != "store"}
    with Assistant(folder, **overrides) as assistant:
        try:
            assistant.create()
        except StoreMismatchError:
            assistant.close()
            shutil.rmtree(folder)
            assistant.create()
        yield assistant
