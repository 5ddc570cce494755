"""Fixtures that the tests of the store and of indexing share."""

import re

import numpy as np
import pytest
from hash_encoder import HashEncoder

from assistant.articles.article import Article
from assistant.embedding.token_codec import TokenCodec
from assistant.passages.passage import Passage, Span
from assistant.store.fingerprint import Fingerprint
from assistant.store.passage_store import EncodedPassage
from assistant.store.stores import open_store

every_store = pytest.mark.parametrize("place", ["folder", "database"], indirect=True)
"""For tests of what holds of every store."""

_SENTENCE = re.compile(r"\S[^.\n]*\.?")


@pytest.fixture
def encoder():
    return HashEncoder()


@pytest.fixture
def codec(encoder):
    return TokenCodec("plain", np.zeros(encoder.dimension, np.float32))


@pytest.fixture
def fingerprint(encoder):
    return Fingerprint("hash", "1", encoder.dimension, "question: ", "passage: ", "1", 30, "plain/1", "1")


@pytest.fixture
def project(tmp_path):
    """A folder as a user has it: articles in `seeds`, and the store beside them."""
    folder = tmp_path / "project"
    (folder / "seeds").mkdir(parents=True)
    return folder


@pytest.fixture
def folder(project):
    return project / "vectorstore"


@pytest.fixture
def make_article(project):
    def make(text, name="a.txt", **fields):
        return Article(source=str(project / "seeds" / name), title=fields.pop("title", name), text=text, **fields)

    return make


@pytest.fixture
def cut(encoder, codec):
    """Cuts an article into passages, one a sentence, and encodes them."""

    def encoded(article):
        spans = [Span(*match.span()) for match in _SENTENCE.finditer(article.text)]
        passages = [
            Passage(article.id, span.start, span.end, span.of(article.text), (span,), article.language)
            for span in spans
        ]
        encodings = encoder.encode_passages([passage.text for passage in passages])
        return [
            EncodedPassage(
                passage, encoding.pooled, codec.compress(encoding), tuple(passage.text.lower().strip(".").split())
            )
            for passage, encoding in zip(passages, encodings, strict=True)
        ]

    return encoded


@pytest.fixture
def place(request, folder):
    """Where the store is: in its folder, or where a module's mark says so in an empty database."""
    return request.getfixturevalue("database") if getattr(request, "param", "folder") == "database" else folder


@pytest.fixture
def store(place, fingerprint):
    with open_store(place, fingerprint) as opened:
        yield opened


@pytest.fixture
def put(store, make_article, cut):
    """Stores a text and returns its article."""

    def stored(text, name="a.txt", **fields):
        article = make_article(text, name, **fields)
        store.put(article, cut(article))
        return article

    return stored


@pytest.fixture
def ask(encoder):
    """Encodes a question."""
    return lambda question: encoder.encode_questions([question])[0].pooled
