import shutil

import pytest

from assistant.articles.article import Article
from assistant.embedding.token_codec import load_codec
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.retrieval.retriever import Retriever
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore

SUMMIT = """عقد الرئيس مؤتمرا صحافيا في ختام زيارته الرسمية إلى العاصمة. ووصف الادعاءات حول مهاجمة أوروبا بأنها كذب صريح.

وأعلن أن القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو. وكشف عن خطة لبناء محطة طاقة نووية صغيرة."""
BREAD = """Mix flour, water, salt and yeast, and knead the dough for ten minutes. Let it rise for two hours in a warm place.

Bake the loaf at 230 degrees for 35 minutes. It is done when it sounds hollow."""
BRIDGE = """The old bridge over the river was built in 1887 by the engineer Anna Weber. It is 214 metres long.

The bridge was closed to cars in 1974. Since then only cyclists and walkers cross it."""
BRUECKE = """Die alte Brücke über den Fluss wurde 1887 von der Ingenieurin Anna Weber gebaut. Sie ist 214 Meter lang.

Seit 1974 ist die Brücke für Autos gesperrt. Seitdem queren sie nur noch Radfahrer und Fußgänger."""

ARTICLES = [
    Article("/library/summit.txt", "القمة", SUMMIT, "ar"),
    Article("/library/bread.txt", "Bread", BREAD, "en"),
    Article("/library/bridge.txt", "The bridge", BRIDGE, "en"),
    Article("/archive/bruecke.txt", "Die Brücke", BRUECKE, "de"),
]


@pytest.fixture(scope="session")
def articles():
    return ARTICLES


@pytest.fixture(scope="session")
def library(encoder, tmp_path_factory):
    """A small library in three languages, built once; `retriever` searches it."""
    folder = tmp_path_factory.mktemp("library")
    settings = load_settings(passage_tokens=60)
    codec = load_codec(encoder)
    store = LocalStore.open(folder, fingerprint_of(encoder, codec, settings))
    Indexer(store, encoder, codec, settings).add_articles(ARTICLES)
    yield store, encoder, codec, settings
    store.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def retriever(library):
    return Retriever(*library)
