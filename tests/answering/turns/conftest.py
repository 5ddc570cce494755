"""A small library of dated articles, some with an author."""

from datetime import date

import pytest

from assistant.answering.responder import Responder
from assistant.articles.article import Article
from assistant.embedding.token_codec import load_codec
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.retrieval.retriever import Retriever
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore

TODAY = date(2025, 6, 20)

ARTICLES = [
    Article(
        "/a/windmill.md",
        "Old windmill of Fenny Marsh turns again",
        "The windmill of Fenny Marsh turned on Sunday for the first time in 40 years. Volunteers rebuilt its sails and "
        "the great oak wheel. The repair cost 310,000 pounds, which the county paid in part. The miller, Edith Rowan, "
        "grinds flour there every Saturday. Visitors can climb to the top for 4 pounds. A shop beside the windmill "
        "sells the flour and bread made from it.",
        "en",
        date(2025, 6, 19),
        {"author": "Orla Whitcombe"},
    ),
    Article(
        "/a/watermill.md",
        "Watermill in Sandford closes",
        "The watermill of Sandford closes at the end of the month. Its owner could not find a miller. The repair of the "
        "dam would have cost 95,000 pounds. The town wants to make a museum of it.",
        "en",
        date(2025, 5, 2),
        {"author": "Orla Whitcombe"},
    ),
    Article(
        "/a/school.md",
        "مدرسة جديدة في حي الزهور",
        "افتتحت البلدية مدرسة جديدة في حي الزهور تضم 24 صفا. وقالت المديرة ليلى حداد إن المدرسة تستقبل 600 تلميذ.",
        "ar",
        date(2025, 3, 11),
        {"author": "سامر خليل"},
    ),
    Article(
        "/a/otters.md",
        "Fischotter kehren an die Lahre zurück",
        "Von Nele Brandis, 1. Dezember 2024\n\nAn der Lahre leben wieder Fischotter. Forscher zählten im Winter elf Tiere. Sie fressen vor allem Weißfische.",
        "de",
        date(2024, 12, 1),
    ),
]


@pytest.fixture(scope="module")
def library(encoder, tmp_path_factory):
    """Make a responder over the library, on 20 June 2025."""
    settings = load_settings(chat_model="extractive", store=tmp_path_factory.mktemp("library"))
    codec = load_codec(encoder)
    store = LocalStore.open(settings.store, fingerprint_of(encoder, codec, settings))
    Indexer(store, encoder, codec, settings).add_articles(ARTICLES)
    yield Responder(Retriever(store, encoder, codec, settings), settings, today=lambda: TODAY)
    store.close()
